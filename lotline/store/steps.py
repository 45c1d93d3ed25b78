"""How a migration finds the SQL that it runs."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

_HERE = Path(__file__).parent / "migrations"


def run_file(name: str) -> migrations.RunSQL:
    """The whole file as one script; history only goes forward."""
    return migrations.RunSQL((_HERE / name).read_text(encoding="utf-8"), elidable=False)
