"""From the invitation to the first text, one path: password, policy, training, quiz (check 21)."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from lotline.core.policy.course import load_course
from tests.browser.conftest import PHONE, Opener
from tests.browser.house import House
from tests.browser.screen import box, open_from_list, strip
from tests.peers.running import fresh_number

COURSE = load_course()
BY_WORDS = {one.asks: one for one in COURSE.pool}
EMAIL, PASSWORD = "robin@northgate.example", "a bicycle in the rain"


def answer_quiz(page: Page, right: int) -> None:
    """So many right, the rest wrong; a wrong one shows why at once."""
    for n in range(8):
        expect(page.get_by_role("heading", name=f"Question {n + 1} of 8")).to_be_visible()
        asked = BY_WORDS[page.locator("legend").inner_text()]
        choice = asked.right if n < right else (asked.right + 1) % len(asked.choices)
        page.get_by_label(asked.choices[choice], exact=True).check()
        page.get_by_role("button", name="Answer").click()
        if n >= right:
            expect(page.get_by_role("status").filter(has_text=re.compile(r"\w"))).to_be_visible()
            page.get_by_role("link", name=re.compile("Next question|See how it went")).click()


def test_a_new_hire_texts_after_policy_and_quiz_on_one_path(opened: Opener, house: House) -> None:
    owner = opened("pat", "/team/new/")
    owner.get_by_label("Name").fill("Robin Vance")
    owner.get_by_label("Email they sign in with").fill(EMAIL)
    lines = owner.get_by_role("group", name="Or single lines")
    lines.get_by_role("checkbox").first.check()
    owner.get_by_role("button", name="Make invitation").click()
    link = owner.get_by_label("Link").input_value()

    page = opened("", link.removeprefix(house.url), PHONE)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/inbox/"))

    number = fresh_number()
    house.customer_says(number, "Is the gray one there?")
    page.goto("/inbox/?box=unassigned")
    open_from_list(page, f"({number[2:5]}) {number[5:8]}-{number[8:]}")
    back = page.url
    page.get_by_role("link", name=re.compile("Sign the texting policy")).click()
    page.get_by_label("Type your full name").fill("Robin Vance")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="You signed this policy")).to_be_visible()

    page.get_by_role("link", name="Start the training").click()
    page.get_by_role("link", name="Start", exact=True).click()
    for n, card in enumerate(COURSE.cards):
        expect(page.get_by_role("heading", name=card.title)).to_be_visible()
        page.get_by_role("button", name="Ask the gate").click()
        said = {"allow": "Sends now", "hold": "Will be held", "block": "Can’t be sent"}
        expect(page.get_by_role("status").filter(has_text=said[card.wanted])).to_be_visible()
        after = "To the quiz" if n == len(COURSE.cards) - 1 else re.compile("^Next: ")
        page.get_by_role("link", name=after).click()
    page.get_by_role("button", name="Start the quiz").click()

    answer_quiz(page, 6)
    expect(page.get_by_role("heading", name="Not passed yet")).to_be_visible()
    expect(page.locator(".things li")).to_have_count(2)
    page.goto(back)
    expect(box(page)).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("Start the training"))).to_be_visible()
    page.goto("/training/")
    page.get_by_role("button", name="Start the quiz").click()
    answer_quiz(page, 7)
    expect(page.get_by_role("heading", name="You passed")).to_be_visible()

    page.goto(back)
    box(page).fill("Yes, it is still here.")
    expect(strip(page)).to_contain_text("Sends now")
    rows = opened("morgan", "/policy/people/").get_by_role("row", name=re.compile("Robin Vance"))
    expect(rows).to_contain_text("7 of 8")
