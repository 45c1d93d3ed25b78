"""Measures: what each number of the dashboard is called and exactly means.

Invariant: the sentence behind an "i", in the spreadsheet and in `docs/dashboard.md` is this one.

Not here: counting (`counting`, `waits`).
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import NamedTuple


class Measure(NamedTuple):
    """One of them."""

    name: str
    says: str


@lru_cache(maxsize=1)
def load_measures() -> dict[str, Measure]:
    """By key, in the order of the page."""
    text = resources.files(__package__).joinpath("measures.toml").read_text(encoding="utf-8")
    return {key: Measure(one["name"], one["says"]) for key, one in tomllib.loads(text).items()}
