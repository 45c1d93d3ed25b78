"""Rollups of the dashboard."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0013_sending"),)
    operations = (run_file("0014_rollups.sql"),)
