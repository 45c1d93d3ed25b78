"""What the dashboard counts, by day."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import keep_apart, run_file


class Migration(migrations.Migration):
    """Runs the file of its own name; then each tenant sees its own rows alone."""

    dependencies = (("store", "0013_sending"),)
    operations = (
        run_file("0014_rollups.sql"),
        keep_apart("counted", app="select, insert, update"),
        keep_apart(
            "count_days", "count_texts", "count_waits", "count_moves", app="select, insert, delete"
        ),
    )
