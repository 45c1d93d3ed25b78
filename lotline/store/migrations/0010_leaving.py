"""Leaving, access review, and identities from a provider."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import keep_apart, run_file


class Migration(migrations.Migration):
    """Runs the file of its own name; then each tenant sees its own rows alone."""

    dependencies = (("store", "0009_entitled"),)
    operations = (run_file("0010_leaving.sql"), keep_apart("leavings", "leaving_moves"))
