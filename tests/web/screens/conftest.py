"""A town that is served over real HTTP, and tabs of a real browser signed in to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Database
from tests.town import NOON
from tests.web.site import Running, Site, a_site, served

PRIYA, DALE, CURTIS, JOANNE = "+16145550142", "+16145550143", "+16145550144", "+16145550145"
Open = Callable[..., Page]
expect.set_options(timeout=10_000)  # machines are shared; what must be quick says so itself


@pytest.fixture
def site(db: Database, tmp_path: Path) -> Iterator[Site]:
    """Ten in the morning in Columbus, and time goes on."""
    with a_site(db, tmp_path, clock=Running(NOON)) as made, served(made):
        yield made


@pytest.fixture
def open_tab(browser: Browser, site: Site) -> Iterator[Open]:
    """`open_tab("ben", "/inbox/")`: a tab in a browser of theirs. An error on it fails the test."""
    contexts: list[Any] = []
    errors: list[str] = []

    def opened(who: str, path: str = "/inbox/", width: int = 1280, height: int = 800) -> Page:
        size: Any = {"width": width, "height": height}
        phone = width < 700
        context = browser.new_context(viewport=size, has_touch=phone, is_mobile=phone)
        context.set_default_timeout(20_000)
        cookie: Any = site.cookie(who)
        context.add_cookies([cookie])
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("console", lambda said: _note(said, errors))
        tab.goto(site.url + path)
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert not errors, errors


def _note(said: Any, errors: list[str]) -> None:
    """What a policy refused or a script threw. A status is the page's own business."""
    if said.type == "error" and "status of" not in said.text and "ERR_" not in said.text:
        errors.append(said.text)


def box(tab: Page) -> Any:
    return tab.get_by_role("textbox", name="Message")


@pytest.fixture
def people(site: Site) -> dict[str, UUID]:
    """Priya asked something, Dale waits, Curtis stopped, Joanne never said yes."""
    meet, house = site.town.meet, site.house
    talks = {
        "joanne": meet(JOANNE, "Joanne Pruitt", by="ben", line="sales", how="not_yet"),
        "curtis": meet(CURTIS, "Curtis Vale", by="ben", line="sales", how="texted_us"),
        "dale": meet(DALE, "Dale Okafor", by="ben", line="sales", how="in_person"),
        "priya": meet(PRIYA, "Priya Ramnath", by="ben", line="sales", how="texted_us"),
    }
    house.text_in(CURTIS, "STOP")
    house.text_in(DALE, "Running about 10 late, still ok?")
    house.text_in(PRIYA, "Do you take trades?")
    return talks
