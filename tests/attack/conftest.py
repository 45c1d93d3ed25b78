"""Attacks on a town of their own each: pages, processes, hooks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import django
import pytest

from tests.conftest import Database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")
django.setup()


@pytest.fixture
def site(db: Database, tmp_path: Path) -> Iterator[object]:
    """A town with accounts; nothing is served, clients call the pages in this process."""
    from tests.web.site import a_site

    with a_site(db, tmp_path) as made:
        yield made
