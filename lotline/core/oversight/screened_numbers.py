"""Numbers in a text that are nobody else's business: cards, social security, bank, licence, birth.

Invariant: a number is found by its check digits or by the word that stands near it, never by its
length alone: cars have numbers too, and orders, prices, and the line itself.

Not here: what happens to such a text (`watch`), hiding it (`masking`), the shapes
(`screens_numbers.toml`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from stdnum import iban, luhn
from stdnum.us import itin, rtn, ssn

# At least six digits with no more than a gap between them: without these there is nothing to find.
_LONG_NUMBER = re.compile(r"\d\d(?:\)? ?[ .-]?\d){4}")
_CARD = re.compile(r"(?<![\w.$-])\d(?:[ -]?\d){13,18}(?![\w-])")
_GAPS = re.compile(r"[ .-]")
_SSN = re.compile(r"(?<![\w.$#-])\d{3}([ .-]?)\d{2}\1\d{4}(?![\w-]|\.\d)")
_NINE = re.compile(r"(?<![\w.$-])\d{9}(?![\w-]|\.\d)")
_ACCOUNT = re.compile(r"(?<![\w.$-])\d{6,17}(?![\w-]|\.\d)")
_IBAN = re.compile(
    r"(?<![a-z0-9])[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?(?![a-z0-9])"
)
_WORD = re.compile(r"[a-z]+#?|#")
_BEFORE = 32  # characters that may name a number
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic"
_DATE = re.compile(
    r"(?<!\d)(?:(?P<a>\d{1,2})([/.-])(?P<b>\d{1,2})\2(?P<y>\d{4}|\d{2})"
    rf"|(?:(?:{_MONTHS})[a-z]*\.? \d{{1,2}}(?:st|nd|rd|th)?,? "
    rf"|\d{{1,2}} (?:de )?(?:{_MONTHS})[a-z]* (?:de )?)(?P<yy>\d{{4}}))(?!\d)"
)


class Span(NamedTuple):
    """Where it stands in the text, and by which screen it was found."""

    screen: str
    start: int
    end: int


@cache
def shapes() -> dict[str, Any]:
    """The data of all number screens."""
    file = resources.files("lotline.core.oversight").joinpath("screens_numbers.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def numbers_in(flat: str) -> list[Span]:
    """All of them, the first one found keeping its place. `flat` is in lower case."""
    found: list[Span] = []
    for look in (_cards, _socials, _banks, _licences):
        found += [one for one in look(flat) if not _taken(one, found)]
    return found


def births_in(flat: str) -> list[Span]:
    """Dates of birth, where one of the words that name it stands."""
    return list(_births(flat))


def has_long_number(text: str) -> bool:
    """Whether a text is worth looking at for numbers at all."""
    return _LONG_NUMBER.search(text) is not None


def _taken(one: Span, found: list[Span]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in found)


# --- cards


def _cards(flat: str) -> Iterator[Span]:
    for hit in _CARD.finditer(flat):
        digits = _GAPS.sub("", hit.group())
        if not _is_card(digits) or len(set(digits)) == 1:
            continue
        cards = shapes()["cards"]
        other = _words_before(flat, hit.start()).isdisjoint(cards["other"])
        if other or not _words_near(flat, hit).isdisjoint(cards["named"]):
            yield Span("card_number", hit.start(), hit.end())


def _is_card(digits: str) -> bool:
    fits = any(
        len(digits) in kind["lengths"] and kind["from"] <= digits[: len(kind["from"])] <= kind["to"]
        for kind in shapes()["cards"]["kinds"]
    )
    return fits and luhn.is_valid(digits)


# --- social security


def _socials(flat: str) -> Iterator[Span]:
    for hit in _SSN.finditer(flat):
        digits = _GAPS.sub("", hit.group())
        if not (ssn.is_valid(digits) or itin.is_valid(digits)):
            continue
        # With two dashes in their places nothing else looks like it; otherwise its name is near.
        if hit.group(1) == "-" and ssn.is_valid(digits):
            near = _words_before(flat, hit.start())
            if near.isdisjoint(shapes()["cards"]["other"]):
                yield Span("social_security_number", hit.start(), hit.end())
        elif not _words_near(flat, hit).isdisjoint(shapes()["social"]["named"]):
            yield Span("social_security_number", hit.start(), hit.end())


# --- banks


def _banks(flat: str) -> Iterator[Span]:
    bank, near = shapes()["bank"], shapes()["bank"]["near"]
    for hit in _IBAN.finditer(flat):
        # The library asks which country it is, how long it must be, and the two check digits.
        if any(char.isdigit() for char in hit.group()[4:]) and iban.is_valid(hit.group()):
            yield Span("bank_number", hit.start(), hit.end())
    for hit in _NINE.finditer(flat):
        if _any_near(flat, hit, near, bank["routing"]) and rtn.is_valid(hit.group()):
            yield Span("bank_number", hit.start(), hit.end())
    for hit in _ACCOUNT.finditer(flat):
        before = _words_before(flat, hit.start())
        if not before.isdisjoint(bank["account"]) and _any_near(flat, hit, near, bank["banks"]):
            yield Span("bank_number", hit.start(), hit.end())


def _any_near(flat: str, hit: re.Match[str], near: int, wanted: list[str]) -> bool:
    there = f" {flat[max(0, hit.start() - near) : hit.end() + near]} "
    return any(re.search(rf"\b{re.escape(word)}\b", there) for word in wanted)


# --- driving licences


@cache
def _licence() -> tuple[re.Pattern[str], re.Pattern[str]]:
    plain = shapes()["licence"]
    each = "|".join(dict.fromkeys(plain["shapes"].values()))
    named = "|".join(f"(?:{one})" for one in plain["named"])
    return (
        re.compile(
            rf"(?:{named})(?P<gap>[^.!?]{{0,{plain['near']}}}?)(?<![\w$-])(?P<it>{each})(?![\w-])"
        ),
        re.compile(plain["other"]),
    )


def _licences(flat: str) -> Iterator[Span]:
    shape, other = _licence()
    for hit in shape.finditer(flat):
        if other.search(hit["gap"]) is None:
            yield Span("licence_number", hit.start("it"), hit.end("it"))


# --- dates of birth


@cache
def _birth_words() -> tuple[re.Pattern[str], re.Pattern[str]]:
    plain = shapes()["birth"]
    return re.compile("|".join(plain["named"])), re.compile("|".join(plain["loose"]))


def _births(flat: str) -> Iterator[Span]:
    named, loose = _birth_words()
    plain = shapes()["birth"]
    for hit in _DATE.finditer(flat):
        before = flat[max(0, hit.start() - plain["near"]) : hit.start()]
        year = hit["y"] or hit["yy"]
        if len(year) == 4:  # of a year
            fits = plain["from"] <= int(year) <= plain["to"]
            if fits and (named.search(before) or loose.search(before)):
                yield Span("birth_date", hit.start(), hit.end())
        elif named.search(before):
            yield Span("birth_date", hit.start(), hit.end())


# --- what stands near


def _words_before(flat: str, start: int) -> set[str]:
    return set(_WORD.findall(flat[max(0, start - _BEFORE) : start]))


def _words_near(flat: str, hit: re.Match[str]) -> set[str]:
    near = shapes()["social"]["near"]
    return set(_WORD.findall(flat[max(0, hit.start() - near) : hit.end() + near]))
