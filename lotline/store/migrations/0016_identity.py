"""Sign-in and provisioning by an identity provider."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import keep_apart, run_file


class Migration(migrations.Migration):
    """Runs the file of its own name; then each tenant sees its own rows alone."""

    dependencies = (("store", "0015_review"),)
    operations = (
        run_file("0016_identity.sql"),
        keep_apart(
            "identity_providers",
            "identities",
            "provider_groups",
            "provisioning_tokens",
            app="select, insert, update",
        ),
        keep_apart("provider_group_people", app="select, insert, delete"),
        keep_apart("provisioning_calls", app="select, insert, update, delete"),
    )
