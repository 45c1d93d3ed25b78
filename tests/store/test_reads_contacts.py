"""Customers are found by what a person would type, and by nothing that stands readable on disk."""

from __future__ import annotations

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.actions.contacts import rename
from lotline.store.contacts import find_contact, load_contacts
from lotline.store.sealed import words_of
from tests.conftest import Database
from tests.town import Town

PEOPLE = {
    "+16145550142": "Priya Ramnath",
    "+16145550143": "José Ñúñez-Ortega",
    "+18085550144": "Anne-Marie O'Brien",
    "+17875550145": "Ли Мэй",
    "+14045550146": "",
}


@pytest.fixture
def peopled(town: Town) -> Town:
    for number, name in PEOPLE.items():
        town.meet(number, name, by="ben", line="sales", zip_code="", how="not_yet")
    return town


def found(town: Town, q: str, level: str | None = None) -> set[str]:
    ben = town.sign_in("ben")
    with town.ctx.db.transaction(town.group_id) as tx:
        rows, _ = load_contacts(tx, ben, q=q, level=level)
    return {row.number for row in rows}


@pytest.mark.parametrize(
    "q,numbers",
    [
        ("priya", {"+16145550142"}),
        ("PRIYA", {"+16145550142"}),
        ("pr", {"+16145550142"}),
        ("ram pri", {"+16145550142"}),
        ("priya ort", set()),
        ("p", set()),
        ("jose", {"+16145550143"}),
        ("José", {"+16145550143"}),
        ("nunez", {"+16145550143"}),
        ("ortega", {"+16145550143"}),
        ("obrien", set()),
        ("brien", {"+18085550144"}),
        ("anne-marie", {"+18085550144"}),
        ("ли", {"+17875550145"}),
        ("0142", {"+16145550142"}),
        ("5550143", {"+16145550143"}),
        ("555-0143", {"+16145550143"}),
        ("(614) 555-0142", {"+16145550142"}),
        ("+1 614 555 0142", {"+16145550142"}),
        ("6145550142", {"+16145550142"}),
        ("614555014", set()),
        ("0199", set()),
        ("!!", set()),
        ("' or 1=1 --", set()),
        ("", set(PEOPLE)),
        ("   ", set(PEOPLE)),
    ],
)
def test_what_is_typed_finds_whom_it_means(peopled: Town, q: str, numbers: set[str]) -> None:
    assert found(peopled, q) == numbers


def test_a_new_name_is_found_and_the_old_one_no_longer(peopled: Town) -> None:
    with peopled.ctx.db.transaction(peopled.group_id) as tx:
        priya = find_contact(tx, "+16145550142")
    assert priya is not None
    assert priya.name == "Priya Ramnath"
    rename(peopled.ctx, peopled.sign_in("ben"), priya.contact_id, "  Priya   Corden ")
    assert found(peopled, "corden") == {"+16145550142"}
    assert found(peopled, "ramnath") == set()
    assert found(peopled, "0142") == {"+16145550142"}


def test_a_number_nobody_has_finds_nobody(peopled: Town) -> None:
    with peopled.ctx.db.transaction(peopled.group_id) as tx:
        assert find_contact(tx, "+16145550199") is None


def test_lists_can_be_of_one_level(town: Town) -> None:
    town.meet("+16145550142", "Said yes", by="ben", line="sales", how="in_person")
    town.meet("+16145550143", "Not yet", by="ben", line="sales", how="not_yet")
    assert found(town, "", level="replies") == {"+16145550142"}
    assert found(town, "", level="none") == {"+16145550143"}
    assert found(town, "", level="out") == set()


def test_no_name_and_no_number_stands_readable_in_the_tables(
    peopled: Town, module_db: Database
) -> None:
    """P8, for what this part writes: the whole row as text holds no word of it."""
    with psycopg.connect(module_db.cluster.dsn("superuser", module_db.name)) as link:
        said = [
            str(row)
            for table in (
                "contacts",
                "conversations",
                "happenings",
                "events",
                "access_acts",
                "ledger_leaves",
                "devices",
                "members",
                "lines",
                "stores",
                "groups",
            )
            for row in link.execute(f"select to_jsonb(t) from {table} t").fetchall()
        ]
    words = {word for name in PEOPLE.values() for word in words_of(name) if len(word) > 3}
    for word in {*words, "555014", "elm street", "ostrander", "quist"}:
        hexed = word.encode().hex()
        assert not any(word in row.lower() or hexed in row for row in said), word


@given(st.text(max_size=60))
def test_any_words_at_all_can_be_looked_for(typed: str) -> None:
    """Splitting is the same for what is kept and what is typed."""
    for word in words_of(typed):
        assert words_of(word) == [word]
        assert word == word.casefold()
