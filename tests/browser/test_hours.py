"""The clock of the customer's place: what is held in the evening goes in the morning, once.

This file has a house of its own, for it moves the time there from evening to morning.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WIDE, Opener
from tests.browser.house import House, Lived
from tests.browser.screen import box, bubble, open_from_list, send_button, strip
from tests.peers.running import eventually

COLUMBUS = ZoneInfo("America/New_York")
EVENING = datetime(2026, 11, 18, 21, 12, tzinfo=COLUMBUS)
MORNING = datetime(2026, 11, 19, 8, 0, 1, tzinfo=COLUMBUS)
PRIYA, NADIA = "+16145550142", "+13055550132"
OFFER = "Trade-ins this weekend get an extra $500 off a certified SUV"


@pytest.fixture(scope="module")
def house(lived: Lived, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """It is 9:12 PM where Priya lives before anybody signs in."""
    opened = House(lived, tmp_path_factory.mktemp("evening"))
    try:
        opened.open()
        opened.clock.move_to(EVENING)
        yield opened
    finally:
        opened.close()


def _hold(page: Page, words: str) -> None:
    box(page).fill(words)
    expect(strip(page)).to_contain_text("Will hold until 8:00 AM Priya’s time")
    page.get_by_role("button", name="Hold to 8:00 AM").click()
    expect(bubble(page, words)).to_contain_text("Held to 8:00 AM")


def _hold_and_take_back(page: Page, house: House) -> None:
    # One that is taken back, and one that is cancelled, never leave.
    _hold(page, "Save 10% on tires, only this week")
    bubble(page, "Save 10% on tires").get_by_role("button", name="Cancel held text").click()
    expect(bubble(page, "Save 10% on tires")).to_have_count(0)
    _hold(page, "Get $200 off your first service")
    bubble(page, "Get $200 off").get_by_role("button", name="Edit held text").click()
    expect(box(page)).to_have_value("Get $200 off your first service")
    box(page).fill("")

    # A stop before the morning.
    page.goto("/inbox/")
    open_from_list(page, "Nadia Petrov")
    box(page).fill("Get $300 more for your trade this weekend")
    expect(strip(page)).to_contain_text("Will hold until 8:00 AM")
    send_button(page).click()
    held = bubble(page, "Get $300 more for your trade")
    expect(held).to_contain_text("Held to 8:00 AM")
    house.customer_says(NADIA, "STOP")
    expect(held).to_contain_text("Not sent")
    assert not any("$300" in words for words in house.outbox(NADIA))


def test_an_offer_in_the_evening_waits_for_the_morning_and_goes_once(
    opened: Opener, house: House
) -> None:
    page = opened("sam", "/inbox/", WIDE)
    open_from_list(page, "Priya Ramnath")
    box(page).click()
    page.keyboard.type(OFFER)
    status = page.locator("#composer").get_by_role("status").first
    expect(status).to_contain_text("Will hold until 8:00 AM")
    expect(page.get_by_role("button", name="Hold to 8:00 AM")).to_be_visible()
    expect(page.get_by_role("button", name="Send", exact=True)).to_have_count(0)
    rule = strip(page).get_by_role("link")
    expect(rule).to_be_visible()
    named = rule.inner_text()
    page.get_by_role("button", name="Hold to 8:00 AM").click()
    expect(bubble(page, OFFER)).to_contain_text("Held to 8:00 AM")

    _hold_and_take_back(page, house)

    # The rule that the strip names is the rulebook's own entry.
    page.goto("/inbox/")
    open_from_list(page, "Priya Ramnath")
    expect(bubble(page, OFFER)).to_contain_text("Held")
    page.goto("/rules/")
    expect(page.get_by_role("link", name=named).first).to_be_visible()

    before = house.outbox(PRIYA)
    house.clock.move_to(MORNING)
    eventually(lambda: len(house.outbox(PRIYA)) > len(before), wait_s=15)
    page.wait_for_timeout(3000)
    assert [words for words in house.outbox(PRIYA) if OFFER in words] == house.outbox(PRIYA)[-1:]
    assert not any("10% on tires" in w or "$200 off" in w for w in house.outbox(PRIYA))
    assert not any("$300" in words for words in house.outbox(NADIA))

    # The night was long: the page is locked, and opens where it was.
    page.goto("/inbox/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Locked after 15 minutes")
    assert "Priya" not in page.content()
    page.get_by_label("Password").fill(house.lived.passwords["sam"])
    page.get_by_role("button", name="Unlock", exact=True).click()
    open_from_list(page, "Priya Ramnath")
    expect(bubble(page, OFFER)).to_contain_text("Delivered")
    page.goto("/inbox/")
    open_from_list(page, "Nadia Petrov")
    expect(bubble(page, "Get $300 more for your trade")).to_contain_text("Not sent")
