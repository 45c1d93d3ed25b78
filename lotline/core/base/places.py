"""Where a person may be: the candidate states and time zones behind a number and a ZIP.

A number is portable, so an area code says where it was issued, not where its owner is. A place
is therefore a set of candidates, and whoever asks must satisfy every one of them. More evidence
may add candidates; only what the person said about themselves takes any away.

Not here: the tables (`atlas`), and what the law of a state demands (the gate).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from phonenumbers import PhoneNumber
from phonenumbers.timezone import time_zones_for_geographical_number

from lotline.core.base.atlas import (
    clock_twins,
    load_area_codes,
    load_states,
    load_zips,
    zone_named,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from lotline.core.base.numbers import Number

_ZIP = re.compile(r"(\d{5})(?:-?\d{4})?")


@dataclass(frozen=True, slots=True)
class Place:
    """Candidate states and zones by `numbers.md`. Empty zones: nobody knows where they are."""

    states: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    source: str = "unknown"  # zip | stated | area_code | unknown


UNKNOWN = Place()


def place_of(
    number: Number,
    *,
    zip_code: str | None = None,
    zip_given: bool = False,
    stated_state: str | None = None,
) -> Place:
    """The candidates, by order of evidence: a ZIP the person gave, a state they named, the number.

    `zip_given` means the person gave the ZIP, lately enough to trust; any other ZIP (bought,
    imported) only adds candidates. States whose law presumes residence from the number count
    even against a ZIP. A ZIP or state that does not exist is no evidence.
    """
    issued = _place_of_area_code(number)
    posted = _place_of_zip(zip_code)
    stated = _place_of_state(stated_state)
    if posted is not None and zip_given:
        return _joined("zip", posted, _elsewhere(stated, posted), _presumed(issued))
    if stated is not None:
        # A state that only confirms the number keeps the number's finer zones.
        told = issued if set(issued.states) == set(stated.states) else stated
        return _joined("stated", told, posted, _presumed(issued))
    return _joined("area_code", issued, posted)


def same_clock(zones: Iterable[str], at: datetime) -> bool:
    """Whether all of them show the same time of day at that instant."""
    return len(clocks(zones, at)) <= 1


def clocks(zones: Iterable[str], at: datetime) -> tuple[str, ...]:
    """One zone for each distinct wall clock at that instant, in the order given."""
    assert at.tzinfo is not None, "an instant carries its zone"
    first: dict[object, str] = {}
    for zone in zones:
        first.setdefault(at.astimezone(zone_named(zone)).utcoffset(), zone)
    return tuple(first.values())


def state_name(code: str) -> str:
    """`"OH"` is Ohio."""
    return load_states()[code].name


@lru_cache(maxsize=4096)
def _place_of_area_code(number: Number) -> Place:
    codes = load_area_codes()
    state = codes.state.get(number.area_code)
    if state is None:
        return UNKNOWN
    ours = Place((state,), codes.zones[number.area_code], "area_code")
    if number.area_code in codes.mistaken:
        return ours
    possible = {_clock(zone) for zone in load_states()[state].zones}
    # The library still puts a corner of Alaska on Hawaii's clock: no part of a state is elsewhere.
    theirs = tuple(zone for zone in _zones_by_library(number.e164) if _clock(zone) in possible)
    return _joined("area_code", ours, Place(zones=theirs))


def _zones_by_library(e164: str) -> tuple[str, ...]:
    """By exchange, without judging the number valid: its lists lag behind new area codes."""
    number = PhoneNumber(country_code=1, national_number=int(e164.removeprefix("+1")))
    return tuple(str(zone) for zone in time_zones_for_geographical_number(number))


def _clock(zone: str) -> str:
    return clock_twins().get(zone, zone)


def _place_of_zip(zip_code: str | None) -> Place | None:
    found = _ZIP.fullmatch((zip_code or "").strip())
    if found is None:
        return None
    zips, code = load_zips(), found[1]
    prefix = code[:3]
    if code in zips.nowhere or prefix in zips.nowhere:
        return UNKNOWN
    states = zips.states.get(code) or zips.states.get(prefix)
    if states is None:
        return None
    return Place(states, zips.zones.get(code) or zips.zones[prefix], "zip")


def _place_of_state(stated: str | None) -> Place | None:
    wanted = (stated or "").strip().casefold()
    if not wanted:
        return None
    for code, state in load_states().items():
        if wanted in (code.casefold(), state.name.casefold()):
            return Place((code,), state.zones, "stated")
    return None


def _presumed(issued: Place) -> Place:
    """States whose law takes the number's area code for residence. They lend no zone."""
    states = load_states()
    return Place(tuple(code for code in issued.states if states[code].presumes))


def _elsewhere(stated: Place | None, posted: Place) -> Place | None:
    """A stated state that contradicts the ZIP is one more candidate; one that fits adds nothing."""
    return None if stated is None or set(stated.states) <= set(posted.states) else stated


def _joined(source: str, *places: Place | None) -> Place:
    """All candidates of all places, each clock once, in order. Without a zone it is unknown."""
    states: dict[str, None] = {}
    zones: dict[str, str] = {}
    for place in places:
        for state in place.states if place else ():
            states.setdefault(state)
        for zone in place.zones if place else ():
            zones.setdefault(_clock(zone), zone)
    return Place(tuple(states), tuple(zones.values()), source) if zones else UNKNOWN
