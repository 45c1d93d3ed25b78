"""Review: what is flagged, held and hidden, who may judge it, and what follows."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from lotline.actions.coaching import answer_refresher
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.review import Word, judge, lift, reveal
from lotline.actions.submit import preview
from lotline.actions.undo import undo
from lotline.actions.watch import choose_watch
from lotline.core.gate.decision import Verdict
from lotline.core.oversight.watch import Step, careful
from lotline.core.policy.course import load_course
from lotline.store.coaching import count_open_notes, load_notes
from lotline.store.conversations import load_conversation
from lotline.store.inbox import load_inbox
from lotline.web.rows import show_row
from tests.actions.house import House
from tests.actions.reviewed import (
    CARD,
    DALE,
    PROMISE,
    acts,
    judged,
    queue,
    rows,
    watch_more,
)

# --- held for a manager


def test_a_promise_waits_for_a_manager_and_leaves_once_let_go(met: House) -> None:
    seen = preview(met.ctx, met.town.sign_in("ben"), met.conversation(DALE), PROMISE, "reply")
    sent = met.tap(DALE, PROMISE, purpose="reply", why="They asked.")
    met.town.clock.pass_by(seconds=30)

    assert seen.decision.verdict is sent.decision.verdict is Verdict.HOLD
    assert sent.decision.hold_until is None
    assert (sent.state, met.dispatch()) == ("held", [])
    assert queue(met, "mo")[0].why[0] == "Says “guaranteed approval”"
    assert judged(met, "mo", "ok") == "released"
    ((ready, _),) = met.dispatch()
    assert PROMISE in ready.outgoing.body
    stages = rows(met, "select stage, verdict from decisions")
    assert stages == [("submit", "hold"), ("release", "allow"), ("dispatch", "allow")]
    assert acts(met)[-1] == "flag_released"
    assert queue(met, "mo") == []


def test_what_nobody_let_go_is_looked_at_daily_and_never_leaves(met: House) -> None:
    sent = met.tap(DALE, PROMISE, purpose="reply", why="They asked.")
    for _ in range(2):
        met.town.clock.pass_by(hours=25)
        assert met.dispatch() == []
    assert met.state(sent.text_id) == "held"


def in_the_list(house: House) -> str:
    """What the row of the conversation says of it."""
    viewer = house.town.sign_in("ben")
    with house.ctx.db.transaction(house.town.group_id) as tx:
        (row,), _ = load_inbox(tx, viewer, box="team", now=house.ctx.now())
    return show_row(row, viewer, house.ctx.now()).state.word


def test_the_list_says_that_a_manager_is_waited_for_and_no_hour(met: House) -> None:
    """The hour at which it is looked at again is not one at which it goes."""
    met.tap(DALE, PROMISE, purpose="reply", why="They asked.")
    assert in_the_list(met) == "Waits for a manager"
    met.town.clock.pass_by(hours=13)  # eleven at night there
    assert met.dispatch() == []
    assert in_the_list(met) == "Waits for a manager"
    assert judged(met, "mo", "ok") == "released"
    assert in_the_list(met).startswith("Held to "), "the night has an hour"


def test_of_two_that_wait_the_list_says_the_hour_of_the_one_that_has_one(met: House) -> None:
    met.town.clock.pass_by(hours=13)
    met.tap(DALE, PROMISE, purpose="reply", why="They asked.")
    assert in_the_list(met) == "Waits for a manager", "by night too it is a manager"
    met.tap(DALE, "It is washed and ready.", purpose="reply", why="They asked.")
    assert in_the_list(met).startswith("Held to ")


def test_a_refused_text_is_kept_as_a_try(met: House) -> None:
    sent = met.tap(DALE, PROMISE, purpose="reply", why="They asked.")
    assert judged(met, "mo", "refuse") == "refused"
    met.town.clock.pass_by(days=2)
    assert (met.state(sent.text_id), met.dispatch()) == ("blocked", [])


def test_letting_go_loosens_nothing_else(met: House) -> None:
    """A stop that came while it waited wins, and so does the night."""
    sent = met.tap(DALE, PROMISE, purpose="reply", why="They asked.")
    (one,) = queue(met, "mo")
    met.text_in(DALE, "STOP")
    assert met.state(sent.text_id) == "blocked"
    assert queue(met, "mo") == []
    with_mo = met.town.sign_in("mo")
    assert judge(met.ctx, with_mo, one.id, Word("ok")) == "ok"
    assert met.state(sent.text_id) == "blocked"


def test_what_was_taken_back_waits_for_nobody(met: House) -> None:
    sent = met.tap(DALE, PROMISE, purpose="reply", why="They asked.")
    assert undo(met.ctx, met.town.sign_in("ben"), sent.text_id).ok
    assert queue(met, "mo") == []


def test_of_two_managers_one_judges(met: House) -> None:
    met.tap(DALE, PROMISE, purpose="reply", why="They asked.")
    (one,) = queue(met, "mo")
    said: list[str] = []

    def press(who: str) -> None:
        try:
            said.append(judge(met.ctx, met.town.sign_in(who), one.id, Word("ok")))
        except (Refused, NotYours):
            said.append("late")

    both = [threading.Thread(target=press, args=[who]) for who in ("mo", "ada")]
    for one_thread in both:
        one_thread.start()
    for one_thread in both:
        one_thread.join()
    assert sorted(said) == ["late", "released"]
    assert len(rows(met, "select outcome from flag_reviews")) == 1


# --- flagged, refused, warned


def test_a_card_number_is_refused_and_never_flagged(met: House) -> None:
    sent = met.tap(DALE, f"Is your card {CARD}?")
    assert (sent.state, queue(met, "mo")) == ("blocked", [])
    assert sent.decision.binding.rule == "HOUSE-REVIEW"


def test_our_own_lines_are_nobodys_private_phone(met: House) -> None:
    for number in ("614-555-0101", "(614) 555-0103", DALE.removeprefix("+1")):
        met.tap(DALE, f"You can call us at {number} as well.")
    assert queue(met, "mo") == []
    met.tap(DALE, "You can call me at 614-555-0188 as well.")
    assert queue(met, "mo")[0].why == ("Personal number shared",)


def test_a_purpose_picked_against_the_words_is_flagged(met: House) -> None:
    body = "The blue Tahoe is $1,500 off until Friday, come by!"
    met.tap(DALE, body, purpose="reply", why="They asked about the Tahoe.")
    assert queue(met, "mo")[0].why == ("Purpose changed from Offer to Reply",)


def test_one_in_so_many_is_read_and_none_with_zero(met: House) -> None:
    met.tap(DALE, "Yes, it is.")
    assert queue(met, "mo") == []
    watch_more(met, sample=1)
    met.tap(DALE, "See you at five.")
    assert queue(met, "mo")[0].why == ("Sampled 1 in 1",)


def test_customers_are_heard_and_a_stores_own_words_found(met: House) -> None:
    met.text_in(DALE, "This is ridiculous, I want to speak to a manager")
    watch_more(met, words=("side letter",))
    met.tap(DALE, "I will put that in a side  letter for you.")
    assert [one.why[0] for one in queue(met, "mo")] == [
        "Customer sounded upset",
        "Says “side  letter”",
    ]


def test_a_store_chooses_and_the_ledger_says_so(met: House) -> None:
    watch_more(met, out={**careful().out, "promise": Step.OFF})
    assert met.tap(DALE, PROMISE, purpose="reply", why="They asked.").state == "queued"
    assert acts(met).count("watch") == 3
    with pytest.raises(NotAllowed):
        choose_watch(met.ctx, met.town.sign_in("mo"), met.town.stores["elm"], careful())


# --- who may


def test_the_queue_is_that_of_ones_own_stores(met: House) -> None:
    met.text_in("+16145550172", "You lied to me, this is a scam", line="dock")
    (mine,) = queue(met, "ada")
    assert queue(met, "mo") == queue(met, "ben") == []
    with pytest.raises(NotYours):
        judge(met.ctx, met.town.sign_in("mo"), mine.id, Word("ok"))
    for who in ("ben", "noor"):
        with pytest.raises(NotAllowed):
            judge(met.ctx, met.town.sign_in(who), mine.id, Word("ok"))


def test_nobody_judges_what_they_wrote(met: House) -> None:
    met.tap(DALE, PROMISE, by="mo", purpose="reply", why="They asked.")
    assert queue(met, "mo") == []
    (one,) = queue(met, "ada")
    with pytest.raises(Refused, match="Somebody else"):
        judge(met.ctx, met.town.sign_in("mo"), one.id, Word("ok"))


def test_what_is_escalated_is_the_owners(met: House) -> None:
    met.tap(DALE, PROMISE, purpose="reply", why="They asked.")
    with pytest.raises(Refused, match="why"):
        judged(met, "mo", "escalate")
    assert judged(met, "mo", "escalate", "He was told before.") == "escalated"
    assert queue(met, "mo") == []
    (one,) = queue(met, "ada")
    assert one.escalated
    with pytest.raises(NotAllowed):
        judge(met.ctx, met.town.sign_in("mo"), one.id, Word("ok"))
    assert judged(met, "ada", "ok") == "released"


def test_whoever_is_stopped_sends_nothing_until_it_is_lifted(met: House) -> None:
    waits = met.tap(DALE, "Yes, it is.")
    met.tap(DALE, PROMISE, purpose="reply", why="They asked.")
    assert judged(met, "mo", "stop", "Third time.") == "stopped"
    met.town.clock.pass_by(seconds=30)
    assert met.dispatch() == []
    assert met.state(waits.text_id) == "blocked"
    again = met.tap(DALE, "Are you there?")
    assert again.decision.binding.rule == "HOUSE-STOPPED"
    ben = met.town.sign_in("ben")
    assert ben.line_ids, "reading stays"
    with pytest.raises(NotAllowed):
        lift(met.ctx, ben, ben.member_id)
    assert lift(met.ctx, met.town.sign_in("mo"), ben.member_id)
    assert met.tap(DALE, "Yes, it is.").state == "queued"
    assert acts(met)[-1] == "texting_lifted"


def test_a_manager_stops_no_owner(met: House) -> None:
    met.tap(DALE, PROMISE, by="ada", purpose="reply", why="They asked.")
    with pytest.raises(NotAllowed):
        judged(met, "mo", "stop", "Why not.")


# --- coached, hidden, asked to read


def test_a_coach_writes_to_the_sender_alone_with_three_questions(met: House) -> None:
    met.tap(DALE, "Text me on my cell when you are here.")
    assert judged(met, "mo", "coach", "Please keep it on our line.") == "coached"
    ben, course = met.town.sign_in("ben"), load_course()
    with met.ctx.db.transaction(met.town.group_id) as tx:
        (note,) = load_notes(tx, ben.member_id)
        assert load_notes(tx, met.town.members["bea"]) == []
        assert count_open_notes(tx, ben.member_id) == 1
    assert (note.said, note.rule) == ("Please keep it on our line.", "HOUSE-REVIEW")
    assert note.why == ("Asked to text from own phone",)
    assert len(note.questions) == 3
    with pytest.raises(NotYours):
        answer_refresher(met.ctx, met.town.sign_in("bea"), note.id, note.questions[0], 0)
    for name in note.questions:
        question = course.question(name)
        assert question is not None
        answer_refresher(met.ctx, ben, note.id, name, question.right)
    note = answer_refresher(met.ctx, ben, note.id, note.questions[0], 0)
    assert (note.score, note.next_question) == (3, None)
    assert acts(met)[-1] == "refreshed"


def test_a_customers_card_is_hidden_everywhere_until_somebody_with_the_right_looks(
    met: House,
) -> None:
    text = met.text_in(DALE, f"My card is {CARD}, exp 12/28").text_id
    assert text is not None
    ben, mo = met.town.sign_in("ben"), met.town.sign_in("mo")
    hidden = "My card is •••• •••• •••• 4242, exp 12/28"
    with met.ctx.db.transaction(met.town.group_id) as tx:
        page = load_conversation(tx, ben, met.conversation(DALE), now=met.ctx.now())
        assert page is not None
        assert (page.log[-1].body, page.log[-1].masked) == (hidden, True)
        assert page.last_in_body == hidden
        assert load_inbox(tx, ben, box="team")[0][0].last_body == hidden
    (flag,) = queue(met, "mo")
    assert (flag.body, flag.why) == (hidden, ("Card number in the text",))
    with pytest.raises(NotAllowed):
        reveal(met.ctx, ben, text)
    assert "revealed" not in acts(met)
    assert reveal(met.ctx, mo, text).body == f"My card is {CARD}, exp 12/28"
    assert acts(met)[-1] == "revealed"
    with pytest.raises(NotYours):
        reveal(met.ctx, replace(mo, line_ids=frozenset()), text)


def test_what_a_store_does_not_hide_is_shown(met: House) -> None:
    watch_more(met, mask=frozenset())
    met.text_in(DALE, f"My card is {CARD}")
    with met.ctx.db.transaction(met.town.group_id) as tx:
        ben = met.town.sign_in("ben")
        page = load_conversation(tx, ben, met.conversation(DALE), now=met.ctx.now())
    assert page is not None
    assert page.log[-1].body == f"My card is {CARD}"
