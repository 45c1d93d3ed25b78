"""Bringing a database to today's tables, and telling when one has drifted from them.

Runs as the owner, the only role that may change a table. A step that must wait for a lock gives
up after seconds rather than stop the house.

Not here: the steps themselves (`migrations`).
"""

from __future__ import annotations

import io
import os
import warnings
from importlib import resources
from typing import Any

import django
import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connections
from psycopg import sql

_ALIAS = "owner"
_LIMITS = "-c lock_timeout=4s -c statement_timeout=5s -c timezone=UTC"
_SNAPSHOT = "catalogue.txt"
# What another program brings and checks itself.
_FOREIGN = ("django_", "auth_", "account_", "mfa_", "socialaccount_")


def migrate(owner_dsn: str) -> None:
    """Run every step that this database has not seen."""
    _setup(owner_dsn)
    call_command("migrate", database=_ALIAS, interactive=False, verbosity=0)
    _close()
    _grant_sign_in_tables(owner_dsn)


def drift(owner_dsn: str) -> list[str]:
    """In words, each way in which the live tables differ from what the migrations should make."""
    return [*_unwritten(owner_dsn), *catalogue_differences(owner_dsn)]


def catalogue(owner_dsn: str) -> list[str]:
    """Every column, key, index, policy and right of our tables, one a line, sorted."""
    statement = resources.files("lotline.store").joinpath("migrations/catalogue.sql")
    with psycopg.connect(owner_dsn) as conn:
        rows = conn.execute(statement.read_text(encoding="utf-8").encode()).fetchall()
    return [row[0] for row in rows if not row[0].split(" ")[1].startswith(_FOREIGN)]


def catalogue_differences(owner_dsn: str) -> list[str]:
    """In words, each way in which the live tables are not those that migrations make."""
    kept = resources.files("lotline.store").joinpath(f"migrations/{_SNAPSHOT}")
    wanted = set(kept.read_text(encoding="utf-8").splitlines())
    found = set(catalogue(owner_dsn))
    return [
        *(f"missing: {line}" for line in sorted(wanted - found)),
        *(f"not ours: {line}" for line in sorted(found - wanted)),
    ]


def _unwritten(owner_dsn: str) -> list[str]:
    _setup(owner_dsn)

    out = io.StringIO()
    try:
        with warnings.catch_warnings():  # it would look at a house that need not be running
            warnings.simplefilter("ignore", RuntimeWarning)
            call_command(
                "makemigrations", "store", check=True, dry_run=True, stdout=out, stderr=out
            )
    except SystemExit:
        return [f"a model changed without a migration: {out.getvalue().strip()}"]
    finally:
        _close()
    return []


def _setup(owner_dsn: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")

    django.setup()
    parts = psycopg.conninfo.conninfo_to_dict(owner_dsn)
    described: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "") or ""),
        "OPTIONS": {**parts, "options": _LIMITS},
    }
    whole = connections.configure_settings({"default": {}, _ALIAS: described})
    _close()
    connections.databases[_ALIAS] = whole[_ALIAS]


def _close() -> None:
    """Forget the owner's connection, so that the next call may be about another database."""
    if _ALIAS in connections.databases:
        connections[_ALIAS].close()
        del connections[_ALIAS]


def _grant_sign_in_tables(owner_dsn: str) -> None:
    """The application signs people in through Django's own tables and those of its apps."""
    models = apps.get_models(include_auto_created=True)
    tables = {model._meta.db_table for model in models}  # noqa: SLF001  # documented, in spite of its name
    with psycopg.connect(owner_dsn, autocommit=True) as conn:
        for table in sorted(tables | {"shared_cache"}):
            conn.execute(
                sql.SQL("grant select, insert, update, delete on {} to lotline_app").format(
                    sql.Identifier(table)
                )
            )
        conn.execute("grant usage, select on all sequences in schema public to lotline_app")
