"""Pages of a town of their own for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import django
import pytest

from tests.conftest import Database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")
django.setup()
HERE = Path(__file__).parent


@pytest.fixture
def site(db: Database, tmp_path: Path) -> Iterator[object]:
    """A town with accounts; nothing is served, clients call the pages in this process."""
    from tests.web.site import a_site

    with a_site(db, tmp_path) as made:
        yield made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A request that a closing tab cut off leaves its connection to the collector, at any time."""
    left = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(left)
