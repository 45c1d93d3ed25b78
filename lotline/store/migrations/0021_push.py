"""Notices on members' own devices."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import keep_apart, run_file


class Migration(migrations.Migration):
    """Runs the file of its own name; then each tenant sees its own rows alone."""

    dependencies = (("store", "0020_reads"),)
    operations = (
        run_file("0021_push.sql"),
        keep_apart("push_keys", app="select, insert, update"),
        keep_apart("push_subscriptions", "push_notices", app="select, insert, update, delete"),
    )
