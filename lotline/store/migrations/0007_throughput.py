"""How much a line or a registration may send: buckets and daily caps."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0006_programs"),)
    operations = (run_file("0007_throughput.sql"),)
