"""What came of each check of the whole ledger."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import keep_apart, run_file


class Migration(migrations.Migration):
    """Runs the file of its own name; then each tenant sees its own rows alone."""

    dependencies = (("store", "0010_leaving"),)
    operations = (run_file("0011_ledger_checks.sql"), keep_apart("ledger_checks"))
