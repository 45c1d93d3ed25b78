"""Legal holds, retention, exports by schedule."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import keep_apart, run_file


class Migration(migrations.Migration):
    """Runs the file of its own name; then each tenant sees its own rows alone."""

    dependencies = (("store", "0016_identity"),)
    operations = (
        run_file("0017_retention.sql"),
        keep_apart(
            "legal_holds",
            "legal_hold_lifts",
            "erasures_asked",
            "retention_choices",
            "retention_runs",
            "export_schedules",
            "export_files",
            "export_failures",
        ),
        keep_apart("retention_marks", app="select, insert, update, delete"),
    )
