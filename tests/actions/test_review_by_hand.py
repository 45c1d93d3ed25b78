"""Review by hand: a text is flagged by whoever reads it, a sender stopped on their own page."""

from __future__ import annotations

from uuid import UUID

import pytest

from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.members import NewMember, Where, add_member
from lotline.actions.review import flag_text, lift, stop_sender
from lotline.store.review import load_judged, load_stop
from tests.actions.house import House
from tests.actions.reviewed import DALE, acts, judged, queue, rows


def test_a_teammate_asks_once_to_read_a_text(met: House) -> None:
    sent = met.tap(DALE, "Yes, it is.")
    ben = met.town.sign_in("ben")
    assert flag_text(met.ctx, ben, sent.text_id)
    assert not flag_text(met.ctx, ben, sent.text_id)
    assert queue(met, "mo")[0].why == ("Ben Ostrander asked you to read this",)
    with pytest.raises(NotYours):
        flag_text(met.ctx, met.town.sign_in("cy"), sent.text_id)


def test_why_it_was_flagged_is_for_whoever_judges_and_sealed(met: House) -> None:
    sent = met.tap(DALE, "Yes, it is.")
    ben, mo = met.town.sign_in("ben"), met.town.sign_in("mo")
    with pytest.raises(NotAllowed):
        flag_text(met.ctx, met.town.sign_in("noor"), sent.text_id)  # an auditor writes nothing
    assert flag_text(met.ctx, ben, sent.text_id, " Is this the price we agreed on? ")
    (one,) = queue(met, "mo")
    assert one.why == ("Ben Ostrander asked you to read this",)
    with met.ctx.db.transaction(met.town.group_id) as tx:
        (why,) = load_judged(tx, mo, one.id)
    assert (why.by_name, why.said) == ("Ben Ostrander", "Is this the price we agreed on?")
    assert acts(met)[-1] == "flagged"
    kept = str(rows(met, "select detail from flags") + rows(met, "select detail from access_acts"))
    assert "price" not in kept, "sealed, and in the ledger as a keyed hash"
    with pytest.raises(Refused):
        flag_text(met.ctx, mo, sent.text_id, "x" * 2001)


def test_an_attempt_is_flagged_by_its_author_and_by_whoever_oversees(met: House) -> None:
    sent = met.tap(DALE, "Click bit.ly/2xyz now")
    assert sent.state == "blocked"
    met.town.members["bob"] = colleague_of_ben(met)
    with pytest.raises(NotYours):
        flag_text(met.ctx, met.town.sign_in("bob"), sent.text_id)
    assert flag_text(met.ctx, met.town.sign_in("mo"), sent.text_id)


def colleague_of_ben(house: House) -> UUID:
    """Somebody else on the sales line."""
    town = house.town
    town.accounts["bob"] = house.ctx.new_id()
    where = Where(lines=frozenset({town.lines["sales"]}))
    new = NewMember("Bob Ray", "staff", where, town.accounts["bob"])
    return add_member(house.ctx, town.sign_in("ada"), new)


# --- stopped by hand


def test_a_sender_is_stopped_and_let_go_by_hand(met: House) -> None:
    ben, mo = met.town.sign_in("ben"), met.town.sign_in("mo")
    waits = met.tap(DALE, "The keys are at the desk.")
    with pytest.raises(Refused, match="Say why"):
        stop_sender(met.ctx, mo, ben.member_id, "  ")
    assert stop_sender(met.ctx, mo, ben.member_id, "Promised a price.")
    assert not stop_sender(met.ctx, mo, ben.member_id, "Again."), "once is enough"
    assert acts(met)[-1] == "texting_stopped"
    assert "price" not in str(rows(met, "select detail from access_acts"))
    met.town.clock.pass_by(seconds=11)
    assert met.dispatch() == []
    assert met.state(waits.text_id) == "blocked", "what waited of theirs is refused"
    assert met.tap(DALE, "Are you there?").state == "blocked"
    assert stopped(met) == ("Mo Haddad", "Promised a price.")
    assert lift(met.ctx, mo, ben.member_id)
    assert stopped(met) is None
    assert met.tap(DALE, "We are open.").state != "blocked"
    assert stop_sender(met.ctx, mo, ben.member_id, "Once more.")
    assert stopped(met) == ("Mo Haddad", "Once more."), "of two stops the one in force is told"


def stopped(house: House) -> tuple[str, str] | None:
    with house.ctx.db.transaction(house.town.group_id) as tx:
        found = load_stop(tx, house.town.members["ben"])
    return None if found is None else (found.by_name, found.said)


@pytest.mark.parametrize(
    "who, whom, error",
    [
        ("ben", "bea", NotAllowed),
        ("noor", "ben", NotAllowed),
        ("mo", "cy", NotYours),
        ("mo", "mo", Refused),
        ("mo", "ada", NotAllowed),
    ],
)
def test_who_may_stop_whom(met: House, who: str, whom: str, error: type[Exception]) -> None:
    with pytest.raises((error, NotYours) if error is NotAllowed else error):
        stop_sender(met.ctx, met.town.sign_in(who), met.town.members[whom], "Because.")


def test_why_a_review_stopped_them_is_told_from_the_review(met: House) -> None:
    sent = met.tap(DALE, "Yes, it is.")
    flag_text(met.ctx, met.town.sign_in("ben"), sent.text_id)
    assert judged(met, "mo", "stop", "Dale was insulted.") == "stopped"
    assert stopped(met) == ("Mo Haddad", "Dale was insulted.")
    assert acts(met)[-2:] == ["texting_stopped", "flag_stopped"]
