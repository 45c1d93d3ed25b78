"""What will go wrong with a saved text, said before it is saved.

Each flaw names the words that make it. A flaw is advice: the gate decides whatever goes out.

Not here: the words (`lint.toml`), what a text is for (`purpose`), saving it (`actions.templates`).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

from lotline.core.messaging.segments import count

_FIELD = re.compile(r"\{([^{}]{1,40})\}")
_LONG = 2  # more segments than this cost more than they tell
# Fields that fill themselves in; any other stays open until somebody fills it in by hand.
KNOWN = frozenset(
    {
        *("customer.first", "customer.name", "me.first", "me.name", "store.name", "company.name"),
        *(
            "first name",
            "first_name",
            "name",
            "me",
            "my name",
            "my_name",
            "company",
            "store",
            "today",
        ),
    }
)
_NAMED = frozenset({"me.first", "me.name", "me", "my name", "my_name"})
_NAMED |= {"store.name", "company.name", "company", "store"}


@dataclass(frozen=True, slots=True)
class Flaw:
    """`kind` is the table's name, `words` what stands in the text, `says` what to do."""

    kind: str
    words: str
    says: str


@cache
def _table() -> dict[str, tuple[re.Pattern[str], str]]:
    book = (resources.files(__package__) / "lint.toml").read_text(encoding="utf-8")
    return {
        kind: (re.compile("|".join(f"(?:{one})" for one in row["words"])), row["says"])
        for kind, row in tomllib.loads(book).items()
    }


def lint(body: str, *, names: tuple[str, ...] = ()) -> tuple[Flaw, ...]:
    """Every flaw of a saved text. `names` are the company's and its stores' own."""
    flat = _flat(body)
    found = []
    for kind, (words, says) in _table().items():
        hit = words.search(flat)
        if hit is not None:
            found.append(Flaw(kind, body[hit.start() : hit.end()].strip(), says))
    fields = _FIELD.findall(body)
    found += [
        Flaw("unfilled", f"{{{field}}}", _table()["unfilled"][1])
        for field in fields
        if field.strip().lower() not in KNOWN
    ]
    if not _says_who(flat, fields, names):
        found.append(
            Flaw("nameless", "", "It doesn’t say who writes. Add {me.first} or {company.name}.")
        )
    return (*found, *_size(body))


def _says_who(flat: str, fields: list[str], names: tuple[str, ...]) -> bool:
    if _NAMED.intersection(field.strip().lower() for field in fields):
        return True
    return any(_flat(name) in flat for name in names if name)


def _size(body: str) -> list[Flaw]:
    """A character that makes the text cost twice, and a text of many parts."""
    plain = count(_FIELD.sub("Jordan", body))
    narrow = count("".join(_base(char) for char in _FIELD.sub("Jordan", body)))
    flaws = []
    if narrow.count < plain.count:
        says = f"This makes it {plain.count} parts instead of {narrow.count}."
        flaws.append(Flaw("segments", plain.culprits[0], says))
    if narrow.count > _LONG:
        says = f"It is {plain.count} parts long. Carriers charge for each."
        flaws.append(Flaw("segments", "", says))
    return flaws


def _flat(text: str) -> str:
    """Lower case without accents, every character where it was."""
    return "".join(_base(char).lower()[:1] or char for char in text)


_PLAIN = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": ".", "\u00a0": " "}


@cache
def _base(char: str) -> str:
    if char.isascii():
        return char
    bare = _PLAIN.get(char) or unicodedata.normalize("NFKD", char)[:1]
    return bare if bare.isascii() else " "
