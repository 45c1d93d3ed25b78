"""What was heard and waits for a person, and words that arrive in pieces."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import keep_apart, run_file


class Migration(migrations.Migration):
    """Runs the file of its own name; then each tenant sees its own rows alone."""

    dependencies = (("store", "0004_lists"),)
    operations = (
        run_file("0005_heard.sql"),
        keep_apart("heard_questions", app="select, insert, update"),
    )
