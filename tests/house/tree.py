"""The tree as the house tests see it: what is ours, and where a fault is.

Only what git knows or would add counts; what is built, cached or downloaded is not ours.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def ours(suffix: str = "") -> tuple[Path, ...]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    names = done.stdout.decode().split("\0")
    paths = (ROOT / name for name in names if name.endswith(suffix) and name)
    return tuple(sorted(path for path in set(paths) if path.is_file()))


def python_files() -> tuple[Path, ...]:
    return (*ours(".py"), ROOT / "dev")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
