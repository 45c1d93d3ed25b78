"""What intake and its speed need."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0011_ledger_checks"),)
    operations = (run_file("0012_intake.sql"),)
