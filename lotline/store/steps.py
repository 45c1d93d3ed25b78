"""How a migration finds the SQL that it runs."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

_HERE = Path(__file__).parent / "migrations"


def run_file(name: str) -> migrations.RunSQL:
    """The whole file as one script; history only goes forward."""
    return migrations.RunSQL((_HERE / name).read_text(encoding="utf-8"), elidable=False)


def keep_apart(*tables: str, app: str = "select, insert") -> migrations.RunSQL:
    """Each tenant sees and writes its own rows of `tables` alone, the tables' owner included.

    `app` is what the running house may do with them; without update they only ever grow. Reports
    read.
    """
    return migrations.RunSQL("".join(_apart(table, app) for table in tables), elidable=False)


def _apart(table: str, app: str) -> str:
    mine = "group_id = nullif(current_setting('lotline.group_id', true), '')::uuid"
    return f"""
        alter table {table} enable row level security;
        alter table {table} force row level security;
        create policy tenant on {table} using ({mine}) with check ({mine});
        grant {app} on {table} to lotline_app;
        grant select on {table} to lotline_reader;
    """
