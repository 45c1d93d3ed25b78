"""One town and one provider for the tests of a file: each speaks of people of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.web.scim.client import Provider, token_of
from tests.web.site import Site, a_site


@pytest.fixture(scope="module")
def town_site(module_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("scim")
    with a_site(module_db, folder, choices={"training_required": True}) as made:
        yield made


@pytest.fixture(scope="module")
def provider(town_site: Site) -> Provider:
    return Provider(token_of(town_site))
