"""`./dev` names what is missing, in words that can be run."""

from __future__ import annotations

import os
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import ROOT


@pytest.fixture
def dev(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = SourceFileLoader("dev_under_test", str(ROOT / "dev"))
    spec = spec_from_loader("dev_under_test", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH that holds nothing but what the test puts there."""
    place = tmp_path / "only"
    place.mkdir()
    monkeypatch.setenv("PATH", str(place))
    return place


def _program(place: Path, name: str, body: str) -> None:
    path = place / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def test_an_old_python_hands_over_to_a_newer_one(
    dev: Any, only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(only, "python3.13", "exit 127")  # a shim whose Python is not there
    _program(only, "python3.12", "exit 0")
    went: list[str] = []
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(os, "execv", lambda program, words: went.extend([program, *words]))
    with pytest.raises(SystemExit):  # only because this execv comes back
        dev.find_newer_python()
    assert went[0] == str(only / "python3.12")
    assert went[2] == str(ROOT / "dev")


def test_without_a_newer_python_it_says_what_to_install(
    dev: Any, only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match="apt-get install python3"):
        dev.find_newer_python()


def test_without_venv_and_uv_it_says_what_to_install(
    dev: Any, only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(only, "python3", "exit 1")
    monkeypatch.setattr(sys, "executable", str(only / "python3"))
    monkeypatch.setattr(dev, "PYTHON", only / "none")
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        dev.install("requirements.lock")


def test_an_address_in_a_lock_is_refused(
    dev: Any, only: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    _program(only, "uv", "echo '--index-url https://example.com' > requirements.lock")
    with pytest.raises(SystemExit, match="holds an address"):
        dev.lock([])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_tree_of_somebody_else_is_refused_in_words(
    dev: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        (tmp_path / name).write_text("")
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(dev, "PYTHON", tmp_path / ".venv/bin/python")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(SystemExit, match="git clone"):
            dev.environment()
    finally:
        tmp_path.chmod(0o700)


def test_ci_runs_the_check_and_nothing_else() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    code = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert code == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "./dev check"]
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert os.access(ROOT / "dev", os.X_OK)
