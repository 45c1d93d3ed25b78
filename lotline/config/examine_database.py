"""The database: reachable in three roles, none of them too powerful, its tables as they must be.

That what is only ever added cannot be changed by us is tried, not looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources

import psycopg
from psycopg import sql

from lotline.config.databases import Dsns
from lotline.config.examined import Examined, bad, fine, odd
from lotline.store.migrate import catalogue_differences

ROLES_NEEDED = ("owner", "app", "reader")
OLDEST = 150000
APART_WARN_S, APART_FAIL_S = 2.0, 30.0
ADDED_ONLY = (
    *("ledger_leaves", "ledger_places", "ledger_nodes", "ledger_checkpoints"),
    *("consent_entries", "decisions", "receipts", "arrivals", "policy_signatures", "access_acts"),
)


def examine_database(dsns: Dsns) -> Iterator[Examined]:
    """Goes on as long as something can still be asked."""
    roles = [_role(role, getattr(dsns, role)) for role in ROLES_NEEDED]
    yield from roles
    if any(found.mark == "fail" for found in roles):
        return
    yield _version(dsns.owner)
    yield _migrations(dsns.owner)
    yield _tables(dsns.owner)
    yield _added_only(dsns.app)
    yield _clock(dsns.app)


def _role(role: str, dsn: str) -> Examined:
    what = f"database as {role}"
    try:
        with psycopg.connect(dsn, connect_timeout=5) as link:
            row = link.execute(
                "select rolname, rolsuper or rolbypassrls from pg_roles"
                " where rolname = current_user"
            ).fetchone()
    except psycopg.OperationalError as error:
        said = str(error).strip().splitlines()
        return bad(
            what, said[-1] if said else "it does not answer", "see docs/operating/database.md"
        )
    assert row is not None, "whoever asks exists"
    if row[1]:
        return bad(
            what,
            f"{row[0]} may look past row-level security",
            f"alter role {row[0]} nosuperuser nobypassrls",
        )
    return fine(what, f"signs in as {row[0]}")


def _version(dsn: str) -> Examined:
    with psycopg.connect(dsn) as link:
        number = link.info.server_version
    shown = f"PostgreSQL {number // 10000}.{number % 10000}"
    if number < OLDEST:
        return bad("database version", shown, "15 is the oldest that works")
    return fine("database version", shown)


def _migrations(dsn: str) -> Examined:
    folder = resources.files("lotline.store").joinpath("migrations")
    wanted = {
        one.name.removesuffix(".py")
        for one in folder.iterdir()
        if re.match(r"\d{4}_.*\.py", one.name)
    }
    try:
        with psycopg.connect(dsn) as link:
            rows = link.execute("select name from django_migrations where app = 'store'").fetchall()
    except psycopg.errors.UndefinedTable:
        return bad("migrations", "the database has no tables yet", "lotline prepare")
    done = {row[0] for row in rows}
    if wanted - done:
        missing = ", ".join(sorted(wanted - done))
        return bad("migrations", f"not run yet: {missing}", "lotline migrate")
    if done - wanted:
        newer = ", ".join(sorted(done - wanted))
        return bad(
            "migrations", f"this database is from a newer version: {newer}", "update Lotline"
        )
    return fine("migrations", f"all {len(wanted)} are there")


def _tables(dsn: str) -> Examined:
    """Columns, keys, policies and rights, compared one by one with what migrations should make."""
    differences = catalogue_differences(dsn)
    if differences:
        more = f" and {len(differences) - 1} more" if len(differences) > 1 else ""
        return bad(
            "tables and rights",
            f"{differences[0]}{more}",
            "somebody changed tables by hand; `lotline migrate --check` shows what ours make",
        )
    return fine("tables and rights", "as the migrations make them; row-level security is forced")


def _added_only(dsn: str) -> Examined:
    what = "append-only tables"
    with psycopg.connect(dsn, autocommit=True) as link:
        for table in ADDED_ONLY:
            name = sql.Identifier(table)
            for attempt in (
                "update {} set group_id = group_id where false",
                "delete from {} where false",
            ):
                try:
                    link.execute(sql.SQL(attempt).format(name))
                except psycopg.errors.InsufficientPrivilege:
                    continue
                return bad(
                    what,
                    f"the application may change {table}",
                    f"revoke update, delete on {table} from lotline_app",
                )
    return fine(what, "the application may add to them and do nothing else")


def _clock(dsn: str) -> Examined:
    with psycopg.connect(dsn) as link:
        before = datetime.now(UTC)  # noqa: TID251  # the very clock that is examined
        row = link.execute("select clock_timestamp()").fetchone()
        after = datetime.now(UTC)  # noqa: TID251  # as above
    assert row is not None, "a clock shows a time"
    apart = abs((row[0] - (before + (after - before) / 2)).total_seconds())
    return judge_clocks("clock and database", apart)


def judge_clocks(what: str, apart_s: float) -> Examined:
    """Hours are law: a clock that is wrong sends at night."""
    says = f"{apart_s:.1f} s apart"
    if apart_s > APART_FAIL_S:
        return bad(what, says, "set the clock: `timedatectl set-ntp true`, or chrony")
    if apart_s > APART_WARN_S:
        return odd(what, says, "let NTP keep the clock")
    return fine(what, says)
