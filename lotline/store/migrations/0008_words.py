"""Words of texts, as keyed hashes, for search."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0007_throughput"),)
    operations = (run_file("0008_words.sql"),)
