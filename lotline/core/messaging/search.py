"""Search: words and filters, read from one line and written back to it.

A search is its text: `read_search(str(search)) == search`, so an address reopens it. A filter that
nobody knows is said to be so, and never taken for a word.

Not here: what is found (`store.search`), what counts as one word (`base.words`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lotline.core.base.words import words_in

LONGEST = 500
MOST = 40

CHOICES: dict[str, tuple[str, ...]] = {
    "has": ("photo", "note"),
    "is": ("unread", "waiting", "held", "blocked", "flagged", "done"),
    "purpose": ("reply", "update", "offer"),
    "consent": ("offers", "replies", "none", "out", "check"),
}
NAMES: dict[str, str] = {
    "from": "a name, like from:casey",
    "to": "a name, like to:dale",
    "customer": "a name or number, like customer:dale",
    "line": "a line, like line:service",
    "stock": "a stock number, like stock:T1042",
    "rule": "a rule, like rule:quiet-hours",
}
DATES = ("before", "after")
FILTERS = (*NAMES, *CHOICES, *DATES, "near")

_TERM = re.compile(r'(-?)(?:([A-Za-z]+):)?(?:"([^"]*)"?|([^\s"]*))')
_BREAKS = re.compile(r'[\s"]')


class BadSearch(ValueError):
    """A search that cannot be asked, in a sentence for whoever typed it."""


@dataclass(frozen=True, slots=True)
class Term:
    """One filter, or with no `name` words of the text; `no` asks for what does not have it."""

    name: str
    value: str
    no: bool = False

    def __str__(self) -> str:
        value = self.value
        spaced = bool(_BREAKS.search(value))
        # A word that would be read as a filter or as its own contrary stands in quotes.
        odd = not self.name and (":" in value or value.startswith("-"))
        quoted = f'"{value}"' if spaced or odd else value
        return f"{'-' if self.no else ''}{self.name + ':' if self.name else ''}{quoted}"


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked: each term narrows it."""

    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))

    def __bool__(self) -> bool:
        return bool(self.terms)

    def words(self, *, no: bool = False) -> list[str]:
        """The words that a text must have, or with `no` the ones it must not."""
        return [
            word
            for term in self.terms
            if not term.name and term.no == no
            for word in words_in(term.value)
        ]

    def values(self, name: str, *, no: bool = False) -> list[str]:
        """What one filter was given."""
        return [term.value for term in self.terms if term.name == name and term.no == no]

    def without(self, term: Term) -> Search:
        """The same with one term fewer."""
        return Search(tuple(one for one in self.terms if one != term))

    @property
    def filters(self) -> list[Term]:
        return [term for term in self.terms if term.name]


def read_search(typed: str) -> Search:
    """What was typed, or `BadSearch` with a sentence about it."""
    if len(typed) > LONGEST:
        raise BadSearch(f"A search can be {LONGEST} characters at most.")
    found: list[Term] = []
    place = 0
    while place < len(typed):
        match = _TERM.match(typed, place)
        assert match is not None, "every part of the pattern may be empty"
        place = max(match.end(), place + 1)
        term = _term(match)
        if term is not None and term not in found:
            found.append(term)
    if len(found) > MOST:
        raise BadSearch(f"A search can have {MOST} words and filters at most.")
    return Search(tuple(found))


def _term(match: re.Match[str]) -> Term | None:
    no, name, quoted, bare = bool(match[1]), (match[2] or "").lower(), match[3], match[4]
    value = " ".join((quoted if quoted is not None else bare or "").split())
    if name and name not in FILTERS:
        if quoted is None and (not value or value.startswith("//")):
            return _words(f"{match[2]}:{value}", no=no)  # "Re:" and an address are words
        raise BadSearch(f"There is no filter {name}:. There are {_listed(FILTERS)}.")
    if not name:
        return _words(value, no=no)
    return Term(name, _checked(name, value), no)


def _words(value: str, *, no: bool) -> Term | None:
    return Term("", value, no) if words_in(value) else None


def _checked(name: str, value: str) -> str:
    if name in CHOICES:
        if value.lower() not in CHOICES[name]:
            raise BadSearch(f"After {name}: say one of {', '.join(CHOICES[name])}.")
        return value.lower()
    if name in DATES:
        return _day(name, value)
    if name == "near":
        try:
            return str(UUID(value))
        except ValueError:
            raise BadSearch("After near: goes the id of a text, from its link.") from None
    if not words_in(value):
        raise BadSearch(f"After {name}: say {NAMES[name]}.")
    return value


def _day(name: str, value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise BadSearch(f"After {name}: say a day, like {name}:2026-11-12.") from None


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"{name}:" for name in names)
