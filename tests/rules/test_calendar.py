"""Holidays counted by definition are those of the lists that were read, in every written year."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources

import holidays
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


# Where the law's list and the library's differ, the law's is ours: what each has alone, by name.
OURS_ALONE = {
    "federal": set(),
    "AL": {"Mardi Gras (Mobile and Baldwin counties)"},
    "LA": {"Columbus Day", "All Saints' Day"},
    "RI": {"State Election Day"},
    "UT": {"Juneteenth (state observance, Monday)"},
    "PA": {"Good Friday", "Flag Day", "Election Day"},
}
THEIRS_ALONE = {"PA": {"Day After Thanksgiving"}}  # a day off for the state's own offices


@pytest.mark.parametrize("name", WRITTEN)
def test_the_library_agrees_but_for_what_is_known(name: str) -> None:
    for year in (2026, 2027, 2028):
        theirs = holidays.country_holidays(
            "US", subdiv=None if name == "federal" else name, years=year, observed=True
        )
        ours = {on: said for on, said in BOOK.holidays[name].items() if on.year == year}
        inside = {on for on in theirs if on.year == year}
        assert {ours[on] for on in ours.keys() - inside} <= OURS_ALONE[name]
        assert {theirs[on] for on in inside - ours.keys()} <= THEIRS_ALONE.get(name, set())


def test_the_federal_days_are_the_librarys_in_every_year_to_come() -> None:
    """The library is the witness, not the source: an update of it moves no decision by itself."""
    for year in range(2022, 2060):
        theirs = holidays.country_holidays("US", years=year, observed=True)
        ours = {on for on in BOOK.holidays["federal"] if on.year == year}
        assert ours == {on for on in theirs if on.year == year}


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
