"""Meeting a customer: one card per number, and nothing known is changed by meeting again."""

from __future__ import annotations

from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from lotline.actions.contacts import HOWS, Started, erase, rename, set_place, start_conversation
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.store.contacts import find_contact, load_card
from lotline.store.shown import ContactCard
from tests.town import Town

PRIYA = "(614) 555-0142"
E164 = "+16145550142"


def start(town: Town, who: str = "ben", line: str = "sales", **asked: Any) -> Started:
    given = {"number": PRIYA, "name": "Priya Ramnath", "zip_code": "43215", **asked}
    return start_conversation(town.ctx, town.sign_in(who), line_id=town.lines[line], **given)


def card(town: Town, contact_id: UUID) -> ContactCard:
    ada = town.sign_in("ada")
    with town.ctx.db.transaction(town.group_id) as tx:
        found = load_card(tx, ada, contact_id, town.clock())
    assert found is not None
    return found


@pytest.mark.parametrize(
    "how,level",
    [
        ("texted_us", "replies"),
        ("signed_form", "replies"),
        ("in_person", "replies"),
        ("web_form", "replies"),
        ("not_yet", "none"),
    ],
)
def test_how_they_agreed_is_written_down_as_what_it_is_worth(
    town: Town, how: str, level: str
) -> None:
    assert set(HOWS) == {"texted_us", "signed_form", "in_person", "web_form", "not_yet"}
    found = card(town, start(town, how=how).contact_id)
    assert found.level == level, "no word of a member is ever written consent to offers"
    assert len(found.timeline) == (0 if how == "not_yet" else 1)


def test_a_number_met_again_is_the_same_card_unchanged(town: Town) -> None:
    first = start(town, how="not_yet")
    again = start(town, name="Somebody Else", zip_code="85004", how="in_person")
    assert again == Started(first.conversation_id, first.contact_id, known=True)
    elsewhere = start(town, "cy", "dock", name="Else", how="signed_form")
    assert elsewhere.contact_id == first.contact_id
    assert elsewhere.conversation_id != first.conversation_id
    found = card(town, first.contact_id)
    assert (found.name, found.zip_code, found.level) == ("Priya Ramnath", "43215", "none")
    assert found.timeline == ()


@pytest.mark.parametrize(
    "asked",
    [
        {"number": "555-0142"},
        {"number": "call me"},
        {"number": ""},
        {"number": "800 555 0142"},
        {"zip_code": "00000"},
        {"zip_code": "abc"},
        {"how": "guessed"},
        {"name": "x" * 121},
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(town: Town, asked: dict[str, str]) -> None:
    with pytest.raises(Refused) as no:
        start(town, **asked)
    assert no.value.says.endswith(".")
    with town.ctx.db.transaction(town.group_id) as tx:
        assert find_contact(tx, E164) is None


def test_only_on_a_line_one_works_on(town: Town) -> None:
    with pytest.raises(NotYours):
        start(town, "ben", "dock")
    with pytest.raises(NotYours):
        start(town, "cy", "sales")
    with pytest.raises(NotAllowed):
        start(town, "noor", "sales")
    with town.ctx.db.transaction(town.group_id) as tx:
        assert find_contact(tx, E164) is None


def test_two_who_meet_the_same_number_at_once_get_one_card(town: Town) -> None:
    got: list[Started] = []
    people = [(town.sign_in("ben"), "sales"), (town.sign_in("cy"), "dock")]

    def meet(viewer: Any, line: str) -> None:
        got.append(
            start_conversation(
                town.ctx, viewer, number=PRIYA, name=viewer.name, line_id=town.lines[line]
            )
        )

    threads = [Thread(target=meet, args=one) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.contact_id for one in got}) == 1
    assert sorted(one.known for one in got) == [False, True]
    assert len({one.conversation_id for one in got}) == 2


def test_name_and_place_are_changed_by_who_reaches_them(town: Town) -> None:
    made = start(town).contact_id
    rename(town.ctx, town.sign_in("mo"), made, "Priya Corden")
    place = set_place(town.ctx, town.sign_in("ben"), made, state="AZ")
    assert place.source == "stated"
    assert card(town, made).name == "Priya Corden"
    for who in ("cy", "bea"):
        with pytest.raises(NotYours):
            rename(town.ctx, town.sign_in(who), made, "Mine now")
        with pytest.raises(NotYours):
            set_place(town.ctx, town.sign_in(who), made, zip_code="43215")
    with pytest.raises(NotAllowed):
        rename(town.ctx, town.sign_in("noor"), made, "Mine now")
    for wrong in ({"zip_code": "00000"}, {"state": "ZZ"}):
        with pytest.raises(Refused):
            set_place(town.ctx, town.sign_in("ben"), made, **wrong)
    with pytest.raises(Refused):
        rename(town.ctx, town.sign_in("ben"), made, "   ")


def test_only_the_owner_forgets_somebody_and_only_once(town: Town) -> None:
    made = start(town).contact_id
    for who in ("mo", "ben", "noor"):
        with pytest.raises(NotAllowed):
            erase(town.ctx, town.sign_in(who), made)
    ada = town.sign_in("ada")
    with pytest.raises(Refused):
        erase(town.ctx, ada, made, "Priya asked me on the phone")
    erase(town.ctx, ada, made, "asked")
    with pytest.raises(NotYours):
        erase(town.ctx, ada, made)
    found = card(town, made)
    assert found.erased
    assert (found.name, found.number, found.zip_code) == ("", "", "")
    with town.ctx.db.transaction(town.group_id) as tx:
        kinds: list[Any] = tx._conn.execute(
            "select kind, chain_seq from ledger_leaves where contact_id = %s order by chain_seq",
            [made],
        ).fetchall()
    assert kinds[-1].kind == "erasure"
    assert [one.chain_seq for one in kinds] == list(range(1, len(kinds) + 1))


def test_a_stop_outlives_forgetting(town: Town) -> None:
    """P1 and P8 together: the words go, the stop stays, whoever meets the number again."""
    made = start(town).contact_id
    now = town.clock()
    with town.ctx.db.transaction(town.group_id) as tx:
        tx._conn.execute(
            "insert into consent_entries (group_id, id, contact_id, says, scope, source, said_at,"
            " heard_at) values (%s, %s, %s, 'stop', 'all', 'text', %s, %s)",
            [town.group_id, town.ctx.new_id(), made, now, now],
        )
    erase(town.ctx, town.sign_in("ada"), made)
    town.clock.pass_by(days=30)
    again = start(town, name="Fresh Lead", how="signed_form")
    assert again.contact_id == made
    assert again.known
    assert card(town, made).level == "out"
