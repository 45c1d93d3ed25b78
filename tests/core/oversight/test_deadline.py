"""Business days by the rulebook's calendars: by when a doubt is answered and a stop carried out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.gate.rulebook import load_rulebook
from lotline.core.oversight.deadline import answer_by, honour_by

BOOK = load_rulebook()
ZONE = "America/New_York"
FEDERAL = BOOK.holidays["federal"]
SUNDAY = 6
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))


def local(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    "asked,answered",
    [
        ("2026-11-23 15:10", "2026-11-24 15:10"),  # Monday to Tuesday
        ("2026-11-27 10:00", "2026-11-28 10:00"),  # a Saturday counts: silence ends sooner
        ("2026-11-28 10:00", "2026-11-30 10:00"),  # over a Sunday
        ("2026-11-29 23:59", "2026-11-30 23:59"),  # asked on a Sunday
        ("2026-11-25 10:00", "2026-11-27 10:00"),  # over Thanksgiving
        ("2026-12-24 18:00", "2026-12-26 18:00"),  # over Christmas
        ("2026-12-31 18:00", "2027-01-02 18:00"),  # over the year's end
        ("2026-10-31 01:30", "2026-11-02 01:30"),  # over the hour that comes twice
    ],
)
def test_the_next_business_day_at_the_same_hour(asked: str, answered: str) -> None:
    assert answer_by(BOOK, local(asked), ZONE) == local(answered)


def test_the_day_is_that_of_the_store_not_of_the_clock() -> None:
    late_on_saturday = datetime(2026, 11, 29, 4, 30, tzinfo=UTC)  # 23:30 in New York

    assert answer_by(BOOK, late_on_saturday, ZONE) == local("2026-11-30 23:30")
    assert answer_by(BOOK, late_on_saturday, "UTC").date().isoformat() == "2026-11-30"


@given(INSTANTS, st.sampled_from([ZONE, "America/Los_Angeles", "Pacific/Honolulu", "Asia/Tokyo"]))
def test_no_doubt_is_due_on_a_day_off_nor_later_than_the_law_allows(
    asked: datetime, zone: str
) -> None:
    due = answer_by(BOOK, asked, zone)
    on = due.astimezone(ZoneInfo(zone)).date()

    assert on.weekday() != SUNDAY
    assert on not in FEDERAL
    assert timedelta(hours=22) < due - asked < timedelta(days=5)
    assert on <= honour_by(BOOK, asked, zone)


@pytest.mark.parametrize(
    "said,last",
    [
        ("2026-11-22 12:00", "2026-12-07"),  # Thanksgiving and two weekends between
        ("2026-12-18 09:00", "2027-01-05"),  # Christmas and New Year between
        ("2026-06-01 09:00", "2026-06-15"),
    ],
)
def test_the_law_counts_ten_weekdays_that_are_no_holiday(said: str, last: str) -> None:
    assert BOOK.law["stop"]["business_days"] == 10
    assert honour_by(BOOK, local(said), ZONE).isoformat() == last
