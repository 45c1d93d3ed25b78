"""The review by keyboard only: a held text let go, a hidden card shown by right, a coach's note."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Opener
from tests.browser.house import House, fresh_number
from tests.browser.screen import box, bubble, is_kept, meet, open_from_list, send_button, strip
from tests.browser.test_every_page import WHOLE
from tests.peers.running import eventually

PROMISE = "Yes it is still here, and you get guaranteed approval."
PRIYA = "+16145550142"
CARD = "My card is 4242 4242 4242 4242, exp 12/28"
HIDDEN = "My card is •••• •••• •••• 4242, exp 12/28"


def _is_clean(page: Page, name: str) -> None:
    faults = Axe().run(page, options=WHOLE).response["violations"]
    assert not faults, [
        (one["id"], [node["html"][:120] for node in one["nodes"]]) for one in faults
    ]
    folder = os.environ.get("LOTLINE_SHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def _to(page: Page, line: str, words: str = "") -> None:
    """From the top of the queue to the flag that begins so, and open it, with keys alone."""
    rows = page.locator("#rows .row")
    said = [rows.nth(n).text_content() or "" for n in range(rows.count())]
    place = next(n for n, one in enumerate(said) if line in one and words in one)
    for _ in range(place + 1):
        page.keyboard.press("j")
    while (words or line) not in (page.evaluate("document.activeElement.textContent") or ""):
        page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("#why")).to_contain_text(line)


def test_a_promise_is_let_go_by_a_manager_with_keys_alone(opened: Opener, house: House) -> None:
    sam = opened("sam")
    open_from_list(sam, "Priya Ramnath")
    box(sam).fill(PROMISE)
    expect(strip(sam)).to_contain_text("Will wait for a manager")
    _is_clean(sam, "held-strip")
    send_button(sam).click()
    is_kept(sam, PROMISE)
    expect(bubble(sam, PROMISE)).to_contain_text("Waits for a manager")
    morgan = opened("morgan")
    morgan.keyboard.press("g")
    morgan.keyboard.press("r")
    expect(morgan.get_by_role("heading", level=1, name="Review")).to_be_visible()
    _to(morgan, "Says “guaranteed approval”")
    expect(morgan.locator(".around .it")).to_contain_text(PROMISE)
    _is_clean(morgan, "review")
    assert PROMISE not in " ".join(house.outbox(PRIYA))
    morgan.keyboard.press("a")
    expect(morgan.get_by_role("status").filter(has_text="Let go")).to_be_visible()
    assert eventually(lambda: PROMISE in " ".join(house.outbox(PRIYA)))


def test_a_text_is_flagged_with_keys_alone(opened: Opener, house: House) -> None:
    morgan = opened("morgan", "/inbox/?box=team")
    meet(house, morgan, fresh_number(), "Who told you my name?")
    log = morgan.get_by_role("log")
    log.focus()
    morgan.keyboard.press("k")
    morgan.keyboard.press("f")
    expect(morgan.get_by_role("heading", level=1, name="Flag a text")).to_be_visible()
    expect(morgan.get_by_role("radio", checked=True)).to_have_accessible_name(
        re.compile("Who told you my name")
    )
    _is_clean(morgan, "flag")
    morgan.get_by_label("Why").fill("Please call them")
    morgan.keyboard.press("Enter")
    expect(morgan.get_by_role("status").filter(has_text="A manager will read it")).to_be_visible()
    morgan.get_by_role("link", name="Review", exact=True).last.click()
    _to(morgan, "Morgan Tate asked you to read this")
    expect(morgan.get_by_text("Please call them")).to_be_visible()
    morgan.keyboard.press("a")
    expect(morgan.get_by_role("status").filter(has_text="Marked OK")).to_be_visible()


@pytest.mark.slow
def test_a_sender_is_coached_with_one_key_and_answers_three_questions(
    opened: Opener, house: House
) -> None:
    words = "Text me on my cell when you are near."
    sam = opened("sam")
    meet(house, sam, fresh_number(), "Can I come by at five?")
    box(sam).fill(words)
    expect(strip(sam)).to_contain_text("Look again before you send")
    send_button(sam).click()
    is_kept(sam, words)
    morgan = opened("morgan", "/review/")
    _to(morgan, "Asked to text from own phone", words)
    morgan.keyboard.press("t")
    expect(morgan.get_by_role("status").filter(has_text="Note sent")).to_be_visible()
    sam.goto("/inbox/")
    sam.get_by_role("link", name="A manager wrote to you about a text").click()
    expect(sam.get_by_role("heading", name="Asked to text from own phone")).to_be_visible()
    expect(sam.get_by_role("link", name="Our own screens").first).to_be_visible()
    _is_clean(sam, "coaching")
    for _ in range(3):
        sam.get_by_role("radio").first.check()
        sam.get_by_role("button", name="Answer").click()
    expect(sam.get_by_text(re.compile(r"\d of 3 right"))).to_be_visible()


@pytest.mark.slow
def test_a_customers_card_is_hidden_and_shown_by_right(opened: Opener, house: House) -> None:
    sam, number = opened("sam", size=PHONE), fresh_number()
    meet(house, sam, number, CARD)
    expect(bubble(sam, HIDDEN)).to_have_count(1)
    expect(sam.get_by_role("link", name="Show hidden")).to_have_count(0)
    assert "4242 4242 4242" not in sam.content()
    sam.goto("/search/?q=card")
    assert "4242 4242 4242" not in sam.content()
    morgan = opened("morgan", "/review/", PHONE)
    expect(morgan.locator("#why")).to_be_hidden()
    _is_clean(morgan, "review-phone-list")
    morgan.locator("#rows .row").filter(has_text="Card number in the text").last.click()
    expect(morgan.locator(".around .it")).to_contain_text(HIDDEN)
    _is_clean(morgan, "review-phone")
    morgan.get_by_role("link", name="Show hidden").click()
    morgan.get_by_role("button", name="Show it").click()
    expect(morgan.get_by_text(CARD)).to_be_visible()
    _is_clean(morgan, "reveal")


@pytest.mark.slow
def test_the_owner_chooses_what_is_looked_for(opened: Opener) -> None:
    pat = opened("pat", "/review/watch/")
    _is_clean(pat, "watch")
    pat.get_by_label("Words to look for").fill("side letter")
    pat.get_by_role("button", name="Save").click()
    expect(pat.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(pat.get_by_label("Words to look for")).to_have_value("side letter")
