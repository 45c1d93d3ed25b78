"""What was heard and what a person makes of it: one tap, once; the clock when nobody does; undo.

The promises: a keyword's stop is never undone by anyone here, silence becomes a stop at the hour
that was shown, and pieces of a sentence are heard as the sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.heard import answer_heard, settle_unanswered
from lotline.core.consent.entry import Scope
from lotline.core.consent.standing import Standing, level
from lotline.store.conversations import load_conversation
from lotline.store.heard import load_of_conversation, load_open
from lotline.store.standing import load_standings
from tests.actions.house import House

NUMBER = "+16145550163"
DOUBT, STOP, WRONG = "not interested", "please take me off your list", "you have the wrong number"


def _question(house: House, number: str = NUMBER) -> Any:
    viewer = house.town.sign_in("ben")
    with house.ctx.db.transaction(house.town.group_id) as tx:
        return load_of_conversation(tx, viewer, house.conversation(number))[0]


def _standing(house: House, contact_id: UUID) -> Standing:
    with house.ctx.db.transaction(house.town.group_id) as tx:
        return load_standings(tx, [contact_id], house.ctx.now())[contact_id]


def _numbers() -> Iterator[str]:
    return (f"+161455501{n}" for n in range(60, 90))


def test_a_doubt_waits_with_its_hour_and_one_tap_answers_it_once(house: House) -> None:
    viewer, numbers = house.town.sign_in("ben"), _numbers()
    for answer, stopped in (("stop", Scope.ALL), ("offers", Scope.OFFERS), ("not_a_stop", None)):
        number = next(numbers)
        house.text_in(number, DOUBT)
        with house.ctx.db.transaction(house.town.group_id) as tx:
            (asked,) = load_open(tx, viewer)
        assert asked.words == DOUBT
        assert asked.due_at is not None
        assert timedelta(hours=20) < asked.due_at - asked.asked_at < timedelta(days=5)
        assert _standing(house, asked.contact_id).doubted is Scope.OFFERS
        for outsider in ("noor", "cy"):
            with pytest.raises((NotAllowed, NotYours)):
                answer_heard(house.ctx, house.town.sign_in(outsider), asked.id, "stop")
        answer_heard(house.ctx, viewer, asked.id, answer)
        standing = _standing(house, asked.contact_id)
        assert standing.stopped is stopped
        assert standing.doubted_at is None or stopped is Scope.ALL
        with pytest.raises(Refused, match="already"):
            answer_heard(house.ctx, viewer, asked.id, "stop")


@pytest.mark.parametrize("answer", ["stop", "offers"])
@pytest.mark.parametrize("after_s,confirmed", [(0, 1), (299, 1), (301, 0), (7200, 0)])
def test_a_stop_found_in_a_doubt_is_confirmed_once_and_counted_from_their_text(
    house: House, answer: str, after_s: int, confirmed: int
) -> None:
    house.text_in(NUMBER, DOUBT)
    asked = _question(house)
    assert house.dispatch() == [], "a doubt is answered by nobody"
    house.town.clock.pass_by(seconds=after_s)
    answer_heard(house.ctx, house.town.sign_in("ben"), asked.id, answer)
    assert len(house.dispatch()) == confirmed
    assert house.dispatch() == []


def test_a_confirmation_that_waited_too_long_does_not_leave(house: House) -> None:
    """The five minutes run from their text, not from the answer, until the very sending."""
    house.text_in(NUMBER, DOUBT)
    asked = _question(house)
    house.town.clock.pass_by(seconds=290)
    answer_heard(house.ctx, house.town.sign_in("ben"), asked.id, "stop")
    house.town.clock.pass_by(seconds=15)
    assert house.dispatch() == []
    assert house.carrier.reached == []


def test_what_was_stopped_already_or_stopped_by_the_clock_is_not_confirmed_again(
    house: House,
) -> None:
    house.text_in(NUMBER, STOP)
    assert len(house.dispatch()) == 1, "heard as a stop, confirmed at once"
    asked = _question(house)
    with pytest.raises(Refused):
        answer_heard(house.ctx, house.town.sign_in("ben"), asked.id, "no such")
    other = "+16145550164"
    house.text_in(other, DOUBT)
    due = _question(house, other).due_at
    house.town.clock.pass_by(seconds=(due - house.ctx.now()).total_seconds())
    assert settle_unanswered(house.ctx, house.town.group_id) == 1
    assert house.dispatch() == []


OFFER = "Your truck is ready. 20% off tires this week, come see us!"


def test_a_purpose_looser_than_the_words_needs_a_reason_that_is_kept(house: House) -> None:
    house.text_in(NUMBER, "is my truck done?")
    with pytest.raises(Refused, match="Say why"):
        house.tap(NUMBER, OFFER, purpose="reply")
    with pytest.raises(Refused, match="Say why"):
        house.tap(NUMBER, OFFER, purpose="update", why="   ")
    house.tap(NUMBER, OFFER, purpose="reply", why="He asked for the tire price on the phone.")
    (kept,) = house.ask("select purpose, purpose_guess, flagged from texts where flagged")
    assert kept == ("reply", "offer", True)
    viewer = house.town.sign_in("ben")
    with house.ctx.db.transaction(house.town.group_id) as tx:
        page = load_conversation(tx, viewer, house.conversation(NUMBER), now=house.ctx.now())
    assert page is not None
    (note,) = [one for one in page.log if one.kind == "note"]
    assert note.body.endswith("He asked for the tire price on the phone.")
    assert "reads like offer" in note.body


@pytest.mark.parametrize("purpose", [None, "offer", "update"])
def test_a_purpose_as_strict_as_the_words_needs_none(house: House, purpose: str | None) -> None:
    house.text_in(NUMBER, "what are your hours")
    house.tap(NUMBER, "8 to 6 today.", purpose=purpose)
    assert house.ask("select count(*) from texts where flagged")[0][0] == 0
    assert house.ask("select count(*) from notes")[0][0] == 0


def test_silence_is_a_stop_at_the_hour_that_was_shown(house: House) -> None:
    house.text_in(NUMBER, DOUBT)
    asked = _question(house)
    left = asked.due_at - house.ctx.now()
    house.town.clock.pass_by(seconds=left.total_seconds() - 1)
    assert settle_unanswered(house.ctx, house.town.group_id) == 0
    house.town.clock.pass_by(seconds=1)
    assert settle_unanswered(house.ctx, house.town.group_id) == 1
    assert _standing(house, asked.contact_id).stopped is Scope.ALL
    assert settle_unanswered(house.ctx, house.town.group_id) == 0


def test_a_stop_that_was_misheard_is_undone_but_never_what_a_keyword_closed(house: House) -> None:
    ada, numbers, why = house.town.sign_in("ada"), _numbers(), "Meant the waiting list."
    for said, stopped in (
        ((STOP,), None),
        (("STOP", STOP), Scope.ALL),
        ((STOP, "STOP"), Scope.ALL),
    ):
        number = next(numbers)
        for body in said:
            house.text_in(number, body)
        asked = _question(house, number)
        with pytest.raises(NotAllowed):
            answer_heard(house.ctx, house.town.sign_in("ben"), asked.id, "not_a_stop", reason=why)
        with pytest.raises(Refused, match="why"):
            answer_heard(house.ctx, ada, asked.id, "not_a_stop")
        answer_heard(house.ctx, ada, asked.id, "not_a_stop", reason=why)
        assert _standing(house, asked.contact_id).stopped is stopped
    house.text_in(number := next(numbers), "STOP")
    with house.ctx.db.transaction(house.town.group_id) as tx:
        assert load_of_conversation(tx, ada, house.conversation(number)) == []


def test_what_came_before_counts(house: House) -> None:
    """Pieces of a sentence, a second doubt, a keyword after a doubt, an appointment."""
    numbers = _numbers()
    one = next(numbers)
    heard = [
        house.text_in(one, body).heard for body in ("can you please", "take me off", "your list")
    ]
    assert heard[-1] == "block"
    two = next(numbers)
    house.text_in(two, DOUBT)
    assert house.text_in(two, "START").heard == "start"
    three, four = next(numbers), next(numbers)
    house.text_in(three, DOUBT)
    house.text_in(four, DOUBT)
    house.town.clock.pass_by(hours=2)
    assert house.text_in(three, "enough").heard == "block", "said twice is said"
    house.text_in(four, "STOP")
    with house.ctx.db.transaction(house.town.group_id) as tx:
        waiting = load_open(tx, house.town.sign_in("ben"))
    assert not [one for one in waiting if one.name.endswith(four[-4:])], "a plain stop settles it"


def test_a_wrong_number_loses_the_name_and_gets_it_back_when_it_was_theirs(house: House) -> None:
    house.town.meet(NUMBER, "Dale Kim", by="ben", line="sales", how="texted_us")
    house.text_in(NUMBER, WRONG)
    asked = _question(house)
    assert "Dale" not in asked.name
    assert asked.name.endswith("0163")
    reason = "He was joking, I called him."
    answer_heard(house.ctx, house.town.sign_in("ada"), asked.id, "not_a_stop", reason=reason)
    with house.ctx.db.transaction(house.town.group_id) as tx:
        row = tx.only("heard.names", contact_id=asked.contact_id)
    assert row.former_name_ct is None, "the name is back where it was"
    assert _standing(house, asked.contact_id).stopped is None
    assert level(_standing(house, asked.contact_id)).value != "check"
