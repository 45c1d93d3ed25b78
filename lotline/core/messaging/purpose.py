"""What a text is for: a reply, an update or an offer, guessed from its words and what set it off.

Invariant: one clause that sells makes the whole text an offer, and doubt is an offer, because a
missed offer does more harm than a careful word too many. The words that decided are handed back.

Not here: whether the text may go (`gate`), the words themselves (`purpose_words.toml`).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from lotline.core.messaging.purpose_scored import score_text
from lotline.core.messaging.sought import Sought, Text, letters_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lotline.core.consent.hearing.needed import Letters


class Purpose(StrEnum):
    """What a text is for. The interface says Reply, Update, Offer."""

    REPLY = "reply"
    UPDATE = "update"
    OFFER = "offer"
    STOP_CONFIRMATION = "stop_confirmation"
    START_CONFIRMATION = "start_confirmation"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Guess:
    """`reasons` are the words of the text that decided; `score` is how sure, 0 to 1."""

    purpose: Purpose
    reasons: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class _Sells:
    """One way of selling: its words, what in the same sentence unsays it, what makes it asked."""

    words: Sought
    unless: Sought
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Lexicon:
    sells: dict[str, _Sells]
    asks: dict[str, Sought]
    tells: dict[str, Sought]
    figures: re.Pattern[str]
    unsays: Sought
    unsaid: frozenset[str]
    letters: Letters

    def text(self, plain: str) -> Text:
        return Text(plain, self.letters.in_text(plain))


ANSWERS_FOR_MINUTES = 24 * 60
# The likelihood from which a text is an offer, chosen on training rows left out in turn; below it
# neither a table's single finding nor its mere doubt makes one.
_OFFERS = 0.12
_NOTICE = 0.9  # how sure it is that a notice which the programme itself owes is one
_SAYS_LITTLE = 3  # words; so few prove nothing
_SENTENCE = re.compile(r"[.!?;\n]+(?=\s|$)|\s[-–—]+\s|\n")
_QUESTION = re.compile(
    r"\?|^\s*(is|are|do|does|did|can|could|will|would|what|when|where|which|who|how|why|any|"
    r"tienen|hay|puedo|cuanto|cual|cuando|donde|como|que)\b"
)


def guess_purpose(body: str, *, last_in: str | None, minutes_since: float | None) -> Guess:
    """REPLY, UPDATE or OFFER, by the order of decision in `purpose.md`; in doubt, OFFER.

    Only the words and the customer's own last text count, not the sender's choice or the hour.
    """
    said = read_text(body, last_in=last_in, minutes_since=minutes_since)
    likely = score_text(said.plain, said.asked, said.marks)
    return weigh(said, body, likely)


@dataclass(frozen=True, slots=True)
class Said:
    """What the tables found: their guess, the places that sell, and facts to be weighed."""

    plain: str
    asked: str
    guess: Guess
    sold: int
    marks: tuple[str, ...]


def read_text(body: str, *, last_in: str | None, minutes_since: float | None) -> Said:
    """What the tables alone make of it."""
    words = _lexicon()
    plain = _plain(body)
    in_time = minutes_since is not None and 0 <= minutes_since <= ANSWERS_FOR_MINUTES
    asked = _plain(last_in) if last_in and in_time else ""
    topics = _topics(asked, words)
    text = words.text(plain)
    sold = _sold(text, topics, words)
    if "refuses" in topics:
        sold += [figure.span() for figure in words.figures.finditer(plain)]
    guess = _by_tables(body, text, topics, sold, answers=bool(asked))
    facts = [f"says {guess.purpose}", f"sells {min(len(sold), 3)}", f"answers {bool(asked)}"]
    facts += [f"says {guess.purpose} {guess.score:.2f}", f"late {bool(last_in) and not asked}"]
    facts += [f"topic {topic}" for topic in sorted(topics)]
    facts += [f"tells {name}" for name, tells in words.tells.items() if tells.search(text)]
    return Said(plain, asked, guess, len(sold), tuple(facts))


def weigh(said: Said, body: str, likely: Mapping[str, float]) -> Guess:
    """What the tables found and what the weights make of it, with the words that decided."""
    purpose, guess, offer = settle(said, likely), said.guess, likely["offer"]
    if purpose is guess.purpose:
        return guess
    if purpose is Purpose.OFFER:
        return Guess(purpose, _warmest(body, said.asked), round(offer, 3))
    return Guess(purpose, (), round(1 - offer, 3))


def settle(said: Said, likely: Mapping[str, float], times: float = 1.0) -> Purpose:
    """Two ways of selling are an offer whatever the weights say; one, or doubt alone, is not if the
    weights are sure that nothing is offered. `times` moves the limit, to see what that would do.
    """
    offer, guess = likely["offer"] / times, said.guess
    if guess.purpose is Purpose.OFFER:
        says_little = len(said.plain.split()) < _SAYS_LITTLE
        if said.sold > 1 or offer >= _OFFERS or says_little:
            return Purpose.OFFER
        return Purpose.REPLY if likely["reply"] > likely["update"] else Purpose.UPDATE
    if offer >= _OFFERS and guess.score < _NOTICE:
        return Purpose.OFFER
    return guess.purpose


def _warmest(body: str, asked: str) -> tuple[str, ...]:
    """The sentence that weighs most as an offer; the reason when no table has one."""
    plain = _plain(body)
    spans = [span for span in _sentences(plain) if plain[slice(*span)].strip()]
    if not spans:
        return ()
    start, end = max(spans, key=lambda at: score_text(plain[slice(*at)], asked, ())["offer"])
    return (body[start:end].strip(),)


def _by_tables(
    body: str, plain: Text, topics: frozenset[str], sold: list[tuple[int, int]], *, answers: bool
) -> Guess:
    words = _lexicon()
    if sold:
        return Guess(Purpose.OFFER, _in_order(body, sold), _sure(len(sold)))
    notice = words.tells["notice"].search(plain)
    if notice:
        return Guess(Purpose.UPDATE, (body[notice.start : notice.end],), _NOTICE)
    event = words.tells["event"].search(plain)
    deal = words.tells["deal"].search(plain)
    if answers:
        # What set it off? An event speaks of a deal, and the customer did not just ask about it.
        told_unasked = "thanks" in topics or not topics & {"status", "question"}
        if event and deal and told_unasked and "refuses" not in topics:
            return Guess(Purpose.UPDATE, (body[event.start : event.end],), 0.7)
        return Guess(Purpose.REPLY, (), 0.8 if topics & {"question"} else 0.65)
    found = words.tells["settled"].search(plain) or deal
    if found is None and not words.tells["doubts"].search(plain):
        found = words.tells["yours"].search(plain) or event
    if found:
        sure = 0.85 if event and deal else 0.6
        return Guess(Purpose.UPDATE, (body[found.start : found.end],), sure)
    return Guess(Purpose.OFFER, (), 0.5)


@cache
def _lexicon() -> _Lexicon:
    raw = tomllib.loads(
        (resources.files(__package__) / "purpose_words.toml").read_text(encoding="utf-8")
    )
    sells = {
        name: _Sells(Sought(way["words"]), Sought(way["unless"]), tuple(way["asked"]))
        for name, way in raw["sells"].items()
    }
    asks = {name: Sought(words) for name, words in raw["asks"].items()}
    tells = {name: Sought(words) for name, words in raw["tells"].items()}
    unsays = Sought(raw["unsays"]["words"])
    every = [one for way in sells.values() for one in (way.words, way.unless)]
    letters = letters_of([*every, *asks.values(), *tells.values(), unsays])
    figures = re.compile("|".join(f"(?:{words})" for words in raw["tells"]["figures"]))
    unsaid = frozenset(raw["unsays"]["ways"])
    return _Lexicon(sells, asks, tells, figures, unsays, unsaid, letters)


_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "´": "'", "`": "'"})


def _plain(text: str) -> str:
    """Lower case, straight quotes, no accents, and every character where it was."""
    return "".join(map(_base, text.translate(_STRAIGHT)))


@cache
def _base(char: str) -> str:
    bare = unicodedata.normalize("NFKD", char)[:1].lower()
    return bare if len(bare) == 1 else char


def _topics(asked: str, words: _Lexicon) -> frozenset[str]:
    if not asked.strip():
        return frozenset()
    text = words.text(asked)
    topics = {name for name, topic in words.asks.items() if topic.search(text)}
    if _QUESTION.search(asked) and "refuses" not in topics:
        topics.add("question")
    if "refuses" in topics:
        # To somebody who says no, every new number and every other thing is a new offer.
        return frozenset({"refuses"})
    return frozenset(topics)


def _sold(text: Text, topics: frozenset[str], words: _Lexicon) -> list[tuple[int, int]]:
    """Where the text sells, unasked."""
    found: list[tuple[int, int]] = []
    unsaid = words.unsaid if words.unsays.search(text) else frozenset[str]()
    for start, end in _sentences(text.words):
        sentence = words.text(text.words[start:end])
        for name, way in words.sells.items():
            if name in unsaid or topics.intersection(way.asked):
                continue
            hit = way.words.search(sentence)
            if hit and not way.unless.search(sentence):
                found.append((start + hit.start, start + hit.end))
    return found


def _sentences(plain: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for stop in _SENTENCE.finditer(plain):
        if stop.start() > start:
            spans.append((start, stop.end()))
        start = stop.end()
    if start < len(plain):
        spans.append((start, len(plain)))
    return spans


def _in_order(body: str, sold: list[tuple[int, int]]) -> tuple[str, ...]:
    """The words as they were written, in their order, none inside another."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(set(sold), key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return tuple(body[start:end].strip() for start, end in kept)


def _sure(ways: int) -> float:
    return min(0.99, 0.75 + 0.1 * ways)
