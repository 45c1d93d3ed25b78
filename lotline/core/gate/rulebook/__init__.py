"""The rules in force: which rule files speak, in which order, and all the values they read.

Invariant: a rulebook is its data. The digest is taken over every value, so two decisions with the
same facts and the same digest are the same decision. An empty or odd file is refused, never
skipped.

Not here: what a rule means (`rules`), the decision (`gate`).
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from types import ModuleType
from typing import Any

from lotline.core.gate.decision import Remedy, Verdict
from lotline.core.gate.rules.book import ALWAYS, Book, Entry, Hours, State, Window, seconds_of
from lotline.core.gate.rules.calendar import counted
from lotline.core.gate.rules.carrier import content, reachable, registered
from lotline.core.gate.rules.house import (
    line_paused,
    member_entitled,
    policy_signed,
    screened,
    texting_stopped,
    trained,
)
from lotline.core.gate.rules.law import (
    confirmation,
    daily_cap,
    do_not_call,
    emergency,
    help_and_start,
    hours,
    lists,
    opt_out,
    prior_consent,
    reassigned,
    reply,
    state_consent,
    unknown_place,
    update,
    wrong_number,
)
from lotline.core.gate.rules.points import read_points

# The order of checks of `federal.md` 15: sender and content, number, opt-outs, purpose, consent
# and registry, state bars, hours, caps. The first block binds. A test fails on a file left out.
CHECKS: tuple[ModuleType, ...] = (
    registered,
    content,
    line_paused,
    member_entitled,
    texting_stopped,
    policy_signed,
    trained,
    screened,
    reachable,
    reassigned,
    wrong_number,
    opt_out,
    confirmation,
    help_and_start,
    reply,
    update,
    unknown_place,
    prior_consent,
    state_consent,
    do_not_call,
    emergency,
    hours,
    daily_cap,
    lists,
)

# Of several permitting findings, the one that is worth saying is taken as the basis.
BASIS: tuple[ModuleType, ...] = (
    confirmation,
    help_and_start,
    opt_out,
    do_not_call,
    reply,
    update,
    daily_cap,
    hours,
    prior_consent,
)

FILES = ("law", "rules", "says", "hours", "states", "holidays", "days", "notices", "points")
FOREVER = date.max


class OddRulebook(ValueError):
    """The rulebook's data is empty, incomplete or not what it should be. Nothing may be sent."""


@dataclass(slots=True, eq=False)
class Rulebook(Book):
    """The data and what goes with it: the wording of our own notices."""

    notices: dict[str, Any] = field(default_factory=dict)
    version: str = ""
    as_of: str = ""  # the day on which the sources were last read
    told: dict[str, Any] = field(default_factory=dict)  # of each state, all that was found
    profiles: dict[str, str] = field(default_factory=dict)  # what each profile is, in a sentence


@cache
def load_rulebook() -> Rulebook:
    """The rulebook that is packaged with this release."""
    folder = resources.files(__name__)
    return read_rulebook({name: (folder / f"{name}.toml").read_bytes() for name in FILES})


def read_rulebook(files: dict[str, bytes]) -> Rulebook:
    """A rulebook from the bytes of its files, by name."""
    data = {name: _toml(name, files.get(name, b"")) for name in FILES}
    try:
        book = _read(data)
    except (KeyError, TypeError, AttributeError) as odd:
        raise OddRulebook(f"something is missing or of another kind: {odd!r}") from odd
    except ValueError as odd:
        raise OddRulebook(str(odd)) from odd
    _whole(book)
    return book


def _read(data: dict[str, dict[str, Any]]) -> Rulebook:
    states = {code: _state(code, raw) for code, raw in _some(data, "states", "states").items()}
    spans = {code: _hours(code, raw) for code, raw in _some(data, "hours", "hours.states").items()}
    if states.keys() != spans.keys():
        odd = ", ".join(sorted(states.keys() ^ spans.keys()))
        raise OddRulebook(f"states.toml and hours.toml name different states: {odd}")
    feasts = _feasts(data)
    rules = {name: _entry(name, raw) for name, raw in _some(data, "rules", "rules").items()}
    floor = data["hours"]["floor"]
    return Rulebook(
        digest=_digest(data),
        law=data["law"],
        rules=rules,
        says=_says(data["says"]),
        hours=spans,
        floor=(_open(floor["weekday"]), _open(floor["saturday"]), _open(floor["sunday"])),
        states=states,
        holidays=feasts,
        standard_time=frozenset(
            code for code, span in spans.items() if any(window.daylight for window in span.windows)
        ),
        notices=data["notices"],
        profiles=data["points"]["profiles"],
        points=read_points(data["points"]),
        version=str(data["hours"]["meta"]["version"]),
        as_of=str(data["hours"]["meta"]["as_of"]),
        told=data["states"]["states"],
    )


def _feasts(data: dict[str, dict[str, Any]]) -> dict[str, dict[date, str]]:
    """The written lists, and in every year that they leave out the days as they are counted."""
    first, last = data["days"]["years"]
    days = counted(data["days"]["lists"], range(first, last + 1))
    for name, listed in _some(data, "holidays", "holidays.lists").items():
        written = {day["on"]: day["name"] for day in listed["dates"]}
        years = {on.year for on in written}
        rest = {on: said for on, said in days[name].items() if on.year not in years}
        days[name] = written | rest
    return days


