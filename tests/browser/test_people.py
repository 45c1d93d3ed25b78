"""A shared tablet from hand to hand, and a private phone brought in, in a real browser."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.adapters.phone_exports import Line, android
from tests.browser.conftest import PHONE, WIDE, Guard, Opener
from tests.browser.house import House, fresh_number
from tests.browser.screen import meet
from tests.browser.test_every_page import _look

TABLET = (1180, 820)
PINS = {"sam": "4071", "casey": "8250"}
SHOTS = os.environ.get("LOTLINE_SHOTS", "")


def looked_at(page: Page, name: str, size: tuple[int, int]) -> None:
    """Nothing for axe to find, and a picture when one is wanted."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}-{size[0]}.png"), full_page=True)
    found = _look(page, page.url, size)
    assert not found, "\n".join(["", *found])


def test_a_tablet_goes_from_hand_to_hand(opened: Opener, house: House, guard: Guard) -> None:
    """Two presses and a PIN; and the Back button shows nothing of who was there before."""
    guard.allow("Failed to load resource.*(401|403|404|422|423)")
    number = fresh_number()
    page = opened("morgan", "/team/tablets/", TABLET)
    meet(house, page, number, "Is the tuba-coloured one there?")
    mine = page.url
    page.goto("/team/tablets/")
    page.get_by_label("Name of the tablet").fill("Showroom tablet")
    page.get_by_role("button", name="Share this device").click()
    expect(page.get_by_role("heading", name="Who is texting?")).to_be_visible()
    house.forget("morgan")
    for who, pin in PINS.items():
        page.goto("/sign-in/?next=/me/pin/")
        page.get_by_label("Email").fill(house.lived.emails[who])
        page.get_by_label("Password").fill(house.lived.passwords[who])
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_label("New PIN").fill(pin)
        page.get_by_role("button", name="Keep this PIN").click()
        expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()
        page.get_by_role("button", name="Switch user").first.click()
    looked_at(page, "switch", TABLET)

    names = page.get_by_role("group", name="Your name").get_by_role("button")
    expect(names).to_have_count(2)
    page.get_by_label("PIN").fill(PINS["sam"])
    names.filter(has_text="Sam").click()
    expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()
    page.goto(mine)
    expect(page.get_by_text("tuba-coloured").first).to_be_visible()
    page.get_by_role("button", name="Switch user").first.click()
    expect(page.get_by_role("heading", name="Who is texting?")).to_be_visible()
    page.go_back()
    page.wait_for_load_state("load")
    expect(page.get_by_text("tuba-coloured")).to_have_count(0)
    page.goto("/switch/")
    page.get_by_label("PIN").fill("9999")
    names.filter(has_text="Casey").click()
    expect(page.get_by_role("alert")).to_contain_text("isn’t right")
    page.get_by_label("PIN").fill(PINS["casey"])
    names.filter(has_text="Casey").click()
    expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()
    page.goto("/me/")
    expect(page.get_by_text("Showroom tablet").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Casey")
    page.goto("/me/security/")
    expect(page.get_by_text("You switched in by PIN")).to_be_visible()


@pytest.mark.slow
def test_a_phone_is_brought_in(opened: Opener, house: House, guard: Guard, tmp_path: Path) -> None:
    """Chosen, read, held against the record, brought over: with script, and seen at both sizes."""
    guard.allow("Failed to load resource.*(403|404|422)")
    number = fresh_number()
    page = opened("morgan", "/inbox/", WIDE)
    meet(house, page, number, "Is the oboe-coloured one there?")
    start = datetime.now(UTC) - timedelta(days=300)
    lines = [
        Line(number, start + timedelta(minutes=1), "Hi, it's Morgan, from my own phone", out=True),
        Line(number, start + timedelta(minutes=2), "Please don't text me any more"),
        Line("+18165550177", start + timedelta(minutes=3), "Nobody's business but ours"),
    ]
    page.goto("/me/bring/")
    looked_at(page, "bring", WIDE)
    page.get_by_label("Backup file").set_input_files(android(tmp_path / "sms.xml", lines))
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_text("3 texts read, 1 of them with nobody we know")).to_be_visible()
    expect(page.get_by_text("stop never recorded, in force now")).to_be_visible()
    looked_at(page, "brought", WIDE)
    looked_at(opened("morgan", page.url, PHONE), "brought", PHONE)
    page.get_by_role("button", name="Bring the ticked ones over").click()
    expect(page.get_by_role("heading", name="Tell them where you text from now")).to_be_visible()
    looked_at(page, "handover", WIDE)
    page.get_by_role("link", name=re.compile("^Open")).first.click()
    expect(page.get_by_text("from my own phone")).to_be_visible()
    looked_at(page, "history", WIDE)
    for path, name in (("/team/brought/", "team"), ("/team/access/", "access")):
        page.goto(path)
        looked_at(page, name, WIDE)
