"""town.toml at any moment: nothing is still to come, and time only goes forward."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.config.demo.content import load_content
from lotline.core.base.numbers import parse_number
from lotline.core.policy.wording import ready_policy

MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@given(MOMENTS)
def test_nothing_in_a_log_is_still_to_come_and_time_goes_forward(now: datetime) -> None:
    for person in load_content(now).people:
        times = [moment.at for moment in person.log]
        assert times == sorted(times)
        assert all(at <= now for at in times[:1])
        assert person.snooze is None or person.snooze > now


@given(MOMENTS)
def test_the_timeline_is_everybodys_moments_in_order(now: datetime) -> None:
    content = load_content(now)
    times = [moment.at for _, moment in content.timeline()]
    assert times == sorted(times)
    assert len(times) == sum(len(person.log) for person in content.people)


def test_everybody_is_invented() -> None:
    content = load_content(datetime(2026, 11, 21, tzinfo=UTC))
    numbers = [one.number for one in content.people] + [one["number"] for one in content.lines]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert number[-7:-2] == "55501", number
        assert parse_number(number).e164 == number


def test_the_town_is_as_large_as_was_promised() -> None:
    content = load_content(datetime(2026, 11, 21, tzinfo=UTC))
    assert len(content.stores) == 2
    assert len(content.lines) == 4
    assert len(content.members) == 12
    assert 55 <= len(content.people) <= 70
    places = {person.zip_code[:3] for person in content.people}
    for city in ("100", "606", "850", "900", "968", "009"):
        assert city in places, f"nobody lives where ZIP codes begin with {city}"


@pytest.mark.parametrize(
    "point",
    ["private", "consent", "stop", "wrong number", "hours", "records", "signature", "vendors"],
)
def test_the_policy_speaks_of(point: str) -> None:
    assert point in ready_policy().lower()
