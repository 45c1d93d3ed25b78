"""The one Django app that owns tables, so that there is one line of migrations."""

from __future__ import annotations

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Every table of ours, and the account that signs in."""

    name = "lotline.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
