"""What a text is about that carriers refuse: firearms, alcohol, tobacco, cannabis, sex.

Invariant: a class is named only for words that mean it by themselves, because whoever is named is
refused. What merely sounds like it, saved replies are warned of (`lint`) and nothing is stopped.

Not here: the refusal (`gate.rules.carrier.content`), the patterns (`content.toml`).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class _Class:
    name: str
    words: re.Pattern[str]
    unless: re.Pattern[str] | None


@cache
def _classes() -> tuple[_Class, ...]:
    file = resources.files("lotline.core.messaging").joinpath("content.toml")
    plain = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(
        _Class(
            name,
            re.compile("|".join(one["words"])),
            re.compile("|".join(one["unless"])) if one["unless"] else None,
        )
        for name, one in plain.items()
    )


def classes_in(body: str) -> tuple[str, ...]:
    """The classes a text is of, by name, in the order of the list; none for nearly every text."""
    plain = _plain(body)
    return tuple(one.name for one in _classes() if _is_of(one, plain))


def _is_of(one: _Class, plain: str) -> bool:
    found = one.words.search(plain)
    if found is None or one.unless is None:
        return found is not None
    return one.words.search(one.unless.sub(" ", plain)) is not None


def _plain(body: str) -> str:
    apart = unicodedata.normalize("NFKD", body.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))
