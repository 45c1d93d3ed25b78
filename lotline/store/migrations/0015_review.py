"""Flags, reviews and the words a store looks for."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import keep_apart, run_file


class Migration(migrations.Migration):
    """Runs the file of its own name; then each tenant sees its own rows alone."""

    dependencies = (("store", "0014_rollups"),)
    operations = (
        run_file("0015_review.sql"),
        keep_apart("watches", "flags", "flag_reviews", "refreshers", "refresher_answers"),
        keep_apart("flags_open", app="select, insert, update, delete"),
        keep_apart("texting_stops", app="select, insert, update"),
    )
