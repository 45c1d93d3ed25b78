"""Who may touch what: only one's own tenant (P7), and nothing of what must not change (P5).

Everything here is tried with raw SQL as the application's own role, past all of our code.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.actions.house import House

# Asked before a tenant is known. They hold ids, times, keyed hashes and sealed bytes, nothing else.
DOOR = {
    "buckets",
    "line_buckets",
    "line_directory",
    "optin_pages",
    "outbox",
    "program_doors",
    "provider_doors",
    "provisioning_doors",
    "seats",
    "turned_away",
}
# Django's own and those of signing in: no tenant's words are in them.
FOREIGN = ("django_", "auth_", "account_", "mfa_", "socialaccount_", "accounts", "shared_cache")
GROWN = {
    "access_acts",
    "access_review_rows",
    "access_reviews",
    "arrivals",
    "brought_entries",
    "brought_texts",
    "consent_entries",
    "decisions",
    "erasures_asked",
    "export_failures",
    "export_files",
    "export_schedules",
    "flag_reviews",
    "flags",
    "happenings",
    "leaving_moves",
    "leavings",
    "ledger_checkpoints",
    "ledger_checks",
    "ledger_leaves",
    "ledger_nodes",
    "ledger_places",
    "legal_hold_lifts",
    "legal_holds",
    "list_imports",
    "notes",
    "policies",
    "policy_signatures",
    "profile_settings",
    "quiz_answers",
    "quizzes",
    "receipts",
    "refresher_answers",
    "refreshers",
    "retention_choices",
    "retention_runs",
    "training_passes",
    "training_steps",
    "watches",
    "wordings",
}
# Never changed, but dropped: once a newer list is in force, once somebody is in a group no more.
REPLACED = {
    *("list_numbers", "provider_group_people"),
    *("count_days", "count_texts", "count_waits", "count_moves"),
}
OUTSIDER = UUID("00000000-0000-7000-8000-0000000000ff")


def tables(house: House) -> list[str]:
    rows = house.ask("select tablename from pg_tables where schemaname = 'public' order by 1")
    return [name for (name,) in rows if not name.startswith(FOREIGN)]


def as_app(house: House, group: UUID | None) -> psycopg.Connection[Any]:
    link = psycopg.connect(house.database.app, autocommit=True)
    if group is not None:
        link.execute("select set_config('lotline.group_id', %s, false)", [str(group)])
    return link


def test_each_table_is_a_tenants_or_a_door(lived_in: House) -> None:
    forced = lived_in.ask(
        "select relname from pg_class"
        " where relkind = 'r' and relrowsecurity and relforcerowsecurity"
    )
    assert {name for (name,) in forced} == set(tables(lived_in)) - DOOR


def test_no_door_holds_a_word(lived_in: House) -> None:
    kinds = lived_in.ask(
        "select distinct data_type from information_schema.columns where table_name = any(%s)",
        list(DOOR),
    )
    assert {name for (name,) in kinds} <= {
        "uuid",
        "text",
        "bytea",
        "timestamp with time zone",
        "smallint",
        "bigint",
        "double precision",
    }


@pytest.mark.parametrize("group", [None, OUTSIDER])
def test_an_outsider_sees_and_changes_nothing(lived_in: House, group: UUID | None) -> None:
    """A transaction that names no tenant, or another one."""
    with as_app(lived_in, group) as link:
        for table in tables(lived_in):
            if table in DOOR:
                continue
            (count,) = link.execute(f"select count(*) from {table}".encode()).fetchone() or (0,)
            assert count == 0, table
            if table not in GROWN | REPLACED | {"groups"}:
                touched = link.execute(f"update {table} set group_id = group_id".encode())
                assert touched.rowcount == 0, table


def test_nobody_writes_into_another_tenant(lived_in: House) -> None:
    with as_app(lived_in, OUTSIDER) as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute(
            "insert into stores (group_id, id, name_ct, zone, created_at)"
            " values (%s, %s, '', 'UTC', now())",
            [lived_in.town.group_id, OUTSIDER],
        )


def test_the_tenant_ends_with_the_transaction(lived_in: House) -> None:
    """A pooled connection carries nobody's tenant into the next request."""
    with lived_in.ctx.db.transaction(lived_in.town.group_id) as tx:
        assert tx.one("groups.load") is not None
    with lived_in.ctx.db.door() as tx:
        assert tx.one("groups.load", group_id=lived_in.town.group_id) is None


@pytest.mark.parametrize("table", sorted(GROWN))
@pytest.mark.parametrize(
    "act", ["update {} set group_id = group_id", "delete from {}", "truncate {}"]
)
def test_what_is_history_is_only_added_to(lived_in: House, table: str, act: str) -> None:
    with (
        as_app(lived_in, lived_in.town.group_id) as link,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        link.execute(act.format(table).encode())


def test_the_application_owns_nothing_and_passes_no_policy(lived_in: House) -> None:
    roles = lived_in.ask(
        "select rolname, rolsuper, rolbypassrls, rolcreaterole from pg_roles"
        " where rolname in ('lotline_app', 'lotline_reader', 'lotline_owner')"
    )
    assert len(roles) == 3
    assert not any(flag for _, *flags in roles for flag in flags)
    owned = lived_in.ask(
        "select tablename from pg_tables where schemaname = 'public'"
        " and tableowner in ('lotline_app', 'lotline_reader')"
    )
    assert owned == []


def test_the_application_cannot_switch_the_policies_off(lived_in: House) -> None:
    for act in (
        "alter table texts disable row level security",
        "set row_security = off; select * from texts",
        "drop policy tenant on texts",
        "set role lotline_owner",
    ):
        with as_app(lived_in, None) as link, pytest.raises(psycopg.Error):
            link.execute(act.encode())


def test_the_reader_reads_one_tenant_and_writes_nothing(lived_in: House) -> None:
    with psycopg.connect(lived_in.database.reader, autocommit=True) as link:
        assert link.execute("select count(*) from texts").fetchone() == (0,)
        link.execute(
            "select set_config('lotline.group_id', %s, false)", [str(lived_in.town.group_id)]
        )
        assert link.execute("select count(*) > 0 from texts").fetchone() == (True,)
        for act in ("delete from texts", "update contacts set level = 'none'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                link.execute(act.encode())
