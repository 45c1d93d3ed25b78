"""`lotline verify`: 0 whole, 1 broken and where, 2 unreadable; offline, nothing else loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lotline.cli.verify import run
from tests.core.oversight.history import WHOLE, signer


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "evidence.json"
    path.write_bytes(WHOLE)
    return path


def test_whole(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(bundle), "--key", str(signer().public)]) == 0
    printed = capsys.readouterr().out
    assert "WHOLE" in printed
    assert "Dana Whitfield" in printed
    assert "came with the bundle" not in printed


def test_whole_under_its_own_key_says_so(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(bundle)]) == 0
    assert "came with the bundle" in capsys.readouterr().out


def test_pretty_printing_is_no_tampering(bundle: Path) -> None:
    bundle.write_text(json.dumps(json.loads(WHOLE), indent=2))
    assert run([str(bundle)]) == 0


def test_broken_says_where(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle.write_bytes(WHOLE.replace(b"24,900.", b"14,900."))
    assert run([str(bundle)]) == 1
    printed = capsys.readouterr().out
    assert "BROKEN: 1 problem\n" in printed
    assert ".shown.text: the content is not what the ledger committed to" in printed


def test_another_key_is_broken(bundle: Path) -> None:
    assert run([str(bundle), "--key", str(signer(2).public)]) == 1


@pytest.mark.parametrize("data", [b"", b"{}", b"\x89PNG", WHOLE[:-3]])
def test_unreadable(bundle: Path, data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    bundle.write_bytes(data)
    assert run([str(bundle)]) == 2
    assert "UNREADABLE" in capsys.readouterr().err


def test_what_is_not_there_is_unreadable(tmp_path: Path) -> None:
    assert run([str(tmp_path / "nothing.json")]) == 2
    assert run([str(tmp_path)]) == 2


def test_a_bad_key_is_unreadable(bundle: Path) -> None:
    assert run([str(bundle), "--key", "me"]) == 2


@pytest.mark.parametrize("data,verdict", [(WHOLE, "whole"), (b"{}", "unreadable")])
def test_for_programs(
    bundle: Path, data: bytes, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle.write_bytes(data)
    run([str(bundle), "--json"])
    assert json.loads(capsys.readouterr().out)["verdict"] == verdict


def test_it_needs_no_framework_and_no_database(bundle: Path) -> None:
    script = (
        "import sys; from lotline.cli.verify import run; code = run(sys.argv[1:]);"
        "loaded = {name.partition('.')[0] for name in sys.modules};"
        "sys.exit(9 if loaded & {'django', 'psycopg', 'tink', 'socket'} else code)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(bundle)], check=False, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")
