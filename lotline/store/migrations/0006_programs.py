"""Programs that text: tokens, their limits, webhooks out."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import keep_apart, run_file


class Migration(migrations.Migration):
    """Runs the file of its own name; then each tenant sees its own rows alone."""

    dependencies = (("store", "0005_heard"),)
    operations = (
        run_file("0006_programs.sql"),
        keep_apart(
            "programs",
            "program_uses",
            "program_requests",
            "webhooks",
            "webhook_calls",
            app="select, insert, update",
        ),
    )
