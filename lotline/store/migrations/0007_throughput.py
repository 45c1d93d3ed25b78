"""How much a line or a registration may send: buckets and daily caps."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import keep_apart, run_file


class Migration(migrations.Migration):
    """Runs the file of its own name; then each tenant sees its own rows alone."""

    dependencies = (("store", "0006_programs"),)
    operations = (
        run_file("0007_throughput.sql"),
        keep_apart("registrations", app="select, insert, update"),
    )
