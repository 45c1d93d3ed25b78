"""Switching users on a shared tablet, access reviews, what was brought in from private phones."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import keep_apart, run_file

_CHANGES = "select, insert, update"
_COMES_AND_GOES = "select, insert, update, delete"


class Migration(migrations.Migration):
    """Runs the file of its own name; then each tenant sees its own rows alone."""

    dependencies = (("store", "0017_retention"),)
    operations = (
        run_file("0018_switching.sql"),
        keep_apart("access_reviews", "access_review_rows", "brought_texts", "brought_entries"),
        keep_apart("tablets", "bringings", "bringing_threads", app=_CHANGES),
        keep_apart("member_rights", "tablet_pins", "bringing_texts", app=_COMES_AND_GOES),
    )
