"""Screens: what texts say that a store wants to know of, before they leave and when they arrive.

Invariant: a screen finds and decides nothing. The same text gives the same finds, in the order of
the list, and a text in which there is nothing to see costs next to nothing.

Not here: what follows from a find (`watch`), numbers with check digits (`screened_numbers`), the
words (`screens.toml`), content that carriers refuse (`messaging.content`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from lotline.core.oversight.flat import flat
from lotline.core.oversight.screened_numbers import births_in, has_long_number, numbers_in, shapes

_TOKEN = re.compile(r"[a-z]+")
_PHONE = re.compile(
    r"(?<![\w.$-])(?:\+?1[ .-]?)?(\(?[2-9]\d\d\)?)([ .-]?)([2-9]\d\d)([ .-]?)(\d{4})(?![\w-])"
)
_LINK = re.compile(
    r"(?<![\w@.-])(?:(?P<scheme>https?://)|(?P<www>www\.))?(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,62})\.)+"
    r"[a-z]{2,24})(?P<path>[:/][^\s]*)?(?![\w@-])"
)
_MAYBE_LINK = re.compile(r"[a-z0-9]\.[a-z]{2}")
_ALNUM = re.compile(r"[^0-9]")
_NEAR = 28


@dataclass(frozen=True, slots=True)
class Screen:
    """One of the list. `out` and `came` are the careful defaults of what happens."""

    id: str
    says: str
    told: str
    out: str
    came: str
    mask: bool
    words: re.Pattern[str] | None
    unless: re.Pattern[str] | None


class Found(NamedTuple):
    """One find, and where it stands. `of` is a phone's ten digits or a link's host."""

    screen: str
    start: int
    end: int
    of: str = ""


@cache
def load_screens() -> dict[str, Screen]:
    """All of them by id, in the order in which they are told."""
    return {name: _screen(name, raw) for name, raw in _plain().items()}


@cache
def _plain() -> dict[str, dict[str, object]]:
    file = resources.files("lotline.core.oversight").joinpath("screens.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _screen(name: str, raw: dict[str, object]) -> Screen:
    def pattern(key: str) -> re.Pattern[str] | None:
        words = raw.get(key)
        return re.compile("|".join(words)) if isinstance(words, list) and words else None

    return Screen(
        id=name,
        says=str(raw["says"]),
        told=str(raw["told"]),
        out=str(raw.get("out", "off")),
        came=str(raw.get("came", "off")),
        mask=bool(raw.get("mask", False)),
        words=pattern("words"),
        unless=pattern("unless"),
    )


def screens_in(body: str, *, words: Collection[str] = ()) -> tuple[Found, ...]:
    """Everything found in a text, first by the order of the list. `words` are a store's own."""
    plain = flat(body)
    tokens = frozenset(_TOKEN.findall(plain))
    found: list[Found] = []
    if has_long_number(plain):
        found += [Found(*one) for one in numbers_in(plain)]
        found += [one for one in _phones(plain) if not _inside(one, found)]
    if not tokens.isdisjoint(shapes()["birth"]["hints"]):
        found += [Found(*one) for one in births_in(plain)]
    if _MAYBE_LINK.search(plain) is not None:
        found += _links(plain)
    if not _hints().isdisjoint(tokens):
        found += _said(plain, tokens)
    if words:
        found += _listed(plain, words)
    if len(found) > 1:
        places = {name: n for n, name in enumerate(load_screens())}
        found.sort(key=lambda one: (places[one.screen], one.start))
    return tuple(found)


def without_ours(
    found: Sequence[Found], *, numbers: Collection[str] = (), hosts: Collection[str] = ()
) -> tuple[Found, ...]:
    """The rest once our own lines (ten digits) and sites are taken out."""
    return tuple(one for one in found if not _is_ours(one, numbers, hosts))


def _is_ours(one: Found, numbers: Collection[str], hosts: Collection[str]) -> bool:
    if one.screen == "personal_number":
        return one.of in numbers
    return one.screen == "unknown_link" and any(_within(one.of, host) for host in hosts)


def _inside(one: Found, found: Sequence[Found]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in found)


# --- words


@cache
def _hints_of() -> dict[str, frozenset[str]]:
    listed = {name: raw.get("hints") for name, raw in _plain().items()}
    return {name: frozenset(some) for name, some in listed.items() if isinstance(some, list)}


@cache
def _hints() -> frozenset[str]:
    return frozenset().union(*_hints_of().values())


def _said(plain: str, tokens: frozenset[str]) -> Iterator[Found]:
    for name, hints in _hints_of().items():
        if hints.isdisjoint(tokens):
            continue
        screen = load_screens()[name]
        assert screen.words is not None, "a screen with hints has words"
        spared = plain if screen.unless is None else screen.unless.sub(_blank, plain)
        hit = screen.words.search(spared)
        if hit is not None:
            yield Found(name, hit.start(), hit.end())


def _blank(hit: re.Match[str]) -> str:
    """As long as what it takes the place of."""
    return "\0" * (hit.end() - hit.start())


def _listed(plain: str, words: Collection[str]) -> Iterator[Found]:
    for hit in _own_words(tuple(sorted(words))).finditer(plain):
        yield Found("house_words", hit.start(), hit.end())


@lru_cache(maxsize=64)
def _own_words(words: tuple[str, ...]) -> re.Pattern[str]:
    each = [r"\s+".join(re.escape(part) for part in flat(word).split()) for word in words]
    return re.compile(rf"(?<!\w)(?:{'|'.join(one for one in each if one) or '(?!)'})(?!\w)")


# --- telephone numbers and links


def _phones(plain: str) -> Iterator[Found]:
    data = shapes()["phones"]
    for hit in _PHONE.finditer(plain):
        digits = _ALNUM.sub("", "".join(hit.group(1, 3, 5)))
        if digits[:3] in data["not_personal"]:
            continue
        before = set(_TOKEN.findall(plain[max(0, hit.start() - _NEAR) : hit.start()]))
        gaps = hit.group(2) or hit.group(4) or not hit.group(1).isdigit()
        if not gaps and before.isdisjoint(data["named"]):
            continue
        if not before.isdisjoint(data["other"]) and before.isdisjoint({"call", "text", "cell"}):
            continue
        yield Found("personal_number", hit.start(), hit.end(), digits)


def _links(plain: str) -> Iterator[Found]:
    data = shapes()["links"]
    for hit in _LINK.finditer(plain):
        host = hit["host"].removeprefix("www.")
        ending = host.rpartition(".")[2]
        if not hit["scheme"] and not hit["www"] and ending not in data["bare"] and not hit["path"]:
            short = host in data["short"]
            if not short:
                continue
        if any(_within(host, known) for known in data["known"]):
            continue
        screen = (
            "short_link" if any(_within(host, one) for one in data["short"]) else "unknown_link"
        )
        yield Found(screen, hit.start(), hit.end(), host)


def _within(host: str, known: str) -> bool:
    return host == known or host.endswith(f".{known}")
