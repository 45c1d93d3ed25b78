"""Switching users on a shared tablet, access reviews, what was brought in from private phones."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0017_retention"),)
    operations = (run_file("0018_switching.sql"),)
