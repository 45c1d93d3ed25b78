"""The `lotline` command refuses in words, and offline commands need no framework."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lotline.config.entry import COMMANDS, Command, exists, find, main
from tests.house.tree import ROOT


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help"]) == 0
    said = capsys.readouterr().out
    here = [name for name, command in COMMANDS.items() if exists(command.target)]
    assert {"up", "migrate", "backup", "verify"} <= set(here), "guards the list itself"
    assert [name for name in COMMANDS if (f"lotline {name} " in said) != (name in here)] == []


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sing"]) == 2
    assert "no command 'sing'" in capsys.readouterr().err


def test_a_command_of_another_version_is_refused_in_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(COMMANDS, "fly", Command("lotline.nowhere.fly:run", "fly"))
    assert main(["fly"]) == 2
    assert "not in this version" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(n for n, c in COMMANDS.items() if exists(c.target)))
def test_every_command_that_is_offered_answers(name: str) -> None:
    assert callable(find(COMMANDS[name].target))


OFFLINE = [n for n in ("verify", "gate", "hear", "purpose") if exists(COMMANDS[n].target)]


@pytest.mark.parametrize("name", OFFLINE)
def test_offline_commands_load_no_framework(name: str) -> None:
    code = (
        "import sys\nfrom lotline.config.entry import COMMANDS, find\n"
        f"assert find(COMMANDS[{name!r}].target)\n"
        "print([n for n in ('django', 'psycopg', 'starlette') if n in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
