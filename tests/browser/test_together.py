"""The live desk: colleagues in one conversation, broken streams, keys alone, lost phones."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.browser.conftest import PHONE, WIDE, Guard, Opener
from tests.browser.house import House, fresh_number
from tests.browser.screen import (
    SOON_MS,
    box,
    bubble,
    focus_is_seen,
    heading,
    is_kept,
    is_live,
    let_it_go,
    log_of,
    meet,
    open_from_list,
    row_of,
    send_button,
    strip,
    within,
)
from tests.peers.running import eventually


def test_colleagues_see_each_other_and_are_stopped_at_an_unread_answer(
    opened: Opener, house: House, guard: Guard
) -> None:
    guard.allow("409")  # the browser itself says aloud that the first press was refused
    number = fresh_number()
    sam, jordan = opened("sam"), opened("jordan")
    meet(house, sam, number, "Can someone call me?")
    jordan.goto(sam.url)
    for page in (sam, jordan):
        is_live(page)
    box(jordan).click()
    jordan.keyboard.type("I ca")
    typing = sam.locator("#presence")
    expect(typing).to_contain_text("Jordan Reyes is typing a reply", timeout=within(SOON_MS))
    expect(typing).not_to_contain_text("typing", timeout=within(7000))
    # Sam's page hears nothing while Jordan answers: it shows what it showed.
    box(sam).click()
    sam.keyboard.type("Calling you now")
    expect(strip(sam)).to_contain_text("Sends now")
    sam.context.set_offline(True)
    box(jordan).fill("I can, in ten minutes")
    expect(strip(jordan)).to_contain_text("Sends now")
    send_button(jordan).click()
    expect(bubble(jordan, "I can, in ten minutes")).to_have_count(1)
    expect(jordan.get_by_role("button", name="Undo")).to_be_visible()
    guard.allow("ERR_INTERNET_DISCONNECTED")
    sam.context.set_offline(False)
    send_button(sam).click()
    stale = sam.locator("#stale")
    expect(stale).to_contain_text("Jordan Reyes replied")
    expect(stale).to_contain_text("Read it before you send")
    expect(box(sam)).to_have_value("Calling you now")
    expect(strip(sam)).to_contain_text("Sends now")
    stale.get_by_role("button", name="Send anyway").click()
    is_kept(sam, "Calling you now")
    let_it_go(house)
    eventually(lambda: len(house.outbox(number)) == 2, wait_s=20)


def test_a_stream_that_breaks_loses_nothing(opened: Opener, house: House, guard: Guard) -> None:
    """A proxy says 502 once, and a laptop sleeps: five texts each time, in order, once each."""
    guard.allow("502|ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_ABORTED")
    number = fresh_number()
    page = opened("sam", service_workers="block")
    meet(house, page, number, "Text 0")
    is_live(page)
    broken: list[str] = []

    def proxy(route: Route) -> None:
        if broken:
            route.continue_()
            return
        broken.append(route.request.url)
        for n in range(1, 6):
            house.customer_says(number, f"Text {n}")
        route.fulfill(status=502, body="bad gateway")

    page.route(re.compile("/events"), proxy)
    page.context.set_offline(True)
    page.wait_for_timeout(300)
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(bubble(page, "Text 5")).to_have_count(1, timeout=within(5000))
    assert broken
    page.unroute(re.compile("/events"))

    sleeping = page.context.new_cdp_session(page)
    page.context.set_offline(True)
    sleeping.send("Page.setWebLifecycleState", {"state": "frozen"})
    for n in range(6, 11):
        house.customer_says(number, f"Text {n}")
    sleeping.send("Page.setWebLifecycleState", {"state": "active"})
    page.context.set_offline(False)
    expect(bubble(page, "Text 10")).to_have_count(1, timeout=within(5000))
    page.wait_for_timeout(500)
    said = page.locator("#log .msg.in .bubble").all_inner_texts()
    heard = [int(found[1]) for one in said if (found := re.search(r"Text (\d+)", one))]
    assert heard == list(range(11))


def test_by_keys_alone(opened: Opener, house: House) -> None:
    """From the list to an answer, a note of the keys, done, and the next place; focus is seen."""
    page = opened("sam")
    open_from_list(page, "Priya Ramnath")
    expect(row_of(page, "Priya Ramnath")).to_have_attribute("aria-current", "page")
    log = page.get_by_role("log", name="Messages with Priya Ramnath")
    log.focus()
    expect(log).to_be_focused()
    assert "Odyssey" in page.locator("#log [data-id]").last.inner_text()
    panel = page.get_by_role("complementary", name="Customer and consent")
    for title in ("Replies and updates", "Offers", "Right now"):
        expect(panel.get_by_text(title, exact=True).first).to_be_visible()
    assert panel.locator(".perm svg, li svg, svg").count() >= 3

    page.goto("/inbox/")
    row_of(page, "Priya Ramnath").focus()
    page.keyboard.press("j")
    following = page.locator("#rows .row:focus .row-name").inner_text()
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text(following)
    expect(heading(page)).to_be_focused()
    page.keyboard.press("r")
    if box(page).count():
        expect(box(page)).to_be_focused()
        focus_is_seen(page)
        page.keyboard.type("Here is a draft")
        page.keyboard.press("Escape")
        expect(log_of(page)).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys and shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/customers/"))
    for _ in range(12):
        page.keyboard.press("Tab")
        focus_is_seen(page)


def test_a_conversation_is_answered_and_done_without_a_mouse(opened: Opener, house: House) -> None:
    number = fresh_number()
    page = opened("sam")
    name = meet(house, page, number, "Is the lot open?")
    page.keyboard.press("r")
    page.keyboard.type("It is, until 8")
    expect(strip(page)).to_contain_text("Sends now")
    page.keyboard.press("Control+Enter")
    is_kept(page, "It is, until 8")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile("/inbox/"))
    expect(row_of(page, name)).to_have_count(0)
    let_it_go(house)
    eventually(lambda: len(house.outbox(number)) == 1, wait_s=20)


def test_single_keys_can_be_turned_off(opened: Opener, house: House) -> None:
    page = opened("jordan", "/me/")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.get_by_role("button", name="Save").click()
    number = fresh_number()
    name = meet(house, page, number, "Hello?")
    page.keyboard.press("e")
    page.keyboard.press("j")
    page.wait_for_timeout(400)
    expect(heading(page)).to_have_text(name)
    page.goto("/inbox/?box=unassigned")
    expect(row_of(page, name)).to_have_count(1)


def test_a_lost_phone_is_signed_out_from_the_keyboard(
    opened: Opener, house: House, guard: Guard
) -> None:
    guard.allow("401")
    phone = opened("sam", "/inbox/", PHONE)
    open_from_list(phone, "Priya Ramnath")
    is_live(phone)
    pat = opened("pat", "/inbox/", WIDE)
    pat.keyboard.press("Control+k")
    pat.get_by_role("combobox", name="Go to anything").fill("lost sam")
    expect(pat.get_by_role("option").first).to_contain_text(re.compile("Sam", re.IGNORECASE))
    pat.keyboard.press("Enter")
    expect(pat.get_by_role("heading", name=re.compile("lost phone", re.IGNORECASE))).to_be_visible()
    expect(pat.get_by_role("button", name="Sign out everywhere")).to_be_focused()
    pat.keyboard.press("Enter")
    expect(pat.get_by_role("heading", name=re.compile("Signed out at"))).to_be_visible()
    out = phone.get_by_role("heading", name="This phone was signed out")
    expect(out).to_be_visible(timeout=within(2000))
    assert "Priya" not in phone.content()
    answer = phone.request.get("/inbox/", headers={"X-Lotline": "1"})
    assert answer.status == 401
    assert phone.request.get("/inbox/").url.endswith("/sign-in/?next=/inbox/")
    phone.go_back()
    phone.wait_for_timeout(500)
    assert "Priya" not in phone.content()
    house.forget("sam")
