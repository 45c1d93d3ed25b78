"""Standing is a fold: a stop outlives every older yes, and only the customer opens it again."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.consent.entry import Entry, How, Kind, Says, Scope, Source
from lotline.core.consent.standing import (
    Level,
    Standing,
    is_stopped_after_all,
    level,
    standing_at,
)

NOON = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LINE, OTHER_LINE = UUID(int=1), UUID(int=2)
_ids = itertools.count(100)


def entry(says: Says, hour: float, **more: object) -> Entry:
    at = NOON + hour * HOUR
    plain = {
        "id": UUID(int=next(_ids)),
        "says": says,
        "scope": Scope.ALL,
        "said_at": at,
        "heard_at": at,
        "source": Source.TEXT,
    }
    return Entry(**(plain | more))  # type: ignore[arg-type]  # keywords as a test likes them


def yes(hour: float, kind: Kind = Kind.WRITTEN, **more: object) -> Entry:
    return entry(Says.YES, hour, kind=kind, **more)


def stop(hour: float, **more: object) -> Entry:
    return entry(Says.STOP, hour, **more)


def at(hour: float, *entries: Entry) -> Standing:
    return standing_at(entries, NOON + hour * HOUR)


# -- what anybody may have said, in any order -----------------------------------------------------

hours = st.integers(-500, 500).map(lambda hour: NOON + hour * HOUR)
sayings = st.builds(
    Entry,
    id=st.integers(1, 2**60).map(lambda number: UUID(int=number)),
    says=st.sampled_from(Says),
    scope=st.sampled_from(Scope),
    said_at=hours,
    heard_at=hours,
    source=st.sampled_from(Source),
    kind=st.sampled_from([*Kind, None]),
    line_id=st.sampled_from([LINE, OTHER_LINE, None]),
    seller_named=st.booleans(),
    how=st.sampled_from(How),
)
histories = st.lists(sayings, max_size=12, unique_by=lambda said: said.id)


@given(older=histories, heard_after=histories, wait=st.integers(0, 900))
def test_one_stop_outlives_every_older_yes(
    older: list[Entry], heard_after: list[Entry], wait: int
) -> None:
    """However many opt-ins came before it, and however late we hear of them, a stop holds."""
    said = stop(600)
    before = [
        replace(one, said_at=min(one.said_at, said.said_at)) for one in [*older, *heard_after]
    ]

    standing = at(600 + wait, *before, said)

    assert standing.stopped is Scope.ALL
    assert standing.updates is None
    assert standing.offers is None
    assert level(standing, LINE) in {Level.OUT, Level.CHECK}


@given(history=histories, seed=st.randoms(use_true_random=False))
def test_the_order_of_hearing_does_not_matter(history: list[Entry], seed: object) -> None:
    shuffled = list(history)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands out random.Random

    assert standing_at(history, NOON) == standing_at(shuffled, NOON)


@given(history=histories, hour=st.integers(-500, 500), scope=st.sampled_from(Scope))
def test_a_stop_never_loosens(history: list[Entry], hour: int, scope: Scope) -> None:
    """With one more stop nobody may be texted who could not be texted without it."""
    without = standing_at(history, NOON)
    with_it = standing_at([*history, stop(hour, scope=scope, line_id=LINE)], NOON)

    for strength in ("updates", "offers"):
        if getattr(without, strength) is None:
            assert getattr(with_it, strength) is None
    assert without.stopped_lines <= with_it.stopped_lines
    widest = {None: 0, Scope.UPDATES: 1, Scope.OFFERS: 1, Scope.ALL: 2}
    assert widest[with_it.stopped] >= widest[without.stopped]


@given(history=histories, source=st.sampled_from([Source.IMPORT, Source.PHONE, Source.IN_PERSON]))
def test_what_staff_write_down_or_import_never_undoes_a_stop(
    history: list[Entry], source: Source
) -> None:
    ours = [replace(one, source=source) for one in history if one.says is Says.YES]

    assert at(1000, stop(-600), *ours).stopped is Scope.ALL


@given(history=histories)
def test_a_text_before_anything_was_said_is_silence(history: list[Entry]) -> None:
    assert standing_at(history, NOON - 1000 * HOUR) == Standing()


@given(history=histories, instant=hours)
def test_the_same_entries_at_the_same_instant_give_the_same_answer(
    history: list[Entry], instant: datetime
) -> None:
    known = [one for one in history if min(one.said_at, one.heard_at) <= instant]

    assert standing_at(history, instant) == standing_at(known, instant)


# -- named specimens, both sides of each edge -----------------------------------------------------


def test_silence_is_not_consent() -> None:
    assert at(0) == Standing()
    assert level(at(0)) is Level.NONE


def test_within_one_instant_a_stop_beats_a_yes() -> None:
    assert at(0, yes(0), stop(0)).stopped is Scope.ALL
    assert at(1, stop(0), yes(1 / 3600)).stopped is None


def test_an_older_yes_that_arrives_late_is_noticed_and_refused() -> None:
    late = yes(-5, heard_at=NOON + 3 * HOUR)

    standing = at(4, stop(0), late)

    assert standing.stopped is Scope.ALL
    assert standing.refused_yes_at == NOON + 3 * HOUR


def test_a_stop_whose_clock_is_ahead_counts_when_it_is_heard() -> None:
    ahead = stop(2, heard_at=NOON)

    assert at(0, yes(-1), ahead).stopped is Scope.ALL
    assert at(1, ahead, yes(1)).stopped is Scope.ALL
    assert at(3, ahead, yes(3)).stopped is None


def test_a_yes_whose_clock_is_ahead_waits_for_its_hour() -> None:
    assert at(0, yes(1, heard_at=NOON)).offers is None


@pytest.mark.parametrize(
    "source,kind,opens",
    [
        (Source.TEXT, Kind.EXPRESS, True),
        (Source.CARRIER, Kind.EXPRESS, True),
        (Source.WEB_FORM, Kind.WRITTEN, True),
        (Source.PAPER_FORM, Kind.WRITTEN, True),
        (Source.PAPER_FORM, Kind.EXPRESS, False),
        (Source.IN_PERSON, Kind.WRITTEN, False),
        (Source.PHONE, Kind.EXPRESS, False),
        (Source.EMAIL, Kind.EXPRESS, False),
        (Source.IMPORT, Kind.WRITTEN, False),
        (Source.TEXT, Kind.INQUIRY, False),
    ],
)
def test_who_may_open_a_stop_again(source: Source, kind: Kind, opens: bool) -> None:
    standing = at(2, stop(0), yes(1, kind, source=source))

    assert (standing.stopped is None) is opens
    assert (standing.offers is kind) is opens
    assert (standing.reopened_at == NOON + HOUR) is opens


def test_start_gives_back_no_more_than_it_says() -> None:
    """The written yes before the stop is spent; what START says is an express one."""
    standing = at(3, yes(-9), stop(0), yes(1, Kind.EXPRESS))

    assert standing.offers is Kind.EXPRESS
    assert standing.updates is Kind.EXPRESS


def test_a_new_question_does_not_open_a_stop() -> None:
    asked = yes(1, Kind.INQUIRY, scope=Scope.UPDATES)

    assert at(2, stop(0), asked).stopped is Scope.ALL
    assert at(2, stop(0), asked).updates is None


def test_an_inquiry_covers_updates_only() -> None:
    assert at(1, yes(0, Kind.INQUIRY)).offers is None
    assert at(1, yes(0, Kind.INQUIRY)).updates is Kind.INQUIRY
    assert level(at(1, yes(0, Kind.INQUIRY))) is Level.REPLIES


def test_a_stronger_yes_stays_strong() -> None:
    assert at(2, yes(0), yes(1, Kind.EXPRESS)).offers is Kind.WRITTEN


def test_nobody_else_may_say_yes_for_us() -> None:
    assert at(1, yes(0, seller_named=False)) == Standing()


@pytest.mark.parametrize(
    "said,stopped,updates,offers",
    [
        (Scope.ALL, Scope.ALL, False, False),
        (Scope.OFFERS, Scope.OFFERS, True, False),
        (Scope.UPDATES, Scope.UPDATES, False, True),
    ],
)
def test_a_stop_closes_what_it_names(
    said: Scope, stopped: Scope, updates: bool, offers: bool
) -> None:
    standing = at(1, yes(-1), stop(0, scope=said))

    assert standing.stopped is stopped
    assert (standing.updates is not None) is updates
    assert (standing.offers is not None) is offers


def test_keeping_updates_after_a_stop_of_all_leaves_offers_stopped() -> None:
    kept = yes(1, Kind.EXPRESS, scope=Scope.UPDATES)

    standing = at(2, yes(-1), stop(0), kept)

    assert standing.stopped is Scope.OFFERS
    assert standing.updates is Kind.EXPRESS
    assert level(standing) is Level.REPLIES


def test_a_stop_of_one_line_closes_that_line_for_everything() -> None:
    standing = at(1, yes(-1), stop(0, scope=Scope.LINE, line_id=LINE))

    assert standing.stopped is None
    assert standing.stopped_lines == {LINE}
    assert level(standing, LINE) is Level.OUT
    assert level(standing, OTHER_LINE) is Level.OFFERS


def test_a_line_opens_by_its_own_yes_or_by_a_yes_to_all() -> None:
    closed = stop(0, scope=Scope.LINE, line_id=LINE)

    assert at(2, closed, yes(1, scope=Scope.LINE, line_id=OTHER_LINE)).stopped_lines == {LINE}
    assert at(2, closed, yes(1, scope=Scope.OFFERS)).stopped_lines == {LINE}
    assert at(2, closed, yes(1, scope=Scope.LINE, line_id=LINE)).stopped_lines == frozenset()
    assert at(2, closed, yes(1)).stopped_lines == frozenset()


def test_a_stop_of_a_line_without_a_line_is_taken_as_wide() -> None:
    assert at(1, yes(-1), stop(0, scope=Scope.LINE)).stopped is Scope.ALL


def test_a_wrong_number_voids_what_was_agreed_there() -> None:
    standing = at(1, yes(-1), entry(Says.WRONG_NUMBER, 0))

    assert standing.stopped is Scope.ALL
    assert standing.wrong_number_at == NOON
    assert standing.offers is None
    assert level(standing) is Level.CHECK


def test_a_wrong_number_needs_two_keys() -> None:
    """A later yes lifts the stop, and a person says who it is; neither does the other's work."""
    wrong = entry(Says.WRONG_NUMBER, 0)
    confirmed = entry(Says.CONFIRMED, 1, source=Source.PHONE)

    assert at(3, wrong, yes(1)).wrong_number_at is not None
    assert level(at(3, wrong, yes(1))) is Level.CHECK
    assert at(3, wrong, confirmed).stopped is Scope.ALL
    assert level(at(3, wrong, confirmed, yes(2))) is Level.OFFERS


