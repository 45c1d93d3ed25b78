"""Offers in daytime only: every edge of every kind of window, and every trick of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lotline.core.base.places import Place
from lotline.core.gate.decision import Remedy, Verdict
from lotline.core.messaging.purpose import Purpose
from tests.rules.specimens import BOOK, ask, facts, wall, word

SUNDAY, SATURDAY, THANKSGIVING = "2026-11-29", "2026-11-28", "2026-11-26"


@pytest.mark.parametrize(
    "state,clock,expected",
    [
        ("GA", "07:59:59", "hold FED-QH-1"),
        ("GA", "08:00:00", "allow FED-QH-1"),
        ("GA", "20:59:59", "allow FED-QH-1"),
        ("GA", "21:00:00", "hold FED-QH-1"),
        ("GA", "21:00:01", "hold FED-QH-2"),
        ("FL", "19:59:59", "allow FL-HOURS"),
        ("FL", "20:00:00", "hold FL-HOURS"),
        ("PA", "08:59:59", "hold PA-HOURS"),
        ("PA", "09:00:00", "allow PA-HOURS"),
        ("PA", "18:59:59", "allow PA-HOURS"),
        ("PA", "19:00:00", "hold PA-HOURS"),
        ("RI", "18:00:00", "hold RI-HOURS"),
        ("NY", "20:59:59", "allow NY-HOURS"),
        ("NY", "21:00:00", "hold NY-HOURS"),
    ],
)
def test_the_edges_of_a_weekday(state: str, clock: str, expected: str) -> None:
    assert word(facts(state, clock)) == expected


@pytest.mark.parametrize(
    "state,day,clock,expected",
    [
        ("RI", SATURDAY, "09:59:59", "hold RI-HOURS"),
        ("RI", SATURDAY, "10:00:00", "allow RI-HOURS"),
        ("RI", SATURDAY, "16:59:59", "allow RI-HOURS"),
        ("RI", SATURDAY, "17:00:00", "hold RI-HOURS"),
        ("TX", SUNDAY, "11:59:59", "hold TX-HOURS"),
        ("TX", SUNDAY, "12:00:00", "allow TX-HOURS"),
        ("AL", SUNDAY, "14:00:00", "hold AL-SUNDAY"),
        ("AL", SATURDAY, "14:00:00", "allow AL-HOURS"),
        ("AL", THANKSGIVING, "14:00:00", "hold AL-HOLIDAY"),
        ("OH", THANKSGIVING, "14:00:00", "allow FED-QH-1"),
        ("UT", "2027-07-23", "12:00:00", "hold UT-HOLIDAY"),
        ("UT", "2027-07-22", "12:00:00", "allow UT-HOURS"),
        ("LA", "2027-02-09", "12:00:00", "hold LA-HOLIDAY"),
    ],
)
def test_saturdays_sundays_and_holidays(state: str, day: str, clock: str, expected: str) -> None:
    assert word(facts(state, clock, day)) == expected


@pytest.mark.parametrize(
    "state,day,expected",
    [
        ("PA", "2026-10-17", "allow PA-HOURS"),
        ("PA", "2026-10-18", "hold PA-SUNDAY"),
        ("OR", "2025-12-31", "allow FED-QH-1"),
        ("OR", "2026-01-01", "hold OR-HOURS"),
        ("TX", "2025-08-31", "allow FED-QH-1"),
        ("TX", "2025-09-07", "hold TX-HOURS"),
    ],
)
def test_a_window_is_silent_the_day_before_it_came_into_force(
    state: str, day: str, expected: str
) -> None:
    """20:30 in Oregon, 11:00 on a Sunday in Texas, a Saturday and a Sunday in Pennsylvania."""
    clock = {"PA": "12:00:00", "OR": "20:30:00", "TX": "11:00:00"}[state]

    assert word(facts(state, clock, day)) == expected


@pytest.mark.parametrize(
    "state,day,clock,opens",
    [
        ("GA", "2026-11-24", "22:00:00", ("2026-11-25", "08:00:00")),
        ("GA", "2026-11-24", "03:00:00", ("2026-11-24", "08:00:00")),
        ("GA", "2026-12-31", "22:00:00", ("2027-01-01", "08:00:00")),
        ("GA", "2028-02-28", "22:00:00", ("2028-02-29", "08:00:00")),
        ("PA", SATURDAY, "20:00:00", ("2026-11-30", "09:00:00")),
        ("PA", "2026-12-24", "20:00:00", ("2026-12-26", "09:00:00")),
        ("PA", "2026-10-17", "22:00:00", ("2026-10-19", "09:00:00")),
        ("UT", "2027-07-23", "12:00:00", ("2027-07-26", "08:00:00")),
    ],
)
def test_a_hold_ends_at_the_next_opening(
    state: str, day: str, clock: str, opens: tuple[str, str]
) -> None:
    assert ask(facts(state, clock, day)).hold_until == wall(*opens, state=state)


def test_the_short_night_of_spring_and_the_long_one_of_autumn() -> None:
    spring = ask(facts("GA", "21:30:00", "2027-03-13"))
    autumn = ask(facts("GA", "21:30:00", "2027-11-06"))

    assert spring.hold_until == datetime(2027, 3, 14, 12, tzinfo=UTC)
    assert autumn.hold_until == datetime(2027, 11, 7, 13, tzinfo=UTC)
    assert spring.binding.rule == autumn.binding.rule == "TZ-DST"


def test_arizona_keeps_its_clock_and_the_navajo_nation_does_not() -> None:
    evening: dict[str, Any] = {
        "at": datetime(2027, 7, 13, 3, 50, tzinfo=UTC)
    }  # 20:50 MST, 21:50 MDT
    navajo = Place(("AZ",), ("America/Denver",), "zip")

    assert word(facts("AZ", **evening)) == "allow TZ-AZ"
    assert word(facts("AZ", **evening, place=navajo)) == "hold TZ-AZ"
    assert word(facts("AZ")) == "allow FED-QH-1"


def test_mississippi_counts_standard_time_in_summer() -> None:
    assert word(facts("MS", "08:59:59", "2027-07-13")) == "hold MS-HOURS"
    assert word(facts("MS", "09:00:00", "2027-07-13")) == "allow MS-HOURS"
    assert word(facts("MS", "08:00:00", "2027-01-12")) == "allow MS-HOURS"


def test_every_zone_where_they_may_be_must_be_open() -> None:
    """850 is Eastern and Central; Florida opens at eight."""
    both = Place(("FL",), ("America/New_York", "America/Chicago"), "area_code")
    opens = wall("2026-11-24", "09:00:00", "FL")

    held = ask(facts("FL", "08:30:00", place=both))

    assert held.binding.rule == "TZ-ALL"
    assert "FL-HOURS" in held.binding.also
    assert held.hold_until == opens
    assert Remedy.GIVE_PLACE in held.remedies
    assert word(facts("FL", at=opens, place=both)) == "allow FL-HOURS"


def test_the_state_of_the_number_counts_beside_the_state_of_the_zip() -> None:
    both = Place(("GA", "FL"), ("America/New_York",), "zip")

    held = ask(facts("GA", "20:30:00", place=both))

    assert (held.binding.rule, held.binding.also) == ("ST-UNION", ("FL-HOURS",))


def test_the_other_side_of_the_date_line() -> None:
    guam = Place(("GU",), ("Pacific/Guam",), "area_code")
    both = Place(("GU", "HI"), ("Pacific/Guam", "Pacific/Honolulu"), "area_code")
    morning = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # Tuesday 8:30 there, Monday 12:30 here

    assert word(facts(at=morning, place=guam)) == "allow FED-QH-1"
    assert ask(facts(at=morning, place=both)).verdict is Verdict.ALLOW


def test_where_no_hour_is_open_everywhere_nothing_waits_for_ever() -> None:
    """Noon in Samoa is the small hours of Rhode Island's next day, and the other way round."""
    apart = Place(("RI",), ("America/New_York", "Pacific/Guam"), "area_code")

    decision = ask(facts("RI", place=apart))

    assert decision.verdict is Verdict.BLOCK
    assert decision.hold_until is None
    assert Remedy.GIVE_PLACE in decision.remedies


