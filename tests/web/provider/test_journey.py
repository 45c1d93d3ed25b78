"""A person with a phone signs in by the company's provider; the owner looks after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect

from lotline.actions.identity import keep_way, make_token, map_group, name_provider
from lotline.actions.provisioning import add_group
from lotline.actions.provisioning_calls import admit, note_call
from lotline.adapters.guarded import Session
from lotline.store.identity import Way
from tests.web.provider.conftest import DOMAINS
from tests.web.screens.conftest import Open, open_tab, site  # noqa: F401  # fixtures
from tests.web.screens.test_programs import _look
from tests.web.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # in short: `test_sign_in`


@pytest.fixture
def way_out() -> Iterator[None]:
    before = settings.LOTLINE_WAY_OUT
    settings.LOTLINE_WAY_OUT = lambda: Session(private=True)
    yield
    settings.LOTLINE_WAY_OUT = before


@pytest.mark.usefixtures("way_out")
def test_a_phone_signs_in_there_and_an_owner_sees_it(
    site: Site,  # noqa: F811  # a fixture
    open_tab: Open,  # noqa: F811  # ditto
    browser: Browser,
    issuer: str,
) -> None:
    ctx, ada = site.house.ctx, site.town.sign_in("ada")
    name_provider(ctx, ada, "Elm directory", heir="in_turn")
    keep_way(ctx, ada, Way(issuer, "lotline", "a-secret", DOMAINS), sign_in=True, required=True)
    caller = admit(ctx, make_token(ctx, ada).token)
    for name in ("Elm Street sales", "Everybody"):
        group = add_group(ctx, caller, {"name": name}, ())
    map_group(ctx, ada, group, "staff", (site.town.stores["elm"],))
    note_call(ctx, caller, ("POST", "Groups"), 201, "192.0.2.7")
    claims = {"email": "ben@elmdock.example", "email_verified": True}
    httpx.put(f"{issuer}/users/ben-there", json=claims)

    owner = open_tab("ada", "/settings/identity/")
    link = owner.get_by_label("Your people’s sign-in link").input_value()
    owner.close()

    size: Any = {"width": 390, "height": 844}
    with browser.new_context(viewport=size, has_touch=True, is_mobile=True) as context:
        phone = context.new_page()
        phone.goto(f"{site.url}/inbox/")
        faults = _look(phone)
        phone.set_viewport_size(size)
        expect(phone.get_by_text("Elm directory")).to_have_count(0)
        phone.get_by_role("link", name="Sign in by my company’s link").click()
        faults += _look(phone)
        phone.set_viewport_size(size)
        phone.get_by_label("Sign-in link").fill(link)
        phone.get_by_role("button", name="Continue").click()
        phone.get_by_role("link", name="Continue with Elm directory").click()
        phone.get_by_placeholder("sub").fill("ben-there")
        phone.get_by_role("button", name="Authorize").click()
        expect(phone.get_by_role("heading", name="Inbox")).to_be_visible()
        assert phone.url.startswith(f"{site.url}/inbox/")

    tab = open_tab("ada", "/settings/identity/")
    expect(tab.get_by_role("heading", name="Its groups")).to_be_visible()
    faults += _look(tab)
    tab.get_by_role("link", name="All calls").click()
    faults += _look(tab)
    tab.goto(f"{site.url}/settings/identity/")
    tab.get_by_role("button", name="Replace token").click()
    faults += _look(tab)
    assert tab.get_by_label("Token").input_value().startswith("lotid_")
    tab.get_by_role("link", name="I have it").click()
    expect(tab.get_by_text("good until")).to_be_visible()
    tab.get_by_label("Issuer").fill("https://127.0.0.1")
    tab.get_by_role("button", name="Save and check").click()
    expect(tab.locator(".problem")).to_contain_text("inside a network")
    faults += _look(tab)
    assert not faults, "\n".join(["", *faults])
