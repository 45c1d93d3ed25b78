"""The docs cannot rot: what they name exists, and what exists they name."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lotline.config.entry import COMMANDS
from tests.house.tree import ROOT, named, ours, parsed

ENV_NAME = re.compile(r"\b((?:LOTLINE|DATABASE)_[A-Z][A-Z_]+|PG_BINDIR|CHROMIUM)\b")
MARKDOWN = [path for path in ours(".md") if "tests/" not in named(path)]


@pytest.mark.parametrize("path", MARKDOWN, ids=named)
def test_every_link_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    broken = [
        target
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert broken == []


def test_the_two_commands_come_first() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first = text.partition("```sh\n")[2].partition("```")[0]
    assert [line.split("#")[0].strip() for line in first.splitlines()] == ["./dev up", "./dev test"]


def _dev_commands() -> list[str]:
    done = subprocess.run(
        [sys.executable, ROOT / "dev"], check=True, capture_output=True, text=True
    )
    return re.findall(r"^ {2}\./dev (\w+)", done.stdout, re.MULTILINE)


def test_every_dev_command_is_documented_and_none_is_invented() -> None:
    real = _dev_commands()
    assert {"up", "test", "check"} <= set(real), "guards the list itself"
    documented = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [name for name in real if f"`./dev {name}`" not in documented] == []
    spoken = {
        (named(path), word)
        for path in MARKDOWN
        for word in re.findall(r"\./dev ([a-z]+)", path.read_text(encoding="utf-8"))
    }
    assert [said for said in sorted(spoken) if said[1] not in real] == []


def test_every_lotline_command_that_is_written_of_exists() -> None:
    spoken = {
        (named(path), word)
        for path in MARKDOWN
        for word in re.findall(r"`lotline ([a-z]+)", path.read_text(encoding="utf-8"))
    }
    assert [said for said in sorted(spoken) if said[1] not in COMMANDS] == []


def test_every_setting_is_documented_and_none_is_invented() -> None:
    read = {
        name
        for path in [*ours(".py"), ROOT / "dev"]
        if named(path).startswith(("lotline/", "dev")) or path.name == "conftest.py"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for name in [node.value]
        if ENV_NAME.fullmatch(name)
    }
    read = {name.removesuffix("_FILE") if name.startswith("DATABASE") else name for name in read}
    page = (ROOT / "docs/operating/settings.md").read_text(encoding="utf-8")
    documented = {name for name in ENV_NAME.findall(page) if f"| `{name}`" in page}
    assert read - documented == set(), "read, but not documented"
    assert documented - read == set(), "documented, but never read"


def test_the_environment_is_read_in_one_place() -> None:
    """Others hand it on whole; only `settings`, and the finder of programs, read names in it."""
    may = {"lotline/config/settings.py", "lotline/config/binaries.py"}
    reading = re.compile(r"\bos\.(environ\.get\b|environ\[|getenv\b)")
    faults = [
        named(path)
        for path in ours(".py")
        if named(path).startswith("lotline/") and named(path) not in may
        if reading.search(path.read_text(encoding="utf-8"))
    ]
    assert not faults, "\n".join(["", *faults])


def test_pictures_that_are_shown_exist_and_what_exists_is_shown() -> None:
    kept = {path.name for path in (ROOT / "docs/pictures").glob("*.png")}
    shown = {
        name
        for path in MARKDOWN
        for name in re.findall(r"pictures/([\w.-]+\.png)", path.read_text(encoding="utf-8"))
    }
    assert shown - kept == set(), "shown, but not there"
