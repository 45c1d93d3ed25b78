"""Holidays counted by definition are those of the lists that were read, in every written year."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources

import pytest

from lotline.core.gate.rules.calendar import counted, easter
from tests.rules.specimens import BOOK, facts, word

FOLDER = resources.files("lotline.core.gate.rulebook")
WRITTEN = tomllib.loads((FOLDER / "holidays.toml").read_text(encoding="utf-8"))["lists"]
DEFINED = tomllib.loads((FOLDER / "days.toml").read_text(encoding="utf-8"))["lists"]


@pytest.mark.parametrize("name", WRITTEN)
def test_counted_days_are_the_written_ones(name: str) -> None:
    written = {day["on"]: day["name"] for day in WRITTEN[name]["dates"]}
    years = {on.year for on in written}
    days = counted(DEFINED, range(min(years), max(years) + 2))[name]

    assert {on: said for on, said in days.items() if on.year in years} == written


@pytest.mark.parametrize(
    "sunday", [date(2024, 3, 31), date(2025, 4, 20), date(2027, 3, 28), date(2038, 4, 25)]
)
def test_easter(sunday: date) -> None:
    assert easter(sunday.year) == sunday


@pytest.mark.parametrize(
    "state,day,expected",
    [
        ("PA", "2029-11-06", "hold PA-HOLIDAY"),
        ("PA", "2029-11-08", "allow PA-HOURS"),
        ("LA", "2030-03-05", "hold LA-HOLIDAY"),
        ("UT", "2029-06-18", "hold UT-HOLIDAY"),
        ("AL", "2033-12-26", "hold AL-HOLIDAY"),
    ],
)
def test_years_that_nobody_wrote_out_have_their_holidays(
    state: str, day: str, expected: str
) -> None:
    assert word(facts(state, day=day)) == expected


def test_every_list_that_a_state_names_is_there() -> None:
    for hours in BOOK.hours.values():
        assert all(not w.holidays or w.holidays in BOOK.holidays for w in hours.windows)
