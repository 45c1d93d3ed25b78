"""The tree keeps its own rules: size, names, openings, reasons, and nothing that does not belong.

Each test collects every fault and names them all.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT, functions, named, ours, parsed, python_files

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
DEV_LINES_MAX = 200
DECISION_LINES_MAX = 40

EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "manager", "service", "misc"}

# Written in halves, so that this file does not hold what it looks for.
NOT_OURS = [
    *("pypi" + ".org", "python" + "hosted", "npm" + "js.", "proxy.golang" + ".org"),
    *("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/"),
    *("anthro" + "pic", "clau" + "de", "chat" + "gpt", "open" + "ai", "co-authored" + "-by"),
    *("language " + "model", "sub" + "agent", "l" + "lm"),
]


def test_files_and_functions_stay_small() -> None:
    faults = []
    for path in python_files():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        limit = DEV_LINES_MAX if path.name == "dev" else FILE_LINES_MAX
        if lines > limit:
            faults.append(f"{named(path)}: {lines} lines, {limit} are enough")
        for node in functions(path):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                faults.append(f"{named(path)}:{node.lineno} {node.name}: {length} lines")
    assert not faults, "\n".join(["", *faults])


def test_every_module_opens_with_what_it_means() -> None:
    faults = [
        named(path)
        for path in python_files()
        if not (ast.get_docstring(parsed(path)) or "").strip()
    ]
    assert not faults, "\n".join(["", *faults])


def test_no_name_is_empty_of_meaning() -> None:
    faults = [
        named(path)
        for path in ours()
        if path.suffix in {".py", ".sql", ".html", ".css", ".js"}
        for part in (*path.relative_to(ROOT).parts[:-1], path.stem)
        if part.lower() in EMPTY_WORDS
    ]
    assert not faults, "\n".join(["", *faults])


def test_nothing_of_this_machine_or_its_makers_is_written_down() -> None:
    pattern = re.compile("|".join(map(re.escape, NOT_OURS)), re.IGNORECASE)
    whole_words = re.compile(r"\bl" + r"lm\b", re.IGNORECASE)
    faults = []
    for path in ours():
        if path.suffix in {".png", ".ico", ".woff2", ".jpg", ".gz"} or path.name == "LICENSE":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = pattern.search(line)
            if found and (len(found[0]) > 3 or whole_words.search(line)):
                faults.append(f"{named(path)}:{number}: {found[0]}")
    assert not faults, "\n".join(["", *faults])


def test_what_is_silenced_says_why() -> None:
    silenced = re.compile(r"#\s*(noqa|type:\s*ignore|nosec|pragma)", re.IGNORECASE)
    reasoned = re.compile(
        r"#\s*(noqa:\s*[A-Z0-9, ]+[A-Z0-9]|type:\s*ignore\[[a-z0-9, -]+\])\s*(#|-|—|:)\s*\S+"
    )
    faults = [
        f"{named(path)}:{number}: {line.strip()}"
        for path in python_files()
        if path.name != "test_tidy.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if silenced.search(line) and not reasoned.search(line)
    ]
    assert not faults, "\n".join(["", *faults])


def test_every_skip_is_named() -> None:
    faults = []
    for path in ours(".py"):
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if not called.endswith((".skip", ".skipif", ".xfail", "importorskip")):
                continue
            if called.startswith("pytest.skip"):
                said = bool(node.args or node.keywords)
            else:
                said = any(keyword.arg == "reason" for keyword in node.keywords)
            if "pytest" in called and not said:
                faults.append(f"{named(path)}:{node.lineno}: {called}")
    assert not faults, "\n".join(["", *faults])


def test_the_core_does_without_any_framework() -> None:
    modules = [
        named(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in ours(".py")
        if named(path).startswith("lotline/core/")
    ]
    assert len(modules) > 10, "guards the list itself"
    code = (
        f"import sys, importlib\nfor name in {modules!r}: importlib.import_module(name)\n"
        "print([n for n in ('django', 'psycopg', 'urllib3', 'starlette') if n in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def _from_store(path: Path) -> set[str]:
    """The names under which a file knows modules and functions of the store."""
    return {
        alias.asname or alias.name
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lotline.store")
        for alias in node.names
    }


@pytest.mark.parametrize("layer", ["web", "cli"])
def test_what_people_see_may_load_but_never_record(layer: str) -> None:
    """What happens is an action's to say; a page or a command that records went past them."""
    faults = []
    for path in ours(".py"):
        if not named(path).startswith(f"lotline/{layer}/"):
            continue
        store = _from_store(path)
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call):
                continue
            owner, _, name = ast.unparse(node.func).rpartition(".")
            if name.startswith("record_") and (owner or name) in store:
                faults.append(f"{named(path)}:{node.lineno}: {owner}.{name}")
    assert not faults, "\n".join(["", *faults])


def test_core_commands_and_adapters_open_no_transaction() -> None:
    """A transaction is one thing that happened: an action's, or a store's own."""
    faults = [
        f"{named(path)}:{node.lineno}"
        for path in ours(".py")
        if named(path).startswith(("lotline/core/", "lotline/cli/", "lotline/adapters/"))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"transaction", "atomic"}
    ]
    assert not faults, "\n".join(["", *faults])


def test_every_rule_has_its_id_its_citation_and_its_specimens() -> None:
    rules = [
        path
        for path in ours(".py")
        if re.fullmatch(r"lotline/core/gate/rules/\w+/(?!__init__)\w+\.py", named(path))
    ]
    assert len(rules) > 5, "guards the list itself"
    specimens = "\n".join(
        path.read_text(encoding="utf-8")
        for path in ours()
        if named(path).startswith("tests/rules/")
    )
    faults = []
    for path in rules:
        text = path.read_text(encoding="utf-8")
        found = re.search(
            r"^RULE = Rule\(\s*id=\"[a-z_.]+\",\s*cites=\(([^)]+)\)", text, re.MULTILINE
        )
        cites = re.findall(r'"([^"]+)"', found[1]) if found else []
        if not cites:
            faults.append(f"{named(path)}: no RULE with an id and what it cites")
        for cited in cites:
            known = re.escape(cited).replace(r"\*", "[A-Z]{2}")
            if not re.search(rf"\b{known}\b", specimens):
                faults.append(f"{named(path)}: no specimen in tests/rules meets {cited}")
    assert not faults, "\n".join(["", *faults])


def test_every_decision_is_short_and_names_what_enforces_it() -> None:
    parts = ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"]
    faults = []
    for path in sorted((ROOT / "docs/decisions").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > DECISION_LINES_MAX:
            faults.append(f"{named(path)}: more than {DECISION_LINES_MAX} lines")
        if re.findall(r"^## (.+)$", text, re.MULTILINE) != parts:
            faults.append(f"{named(path)}: its parts are {parts}")
        enforcers = re.findall(r"`([\w./-]+/[\w./-]*)`", text.partition("## Enforced by")[2])
        faults += [f"{named(path)}: no {e}" for e in enforcers if not (ROOT / e).exists()]
    assert not faults, "\n".join(["", *faults])


def test_a_lock_names_packages_and_hashes_only() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        pins = [line for line in lines if re.match(r"^[a-z0-9]", line)]
        assert len(pins) > 30, "guards the count itself"
        assert [line for line in lines if "://" in line or line.startswith(("-", "@"))] == []
        assert [line for line in pins if "==" not in line] == []
        assert sum("--hash=sha256:" in line for line in lines) >= len(pins)
