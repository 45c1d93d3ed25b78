"""What a person finds on the desk, by role and name as they or their screen reader would.

Not here: what should be found (the journeys).
"""

from __future__ import annotations

import os
import re
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect

from lotline.core.base.numbers import shown
from tests.browser.house import House

SOON_MS = 1000  # a customer's text, from their tap to our screen
STOPPED_MS = 2000  # a stop, from their tap to the box being gone
VERDICT_MS = 500  # from the last key to the strip
UNDO = timedelta(seconds=10.5)


def within(ms: int) -> float:
    """A promised time. On a machine with more to run than it has processors, it stretches."""
    crowd = os.getloadavg()[0] / (os.cpu_count() or 1)
    return ms * max(1.0, crowd)


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message")


def strip(page: Page) -> Locator:
    return page.locator("#verdict")


def send_button(page: Page) -> Locator:
    return page.locator("#send")


def log_of(page: Page) -> Locator:
    return page.get_by_role("log")


def bubble(page: Page, words: str) -> Locator:
    return page.locator("#log .msg").filter(has_text=words)


def row_of(page: Page, name: str) -> Locator:
    return page.locator("#rows").get_by_role("link", name=re.compile(re.escape(name)))


def heading(page: Page) -> Locator:
    return page.locator("#conv h1")


def is_live(page: Page) -> None:
    """The stream is open: what happens from now on comes by itself."""
    expect(page.locator("[data-live]").first).to_have_attribute("data-state", "live")


def open_from_list(page: Page, name: str) -> None:
    row_of(page, name).first.click()
    expect(heading(page)).to_have_text(name)


def meet(house: House, page: Page, number: str, first_words: str) -> str:
    """A customer nobody knows writes; the page opens their conversation. Their name on screen."""
    house.customer_says(number, first_words)
    name = shown(number)
    page.goto("/inbox/?box=unassigned")
    open_from_list(page, name)
    return name


def is_kept(page: Page, words: str) -> None:
    """The server has the text: what stands in the log is no longer the page's own drawing."""
    expect(page.locator("#log .msg[data-id]").filter(has_text=words)).to_have_count(1)


def let_it_go(house: House) -> None:
    """The seconds of undo are over, everywhere at once, for what the server has."""
    house.clock.move_to(house.clock.now + UNDO)


def focus_is_seen(page: Page) -> None:
    """What has focus is on screen, is not under the tab bar, and shows it."""
    seen = page.evaluate(
        """() => {
        const at = document.activeElement, r = at.getBoundingClientRect();
        const x = Math.min(innerWidth - 2, Math.max(1, r.left + r.width / 2));
        const y = Math.min(innerHeight - 2, Math.max(1, r.top + Math.min(r.height / 2, 20)));
        const top = document.elementFromPoint(x, y);
        const parts = [at, at.closest('form'), at.closest('label'), at.parentElement];
        const ring = parts.some((one) => one && (parseFloat(getComputedStyle(one).outlineWidth) > 0
            && getComputedStyle(one).outlineStyle !== 'none'
            || getComputedStyle(one).boxShadow !== 'none'));
        const on = r.width > 0 && r.bottom > 0 && r.top < innerHeight;
        return { what: at.outerHTML.slice(0, 120), on,
            free: at === document.body || at.contains(top) || top?.contains(at) || false, ring };
    }"""
    )
    assert seen["on"], seen
    assert seen["free"], seen
    assert seen["ring"], seen