def test_a_doubt_stands_until_it_is_cleared_later() -> None:
    doubt = entry(Says.DOUBT, 0)

    assert level(at(1, yes(-1), doubt)) is Level.CHECK
    assert level(at(1, yes(-1), doubt, entry(Says.CONFIRMED, 0))) is Level.CHECK
    assert level(at(1, yes(-1), doubt, yes(0.5))) is Level.CHECK
    assert level(at(1, yes(-1), doubt, entry(Says.CONFIRMED, 1))) is Level.OFFERS


def test_a_narrow_doubt_never_hides_a_wide_one() -> None:
    wide, narrow = entry(Says.DOUBT, 0), entry(Says.DOUBT, 1, scope=Scope.OFFERS)

    assert at(2, narrow).doubted is Scope.OFFERS
    assert at(2, wide, narrow).doubted is Scope.ALL
    assert at(2, narrow, entry(Says.DOUBT, 2)).doubted is Scope.ALL


def test_a_correction_never_removes_a_stop_unless_a_person_confirms() -> None:
    said = stop(0)

    narrower = stop(1, scope=Scope.OFFERS, corrects=said.id)
    assert at(2, said, narrower).stopped is Scope.ALL
    milder = yes(1, source=Source.IN_PERSON, corrects=said.id)
    assert at(2, said, milder).stopped is Scope.ALL
    other = entry(Says.CONFIRMED, 1, source=Source.PHONE)
    assert at(2, said, other).stopped is Scope.ALL
    misheard = entry(Says.CONFIRMED, 1, source=Source.PHONE, corrects=said.id)
    assert at(2, yes(-1), said, misheard).stopped is None
    assert at(2, yes(-1), said, misheard).offers is Kind.WRITTEN


