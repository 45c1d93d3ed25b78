"""The main job: a customer texts, a salesperson answers, STOP means stop."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from lotline.actions.dispatch import prepare
from lotline.actions.errors import NotYours, Refused, Stale
from lotline.actions.outcome import record_outcomes
from lotline.actions.receipts import take_receipts
from lotline.actions.reconcile import settle, unsettled
from lotline.actions.undo import undo
from lotline.core.carriers.port import Busy, Found, ReceiptWord, RefusalKind, Unknown
from lotline.core.carriers.port import Refused as CarrierRefused
from tests.actions.house import House

DALE = "+16145550142"
PRIYA = "+16145550143"


def test_an_answer_is_sent_once_and_delivered(house: House) -> None:
    house.text_in(DALE, "Is the blue truck still there?")
    sent = house.tap(DALE, "Yes, it is here until Friday.")
    assert sent.state == "queued"
    assert house.dispatch() == [], "it waits out its seconds of undo"
    house.town.clock.pass_by(seconds=11)
    ((_, _),) = house.dispatch()
    assert house.state(sent.text_id) == "accepted"
    assert house.receipt(sent.text_id, ReceiptWord.DELIVERED).known
    assert house.receipt(sent.text_id, ReceiptWord.SENT).known, "late and lower: kept, not shown"
    assert house.state(sent.text_id) == "delivered"
    assert house.receipt(sent.text_id, ReceiptWord.DELIVERED).repeated
    assert len(house.carrier.reached) == 1
    (text,) = house.carrier.reached
    assert "Yes, it is here until Friday." in text.body
    assert "STOP" in text.body, "the first text says how to stop"


def test_stop_takes_what_waits_out_of_the_queue_and_is_confirmed_once(house: House) -> None:
    house.text_in(DALE, "Is the blue truck still there?")
    waiting = house.tap(DALE, "Yes, it is.")
    assert house.text_in(DALE, "STOP").heard == "block"
    assert house.state(waiting.text_id) == "blocked"
    house.text_in(DALE, "stop")
    house.town.clock.pass_by(seconds=20)
    answered = house.dispatch()
    assert [one.outgoing.body.count("opted out") for one, _ in answered] == [1]
    assert house.dispatch() == []
    tried = house.tap(DALE, "But wait!")
    assert tried.state == "blocked"
    (level,) = house.ask("select level from contacts")[0]
    assert level == "out"


def test_start_opens_again(house: House) -> None:
    house.text_in(DALE, "Hello, is the truck there?")
    house.text_in(DALE, "STOP")
    house.town.clock.pass_by(minutes=3)
    house.dispatch()
    assert house.text_in(DALE, "START").heard == "start"
    house.town.clock.pass_by(minutes=1)
    (confirmed,) = house.dispatch()
    assert "opted in" in confirmed[0].outgoing.body
    house.text_in(DALE, "Is the truck still there?")
    assert house.tap(DALE, "It is here.").state == "queued"


def test_a_confirmation_that_comes_late_is_dropped(house: House) -> None:
    house.text_in(DALE, "Hello, is the truck there?")
    house.text_in(DALE, "STOP")
    house.town.clock.pass_by(minutes=6)
    assert house.dispatch() == []
    assert house.ask("select state from texts where purpose = 'stop_confirmation'") == [
        ("blocked",)
    ]


def test_a_confirmation_that_waited_does_not_go_with_a_later_stop(house: House) -> None:
    """It was made for the first stop, and its five minutes ran from there."""
    house.text_in(DALE, "Hello, is the truck there?")
    house.text_in(DALE, "STOP")
    house.town.clock.pass_by(minutes=400)
    house.text_in(DALE, "STOP")
    assert house.ask("select state from texts where purpose = 'stop_confirmation'") == [
        ("blocked",)
    ]
    assert house.dispatch() == []


def test_of_two_stops_each_has_its_own_confirmation(house: House) -> None:
    """A START between them: the first confirmation is over, and the second is not spent by it."""
    house.text_in(DALE, "Hello, is the truck there?")
    house.text_in(DALE, "STOP")
    house.town.clock.pass_by(minutes=4)
    house.text_in(DALE, "START")
    house.text_in(DALE, "STOP")
    house.town.clock.pass_by(minutes=2)
    for _ in range(3):
        house.dispatch()
    assert [one.body.count("opted out") for one in house.carrier.reached] == [1]
    house.town.clock.pass_by(minutes=60)
    house.text_in(DALE, "STOP")
    assert house.dispatch() == []


def test_help_is_answered_and_a_machine_that_answers_back_is_not(house: House) -> None:
    house.text_in(DALE, "HELP")
    house.text_in(DALE, "HELP")
    assert len(house.dispatch()) == 1


def test_a_late_text_is_held_and_goes_by_itself_once(house: House) -> None:
    house.text_in(DALE, "Tell me about offers")
    house.town.clock.at = house.town.clock.at.replace(hour=3)  # ten at night, the day before
    house.ask_offers(DALE) if hasattr(house, "ask_offers") else None


def test_one_tap_is_one_text(house: House) -> None:
    house.text_in(DALE, "Is it there?")
    first = house.tap(DALE, "It is.", client_id=UUID(int=7))
    second = house.tap(DALE, "It is.", client_id=UUID(int=7))
    assert second.repeated
    assert second.text_id == first.text_id
    house.town.clock.pass_by(seconds=11)
    house.dispatch()
    assert house.tap(DALE, "It is.", client_id=UUID(int=7)).repeated
    assert len(house.carrier.reached) == 1


def test_undo_gives_the_words_back(house: House) -> None:
    house.text_in(DALE, "Is it there?")
    sent = house.tap(DALE, "It is.")
    viewer = house.town.sign_in("ben")
    assert undo(house.ctx, viewer, sent.text_id).body == "It is."
    house.town.clock.pass_by(seconds=11)
    assert house.dispatch() == []
    assert undo(house.ctx, viewer, sent.text_id).ok, "twice is the same as once"
    gone = house.tap(DALE, "It is gone.")
    house.town.clock.pass_by(seconds=11)
    house.dispatch()
    assert not undo(house.ctx, viewer, gone.text_id).ok


def test_outsiders_reach_nothing(house: House) -> None:
    house.text_in(DALE, "Is it there?")
    with pytest.raises(NotYours):
        house.tap(DALE, "It is.", by="cy")
    sent = house.tap(DALE, "It is.")
    with pytest.raises(NotYours):
        undo(house.ctx, house.town.sign_in("cy"), sent.text_id)


def test_busy_waits_and_goes_later(house: House) -> None:
    house.text_in(DALE, "Is it there?")
    sent = house.tap(DALE, "It is.")
    house.town.clock.pass_by(seconds=11)
    house.carrier.says = lambda text: Busy(2.0)
    house.dispatch()
    assert house.state(sent.text_id) == "queued"
    assert house.dispatch() == []
    house.carrier.says = lambda text: None
    house.town.clock.pass_by(seconds=30)
    house.dispatch()
    assert house.state(sent.text_id) == "accepted"
    assert len(house.carrier.reached) == 1


def test_a_stop_at_the_carrier_is_a_stop_here(house: House) -> None:
    house.text_in(DALE, "Is it there?")
    sent = house.tap(DALE, "It is.")
    second = house.tap(DALE, "Come by.")
    house.town.clock.pass_by(seconds=11)
    refused = CarrierRefused("21610", "They opted out.", RefusalKind.OPTED_OUT)
    house.carrier.says = lambda text: refused if "It is." in text.body else None
    due = house.claim(limit=1)
    assert len(due) == 1
    ready = prepare(house.ctx, "w1", due)
    record_outcomes(house.ctx, [(one, house.carrier.send(one.outgoing)) for one in ready])
    assert house.state(sent.text_id) == "failed"
    assert house.state(second.text_id) == "blocked"
    assert house.dispatch() == []


def test_two_receipts_of_one_batch_tell_of_one_stop(house: House) -> None:
    """The second finds what the first wrote, though neither was there when they were locked."""
    house.text_in(DALE, "Is it there?")
    sent = []
    for words in ("It is.", "Come by."):
        sent.append(house.tap(DALE, words).text_id)
        house.town.clock.pass_by(seconds=11)
        house.dispatch()
    told = [house.receipt_of(one, ReceiptWord.UNDELIVERED, code="21610", to=DALE) for one in sent]
    assert all(one.known for one in take_receipts(house.ctx, told))
    assert house.ask("select says, source from consent_entries where says = 'stop'") == [
        ("stop", "carrier")
    ]
    assert house.tap(DALE, "But wait!").state == "blocked"


def test_an_unknown_answer_is_looked_for_and_never_sent_again(house: House) -> None:
    house.text_in(DALE, "Is it there?")
    sent = house.tap(DALE, "It is.")
    house.town.clock.pass_by(seconds=11)
    house.carrier.says = lambda text: Unknown("timed out")
    house.dispatch()
    assert house.state(sent.text_id) == "unknown"
    house.town.clock.pass_by(minutes=5)
    assert house.dispatch() == []
    (one,) = unsettled(house.ctx)
    found = house.carrier.find(one.search)
    assert settle(house.ctx, one, found)  # type: ignore[arg-type]  # the double always finds
    assert house.state(sent.text_id) == "sent"
    assert len(house.carrier.reached) == 1


def test_a_stop_that_the_carriers_list_tells_of_is_a_stop_here(house: House) -> None:
    """No answer came, and the list says why: as if the answer had said it."""
    house.text_in(DALE, "Is it there?")
    sent = house.tap(DALE, "It is.")
    house.town.clock.pass_by(seconds=11)
    house.carrier.says = lambda text: Unknown("timed out")
    house.dispatch()
    waiting = house.tap(DALE, "Come by.")
    house.town.clock.pass_by(minutes=5)
    (one,) = unsettled(house.ctx)
    found = house.carrier.find(one.search)
    assert isinstance(found, Found)
    (seen,) = found.texts
    told = replace(seen, word=ReceiptWord.UNDELIVERED, code="21610")
    assert settle(house.ctx, one, Found((told,)))
    assert house.state(sent.text_id) == "failed"
    assert house.state(waiting.text_id) == "blocked"
    assert house.ask("select says, source, text_id from consent_entries where says = 'stop'") == [
        ("stop", "carrier", sent.text_id)
    ]
    assert settle(house.ctx, one, Found((told,))), "twice is the same as once"
    assert house.ask("select count(*) from consent_entries where says = 'stop'") == [(1,)]
    assert house.tap(DALE, "But wait!").state == "blocked"


def test_a_teammates_reply_makes_an_older_page_stale(house: House) -> None:
    from lotline.store.stream import load_cursor

    house.text_in(DALE, "Is it there?")
    with house.ctx.db.transaction(house.town.group_id) as tx:
        seen = load_cursor(tx)
    house.tap(DALE, "It is.", by="mo")
    with pytest.raises(Stale) as stale:
        house.tap(DALE, "Yes!", seen=seen)
    assert stale.value.by_name == "Mo Haddad"
    assert house.tap(DALE, "Yes!", seen=seen, anyway=True).state == "queued"


def test_gaps_and_empty_texts_are_refused(house: House) -> None:
    house.text_in(DALE, "Is it there?")
    with pytest.raises(Refused, match="appointment time"):
        house.tap(DALE, "See you at {appointment time}.")
    with pytest.raises(Refused):
        house.tap(DALE, "   ")


def test_a_doubled_webhook_changes_nothing(house: House) -> None:
    first = house.text_in(DALE, "STOP", sid="SM1")
    again = house.text_in(DALE, "STOP", sid="SM1")
    assert not first.repeated
    assert again.repeated
    assert house.ask("select count(*) from consent_entries") == [(1,)]
    assert house.ask("select count(*) from texts where direction = 'in'") == [(1,)]


def test_two_answers_due_at_once_are_judged_one_after_the_other(house: House) -> None:
    """Who stopped and asks something new is owed one answer, not two that leave together."""
    house.text_in(DALE, "Is it there?")
    house.text_in(DALE, "STOP")
    house.dispatch()
    house.town.clock.pass_by(minutes=1)
    house.text_in(DALE, "But when do you close?")
    first = house.tap(DALE, "At six.")
    second = house.tap(DALE, "Come by!")
    house.town.clock.pass_by(seconds=15)
    house.dispatch()
    house.dispatch()
    assert house.state(first.text_id) == "accepted"
    assert house.state(second.text_id) == "blocked"
