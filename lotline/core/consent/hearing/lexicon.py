"""The shipped words, read once and turned into look-ups.

Tables are brought to the same spelling as what people type, by the same code, so that a word in
the file and the word in a text cannot drift apart.

Not here: how a text is matched (`keywords`), how it is brought to plain words (`normalise`).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`lists` holds the published words by family, as written in the file."""

    lists: Mapping[str, tuple[str, ...]]
    vocabulary: frozenset[str]
    respell: Mapping[str, tuple[str, ...]]
    polite: frozenset[str]
    loose: frozenset[str]
    laughing: frozenset[str]
    not_typos: frozenset[str]
    slips: Mapping[str, str]  # a misspelling of a long word, and that word
    run_ons: tuple[str, ...]  # words that others are glued to: "stoptexting"
    slips_of_me: frozenset[tuple[str, str]]  # "remove ne"


def _flat(table: Any) -> Iterator[str]:
    if isinstance(table, str):
        yield table
    elif isinstance(table, list):
        yield from table
    else:
        for part in table.values():
            yield from _flat(part)


@cache
def load_words() -> dict[str, Any]:
    """`words.toml` as it is."""
    book = resources.files(__package__).joinpath("words.toml")
    return tomllib.loads(book.read_text(encoding="utf-8"))


@cache
def load_lexicon() -> Lexicon:
    """Everything that one word at a time can be looked up in."""
    book = load_words()
    lists = {
        "stop": tuple(_flat(book["stop"]["strong"])),
        "weak": tuple(_flat(book["stop"]["weak"])),
        "stop_emoji": tuple(_flat(book["stop"]["emoji"])),
        "start": tuple(_flat(book["start"]["strong"])),
        "start_out": tuple(_flat(book["start"]["out"])),
        "start_asked": tuple(_flat(book["start"]["asked"])),
        "help": tuple(_flat(book["help"])),
        "wrong_number": tuple(_flat(book["wrong_number"])),
        "unclear": tuple(_flat(book["unclear"])),
    }
    polite, loose = frozenset(book["polite"]["words"]), frozenset(book["polite"]["loose"])
    laughing = frozenset(_flat(book["laughing"]))
    known = {word for words in lists.values() for phrase in words for word in phrase.split()}
    vocabulary = frozenset(known | polite | loose | laughing)
    not_typos = frozenset(book["not_typos"]["words"])
    real = not_typos | vocabulary | frozenset(book["slips"]["not"])
    return Lexicon(
        lists=lists,
        vocabulary=vocabulary - book["respell"].keys(),
        respell={word: tuple(meant.split()) for word, meant in book["respell"].items()},
        polite=polite,
        loose=loose,
        laughing=laughing,
        not_typos=not_typos,
        slips_of_me=frozenset(
            (verb, slip)
            for verb in book["slips_of_me"]["after"]
            for slip in book["slips_of_me"]["words"]
        ),
        run_ons=tuple(book["run_ons"]["words"]),
        slips={
            slip: word for word in book["slips"]["words"] for slip in near(word) if slip not in real
        },
    )


def near(word: str) -> Iterable[str]:
    """Every spelling one slip away: a letter left out, added, changed, or two swapped."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    yield from (head + tail[1:] for head, tail in cuts if tail)
    yield from (head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1)
    yield from (head + letter + tail[1:] for head, tail in cuts if tail for letter in _LETTERS)
    yield from (head + letter + tail for head, tail in cuts for letter in _LETTERS)
