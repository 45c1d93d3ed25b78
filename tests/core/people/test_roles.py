"""Everything is refused that a role is not given, and a role counts only where it reaches."""

from __future__ import annotations

from uuid import UUID

import pytest

from lotline.core.people import roles
from lotline.core.people.roles import Reach, Role, may_give_role, may_read, may_text_from

MAIN, OTHER = UUID(int=1), UUID(int=2)
SALES, SERVICE = UUID(int=11), UUID(int=12)

O, M, S, A = Role.OWNER, Role.MANAGER, Role.STAFF, Role.AUDITOR  # noqa: E741 - a table of one letter each
MAY = {
    "may_text": {O, M, S},
    "may_record_consent": {O, M, S},
    "may_record_stop": {O, M, S},
    "may_undo_heard_stop": {O, M},
    "may_assign": {O, M, S},
    "may_review": {O, M},
    "may_approve": {O, M},
    "may_reveal": {O, M},
    "may_manage_members": {O, M},
    "may_sign_out_others": {O, M},
    "may_pause_lines": {O, M},
    "may_manage_lines": {O},
    "may_broadcast": {O, M},
    "may_edit_templates": {O, M},
    "may_export_evidence": {O, M, A},
    "may_read_ledger": {O, A},
    "may_change_rules": {O},
    "may_erase": {O},
    "must_use_second_factor": {O, M},
}


@pytest.mark.parametrize("act", MAY)
def test_who_may_do_what(act: str) -> None:
    may = getattr(roles, act)

    assert {role for role in Role if may(role)} == MAY[act]
    assert {role for role in Role if may(role.value)} == MAY[act]


def test_every_act_of_a_role_is_in_the_table() -> None:
    reaching = {"may_read", "may_text_from", "may_give_role"}

    assert {name for name in vars(roles) if name.startswith("may_")} - reaching <= MAY.keys()


def test_an_unknown_role_is_no_role() -> None:
    with pytest.raises(ValueError, match="guest"):
        roles.may_text("guest")


@pytest.mark.parametrize(
    "reach,store,line,reads,texts",
    [
        (Reach(Role.STAFF, lines=frozenset({SALES})), MAIN, SALES, True, True),
        (Reach(Role.STAFF, lines=frozenset({SALES})), MAIN, SERVICE, False, False),
        (Reach(Role.STAFF, stores=frozenset({MAIN})), MAIN, SERVICE, True, True),
        (Reach(Role.STAFF, stores=frozenset({MAIN})), OTHER, SALES, False, False),
        (Reach(Role.STAFF), MAIN, SALES, False, False),
        (Reach(Role.MANAGER), MAIN, SALES, False, False),
        (Reach(Role.MANAGER, stores=frozenset({MAIN})), MAIN, SALES, True, True),
        (Reach(Role.AUDITOR), MAIN, SALES, True, False),
        (Reach(Role.OWNER), OTHER, SERVICE, True, True),
    ],
)
def test_a_role_counts_where_it_reaches(
    reach: Reach, store: UUID, line: UUID, reads: bool, texts: bool
) -> None:
    assert may_read(reach, store_id=store, line_id=line) is reads
    assert may_text_from(reach, store_id=store, line_id=line) is texts


def test_nobody_gives_more_than_they_have() -> None:
    given = {giver: {role for role in Role if may_give_role(giver, role)} for giver in Role}

    assert given == {O: set(Role), M: {M, S}, S: set(), A: set()}
