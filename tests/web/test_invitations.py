"""Where somebody new texts from: stores whole or single lines, never more than the giver has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Database
from tests.web.site import Site, a_site

NEW = {"name": "Zed Arlen", "email": "zed@elmdock.example", "role": "staff"}


@pytest.fixture(scope="module")
def site(module_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("invitations")
    with a_site(module_db, folder) as made:
        yield made


def reach_of(site: Site, name: str) -> list[tuple[Any, Any]]:
    """Of the newest member, if it is of that name on the page."""
    page = site.client("ada").get("/team/").content.decode()
    assert name in page
    return site.house.ask(
        "select store_id, line_id from member_reach where member_id ="
        " (select id from members order by created_at desc, id desc limit 1)"
    )


def test_a_store_is_given_whole_and_stays_whole_when_its_page_is_saved(site: Site) -> None:
    town, ada = site.town, site.client("ada")
    page = ada.get("/team/new/").content.decode()
    assert "Elm Street Motors" in page
    assert "Dockside Motors" in page
    assert "Dockside sales" in page
    assert ada.post("/team/new/", NEW).status_code == 422, "somewhere they must text from"
    elm = town.stores["elm"]
    kept: Any = ada.post("/team/new/", NEW | {"name": "", "store": str(elm)})
    assert kept.status_code == 422
    assert f'value="{elm}" checked' in kept.content.decode(), "what was ticked stays"
    assert ada.post("/team/new/", NEW | {"store": str(elm)}).status_code == 200
    assert reach_of(site, NEW["name"]) == [(elm, None)]
    zed = site.house.ask("select id from members order by created_at desc, id desc limit 1")[0][0]
    page = ada.get(f"/team/{zed}/").content.decode()
    assert f'value="{elm}" checked' in page
    assert f'value="{town.lines["sales"]}" checked' not in page, "it is theirs by the store"
    ada.post(f"/team/{zed}/reach/", {"store": str(elm), "line": str(town.lines["dock"])})
    assert set(reach_of(site, NEW["name"])) == {(elm, None), (None, town.lines["dock"])}


@pytest.mark.parametrize(
    "what, which, status",
    [("store", "elm", 200), ("store", "dock", 404), ("line", "sales", 200), ("line", "dock", 404)],
)
def test_a_manager_invites_into_their_own_store_alone(
    site: Site, what: str, which: str, status: int
) -> None:
    town, mo = site.town, site.client("mo")
    page = mo.get("/team/new/").content.decode()
    assert "Elm Street Motors" in page
    assert "Dockside" not in page
    ids = town.stores if what == "store" else town.lines
    before = site.house.ask("select count(*) from members")[0][0]
    answer = mo.post(
        "/team/new/", NEW | {"email": f"{what}-{which}@elmdock.example", what: str(ids[which])}
    )
    assert answer.status_code == status
    after = site.house.ask("select count(*) from members")[0][0]
    assert after - before == (status == 200)
    ben = town.members["ben"]
    moved = mo.post(f"/team/{ben}/reach/", {what: str(ids[which])})
    assert moved.status_code == (302 if status == 200 else status)
