"""A policy is signed once, by the member's own name, in the version that is in force."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from lotline.actions.errors import NotAllowed, Refused
from lotline.actions.policies import Counsel, adopt_policy, sign_policy
from lotline.store.members import load_members, load_policies, load_policy
from tests.town import Town

WORDS = "1. Text customers only from company numbers."


def adopted(town: Town, **span: float) -> int:
    sign_by = town.clock() + timedelta(**span) if span else None
    words = f"{WORDS}\n\nAs of {town.clock():%Y-%m-%d}."
    return adopt_policy(town.ctx, town.sign_in("ada"), words, sign_by)


def test_without_a_policy_there_is_nothing_to_sign(town: Town) -> None:
    assert town.sign_in("ben").policy_signed
    with pytest.raises(Refused):
        sign_policy(town.ctx, town.sign_in("ben"), 1, "Ben Ostrander")


@pytest.mark.parametrize("who", ["mo", "ben", "noor"])
def test_only_the_owner_adopts_one(town: Town, who: str) -> None:
    with pytest.raises(NotAllowed):
        adopt_policy(town.ctx, town.sign_in(who), WORDS)


def test_a_signature_counts_from_the_next_request(town: Town) -> None:
    assert adopted(town) == 1
    ben = town.sign_in("ben")
    assert not ben.policy_signed
    for wrong in ("", "Ben", "Bea Lindqvist", "ben ostrande"):
        with pytest.raises(Refused):
            sign_policy(town.ctx, ben, 1, wrong)
    for _ in range(2):
        sign_policy(town.ctx, ben, 1, " ben  OSTRANDER ")
    assert town.sign_in("ben").policy_signed
    assert not town.sign_in("bea").policy_signed
    mo = town.sign_in("mo")
    with town.ctx.db.transaction(town.group_id) as tx:
        signed = {one.name for one in load_members(tx, mo, town.clock()) if one.policy_signed}
        rows: list[Any] = tx._conn.execute("select id from policy_signatures").fetchall()
        leaves: list[Any] = tx._conn.execute(
            "select subject_id as id from ledger_leaves where kind = 'policy_signature'"
        ).fetchall()
    assert signed == {"Ben Ostrander"}
    assert len(rows) == 1
    assert rows == leaves


def test_a_new_version_leaves_time_to_sign_it_again(town: Town) -> None:
    adopted(town)
    sign_policy(town.ctx, town.sign_in("ben"), 1, "Ben Ostrander")
    town.clock.pass_by(days=1)
    assert adopted(town, days=14) == 2
    with pytest.raises(Refused):
        sign_policy(town.ctx, town.sign_in("ben"), 1, "Ben Ostrander")
    town.clock.pass_by(days=14, seconds=-1)
    assert town.sign_in("ben", "a").policy_signed
    assert not town.sign_in("bea", "bea").policy_signed, "who never signed has no time left over"
    town.clock.pass_by(seconds=1)
    assert not town.sign_in("ben", "b").policy_signed
    sign_policy(town.ctx, town.sign_in("ben", "b"), 2, "Ben Ostrander")
    assert town.sign_in("ben", "b").policy_signed


def test_a_house_may_ask_for_no_signature(town: Town) -> None:
    adopted(town)
    with town.ctx.db.transaction(town.group_id) as tx:
        tx._conn.execute("update groups set settings = '{\"policy_required\": false}'")
    assert town.sign_in("ben").policy_signed


def test_the_policy_in_force_is_shown_with_its_digest(town: Town) -> None:
    adopted(town)
    with town.ctx.db.transaction(town.group_id) as tx:
        policy = load_policy(tx, town.clock())
    assert policy is not None
    assert policy.version == 1
    assert policy.body.startswith(WORDS)
    assert len(policy.sha256) == 64


@pytest.mark.parametrize(
    "words, days, counsel",
    [
        ("", 14, None),
        ("x" * 60_001, 14, None),
        (WORDS, 91, None),
        (WORDS, -2, None),
        (WORDS, 14, Counsel("", date(2026, 1, 1))),
        (WORDS, 14, Counsel("Vera Lind", date(2099, 1, 1))),
    ],
    ids=["empty", "too long", "signed too late", "signed in the past", "nobody", "not yet read"],
)
def test_what_cannot_be_adopted_is_refused(
    town: Town, words: str, days: int, counsel: Counsel | None
) -> None:
    by = town.clock() + timedelta(days=days)
    with pytest.raises(Refused):
        adopt_policy(town.ctx, town.sign_in("ada"), words, by, counsel=counsel)


def test_the_same_words_are_no_new_version(town: Town) -> None:
    ada = town.sign_in("ada")
    read = Counsel("Vera  Lind", town.clock().date())
    assert adopt_policy(town.ctx, ada, WORDS, changes="The first.", counsel=read) == 1
    with pytest.raises(Refused):
        adopt_policy(town.ctx, ada, f"{WORDS}  \n")
    with town.ctx.db.transaction(town.group_id) as tx:
        (only,) = load_policies(tx)
    assert (only.counsel, only.changes) == ("Vera Lind", "The first.")


def test_whoever_must_sign_again_is_told_until_when(town: Town) -> None:
    adopted(town)
    sign_policy(town.ctx, town.sign_in("ben"), 1, "Ben Ostrander")
    assert town.sign_in("ben").sign_by is None
    town.clock.pass_by(days=1)
    adopted(town, days=14)
    assert town.sign_in("ben").sign_by == town.clock() + timedelta(days=14)
    town.clock.pass_by(days=14)
    assert town.sign_in("ben", "later").sign_by is None, "too late: it is asked for by the gate"
