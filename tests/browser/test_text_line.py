"""The main job at a desk and on a phone: a customer texts, a salesperson answers, STOP means stop.

The carrier is the simulator, over real HTTP and signatures; what counts is what reached it.
"""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE, Opener
from tests.browser.house import House, fresh_number
from tests.browser.screen import (
    SOON_MS,
    STOPPED_MS,
    VERDICT_MS,
    box,
    bubble,
    is_live,
    let_it_go,
    log_of,
    meet,
    row_of,
    send_button,
    strip,
    within,
)
from tests.peers.running import eventually

SIZES = pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])

# How long after the key the bubble stands, by the page's own clock.
DRAWN = """() => new Promise((done) => {
    const begun = performance.now();
    new MutationObserver((_, watch) => {
        const made = document.querySelector('#log .msg.sending');
        if (made) { watch.disconnect(); done([performance.now() - begun, made.innerText]); }
    }).observe(document.querySelector('#log'), { childList: true, subtree: true });
    document.querySelector('#box').dispatchEvent(new KeyboardEvent('keydown',
        { key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true }));
})"""


@SIZES
def test_a_customer_texts_and_is_answered(
    opened: Opener, house: House, size: tuple[int, int]
) -> None:
    number = fresh_number()
    page = opened("sam", "/inbox/?box=unassigned", size)
    is_live(page)
    house.customer_says(number, "Is the blue one still there?")
    row = row_of(page, number[-4:])
    expect(row).to_contain_text("Is the blue one still there?", timeout=within(SOON_MS))
    row.click()
    house.customer_says(number, "I could come by today")
    expect(bubble(page, "I could come by today")).to_be_visible(timeout=within(SOON_MS))
    assert log_of(page).locator(".msg").last.inner_text().startswith("(")

    box(page).click()
    page.keyboard.type("It is, come by any time before 8")
    expect(strip(page)).to_contain_text("Sends now", timeout=within(SOON_MS))
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("It is, come by any time before 8")
    button = page.get_by_role("button", name="Send", exact=True)
    expect(button).to_be_in_viewport()
    place = button.bounding_box()
    assert place is not None
    if size == PHONE:
        assert place["width"] >= 44
        assert place["height"] >= 44
    button.click()
    answer = bubble(page, "It is, come by any time before 8")
    expect(answer).to_have_count(1)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert house.outbox(number) == []
    let_it_go(house)
    expect(answer).to_contain_text("Delivered")
    assert len(house.outbox(number)) == 1
    expect(page.locator("#log .msg.sending")).to_have_count(0)


def test_a_verdict_stands_before_the_next_thought(opened: Opener, house: House) -> None:
    """Half a second after the last key, and what is being written is not touched."""
    page = opened("sam")
    meet(house, page, fresh_number(), "Do you have winter tires?")
    box(page).click()
    page.keyboard.type("We do, four sets in your size")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#count")).to_have_text("1 text · 69/160")
    page.keyboard.type("x")
    expect(page.locator("#count")).to_have_text("1 text · 70/160", timeout=within(VERDICT_MS))
    expect(strip(page)).to_have_attribute("data-state", "allow")
    expect(box(page)).to_have_value("We do, four sets in your sizxe")
    assert page.evaluate("document.querySelector('#box').selectionStart") == 29


def test_one_press_is_one_text_and_nine_seconds_are_enough_to_take_it_back(
    opened: Opener, house: House
) -> None:
    number = fresh_number()
    page = opened("sam")
    meet(house, page, number, "What is the price?")
    box(page).fill("It is 12,400")
    expect(strip(page)).to_contain_text("Sends now")
    took_ms, words = page.evaluate(DRAWN)
    assert took_ms < within(50), took_ms
    assert "Sending" in words
    sent_at = time.monotonic()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    page.wait_for_timeout(9000 - (time.monotonic() - sent_at) * 1000)
    undo.click()
    expect(box(page)).to_have_value("It is 12,400")
    expect(box(page)).to_be_focused()
    page.wait_for_timeout(2500)
    assert house.outbox(number) == []
    expect(bubble(page, "It is 12,400")).to_have_count(0)

    expect(strip(page)).to_contain_text("Sends now")
    send_button(page).dblclick()
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(11_000)
    assert len(house.outbox(number)) == 1
    expect(bubble(page, "It is 12,400")).to_have_count(1)
    expect(bubble(page, "It is 12,400")).to_contain_text("Delivered")


@SIZES
def test_a_stop_takes_the_box_away_and_a_start_brings_it_back(
    opened: Opener, house: House, size: tuple[int, int]
) -> None:
    number = fresh_number()
    page = opened("sam", "/inbox/?box=unassigned", size)
    meet(house, page, number, "Can I see it tonight?")
    is_live(page)
    box(page).click()
    page.keyboard.type("Of course, ask for me at the desk")
    expect(strip(page)).to_contain_text("Sends now")
    house.customer_says(number, "STOP")
    expect(box(page)).to_have_count(0, timeout=within(STOPPED_MS))
    expect(page.locator("#composer")).to_contain_text("You can’t text")
    expect(page.locator("#composer")).to_contain_text("START")
    expect(page.locator("#composer")).to_contain_text("Of course, ask for me at the desk")
    confirmation = eventually(lambda: house.outbox(number))
    let_it_go(house)
    house.customer_says(number, "START")
    expect(box(page)).to_be_visible(timeout=within(STOPPED_MS))
    page.wait_for_timeout(1500)
    left = house.outbox(number)
    assert not any("ask for me" in words for words in left), left
    assert len(confirmation) == 1
    assert len([words for words in left if "STOP" not in words]) <= 1, left
