"""The shipped tables of states, area codes, ZIPs and clocks, turned into look-ups once.

Nothing is asked of a network, so the same number gives the same place on every machine. Clocks
come from the tzdata wheel and not from the operating system, whose copy may be years old.

Not here: how candidates are put together (`places`), what a number looks like (`numbers`).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class State:
    """`zones`: each one that some part keeps. `presumes`: its law reads residence off a number."""

    code: str
    name: str
    zones: tuple[str, ...]
    presumes: bool


@dataclass(frozen=True, slots=True)
class AreaCodes:
    """Codes issued in a state, and codes that say nothing about where anyone is."""

    state: Mapping[str, str]
    zones: Mapping[str, tuple[str, ...]]
    mistaken: frozenset[str]  # here the library is wrong and only `zones` is believed
    toll_free: frozenset[str]
    premium: frozenset[str]


@dataclass(frozen=True, slots=True)
class Zips:
    """Keyed by the first three digits, and by all five where a ZIP differs from its prefix."""

    states: Mapping[str, tuple[str, ...]]
    zones: Mapping[str, tuple[str, ...]]
    nowhere: frozenset[str]  # military post and islands abroad


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _spread(ranges: str) -> Iterator[str]:
    """`"006-007 009"` is 006, 007 and 009."""
    for part in ranges.split():
        first, _, last = part.partition("-")
        for number in range(int(first), int(last or first) + 1):
            yield str(number).zfill(len(first))


def _each(table: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """A key may name several codes at once."""
    return {code: tuple(values) for codes, values in table.items() for code in codes.split()}


@cache
def load_states() -> Mapping[str, State]:
    """By two-letter code; the district and the territories count as states."""
    return {
        code: State(code, row["name"], tuple(row["zones"]), row.get("presumes_residence", False))
        for code, row in _read("states.toml").items()
    }


@cache
def load_area_codes() -> AreaCodes:
    """A code outside the table of split codes lies in the first zone of its state."""
    table, states = _read("area_codes.toml"), load_states()
    split, placeless = _each(table["zones"]), table["placeless"]
    state = {
        area: code
        for code, row in _read("states.toml").items()
        for area in row["area_codes"].split()
    }
    assert split.keys() <= state.keys(), "a split code belongs to a state"
    return AreaCodes(
        state=state,
        zones={area: split.get(area, states[code].zones[:1]) for area, code in state.items()},
        mistaken=frozenset(table["mistaken"]),
        toll_free=frozenset(placeless["toll_free"].split()),
        premium=frozenset(placeless["premium"].split()),
    )


@cache
def load_zips() -> Zips:
    """A prefix outside the table of zones lies in the first zone of its state."""
    table, states = _read("zips.toml"), load_states()
    of_state = {prefix: (code,) for code, row in table["states"].items() for prefix in _spread(row)}
    of_zone = {prefix: states[codes[0]].zones[:1] for prefix, codes in of_state.items()}
    exact = _each(table["exact"]["states"])
    nowhere = table["nowhere"]
    return Zips(
        states=of_state | exact,
        zones=of_zone | _each(table["zones"]) | _each(table["exact"]["zones"]),
        nowhere=frozenset([*_spread(nowhere["prefixes"]), *_spread(nowhere["exact"])]),
    )


@cache
def clock_twins() -> Mapping[str, str]:
    """Zones that keep the same clock all year as a better-known one, and that one."""
    return {zone: str(twin) for zone, twin in _read("area_codes.toml")["same_clock"].items()}


@cache
def zone_named(name: str) -> ZoneInfo:
    """The zone of that IANA name, from the tzdata wheel."""
    with resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)
