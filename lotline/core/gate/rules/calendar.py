"""Holidays counted by their definition: fixed dates with their observed days, Mondays, Easter.

Invariant: a state's list always holds the federal one, and both a day and its observed day.

Not here: which days are holidays (the rulebook's `days.toml`).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

_DAY = timedelta(days=1)


def feasts(definitions: Iterable[Mapping[str, Any]], year: int) -> dict[date, str]:
    """The holidays of a year by their definitions, named."""
    found: dict[date, str] = {}
    for one in definitions:
        on = _date_of(one, year)
        if on is None:
            continue
        found.setdefault(on, one["name"])
        if one.get("observed") and on.weekday() >= 5:
            kept = on - _DAY if on.weekday() == 5 else on + _DAY
            found.setdefault(kept, f"{one['name']} (observed)")
    return found


def counted(
    lists: Mapping[str, list[Mapping[str, Any]]], years: Iterable[int]
) -> dict[str, dict[date, str]]:
    """Every list over many years. A day of one year may be observed in the one before."""
    spans = list(years)
    federal = lists["federal"]
    days = {}
    for name, own in lists.items():
        definitions = federal if name == "federal" else [*federal, *own]
        days[name] = {on: said for year in spans for on, said in feasts(definitions, year).items()}
    return days


def easter(year: int) -> date:
    """Easter Sunday by the Gregorian computus (Meeus, Jones, Butcher)."""
    golden, century = year % 19, year // 100
    leap, skipped = divmod(year % 100, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * leap - epact - skipped) % 7
    month, day = divmod(
        epact + weekday - 7 * ((golden + 11 * epact + 22 * weekday) // 451) + 114, 31
    )
    return date(year, month, day + 1)


def _date_of(one: Mapping[str, Any], year: int) -> date | None:
    if "easter" in one:
        after: int = one["easter"]
        return easter(year) + after * _DAY
    if "election" in one:
        if one["election"] == "even" and year % 2:
            return None
        return _nth(year, 11, 0, 1) + _DAY
    if "monday_for" in one:
        on = date(year, one["month"], one["monday_for"])
        weekday = on.weekday()
        return on - weekday * _DAY if weekday < 5 else on + (7 - weekday) * _DAY
    if "nth" in one:
        return _nth(year, one["month"], one["weekday"], one["nth"])
    return date(year, one["month"], one["day"])


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    if nth > 0:
        first = date(year, month, 1)
        return first + ((weekday - first.weekday()) % 7 + 7 * (nth - 1)) * _DAY
    last = date(year, month, monthrange(year, month)[1])
    return last - ((last.weekday() - weekday) % 7) * _DAY
