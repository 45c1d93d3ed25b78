"""What was heard and waits for a person, and words that arrive in pieces."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0004_lists"),)
    operations = (run_file("0005_heard.sql"),)
