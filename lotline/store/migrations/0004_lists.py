"""Imported lists with their dates, and what a house chose of the rulebook."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import keep_apart, run_file


class Migration(migrations.Migration):
    """Runs the file of its own name; then each tenant sees its own rows alone."""

    dependencies = (("store", "0003_rights"),)
    operations = (
        run_file("0004_lists.sql"),
        keep_apart("profile_settings", "list_imports", "list_numbers"),
    )
