"""P5: whatever is changed, dropped or moved in the ledger or beside it is found, and where.

The attacker here is a superuser: grants, triggers and foreign keys do not hold them.
"""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from lotline.actions.audit import Audited, audit_log
from lotline.actions.contacts import erase
from lotline.actions.sequence import sequence
from tests.actions.house import House
from tests.ops.past import DANA, JOY, contact_of


@pytest.fixture
def logged(house: House) -> House:
    """Everything has its place and a signature."""
    assert sequence(house.ctx, house.town.group_id) > 20
    return house


def audited(house: House) -> Audited:
    return audit_log(house.ctx, house.town.group_id)


def attack(house: House, *statements: str, **given: Any) -> None:
    with psycopg.connect(house.database.dsn("superuser")) as link:
        link.execute("set session_replication_role = replica")  # no trigger, no foreign key
        for statement in statements:
            link.execute(statement.encode(), given)


def said(house: House) -> str:
    found = audited(house)
    assert not found.whole
    return "\n".join(found.faults)


def test_a_town_that_nobody_touched_is_whole(logged: House) -> None:
    found = audited(logged)
    assert found.faults == []
    assert found.size == found.signed == found.rows > 20
    assert found.waiting == found.shut == 0


def test_what_waits_for_its_place_is_looked_at_too(logged: House) -> None:
    logged.text_in(DANA, "Still there?")
    found = audited(logged)
    assert (found.faults, found.waiting) == ([], 1)
    attack(
        logged,
        "update texts set purpose = 'offer'"
        " where id = (select id from texts order by id desc limit 1)",
    )
    assert "its text changed after it was recorded" in said(logged)


def test_one_changed_byte_of_a_leaf(logged: House) -> None:
    attack(
        logged,
        "update ledger_leaves l set leaf = set_byte(leaf, 10, get_byte(leaf, 10) # 1)"
        " from ledger_places p where p.leaf_id = l.id and p.seq = 7",
    )
    found = said(logged)
    assert "place 7 (" in found
    assert "the leaf is not the one that was put into the tree" in found


def test_one_changed_byte_of_a_leaf_with_its_hash_and_the_tree_made_to_fit(logged: House) -> None:
    """Whoever holds the database but not the key cannot sign for it."""
    attack(
        logged,
        "update ledger_leaves l set leaf = convert_to(replace(convert_from(leaf, 'UTF8'),"
        " '\"at\":\"2026', '\"at\":\"2025'), 'UTF8')"
        " from ledger_places p where p.leaf_id = l.id and p.seq = 7",
        "update ledger_leaves set leaf_hash = sha256('\\x00'::bytea || leaf)",
        "update ledger_nodes n set hash = l.leaf_hash from ledger_places p, ledger_leaves l"
        " where n.level = 0 and n.index = p.seq and p.leaf_id = l.id",
    )
    found = said(logged)
    assert "do not add up to the signed checkpoint" in found
    assert "the tree over places 6 to 7 is not what they add up to" in found


def test_one_dropped_leaf(logged: House) -> None:
    attack(
        logged,
        "delete from ledger_leaves where id = (select leaf_id from ledger_places where seq = 9)",
    )
    found = said(logged)
    assert "place 9 of the log is empty" in found
    assert "has no leaf" in found, "the row it recorded is still there"


def test_one_dropped_leaf_with_its_place(logged: House) -> None:
    attack(
        logged,
        "delete from ledger_leaves where id = (select leaf_id from ledger_places where seq = 9)",
        "delete from ledger_places where seq = 9",
    )
    assert "place 9 of the log is empty" in said(logged)


def test_one_dropped_leaf_and_all_after_it_moved_up(logged: House) -> None:
    attack(
        logged,
        "delete from ledger_leaves where id = (select leaf_id from ledger_places where seq = 9)",
        "delete from ledger_places where seq = 9",
        "update ledger_places set seq = -seq where seq > 9",
        "update ledger_places set seq = -seq - 1 where seq < 0",
    )
    found = said(logged)
    assert "place 9 (" in found
    assert "the log was cut off" in found