def test_a_correction_of_a_yes_takes_its_place() -> None:
    wrong = yes(0)
    right = yes(1, Kind.EXPRESS, scope=Scope.UPDATES, source=Source.IN_PERSON, corrects=wrong.id)

    standing = at(2, wrong, right)

    assert standing.offers is None
    assert standing.updates is Kind.EXPRESS


def test_a_second_stop_moves_the_instant_after_which_a_yes_counts() -> None:
    first, second = stop(0), stop(5)

    assert at(6, first, second).stopped_at == second.said_at
    assert at(6, first, second, yes(3)).stopped is Scope.ALL


@pytest.mark.parametrize(
    "hours_of, wrote, now, says_nothing_new",
    [
        ({"stop": 0}, None, 1, True),
        ({"stop": 0}, 0, 1, True),  # they wrote the stop
        ({"stop": 0}, 0.5, 1, False),  # what they asked since may not be answered any more
        ({"stop": 0, "start": 1}, 1, 2, False),
        ({"stop": 0, "start": 1}, 1, 0.5, False),  # by a clock that was put back
        ({"stop": 2}, 0, 1, True),
        ({}, 0, 1, False),
    ],
)
def test_one_more_stop_is_news_after_a_start_and_after_a_question(
    hours_of: dict[str, float], wrote: float | None, now: float, *, says_nothing_new: bool
) -> None:
    entries = [stop(at) if one == "stop" else yes(at) for one, at in hours_of.items()]
    wrote_at = None if wrote is None else NOON + wrote * HOUR
    assert is_stopped_after_all(entries, wrote_at, NOON + now * HOUR) is says_nothing_new
