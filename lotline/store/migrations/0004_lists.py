"""Imported lists with their dates, and what a house chose of the rulebook."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0003_rights"),)
    operations = (run_file("0004_lists.sql"),)