def _toml(name: str, raw: bytes) -> dict[str, Any]:
    try:
        read = tomllib.loads(raw.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as odd:
        raise OddRulebook(f"{name}.toml can't be read: {odd}") from odd
    if not read:
        raise OddRulebook(f"{name}.toml is empty")
    return read


def _some(data: dict[str, dict[str, Any]], name: str, path: str) -> dict[str, Any]:
    found = data[name].get(path.rpartition(".")[2])
    if not isinstance(found, dict) or not found:
        raise OddRulebook(f"{name}.toml has no {path}")
    return found


def _digest(data: dict[str, Any]) -> str:
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _says(raw: dict[str, Any]) -> dict[str, tuple[Verdict, str, tuple[Remedy, ...]]]:
    said = {}
    for group, keys in raw.items():
        for key, words in keys.items():
            ways = tuple(Remedy(way) for way in words.get("remedies", ()))
            said[f"{group}.{key}"] = (Verdict(words["verdict"]), str(words["says"]), ways)
    return said


def _entry(name: str, raw: dict[str, Any]) -> Entry:
    for needed in ("title", "summary", "citation", "basis"):
        if not raw.get(needed):
            raise OddRulebook(f"rules.toml: {name} has no {needed}")
    texts = ("title", "group", "summary", "citation", "basis", "source_url", "contested")
    more = ("default", "status", "evidence")
    return Entry(
        id=name,
        since=raw.get("from", ALWAYS),
        **{key: str(raw.get(key, "")) for key in texts + more},
    )


def _state(code: str, raw: dict[str, Any]) -> State:
    return State(
        code=code,
        name=raw["name"],
        since=raw.get("from", ALWAYS),
        consent=raw["consent"],
        relationship_excuses=raw.get("relationship_excuses", False),
        purchase_months=raw["relationship"]["purchase"],
        inquiry_months=raw["relationship"]["inquiry"],
        daily_max=raw["daily_max"],
        daily_max_spares_customers=raw.get("daily_max_spares_customers", False),
        emergency=raw["emergency"],
        asks_reassigned=raw["asks_reassigned"],
        stop_kept_years=raw["stop_kept_years"],
        inquiry_once=raw.get("inquiry_once", False),
        keeps_list=raw.get("keeps_list", False),
        list_max_days=raw.get("list_max_days", 0),
    )


def _hours(code: str, raw: dict[str, Any]) -> Hours:
    windows = tuple(
        Window(
            since=window.get("from", ALWAYS),
            until=window.get("until", FOREVER),
            days=_week(window),
            daylight=_week(window["daylight"]) if "daylight" in window else None,
            holidays=window.get("holidays", ""),
        )
        for window in raw["windows"]
    )
    if not windows:
        raise OddRulebook(f"hours.toml: {code} has no windows")
    return Hours(
        code=code,
        name=raw["name"],
        own=raw["basis"] != "floor",
        windows=windows,
        clock_rule=raw.get("clock_rule", ""),
        clock_zones=tuple(raw.get("clock_zones", ())),
    )


def _week(
    raw: dict[str, list[str]],
) -> tuple[tuple[int, int] | None, tuple[int, int] | None, tuple[int, int] | None]:
    return _span(raw["weekday"]), _span(raw["saturday"]), _span(raw["sunday"])


def _span(raw: list[str]) -> tuple[int, int] | None:
    return _open(raw) if raw else None


def _open(raw: list[str]) -> tuple[int, int]:
    opens, closes = (seconds_of(end) for end in raw)
    if not opens < closes:
        raise OddRulebook(f"hours.toml: {raw} closes before it opens")
    return opens, closes


def _contested(book: Rulebook) -> None:
    """Only what is disputed has a choice looser than careful, and each sets a value that is."""
    for name, point in book.points.items():
        if name not in book.rules:
            raise OddRulebook(f"points.toml names {name}, which rules.toml lacks")
        if point.can_be_loosened and not book.rules[name].contested:
            raise OddRulebook(f"points.toml loosens {name}, which nobody contests")
        for choice in point.choices:
            for section, key, _ in choice.law:
                if key not in book.law[section]:
                    raise OddRulebook(f"points.toml sets {section}.{key}, which law.toml lacks")


def _whole(book: Rulebook) -> None:
    """Every rule that a file may name is there, for every state that needs it."""
    _contested(book)
    for check in CHECKS:
        for cited in check.RULE.cites:
            if not cited.startswith("*") and cited not in book.rules:
                raise OddRulebook(f"{check.RULE.id} cites {cited}, which rules.toml lacks")
    for code, state in book.states.items():
        needed = [f"{code}-HOURS"]
        needed += [f"{code}-FREQ"] * bool(state.daily_max)
        needed += [f"{code}-CONSENT"] * (state.consent != "federal")
        needed += [f"{code}-EMERGENCY"] * state.emergency
        needed += [f"{code}-RND"] * state.asks_reassigned
        for window in book.hours[code].windows:
            needed += [f"{code}-SUNDAY"] * (window.days[2] is None)
            needed += [f"{code}-HOLIDAY"] * bool(window.holidays)
        missing = [name for name in needed if name not in book.rules]
        if missing:
            raise OddRulebook(f"rules.toml lacks {', '.join(missing)}")


__all__ = ["BASIS", "CHECKS", "FILES", "OddRulebook", "Rulebook", "load_rulebook", "read_rulebook"]
