"""The response clock: named specimens on both sides of each boundary, and what always holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lotline.core.oversight.waits import (
    Hours,
    Said,
    fold_waits,
    open_between,
    open_since,
    opens_at,
    read_hours,
)

CHICAGO = ZoneInfo("America/Chicago")
WEEK = {day: ["08:00", "20:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
OPEN = read_hours(CHICAGO, {**WEEK, "sat": ["09:00", "18:00"], "sun": []})
LATE = read_hours(CHICAGO, {"fri": ["18:00", "02:00"]})
ALWAYS = read_hours(CHICAGO, {})
# A Thursday; the night to November 1st has 25 hours, the one to March 14th 2027 has 23.
SAM, JORDAN = UUID(int=1), UUID(int=2)


def local(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=CHICAGO).astimezone(UTC)


@pytest.mark.parametrize(
    "name, hours, start, end, minutes",
    [
        ("within a day", OPEN, "2026-11-19 10:00", "2026-11-19 10:05", 5),
        ("up to closing", OPEN, "2026-11-19 19:58", "2026-11-19 20:00", 2),
        ("past closing", OPEN, "2026-11-19 19:58", "2026-11-19 20:30", 2),
        ("all at night", OPEN, "2026-11-19 20:00", "2026-11-20 08:00", 0),
        ("over night", OPEN, "2026-11-19 19:58", "2026-11-20 08:03", 5),
        ("from night into morning", OPEN, "2026-11-19 23:10", "2026-11-20 08:01", 1),
        ("over a shut Sunday", OPEN, "2026-11-21 17:59", "2026-11-23 08:04", 5),
        ("Saturday opens late", OPEN, "2026-11-21 08:30", "2026-11-21 09:01", 1),
        ("two whole days", OPEN, "2026-11-18 00:00", "2026-11-20 00:00", 24 * 60),
        ("always open", ALWAYS, "2026-11-19 23:00", "2026-11-20 01:00", 120),
        ("always open, a night of 25 hours", ALWAYS, "2026-10-31 12:00", "2026-11-01 12:00", 1500),
        ("always open, a night of 23 hours", ALWAYS, "2027-03-13 12:00", "2027-03-14 12:00", 1380),
        ("opening moves with the clock", OPEN, "2026-10-31 17:30", "2026-11-02 08:30", 60),
        ("in the spring too", OPEN, "2027-03-13 17:30", "2027-03-15 08:30", 60),
        ("open over midnight", LATE, "2026-11-20 23:00", "2026-11-21 03:00", 180),
        ("nothing", OPEN, "2026-11-19 10:00", "2026-11-19 10:00", 0),
        ("backwards", OPEN, "2026-11-19 10:05", "2026-11-19 10:00", 0),
    ],
)
def test_only_open_time_counts(name: str, hours: Hours, start: str, end: str, minutes: int) -> None:
    assert open_between(hours, local(start), local(end)) == timedelta(minutes=minutes), name


@pytest.mark.parametrize(
    "at, first",
    [
        ("2026-11-19 10:00", "2026-11-19 10:00"),
        ("2026-11-19 19:59", "2026-11-19 19:59"),
        ("2026-11-19 20:00", "2026-11-20 08:00"),
        ("2026-11-19 07:59", "2026-11-19 08:00"),
        ("2026-11-21 18:00", "2026-11-23 08:00"),
    ],
)
def test_a_night_text_begins_in_the_morning(at: str, first: str) -> None:
    assert opens_at(OPEN, local(at)) == local(first)


INSTANTS = st.datetimes(datetime(2026, 10, 25), datetime(2026, 11, 25)).map(
    lambda at: at.replace(tzinfo=UTC, microsecond=0)
)


@settings(max_examples=50)
@given(
    st.lists(INSTANTS, min_size=3, max_size=3).map(sorted), st.sampled_from([OPEN, LATE, ALWAYS])
)
def test_parts_add_up_and_are_never_longer_than_real_time(at: list[datetime], hours: Hours) -> None:
    whole = open_between(hours, at[0], at[2])
    assert whole == open_between(hours, at[0], at[1]) + open_between(hours, at[1], at[2])
    assert timedelta(0) <= whole <= at[2] - at[0]


@settings(max_examples=50)
@given(INSTANTS, st.integers(1, 3000), st.sampled_from([OPEN, ALWAYS]))
def test_open_since_is_the_way_back(now: datetime, minutes: int, hours: Hours) -> None:
    length = timedelta(minutes=minutes)
    start = open_since(hours, now, length)
    assert open_between(hours, start, now) == length
    assert open_between(hours, start + timedelta(seconds=1), now) < length


def said(*words: str) -> list[Said]:
    """`in 10:00`, `sam 10:04`: who wrote when."""
    found = []
    for n, one in enumerate(words):
        who, at = one.split()
        author = {"sam": SAM, "jordan": JORDAN}.get(who)
        found.append(Said(UUID(int=n), local(f"2026-11-19 {at}"), who == "in", author))
    return found


def shown(texts: list[Said]) -> list[tuple[str, str, UUID | None]]:
    def hour(at: datetime | None) -> str:
        return at.astimezone(CHICAGO).strftime("%H:%M") if at else "open"

    return [(hour(one.started_at), hour(one.ended_at), one.author_id) for one in fold_waits(texts)]


FOUR = ("10:00", "10:04", SAM)


@pytest.mark.parametrize(
    "name, texts, waits",
    [
        ("one", ["in 10:00", "sam 10:04"], [("10:00", "10:04", SAM)]),
        ("the first of several", ["in 10:00", "in 10:02", "sam 10:04"], [FOUR]),
        ("a second answer ends nothing", ["in 10:00", "sam 10:04", "sam 10:05"], [FOUR]),
        ("we write first", ["sam 09:00", "in 10:00", "sam 10:04"], [("10:00", "10:04", SAM)]),
        ("whoever answers ended it", ["in 10:00", "jordan 10:09"], [("10:00", "10:09", JORDAN)]),
        ("open", ["in 10:00", "sam 10:04", "in 10:30"], [FOUR, ("10:30", "open", None)]),
        ("nobody wrote", ["sam 09:00"], []),
        ("in one instant ours is the answer", ["sam 10:00", "in 10:00"], [("10:00", "10:00", SAM)]),
    ],
)  # fmt: skip
def test_waits(name: str, texts: list[str], waits: list[tuple[str, str, UUID | None]]) -> None:
    assert shown(said(*texts)) == waits, name


@settings(max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 50)), max_size=12), st.randoms())
def test_the_order_of_hearing_does_not_matter(texts: list[tuple[bool, int]], dice: object) -> None:
    base = local("2026-11-19 10:00")
    told = [
        Said(UUID(int=n), base + timedelta(minutes=at), theirs, None if theirs else SAM)
        for n, (theirs, at) in enumerate(texts)
    ]
    mixed = list(told)
    dice.shuffle(mixed)  # type: ignore[attr-defined]  # Hypothesis's own Random
    waits = fold_waits(mixed)
    assert waits == fold_waits(told)
    assert all(one.ended_at is not None for one in waits[:-1])
    ends = [one.ended_at for one in waits if one.ended_at]
    assert all(one.started_at >= before for one, before in zip(waits[1:], ends, strict=False))
