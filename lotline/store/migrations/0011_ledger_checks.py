"""What came of each check of the whole ledger."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0010_leaving"),)
    operations = (run_file("0011_ledger_checks.sql"),)
