"""A role bends for one member: never beyond what the giver has, never where it is straight."""

from __future__ import annotations

import pytest

from lotline.actions.allowed import must
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.members import NewMember, Where, add_member, set_rights, set_role
from lotline.core.people.rights import RIGHTS, Held, Right, Role, held, may
from lotline.core.people.roles import may_export_evidence, may_reveal
from lotline.store.rights import Bent, load_bent
from tests.town import Town


def given(*rights: Right) -> Bent:
    return Bent(given=frozenset(rights))


def taken(*rights: Right) -> Bent:
    return Bent(taken=frozenset(rights))


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("role", Role)
def test_a_right_is_the_roles_unless_the_table_bends_it(role: Role, right: Right) -> None:
    granted = RIGHTS[right]
    more, less = held(role, [right]), held(role, (), [right])
    changes_something = not granted.reads
    assert may(held(role), right) == may(role, right) == (role in granted.roles)
    assert may(more, right) == (
        role in granted.roles
        or (granted.given and not (role is Role.AUDITOR and changes_something))
    )
    assert may(less, right) == (role in granted.roles and not granted.taken)
    assert more == role.value, "a role as it is held is still the role's word"
    assert not may(held(role, [right], [right]), right) or not granted.taken


def test_nobody_is_given_what_makes_an_owner() -> None:
    straight = {one for one, granted in RIGHTS.items() if not granted.given}
    assert {Right.RULES, Right.ERASE, Right.LINES, Right.MEMBERS, Right.TEXT} <= straight
    assert not RIGHTS[Right.STOP].taken, "whoever hears of a stop can write it down"
    assert held("staff", ["a right of tomorrow"]).given == frozenset()


def test_it_holds_from_the_next_request_on_and_the_ledger_says_it(town: Town) -> None:
    ada, ben = town.sign_in("ada"), town.members["ben"]
    assert not may_reveal(town.sign_in("ben").role)
    set_rights(town.ctx, ada, ben, given(Right.REVEAL, Right.EVIDENCE))
    after = town.sign_in("ben")
    assert isinstance(after.role, Held)
    must(after, may_reveal)
    assert after.mfa_required, "more than a role asks for a second step"
    set_rights(town.ctx, ada, ben, Bent(frozenset({Right.REVEAL}), frozenset({Right.ASSIGN})))
    after = town.sign_in("ben")
    assert not may_export_evidence(after.role)
    assert not may(after.role, Right.ASSIGN)
    with town.ctx.db.transaction(town.group_id) as tx:
        acts = tx.all("access.list", about_id=ben, before=town.ctx.new_id(), limit=9)
    told = [one.detail for one in acts if one.what == "rights"]
    assert told[0] == {
        "from": {"given": ["evidence", "reveal"], "taken": []},
        "to": {"given": ["reveal"], "taken": ["assign"]},
    }


@pytest.mark.parametrize(
    "who,whom,asked,no",
    [
        ("ben", "bea", given(Right.REVEAL), NotAllowed),
        ("noor", "ben", given(Right.REVEAL), NotAllowed),
        ("mo", "cy", given(Right.REVEAL), NotYours),
        ("mo", "ada", taken(Right.REVEAL), NotYours),
        ("mo", "mo", given(Right.REVEAL), Refused),
        ("ada", "ben", given(Right.ERASE), Refused),
        ("ada", "ben", taken(Right.STOP), Refused),
    ],
)
def test_who_may_not_bend_what(
    town: Town, who: str, whom: str, asked: Bent, no: type[Exception]
) -> None:
    with pytest.raises(no):
        set_rights(town.ctx, town.sign_in(who), town.members[whom], asked)


def test_nobody_gives_what_was_taken_from_them(town: Town) -> None:
    """Not as a right, not by a role that would bring it, and not to somebody new."""
    ctx, ada = town.ctx, town.sign_in("ada")
    set_rights(ctx, ada, town.members["ben"], taken(Right.ASSIGN))
    set_rights(ctx, ada, town.members["mo"], taken(Right.REVEAL, Right.ASSIGN))
    mo = town.sign_in("mo")
    with pytest.raises(NotAllowed):
        set_rights(ctx, mo, town.members["bea"], given(Right.REVEAL))
    with pytest.raises(NotAllowed):
        set_rights(ctx, mo, town.members["ben"], Bent())
    set_role(ctx, mo, town.members["bea"], "manager")
    assert not may_reveal(town.sign_in("bea").role)
    assert may(town.sign_in("bea").role, Right.ASSIGN), "what she had stays hers"
    where = Where(lines=frozenset({town.lines["sales"]}))
    new = add_member(ctx, mo, NewMember("Di", "manager", where))
    with ctx.db.transaction(town.group_id) as tx:
        assert load_bent(tx, new) == taken(Right.REVEAL, Right.ASSIGN)
    with pytest.raises(NotAllowed):
        add_member(ctx, mo, NewMember("Ed", "staff", where, rights=given(Right.REVEAL)))


def test_another_role_keeps_only_what_it_can_have(town: Town) -> None:
    ctx, ada, ben = town.ctx, town.sign_in("ada"), town.members["ben"]
    set_rights(
        ctx, ada, ben, Bent(frozenset({Right.REVEAL, Right.REVIEW}), frozenset({Right.ASSIGN}))
    )
    set_role(ctx, ada, ben, "auditor")
    with ctx.db.transaction(town.group_id) as tx:
        assert load_bent(tx, ben) == given(Right.REVEAL)
    set_role(ctx, ada, ben, "manager")
    with ctx.db.transaction(town.group_id) as tx:
        assert load_bent(tx, ben) == Bent(), "a manager reveals by role"
