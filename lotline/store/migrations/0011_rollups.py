"""Counts that the dashboard reads."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0010_review"),)
    operations = (run_file("0011_rollups.sql"),)
