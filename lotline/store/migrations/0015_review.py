"""Flags, reviews and the words a store looks for."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0014_rollups"),)
    operations = (run_file("0015_review.sql"),)
