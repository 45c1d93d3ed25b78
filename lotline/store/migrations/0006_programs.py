"""Programs that text: tokens, their limits, webhooks out."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0005_heard"),)
    operations = (run_file("0006_programs.sql"),)
