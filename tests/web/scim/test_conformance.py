"""The independent suite of SCIM checks, over real HTTP against the running pages."""

from __future__ import annotations

import httpx
import pytest
from scim2_tester import Status, check_server

from tests.web.scim.client import OverHttp, token_of
from tests.web.site import Site, served


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param(None, id="whole", marks=pytest.mark.slow),
        pytest.param({"discovery", "crud:create", "crud:delete", "misc"}, id="short"),
    ],
)
def test_the_independent_suite_finds_nothing(site: Site, tags: set[str] | None) -> None:
    token = token_of(site)
    headers = {"Authorization": f"Bearer {token}"}
    with (
        served(site) as url,
        httpx.Client(base_url=f"{url}/scim/v2", headers=headers, timeout=60) as link,
    ):
        results = check_server(OverHttp(link), include_tags=tags)
    said = [
        f"{one.title}: {one.reason}"
        for one in results
        if one.status is Status.ERROR or (tags is None and one.status is not Status.SUCCESS)
    ]
    assert said == []
    assert len(results) > (10 if tags else 50), "guards the question itself"
