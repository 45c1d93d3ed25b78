"""Every screen of the desk: its width, its targets, what axe says, what it leaves behind."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Response, expect

from tests.web.screens.conftest import Open, box
from tests.web.site import Site

pytestmark = pytest.mark.browser
FAULTS = {"resultTypes": ["violations"], "performanceTimer": False}
_SMALL = """(least) => [...document.querySelectorAll(
    'button, summary, a.btn, a.row, nav a, input, textarea')]
    .filter((one) => one.checkVisibility() && one.offsetParent && !one.closest('.vh')
        && !one.matches('[type=radio], [type=checkbox], .skip'))
    .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
    .filter(([, at]) => at.width && (at.height < least || at.width < 24))
    .map(([html, at]) => `${html} ${at.width}x${at.height}`)"""


@pytest.mark.parametrize("width", [320, 390, 834, 1280])
def test_nothing_is_wider_than_the_screen(
    open_tab: Open, people: dict[str, UUID], site: Site, width: int
) -> None:
    """Checks 5, 8 and 9."""
    tab = open_tab("ben", "/inbox/", width=width, height=844)
    contact = site.house.ask("select id from contacts limit 1")[0][0]
    for path in (
        "/inbox/",
        f"/c/{people['priya']}/",
        f"/c/{people['curtis']}/",
        "/customers/",
        f"/customers/{contact}/",
        f"/customers/{contact}/consent/add/",
        "/new/",
        "/templates/",
        "/rules/",
        "/search/?q=priya",
        "/more/",
        "/help/keys/",
    ):
        tab.goto(site.url + path)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, path
        small = tab.evaluate(
            _SMALL,
            44 if width < 700 else 24,
        )
        assert not small, (path, small)
    if width == 390:
        tab.goto(f"{site.url}/c/{people['priya']}/")
        expect(box(tab)).to_be_in_viewport()
        send = tab.get_by_role("button", name="Send", exact=True)
        expect(send).to_be_in_viewport()
        size = send.bounding_box()
        assert size
        assert min(size["width"], size["height"]) >= 44


def test_nothing_stays_on_the_device(site: Site, open_tab: Open, people: dict[str, UUID]) -> None:
    """Check 27."""
    tab = open_tab("ben")
    kept: list[str] = []

    def note(got: Response) -> None:
        if "/static/" not in got.url:
            kept.append(got.headers.get("cache-control", ""))

    tab.on("response", note)
    tab.get_by_role("link", name=re.compile("Priya")).click()
    expect(tab.locator("#conv h1")).to_have_text("Priya Ramnath")
    assert f"/c/{people['priya']}/" in tab.url
    box(tab).type("We do, bring it by.")
    expect(tab.locator("#verdict")).to_contain_text("Sends now")
    tab.wait_for_timeout(1200)
    assert kept
    assert all("no-store" in one for one in kept), kept
    assert tab.evaluate("indexedDB.databases()") == []
    urls = tab.evaluate(
        "caches.keys().then(async (names) => (await Promise.all(names.map(async (name) =>"
        "(await (await caches.open(name)).keys()).map((one) => one.url)))).flat())"
    )
    assert all("/static/" in url or url.endswith("/offline.html") for url in urls), urls
    tab.go_back()
    expect(tab.get_by_role("heading", name="Inbox")).to_be_visible()
    tab.goto(site.url + "/offline.html")  # a page without our scripts sees the real stores
    assert tab.evaluate("localStorage.length + sessionStorage.length") == 0
    site.house.ask("update devices set ended_at = now() returning id")
    tab.goto(site.url + "/inbox/")
    tab.go_back()
    expect(tab.get_by_text("Priya Ramnath")).to_have_count(0)


@pytest.mark.slow  # every page of the product is asked by `tests.browser.test_every_page`
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    site: Site, open_tab: Open, people: dict[str, UUID], scheme: Any
) -> None:
    """Check 1."""
    from axe_playwright_python.sync_playwright import Axe

    axe, tab = Axe(), open_tab("ben")
    tab.emulate_media(color_scheme=scheme)
    contact = site.house.ask("select id from contacts limit 1")[0][0]
    found = []
    for path in (
        "/inbox/",
        f"/c/{people['priya']}/",
        f"/c/{people['curtis']}/",
        f"/c/{people['joanne']}/",
        "/customers/",
        f"/customers/{contact}/",
        f"/customers/{contact}/consent/",
        f"/customers/{contact}/consent/add/",
        f"/customers/{contact}/stop/",
        "/new/",
        "/templates/",
        "/rules/?q=ohio",
        "/search/?q=priya",
        "/more/",
        "/help/keys/",
        "/offline.html",
        "/no/such/page/",
    ):
        for width in (1280, 390):
            tab.set_viewport_size({"width": width, "height": 844})
            tab.goto(site.url + path)
            seen = axe.run(tab, options=FAULTS).response["violations"]
            found += [(path, width, one["id"], one["nodes"][0]["html"][:160]) for one in seen]
    assert not found, found
