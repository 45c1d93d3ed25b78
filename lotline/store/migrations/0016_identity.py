"""Sign-in and provisioning by an identity provider."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import run_file


class Migration(migrations.Migration):
    """Runs the file of its own name."""

    dependencies = (("store", "0015_review"),)
    operations = (run_file("0016_identity.sql"),)
