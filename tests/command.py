"""Tests that are also programs, to be run for as long as one likes: `python -m tests.<word>`.

Not here: what each does (its own `__main__`).
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import django


def ask(
    prog: str, says: str | None, words: Sequence[str], *, several: str = "", **defaults: float
) -> argparse.Namespace:
    """What was typed: a number for each of `defaults`, and `several` times a word. The framework is
    set up.
    """
    asked = argparse.ArgumentParser(prog=f"python -m {prog}", description=says)
    for name, value in defaults.items():
        asked.add_argument(f"--{name}", type=type(value), default=value)
    if several:
        asked.add_argument(f"--{several}", action="append", help="this alone; may be said again")
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args(words)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")
    django.setup()
    return given


def tell(plain: Mapping[str, Any], *, as_json: bool) -> None:
    """What was seen: a line each, or one object."""
    if as_json:
        print(json.dumps(plain))
        return
    for name, value in plain.items():
        print(f"{name}: {value}")
