"""Leaving, access review, and identities from a provider."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0009_entitled"),)
    operations = (run_file("0010_leaving.sql"),)
