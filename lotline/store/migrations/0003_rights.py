"""Who may touch which table, and row-level security on every tenant's rows."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0002_town"),)
    operations = (run_file("0003_rights.sql"),)
