"""Nobody gives more than they have, nobody changes themselves, and out means out."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from uuid import UUID

import pytest

from lotline.actions.conversations import assign
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.members import (
    NewMember,
    Where,
    add_member,
    choose,
    lift_suspension,
    set_reach,
    set_role,
    suspend,
)
from lotline.store.access import load_acts
from lotline.store.inbox import load_inbox, load_row
from lotline.store.members import load_members
from lotline.store.shown import Viewer
from lotline.store.viewer import load_viewer
from tests.town import Town

Change = Callable[[Town, Viewer, UUID], object]
CHANGES: dict[str, Change] = {
    "role": lambda town, me, who: set_role(town.ctx, me, who, "staff"),
    "reach": lambda town, me, who: set_reach(town.ctx, me, who, line_ids=[town.lines["sales"]]),
    "suspend": lambda town, me, who: suspend(town.ctx, me, who, "left his phone"),
    "lift": lambda town, me, who: lift_suspension(town.ctx, me, who),
}


def what_was_done(town: Town) -> list[str]:
    ada = town.sign_in("ada")
    with town.ctx.db.transaction(town.group_id) as tx:
        return [act.what for act in load_acts(tx, ada) if act.what != "signed_in"]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize(
    "who,whom,no",
    [
        ("ben", "bea", NotAllowed),  # staff change nobody
        ("noor", "ben", NotAllowed),  # an auditor only reads
        ("mo", "cy", NotYours),  # another store's
        ("mo", "ada", NotYours),  # who reaches everything is nobody's to change
        ("mo", "noor", NotYours),
        ("mo", "mo", Refused),  # oneself
        ("ada", "ada", Refused),
    ],
)
def test_who_may_not_change_whom(
    town: Town, who: str, whom: str, no: type[Exception], change: Change
) -> None:
    viewer = town.sign_in(who)
    with pytest.raises(no):
        change(town, viewer, town.members[whom])
    assert what_was_done(town) == []


@pytest.mark.parametrize("who", ["ada", "mo"])
def test_who_leads_changes_those_they_lead(town: Town, who: str) -> None:
    viewer = town.sign_in(who)
    set_role(town.ctx, viewer, town.members["ben"], "manager")
    assert town.sign_in("ben").role == "manager"
    set_role(town.ctx, viewer, town.members["ben"], "manager")
    assert what_was_done(town) == ["role"], "what changes nothing is no act"


@pytest.mark.parametrize("role", ["owner", "auditor"])
def test_a_manager_gives_no_role_that_sees_everything(town: Town, role: str) -> None:
    with pytest.raises(NotAllowed):
        set_role(town.ctx, town.sign_in("mo"), town.members["ben"], role)
    with pytest.raises(NotAllowed):
        add_member(town.ctx, town.sign_in("mo"), NewMember("Zed", role))
    with pytest.raises(Refused):
        set_role(town.ctx, town.sign_in("ada"), town.members["ben"], "king")


def test_a_manager_gives_no_reach_they_do_not_have(town: Town) -> None:
    mo, ben = town.sign_in("mo"), town.members["ben"]
    dock = town.stores["dock"]
    with pytest.raises(NotYours):
        set_reach(town.ctx, mo, ben, store_ids=[dock])
    with pytest.raises(NotYours):
        set_reach(town.ctx, mo, ben, line_ids=[town.lines["dock"]])
    with pytest.raises(NotYours):
        add_member(town.ctx, mo, NewMember("Zed", "staff", Where(frozenset({dock}))))
    with pytest.raises(NotYours):
        set_reach(town.ctx, town.sign_in("ada"), ben, line_ids=[town.ctx.new_id()])
    # Once Ben reaches Dockside too, he is not Mo's alone to change.
    ada = town.sign_in("ada")
    set_reach(town.ctx, ada, ben, line_ids=[town.lines["sales"], town.lines["dock"]])
    with pytest.raises(NotAllowed):
        set_reach(town.ctx, mo, ben, line_ids=[town.lines["sales"]])


def test_what_reach_takes_away_is_gone_at_the_next_request(town: Town) -> None:
    made = town.meet("+16145550142", "Priya", by="ben", line="sales")
    ben = town.sign_in("ben", "phone")
    assert ben.line_ids == {town.lines["sales"]}
    left = set_reach(
        town.ctx, town.sign_in("ada"), town.members["ben"], line_ids=[town.lines["service"]]
    )
    assert left == 1
    after = town.sign_in("ben", "phone")
    assert after.line_ids == {town.lines["service"]}
    with town.ctx.db.transaction(town.group_id) as tx:
        assert load_inbox(tx, after, box="team") == ([], None)
        row = load_row(tx, town.sign_in("mo"), made)
    assert row is not None
    assert row.assignee_id is None, "somebody else must see that nobody has it"


def test_a_new_line_of_a_store_is_reached_by_those_who_reach_the_store(town: Town) -> None:
    set_reach(town.ctx, town.sign_in("ada"), town.members["ben"], store_ids=[town.stores["elm"]])
    assert town.sign_in("ben").line_ids == {town.lines["sales"], town.lines["service"]}


def test_suspended_is_out_on_every_device_at_once(town: Town) -> None:
    town.meet("+16145550142", "Priya", by="ben", line="sales")
    phone, desk = town.sign_in("ben", "phone"), town.sign_in("ben", "desk")
    assert phone.device_id != desk.device_id
    mo = town.sign_in("mo")
    # Two, and the one that `meet` opened.
    assert suspend(town.ctx, mo, town.members["ben"], "walked out") == 3
    account = town.accounts["ben"]
    for session in ("phone", "desk"):
        assert load_viewer(town.ctx.db, account, session, town.clock()) is None
    assert suspend(town.ctx, mo, town.members["ben"]) == 0
    with town.ctx.db.transaction(town.group_id) as tx:
        ben = next(one for one in load_members(tx, mo) if one.id == town.members["ben"])
    assert not ben.active
    with pytest.raises(AssertionError, match="somebody"):
        town.sign_in("ben", "new phone")
    lift_suspension(town.ctx, mo, town.members["ben"])
    assert load_viewer(town.ctx.db, account, "phone", town.clock()) is None, "they sign in anew"
    assert town.sign_in("ben", "new phone").active
    assert what_was_done(town) == ["suspension_lifted", "suspended"]


def test_nothing_can_be_given_to_who_is_suspended(town: Town) -> None:
    made = town.meet("+16145550142", "Priya", by="mo", line="sales")
    mo = town.sign_in("mo")
    suspend(town.ctx, mo, town.members["ben"])
    with pytest.raises(Refused):
        assign(town.ctx, mo, made, town.members["ben"])


def test_an_owner_always_stays(town: Town) -> None:
    ada = town.sign_in("ada")
    set_role(town.ctx, ada, town.members["mo"], "owner")
    mo = town.sign_in("mo")
    set_role(town.ctx, mo, town.members["ada"], "staff")
    # The last owner cannot be reached by anybody but themselves, who may not.
    with pytest.raises(Refused):
        set_role(town.ctx, mo, town.members["mo"], "staff")
    with pytest.raises(Refused):
        suspend(town.ctx, mo, town.members["mo"])


def test_two_owners_who_demote_each_other_at_once_leave_one(town: Town) -> None:
    """Both looked before either acted."""
    ada = town.sign_in("ada")
    set_role(town.ctx, ada, town.members["mo"], "owner")
    mo = town.sign_in("mo")
    refused: list[Refused] = []
    ready = Barrier(2)

    def demote(me: Viewer, whom: str) -> None:
        ready.wait()
        try:
            set_role(town.ctx, me, town.members[whom], "staff")
        except Refused as no:
            refused.append(no)

    threads = [Thread(target=demote, args=one) for one in ((ada, "mo"), (mo, "ada"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert sorted([town.sign_in("ada").role, town.sign_in("mo").role]) == ["owner", "staff"]


def test_somebody_new_signs_in_to_what_they_were_given(town: Town) -> None:
    account = town.ctx.new_id()
    new = NewMember(
        "  Zora Lund ",
        "staff",
        Where(lines=frozenset({town.lines["service"]})),
        account_id=account,
    )
    member_id = add_member(town.ctx, town.sign_in("mo"), new)
    town.accounts["zora"] = account
    zora = town.sign_in("zora")
    assert (zora.member_id, zora.name, zora.role) == (member_id, "Zora Lund", "staff")
    assert zora.line_ids == {town.lines["service"]}
    assert zora.store_ids == set()
    with pytest.raises(Refused):
        add_member(town.ctx, town.sign_in("mo"), NewMember("  ", "staff"))


def test_ones_own_choices_are_those_offered(town: Town) -> None:
    ben = town.sign_in("ben")
    choose(town.ctx, ben, undo_s=30, theme="dark")
    choose(town.ctx, ben, shortcuts=False)
    assert town.sign_in("ben").settings == {"undo_s": 30, "theme": "dark", "shortcuts": False}
    for name, value in (("undo_s", 0), ("undo_s", 3600), ("theme", "pink"), ("role", "owner")):
        with pytest.raises(Refused):
            choose(town.ctx, ben, **{name: value})
    assert town.sign_in("mo").settings == {}