def test_two_leaves_in_each_others_places(logged: House) -> None:
    attack(
        logged,
        "update ledger_places set seq = -1 where seq = 5",
        "update ledger_places set seq = 5 where seq = 6",
        "update ledger_places set seq = 6 where seq = -1",
    )
    found = said(logged)
    assert "place 5 (" in found
    assert "place 6 (" in found


def test_two_leaves_in_each_others_places_in_the_tree_as_well(logged: House) -> None:
    attack(
        logged,
        "update ledger_places set seq = -1 where seq = 5",
        "update ledger_places set seq = 5 where seq = 6",
        "update ledger_places set seq = 6 where seq = -1",
        "update ledger_nodes set index = -1 where level = 0 and index = 5",
        "update ledger_nodes set index = 5 where level = 0 and index = 6",
        "update ledger_nodes set index = 6 where level = 0 and index = -1",
    )
    assert "do not add up to the signed checkpoint" in said(logged)


def test_the_end_of_the_log_cut_off(logged: House) -> None:
    attack(
        logged,
        "delete from ledger_leaves where id in (select leaf_id from ledger_places where seq > 20)",
        "delete from ledger_places where seq > 20",
    )
    found = said(logged)
    assert "the log was cut off" in found
    assert "has no leaf" in found
    assert "does not end where their row says" in found


def test_a_forged_checkpoint(logged: House) -> None:
    attack(
        logged,
        "update ledger_checkpoints set root = sha256('x'),"
        " note = replace(note, encode(root, 'base64'), encode(sha256('x'), 'base64'))",
    )
    assert "is not signed by us" in said(logged)


@pytest.mark.parametrize(
    "statement, names",
    [
        ("update consent_entries set said_at = said_at - interval '1 day' where says = 'stop'",
         "consent"),
        ("update consent_entries set scope = 'offers' where says = 'stop'", "its entry changed"),
        ("update consent_entries set source = 'nowhere' where says = 'stop'", "its entry changed"),
        ("update consent_entries set proof_ct = null where says = 'stop'", "its proof changed"),
        ("update decisions set verdict = 'block'",
         "its decision changed"),
        ("update decisions set facts = jsonb_set(facts, '{national_dnc}', 'true')",
         "its facts changed"),
        ("update texts set body_ct = set_byte(body_ct, 20, get_byte(body_ct, 20) # 1)",
         "its text changed"),
        ("update texts set created_at = created_at - interval '1 hour' where direction = 'in'",
         "its text changed"),
        ("update wordings set body = 'I agree to anything'", "its wording changed"),
        ("update policy_signatures set version = 2", "its act changed"),
        ("update access_acts set actor_id = about_id", "its act changed"),
        ("delete from consent_entries where says = 'stop'", "its row is gone"),
        ("delete from decisions", "its row is gone"),
    ],
)  # fmt: skip
def test_a_row_that_was_changed_is_named(logged: House, statement: str, names: str) -> None:
    attack(logged, statement)
    assert names in said(logged)


def test_a_row_added_beside_the_log(logged: House) -> None:
    """A yes that nobody gave."""
    attack(
        logged,
        "insert into consent_entries (group_id, id, contact_id, says, scope, kind, source, said_at,"
        " heard_at) select group_id, gen_random_uuid(), contact_id, 'yes', 'all', 'written',"
        " 'web_form', said_at, heard_at from consent_entries where says = 'stop' limit 1",
    )
    assert "consent entry" in said(logged)


def test_a_leaf_filed_under_somebody_else(logged: House) -> None:
    other = contact_of(logged, JOY)
    attack(
        logged,
        "update ledger_leaves set contact_id = %(other)s where chain_seq = 2 and contact_id = "
        "%(mine)s",
        other=other,
        mine=contact_of(logged, DANA),
    )
    assert "is filed as something else than it says" in said(logged)


def test_an_erased_contact_leaves_the_log_whole(logged: House) -> None:
    erase(logged.ctx, logged.town.sign_in("ada"), contact_of(logged, DANA))
    found = audited(logged)
    assert found.faults == []
    assert found.shut > 3
    sequence(logged.ctx, logged.town.group_id)
    assert audited(logged).faults == []
