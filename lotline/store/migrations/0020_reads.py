"""Reading a long history: what a page still walked."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0018_switching"),)
    operations = (run_file("0020_reads.sql"),)
