"""Open conversations of a company, newest first."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0021_push"),)
    operations = (run_file("0022_newest.sql"),)
