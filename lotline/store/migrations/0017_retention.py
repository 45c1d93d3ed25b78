"""Legal holds, retention, exports by schedule."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0016_identity"),)
    operations = (run_file("0017_retention.sql"),)