def test_an_offer_found_inside_is_named_for_what_it_is() -> None:
    held = ask(facts("FL", "20:15:00", marks=frozenset({"offer_inside"})))

    assert (held.binding.rule, held.binding.also) == ("FED-MIXED-1", ("FL-HOURS",))


@pytest.mark.parametrize("purpose", [Purpose.UPDATE, Purpose.REPLY])
def test_hours_are_for_offers(purpose: Purpose) -> None:
    at = wall("2026-11-24", "22:00:00")
    given = facts(at=at, purpose=purpose, last_in_at=at - timedelta(minutes=9))

    assert ask(given).verdict is Verdict.ALLOW


def test_no_offer_without_a_place() -> None:
    nowhere = facts(place=Place())

    assert word(nowhere) == "block LOC-UNKNOWN"
    assert ask(nowhere).remedies[0] is Remedy.GIVE_PLACE
    assert word(facts(place=Place((), ("America/New_York",), "zip"))) == "block LOC-UNKNOWN"
    assert word(facts(place=Place(("ON",), ("America/Toronto",), "zip"))) == "block LOC-UNKNOWN"


def test_every_state_and_territory_is_in_the_book() -> None:
    assert len(BOOK.hours) == 56
    assert BOOK.hours.keys() == BOOK.states.keys()
