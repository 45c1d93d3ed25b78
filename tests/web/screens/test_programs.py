"""The owner makes a program and a webhook, sees each secret once, and takes them away again."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from lotline.actions.webhooks import gather
from tests.web.screens.conftest import Open
from tests.web.screens.test_every_screen import _SMALL
from tests.web.site import Site

pytestmark = pytest.mark.browser


def _look(tab: Page) -> list[str]:
    """Everything wrong with a page, wide and on a phone."""
    found = []
    for width, least in ((1280, 24), (390, 44)):
        tab.set_viewport_size({"width": width, "height": 844})
        seen = Axe().run(tab).response["violations"]
        found += [f"{tab.url} {width} {one['id']}: {one['nodes'][0]['html'][:160]}" for one in seen]
        if tab.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{tab.url}: wider than {width}")
        found += [f"{tab.url} {width} small: {one}" for one in tab.evaluate(_SMALL, least)]
    return found


def test_the_owner_makes_and_revokes(site: Site, open_tab: Open) -> None:
    site.town.meet("+16145550142", "Priya Ramnath", by="ben", line="sales")
    tab = open_tab("ada", "/programs/")
    faults = _look(tab)
    tab.get_by_role("link", name="New program").click()
    faults += _look(tab)
    tab.get_by_label("Name").fill("DMS")
    tab.get_by_role("button", name="Make token").click()
    expect(tab.locator(".problem")).to_contain_text("Choose what it may do.")
    tab.get_by_label("Send texts").check()
    tab.get_by_label("The whole company").check()
    tab.get_by_role("button", name="Make token").click()
    token = tab.get_by_label("Token", exact=True).input_value()
    assert token.startswith("lot_")
    faults += _look(tab)
    tab.get_by_role("link", name="I have it").click()
    expect(tab.get_by_text("DMS", exact=False).first).to_be_visible()
    assert token not in tab.content()
    faults += _look(tab)
    tab.get_by_role("button", name="Revoke").click()
    expect(tab.get_by_text("Revoked")).to_be_visible()

    tab.get_by_role("link", name="New webhook").click()
    faults += _look(tab)
    tab.get_by_label("Address").fill("https://127.0.0.1/texts")
    tab.get_by_label("A customer texted").check()
    tab.get_by_role("button", name="Make webhook").click()
    expect(tab.locator(".problem")).to_contain_text("inside a network")
    tab.get_by_label("Address").fill("https://crm.example.com/texts/a-rather-long-path/of-theirs")
    tab.get_by_role("button", name="Make webhook").click()
    assert tab.get_by_label("Signing secret").input_value().startswith("whsec_")
    site.house.text_in("+16145550142", "Is it ready?")
    gather(site.house.ctx, site.town.group_id)
    tab.get_by_role("link", name="I have it").click()
    tab.get_by_role("link", name="crm.example.com").click()
    expect(tab.get_by_role("heading", name="A customer texted").last).to_be_visible()
    site.house.ask("update webhooks set stopped_at = now(), stopped_why = 'failing' returning id")
    tab.reload()
    expect(tab.get_by_role("status").first).to_contain_text("three days")
    faults += _look(tab)
    tab.get_by_role("button", name="Start again").click()
    expect(tab.get_by_text("Stopped.")).to_have_count(0)
    tab.get_by_role("button", name="Remove webhook").click()
    expect(tab.get_by_role("link", name="crm.example.com")).to_have_count(0)
    assert not faults, "\n".join(["", *faults])
