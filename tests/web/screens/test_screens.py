"""The desk in a real browser: the numbered checks of the design that concern it."""

from __future__ import annotations

import os
import re
import time
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import APIResponse, Route, expect

from lotline.actions.consent import add_consent
from lotline.actions.templates import Words, add_template
from tests.web.screens.conftest import PRIYA, Open, box
from tests.web.site import Site

pytestmark = pytest.mark.browser
_FORCE = """async (path) => (await fetch(path, {
    method: 'POST', headers: {'X-CSRFToken': document.body.dataset.csrf, 'X-Lotline': '1'},
    body: new URLSearchParams({body: 'One more thing',
        client_id: '3b241101-e2bb-4255-8caf-4136c566a962'}),
})).headers.get('X-State')"""


def busy() -> float:
    """How many times slower than alone this machine is just now; 1 when nothing else runs."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def reached(site: Site, words: str) -> list[str]:
    return [one.body for one in site.house.carrier.reached if words in one.body]


def test_landmarks_and_names(open_tab: Open, people: dict[str, UUID]) -> None:
    """Checks 1, 2, 3 and 7."""
    tab = open_tab("ben")
    expect(tab.get_by_role("navigation", name="Main")).to_have_count(1)
    expect(tab.get_by_role("main")).to_have_count(1)
    tab.goto(tab.url.replace("/inbox/", f"/c/{people['priya']}/"))
    row = tab.get_by_role("link", name=re.compile("Priya Ramnath"))
    expect(row).to_have_attribute("aria-current", "page")
    log = tab.get_by_role("log", name="Messages with Priya Ramnath")
    log.focus()
    expect(log).to_be_focused()
    expect(log.locator("[data-id]").last).to_contain_text("Do you take trades?")
    panel = tab.get_by_role("complementary", name="Customer and consent")
    expect(panel.locator(".perm")).to_have_count(3)
    expect(panel.locator(".perm svg")).to_have_count(3)
    tab.locator("#rows .row").first.focus()
    tab.keyboard.press("j")
    tab.keyboard.press("Enter")
    expect(tab.locator("#conv h1")).to_have_text("Dale Okafor")
    expect(tab.locator("#conv h1")).to_be_focused()


def test_a_customers_text_shows_by_itself_within_a_second(
    site: Site, open_tab: Open, people: dict[str, UUID]
) -> None:
    tab = open_tab("ben", f"/c/{people['priya']}/")
    expect(tab.locator("[data-live]")).to_contain_text("Live")
    tab.wait_for_timeout(600)
    began = time.monotonic()
    site.house.text_in(PRIYA, "It has 88k miles.")
    expect(tab.get_by_role("log")).to_contain_text("It has 88k miles.")
    assert time.monotonic() - began < 1.0 * busy()
    expect(tab.locator("#rows .row").first).to_contain_text("It has 88k miles.")


def test_the_strip_changes_and_the_box_does_not(open_tab: Open, people: dict[str, UUID]) -> None:
    """Check 13."""
    tab = open_tab("ben", f"/c/{people['priya']}/")
    expect(tab.locator("#verdict")).to_contain_text("Replies only")
    box(tab).type("We do, bring it by.")
    expect(tab.locator("#verdict")).to_contain_text("Sends now", timeout=1500)
    assert box(tab).input_value() == "We do, bring it by."
    assert tab.evaluate("document.activeElement.selectionStart") == len("We do, bring it by.")
    box(tab).fill("Huge sale this weekend only, $2,000 off every truck!")
    expect(tab.locator("#verdict")).to_contain_text("Can’t send as written")
    expect(tab.get_by_role("button", name="Send", exact=True)).to_have_attribute(
        "aria-disabled", "true"
    )


@pytest.mark.slow
def test_undo_brings_the_words_back(site: Site, open_tab: Open, people: dict[str, UUID]) -> None:
    """Check 14."""
    tab = open_tab("ben", f"/c/{people['priya']}/")
    box(tab).fill("We do, bring it by.")
    expect(tab.locator("#verdict")).to_contain_text("Sends now")
    box(tab).press("Control+Enter")
    expect(tab.locator("#log .msg").last).to_contain_text("Sending", timeout=500)
    undo = tab.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    tab.wait_for_timeout(3000)
    undo.click()
    expect(box(tab)).to_have_value("We do, bring it by.")
    expect(box(tab)).to_be_focused()
    tab.wait_for_timeout(8500)
    assert reached(site, "bring it by") == []


def test_one_tap_is_one_text(site: Site, open_tab: Open, people: dict[str, UUID]) -> None:
    """Check 15."""
    tab = open_tab("ben", f"/c/{people['priya']}/")
    box(tab).fill("We do, bring it by.")
    expect(tab.locator("#verdict")).to_contain_text("Sends now")
    tab.get_by_role("button", name="Send", exact=True).dblclick()
    expect(tab.get_by_role("button", name="Undo")).to_be_visible()
    site.town.clock.pass_by(seconds=10)
    tab.wait_for_timeout(1200)
    assert len(reached(site, "bring it by")) == 1
    expect(tab.locator("#log .msg").last).to_contain_text("Sent")


def test_who_stopped_has_no_box(site: Site, open_tab: Open, people: dict[str, UUID]) -> None:
    """Check 16."""
    tab = open_tab("ben", f"/c/{people['curtis']}/")
    expect(box(tab)).to_have_count(0)
    expect(tab.locator("#composer").get_by_text("Only Curtis can undo it")).to_be_visible()
    forced = tab.evaluate(
        _FORCE,
        f"/c/{people['curtis']}/send",
    )
    assert forced == "blocked"
    site.town.clock.pass_by(seconds=30)
    tab.wait_for_timeout(600)
    assert reached(site, "One more thing") == []


def test_a_stop_while_composing_takes_the_box(
    site: Site, open_tab: Open, people: dict[str, UUID]
) -> None:
    """Check 17; START brings it back."""
    tab = open_tab("ben", f"/c/{people['priya']}/")
    expect(tab.locator("[data-live]")).to_contain_text("Live")
    box(tab).type("One moment, I will ask")
    tab.wait_for_timeout(1200)
    began = time.monotonic()
    site.house.text_in(PRIYA, "STOP")
    expect(tab.locator("#composer")).to_contain_text("You can’t text Priya")
    assert time.monotonic() - began < 2 * busy()
    expect(box(tab)).to_have_count(0)
    expect(tab.locator("#composer")).to_contain_text("Kept, not sent: One moment, I will ask")
    site.town.clock.pass_by(seconds=60)
    site.house.text_in(PRIYA, "START")
    expect(box(tab)).to_be_visible()
    assert reached(site, "One moment") == []


def test_words_too_young_for_a_draft_are_kept_when_a_stop_takes_the_box(
    site: Site, open_tab: Open, people: dict[str, UUID]
) -> None:
    """Two events ask for the foot; the older answer comes last and must not replace the newer."""
    tab = open_tab("ben", f"/c/{people['priya']}/")
    expect(tab.locator("[data-live]")).to_contain_text("Live")
    asked, held = [0], []

    def second_comes_late(route: Route) -> None:
        asked[0] += 1
        if asked[0] == 2:
            held.append((route, route.fetch()))
        else:
            route.continue_()

    tab.route("**/foot/**", second_comes_late)
    box(tab).fill("Just now typed")
    site.house.text_in(PRIYA, "STOP")
    for _ in range(80):
        if held:
            break
        tab.wait_for_timeout(100)
    tab.wait_for_timeout(800)
    route, answer = held[0]
    route.fulfill(response=answer)
    expect(tab.locator("#composer")).to_contain_text("You can’t text Priya")
    tab.wait_for_timeout(300)
    expect(tab.locator("#composer")).to_contain_text("Kept, not sent: Just now typed")
    tab.unroute("**/foot/**")
    site.town.clock.pass_by(seconds=60)
    site.house.text_in(PRIYA, "START")
    expect(box(tab)).to_be_visible()
    assert reached(site, "Just now") == []


def test_a_gate_that_cannot_be_asked_sends_nothing(
    site: Site, open_tab: Open, people: dict[str, UUID]
) -> None:
    """Check 18."""
    tab = open_tab("ben", f"/c/{people['priya']}/")
    tab.route("**/preview", lambda route: route.fulfill(status=500, body="no"))
    tab.route("**/send", lambda route: route.fulfill(status=500, body="no"))
    box(tab).fill("We do, bring it by.")
    expect(tab.locator("#verdict")).to_contain_text("Can’t check the rules right now")
    tab.get_by_role("button", name="Try again").click()
    expect(box(tab)).to_have_value("We do, bring it by.")
    site.town.clock.pass_by(seconds=30)
    tab.wait_for_timeout(500)
    assert reached(site, "bring it by") == []


@pytest.mark.slow
def test_two_people_see_each_other_type(
    site: Site, open_tab: Open, people: dict[str, UUID]
) -> None:
    """Check 25."""
    ben, mo = open_tab("ben", f"/c/{people['priya']}/"), open_tab("mo", f"/c/{people['priya']}/")
    expect(ben.locator("[data-live]")).to_contain_text("Live")
    ben.wait_for_timeout(500)
    box(mo).type("Hello from Mo")
    expect(ben.get_by_text("Mo Haddad is typing a reply")).to_be_visible(timeout=1500)
    expect(mo.locator("#verdict")).to_contain_text("Sends now")
    mo.route("**/events*", lambda route: route.abort())
    box(mo).press("Control+Enter")
    expect(mo.get_by_role("button", name="Undo")).to_be_visible()
    site.town.clock.pass_by(seconds=10)
    ben.wait_for_timeout(700)
    expect(ben.get_by_text("Mo Haddad is typing a reply")).to_have_count(0, timeout=7000)


def test_a_broken_stream_comes_back_with_everything(
    site: Site, open_tab: Open, people: dict[str, UUID]
) -> None:
    """Check 24: the stream fails once with 502, then works."""
    tab = open_tab("ben", f"/c/{people['priya']}/")
    expect(tab.locator("[data-live]")).to_contain_text("Live")
    tab.context.set_offline(True)
    tab.wait_for_timeout(400)
    failed: list[str] = []

    def once(route: Any) -> None:
        if not failed:
            failed.append(route.request.url)
            route.fulfill(status=502, body="bad gateway")
        else:
            route.continue_()

    tab.route("**/events*", once)
    for n in range(5):
        site.house.text_in(PRIYA, f"Number {n}")
        site.town.clock.pass_by(seconds=1)
    tab.context.set_offline(False)
    tab.evaluate("dispatchEvent(new Event('online'))")
    expect(tab.get_by_role("log")).to_contain_text("Number 4", timeout=8000)
    shown = [one for one in tab.locator("#log .bubble").all_inner_texts() if "Number" in one]
    assert [text[-1] for text in shown] == list("01234")
    assert failed


def test_an_offer_late_in_the_evening_is_held(
    site: Site, open_tab: Open, people: dict[str, UUID]
) -> None:
    """Checks 4 and 19; and what was asked of the server before the press comes after it."""
    contact = site.house.ask("select contact_id from conversations where id = %s", people["priya"])[
        0
    ][0]
    add_consent(
        site.house.ctx,
        site.town.sign_in("ben"),
        contact,
        kind="written",
        scope="all",
        source="paper_form",
        said_at=site.town.clock(),
        words="Yes, text me your offers. Priya",
    )
    site.town.clock.pass_by(hours=11, minutes=12)  # 9:12 PM there
    tab = open_tab("ben", f"/c/{people['priya']}/")
    box(tab).fill("Huge sale this weekend only, $2,000 off every truck!")
    strip = tab.locator("form").get_by_role("status")
    expect(strip).to_contain_text("Will hold until 8:00 AM")
    hold = tab.get_by_role("button", name="Hold to 8:00 AM")
    expect(hold).to_be_visible()
    expect(tab.get_by_role("button", name="Send", exact=True)).to_have_count(0)
    late: list[tuple[Route, APIResponse]] = []

    def keep_back(route: Route) -> None:
        answer = route.fetch()
        if not late and "Cancel held text" in answer.text():
            late.append((route, answer))
        else:
            route.fulfill(response=answer)

    tab.route("**/items/?*", keep_back)
    hold.click()
    cancel = tab.get_by_role("button", name="Cancel held text")
    expect(cancel).to_be_visible()
    expect(tab.locator("#log")).to_contain_text("Held to 8:00 AM")
    for _ in range(80):
        if late:
            break
        tab.wait_for_timeout(100)
    cancel.click()
    expect(cancel).to_have_count(0)
    (route, answer) = late[0]
    route.fulfill(response=answer)
    tab.wait_for_timeout(400)
    expect(cancel).to_have_count(0)
    site.town.clock.pass_by(hours=11)
    tab.wait_for_timeout(800)
    assert reached(site, "Huge sale") == []


def test_an_unseen_reply_stops_the_send_until_it_is_read(
    site: Site, open_tab: Open, people: dict[str, UUID]
) -> None:
    """Check 25, second half."""
    ben = open_tab("ben", f"/c/{people['priya']}/")
    box(ben).type("We take")
    expect(ben.locator("#verdict")).to_contain_text("Sends now")
    ben.route("**/events*", lambda route: route.abort())
    site.house.tap(PRIYA, "Yes, we take trades.", by="mo")
    box(ben).type(" trades, yes")
    box(ben).press("Control+Enter")
    expect(ben.get_by_text("Read it before you send")).to_be_visible()
    expect(box(ben)).to_have_value("We take trades, yes")
    ben.get_by_role("button", name="Send anyway").click()
    expect(ben.get_by_role("button", name="Undo")).to_be_visible()


def test_the_desk_by_keyboard_alone(site: Site, open_tab: Open, people: dict[str, UUID]) -> None:
    """Check 29; a saved reply and the menu by arrows too."""
    for one in ("bye", "hello", "hours"):
        words = Words(one, one.title(), f"These are the words of {one}.")
        add_template(site.house.ctx, site.town.sign_in("ben"), words)
    tab = open_tab("ben")
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog")).to_contain_text("Keys and shortcuts")
    tab.keyboard.press("Escape")
    tab.locator("#rows .row").first.focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("#conv h1")).to_be_focused()
    name = tab.locator("#conv h1").inner_text()
    tab.keyboard.press("r")
    expect(box(tab)).to_be_focused()
    tab.keyboard.press("/")
    meant = tab.locator('#tpl [aria-selected="true"]:visible')
    expect(meant).to_contain_text("Bye")
    for key, title in (("ArrowDown", "Hello"), ("ArrowDown", "Hours"), ("ArrowDown", "Hours")):
        tab.keyboard.press(key)
        expect(meant).to_contain_text(title)
        expect(meant).to_have_count(1)
    tab.keyboard.press("ArrowUp")
    expect(meant).to_contain_text("Hello")
    assert box(tab).get_attribute("aria-activedescendant") == meant.get_attribute("id")
    tab.keyboard.type("ho")
    expect(meant).to_contain_text("Hours")
    tab.keyboard.press("Enter")
    expect(box(tab)).to_have_value("These are the words of hours.")
    tab.keyboard.press("Control+a")
    tab.keyboard.type("See you soon.")
    expect(tab.locator("#verdict")).to_contain_text("Sends now")
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_role("button", name="Undo")).to_be_visible()
    tab.keyboard.press("Escape")
    tab.keyboard.press("e")
    tab.wait_for_url("**/inbox/**")
    expect(tab.locator("#rows")).not_to_contain_text(name)
    tab.keyboard.press("Control+k")
    expect(tab.get_by_role("combobox")).to_be_focused()
    chosen = tab.locator('#k-list [aria-selected="true"]')
    expect(chosen).to_have_count(1)
    first = chosen.get_attribute("id")
    tab.keyboard.press("ArrowDown")
    expect(chosen).not_to_have_id(first or "")
    tab.keyboard.press("ArrowUp")
    tab.keyboard.press("ArrowUp")
    expect(chosen).to_have_id(first or "")
    tab.keyboard.press("Control+k")
    expect(tab.get_by_role("dialog")).to_be_hidden()
    tab.keyboard.press("Control+k")
    tab.keyboard.type("joanne")
    expect(tab.get_by_role("option").first).to_contain_text("Joanne Pruitt")
    tab.keyboard.press("Enter")
    expect(tab.locator("#conv h1")).to_have_text("Joanne Pruitt")
