"""What may not be sent is not sent: not by the page, not by a program, not without the gate."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE, Guard, Opener
from tests.browser.house import House, fresh_number
from tests.browser.screen import (
    box,
    bubble,
    is_kept,
    is_live,
    let_it_go,
    meet,
    open_from_list,
    row_of,
    send_button,
    strip,
    within,
)
from tests.peers.running import eventually

CURTIS, JOANNE = "+18165550188", "+18165550156"


def _post(house: House, page: Page, who: str, words: str) -> tuple[int, str]:
    """As a program would, with the session's own cookies and token."""
    jar = {one["name"]: one["value"] for one in house.cookie(who)}
    token = page.get_attribute("body", "data-csrf") or ""
    where = page.locator("#conv").get_attribute("data-c")
    form = {"body": words, "client_id": str(uuid4()), "csrfmiddlewaretoken": token}
    status, headers, said = house.ask("POST", f"/c/{where}/send", form, jar, {"X-Lotline": "1"})
    return status, (headers.get("X-State") or "") + said


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_who_asked_to_stop_has_no_box(opened: Opener, house: House, size: tuple[int, int]) -> None:
    page = opened("sam", "/inbox/?box=team", size)
    page.goto("/search/?q=Curtis")
    page.get_by_role("link", name=re.compile("Curtis Vale")).first.click()
    if "/customers/" in page.url:
        page.get_by_role(
            "link", name=re.compile("conversation|Text|Open", re.IGNORECASE)
        ).first.click()
    expect(page.locator("#conv h1")).to_have_text("Curtis Vale")
    expect(box(page)).to_have_count(0)
    expect(page.locator("#composer").get_by_text("Only Curtis can undo it")).to_be_visible()
    before = house.outbox(CURTIS)
    status, said = _post(house, page, "sam", "One last time")
    assert status == 200, said
    assert said.startswith("blocked"), said
    let_it_go(house)
    page.wait_for_timeout(1500)
    assert house.outbox(CURTIS) == before


def test_who_has_not_said_yes_has_no_box(opened: Opener, house: House) -> None:
    page = opened("sam")
    open_from_list(page, "Joanne Pruitt")
    expect(box(page)).to_have_count(0)
    expect(page.locator("#composer")).to_contain_text("Joanne hasn’t said yes to texts")
    expect(page.get_by_role("link", name="Add consent")).to_be_visible()
    status, said = _post(house, page, "sam", "Hi Joanne")
    assert (status, said[:7]) == (200, "blocked"), said
    assert house.outbox(JOANNE) == []


def test_who_has_not_signed_is_led_to_the_policy_and_may_text_after_it(
    opened: Opener, house: House
) -> None:
    number = fresh_number()
    house.customer_says(number, "Anyone there?")
    page = opened("taylor", "/inbox/?box=unassigned")
    open_from_list(page, f"({number[2:5]}) {number[5:8]}-{number[8:]}")
    expect(box(page)).to_have_count(0)
    sign = page.get_by_role("link", name=re.compile("Sign the texting policy"))
    expect(sign).to_be_visible()
    status, said = _post(house, page, "taylor", "Yes, here")
    assert status in {200, 403, 422}, said
    assert "queued" not in said
    let_it_go(house)
    page.wait_for_timeout(1000)
    assert house.outbox(number) == []
    back = page.url
    sign.click()
    page.get_by_label(re.compile("name", re.IGNORECASE)).fill("Taylor Brandt")
    for tick in page.get_by_role("checkbox").all():
        tick.check()
    page.get_by_role("button", name=re.compile("Sign")).click()
    page.goto(back)
    expect(box(page)).to_be_visible()
    box(page).fill("Yes, here")
    expect(strip(page)).to_contain_text("Sends now")


def test_nothing_goes_while_the_rules_cannot_be_asked(
    opened: Opener, house: House, guard: Guard
) -> None:
    """The web is stopped under an open page, and comes back: words stay, the stream resumes."""
    guard.allow("Failed to load resource|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY")
    number = fresh_number()
    page = opened("sam")
    name = meet(house, page, number, "Are you open on Sunday?")
    is_live(page)
    house.stop("web")
    box(page).click()
    page.keyboard.type("We are closed on Sunday")
    expect(strip(page)).to_contain_text("Can’t check the rules right now")
    send_button(page).click()
    page.keyboard.press("Control+Enter")
    expect(box(page)).to_have_value("We are closed on Sunday")
    expect(bubble(page, "We are closed on Sunday")).to_have_count(0)
    house.start("web")
    house.wait_ready()
    assert house.outbox(number) == []
    page.get_by_role("button", name="Try again").click()
    expect(strip(page)).to_contain_text("Sends now", timeout=within(5000))
    house.customer_says(number, "Or on Saturday?")
    expect(bubble(page, "Or on Saturday?")).to_have_count(1, timeout=within(5000))
    send_button(page).click()
    is_kept(page, "We are closed on Sunday")
    let_it_go(house)
    eventually(lambda: len(house.outbox(number)) == 1, wait_s=20)
    page.goto("/inbox/")
    expect(row_of(page, name)).to_contain_text("We are closed on Sunday")
