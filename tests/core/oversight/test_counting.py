"""Every definition of the dashboard, by named specimens."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from lotline.core.consent.entry import Entry, Kind, Says, Scope, Source
from lotline.core.oversight.counting import Told, count, outcome
from lotline.core.oversight.waits import Hours

ZONE = ZoneInfo("America/Chicago")
LINE, TALK, SAM, ADA = (UUID(int=n) for n in (1, 2, 3, 4))
HOURS = {LINE: Hours(ZONE)}
NOON = datetime(2026, 11, 19, 18, 0, tzinfo=UTC)
_ids = itertools.count(100)


def text(at: datetime = NOON, **more: Any) -> Told:
    """One of ours that arrived, unless said otherwise."""
    given: dict[str, Any] = {
        "incoming": False, "sender": "person", "author_id": SAM, "purpose": "update",
        "state": "delivered", "asks": False, "handed_at": at, "taken": True, "rule": "law.update",
    }  # fmt: skip
    return Told(
        id=UUID(int=next(_ids)), conversation_id=TALK, line_id=LINE, created_at=at,
        **{**given, **more},
    )  # fmt: skip


def heard(at: datetime = NOON, **more: Any) -> Told:
    given: dict[str, Any] = {
        "incoming": True, "sender": "customer", "author_id": None, "purpose": None,
        "state": "received", "asks": True, "handed_at": None, "taken": False, "rule": None,
    }  # fmt: skip
    return text(at, **{**given, **more})


def entry(says: Says = Says.YES, at: datetime = NOON, **more: Any) -> Entry:
    given: dict[str, Any] = {"scope": Scope.ALL, "source": Source.WEB_FORM}
    if says is Says.YES:
        given["kind"] = Kind.WRITTEN
    return Entry(UUID(int=next(_ids)), says=says, said_at=at, heard_at=at, **{**given, **more})


UNSENT: dict[str, Any] = {"taken": False, "handed_at": None}

GIVEN_UP = text(state="cancelled", was_held=True, **UNSENT)


@pytest.mark.parametrize(
    "name, one, word",
    [
        ("delivered", text(), "allowed"),
        ("in its seconds of undo", text(state="queued", **UNSENT), "allowed"),
        ("the carrier refused it", text(state="failed", **UNSENT), "allowed"),
        ("undone is no try", text(state="cancelled", **UNSENT), ""),
        ("waits", text(state="held", was_held=True, **UNSENT), "held"),
        ("put off by its author, not by the gate", text(state="held", **UNSENT), "allowed"),
        ("held and then sent counts once, as held", text(was_held=True), "held"),
        ("held and then taken back stays held", GIVEN_UP, "held"),
        ("held, and a stop came first", text(state="blocked", was_held=True, **UNSENT), "blocked"),
        ("blocked", text(state="blocked", **UNSENT), "blocked"),
        ("an automatic answer is nobody's try", text(purpose="help", sender="software"), ""),
        ("a customer's", heard(), ""),
    ],
)  # fmt: skip
def test_the_gates_word_on_a_try(name: str, one: Told, word: str) -> None:
    assert outcome(one) == word, name


def test_sent_held_and_blocked_are_all_tries_and_each_counts_on_its_day() -> None:
    late = datetime(2026, 11, 20, 5, 59, tzinfo=UTC)  # 23:59 in Chicago
    counts = count(
        [
            text(), text(late), text(late + timedelta(minutes=1)),
            text(state="blocked", **UNSENT), text(state="cancelled", **UNSENT),
            text(late, was_held=True, handed_at=late + timedelta(hours=9)),
            heard(), heard(late, asks=False),
        ],
        [entry(at=NOON - timedelta(days=1))], HOURS,
    )  # fmt: skip
    by_day: dict[date, list[int]] = {}
    for key, day in counts.days.items():
        row = by_day.setdefault(key.day, [0] * 5)
        for n, value in enumerate((day.sent, day.received, day.allowed, day.held, day.blocked)):
            row[n] += value
    assert by_day == {date(2026, 11, 19): [2, 2, 2, 1, 1], date(2026, 11, 20): [2, 0, 1, 0, 0]}
    assert sorted(one.what for one in counts.marked) == ["blocked", "held"]


def days(n: float) -> datetime:
    return NOON + timedelta(days=n)


YES = entry(at=days(-2), source=Source.IN_PERSON)
VOID = entry(at=days(1), corrects=YES.id, seller_named=False)
INQUIRY = entry(at=days(-1), kind=Kind.INQUIRY, scope=Scope.UPDATES)


@pytest.mark.parametrize(
    "name, one, entries, why",
    [
        ("agreed before", text(), [YES], ""),
        ("agreed in the same instant", text(), [entry(at=NOON)], ""),
        ("agreed after", text(), [entry(at=days(1))], "none"),
        ("imported history", text(rule=None), [], "imported"),
        ("let go by a manager", text(released=True), [], "override"),
        ("voided since", text(), [YES, VOID], "voided"),
        ("put right by another yes", text(), [YES, entry(at=days(-1), corrects=YES.id)], ""),
        ("an answer to what they wrote", text(rule="law.reply"), [], ""),
        ("the answer to a stop", text(purpose="stop_confirmation"), [entry(Says.STOP)], ""),
        ("had opted out", text(), [YES, entry(Says.STOP, days(-1))], "none"),
        ("opted out after", text(), [YES, entry(Says.STOP, days(1))], ""),
        ("never left", text(state="blocked", **UNSENT), [], ""),
        ("an inquiry is enough for replies", text(), [INQUIRY], ""),
    ],
)  # fmt: skip
def test_texted_without_opt_in(name: str, one: Told, entries: list[Entry], why: str) -> None:
    found = [mark.why for mark in count([one], entries, HOURS).marked if mark.what == "without"]
    assert found == ([why] if why else []), name


def moves(*entries: Entry) -> list[tuple[str, str]]:
    return [(one.was.value, one.now.value) for one in count([], entries, HOURS).moves]


def test_opt_ins_and_stops_are_changes_of_the_level() -> None:
    stop, again = entry(Says.STOP, days(1)), entry(at=days(2), source=Source.TEXT)
    assert moves(YES) == [("none", "offers")]
    assert moves(YES, entry(at=days(-1))) == [("none", "offers")], "was there already"
    assert moves(YES, stop, again) == [("none", "offers"), ("offers", "out"), ("out", "offers")]
    assert moves(YES, stop, entry(Says.STOP, days(1.5))) == [("none", "offers"), ("offers", "out")]
    assert moves(YES, entry(Says.STOP, days(1), scope=Scope.OFFERS))[-1] == ("offers", "replies")
    assert moves(YES, entry(at=days(1), corrects=YES.id, seller_named=False)) == [], "voided"
    assert moves(entry(Says.STOP, days(-3)), YES) == [("none", "out")], "staff cannot undo a stop"


def test_an_opt_in_is_credited_to_who_wrote_it_down_else_to_who_last_wrote() -> None:
    yes = entry(at=days(1))
    (move,) = count([text(), text(days(2), author_id=ADA)], [yes], HOURS).moves
    assert move.credited == SAM
    assert count([text()], [yes], HOURS, {yes.id: ADA}).moves[0].credited == ADA
    assert count([], [yes], HOURS).moves[0].credited is None


def test_keywords_software_and_campaigns_never_start_or_end_a_wait() -> None:
    minute = timedelta(minutes=1)
    counts = count(
        [
            heard(NOON, asks=False), heard(NOON + minute),
            text(NOON + 2 * minute, sender="software"), text(NOON + 3 * minute, sender="broadcast"),
            text(NOON + 4 * minute, state="failed", **UNSENT), text(NOON + 6 * minute),
            heard(NOON + 7 * minute, asks=False),
        ],
        [YES], HOURS,
    )  # fmt: skip
    (wait,) = counts.answered
    assert (wait.open_s, wait.author_id, wait.hour) == (300, SAM, 12)


def test_the_end_of_a_wait_is_when_it_was_handed_over_not_when_it_was_written() -> None:
    written = text(NOON + timedelta(minutes=1), handed_at=NOON + timedelta(minutes=3))
    (wait,) = count([heard(), written], [YES], HOURS).answered
    assert wait.open_s == 180
