"""What a carrier's error codes mean: a kind to act on and a sentence for a person.

The codes are data (`errors.toml`, one table a carrier). A code that is not there is still
answered: it is `other`, its number is shown, and nothing is guessed about it.

Not here: which answers mean that a text may be offered again (`adapters` decides by the call).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from lotline.core.carriers.port import RefusalKind


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code in plain words."""

    code: str
    kind: RefusalKind
    says: str


def meaning_of(carrier: str, code: str) -> Meaning:
    """What the code means at this carrier; an unknown one keeps its number."""
    known = _load().get(carrier, {}).get(code)
    if known is not None:
        return known
    shown = f"error {code}" if code else "an error without a code"
    return Meaning(code, RefusalKind.OTHER, f"The carrier refused this text with {shown}.")


def known_codes(carrier: str) -> tuple[Meaning, ...]:
    """Every code we have words for, in order of number."""
    return tuple(sorted(_load().get(carrier, {}).values(), key=lambda one: int(one.code)))


@cache
def _load() -> dict[str, dict[str, Meaning]]:
    text = resources.files(__package__).joinpath("errors.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    return {
        carrier: {
            code: Meaning(code, RefusalKind(row["kind"]), row["says"])
            for code, row in codes.items()
        }
        for carrier, codes in tables.items()
    }
