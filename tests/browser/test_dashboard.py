"""The manager's journeys: what needs them, whom it is about, who said what, in a tap or two."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Opener


def _number(page: Page, selector: str) -> int:
    return int(page.locator(selector).inner_text().replace(",", ""))


def test_a_manager_sees_and_opens_what_needs_them(opened: Opener) -> None:
    page = opened("morgan", "/dashboard/?range=30")
    expect(page.get_by_role("heading", name="Team texting")).to_be_visible()
    chart = page.get_by_role("img", name=re.compile("What the gate decided"))
    expect(chart).to_have_accessible_description(
        re.compile(r"Sent [\d,]+\. Held \d+\. Blocked \d+")
    )
    page.get_by_text("Show numbers").first.click()
    table = page.get_by_role("region", name="What the gate decided, table")
    expect(table.get_by_role("row")).to_have_count(32)  # thirty days, their names and their sum
    tries = _number(page, "#tries")
    assert tries == sum(_number(page, f"#all-{one}") for one in ("sent", "held", "blocked")) > 0
    levels = page.locator(".levels td:nth-child(2) a").all_inner_texts()
    assert len(levels) == 4
    assert sum(int(one.replace(",", "")) for one in levels) == _number(page, "#everybody")
    slow = page.get_by_role("region", name="Who is texting, table")
    expect(
        slow.get_by_role("link", name="Sam Ortega", exact=True)
    ).to_be_visible()  # who is slow: no click
    slow.get_by_role("link", name="Sam Ortega", exact=True).click()
    page.locator("tbody th a").first.click()
    expect(page.get_by_role("log")).to_be_visible()  # who said what: two
    page.goto("/dashboard/?range=30")
    link = page.get_by_role("link", name="texted without opt-in").first
    counted = int(re.findall(r"\d+", link.inner_text())[0])
    link.click()
    expect(page.get_by_role("heading", name="Texted without opt-in")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(counted)  # as many as the link says


def test_a_search_finds_the_customers_behind_a_cell(opened: Opener) -> None:
    page = opened("morgan", "/dashboard/?range=30")
    cell = page.get_by_role("link", name=re.compile(r"\d+ texted without opt-in by ")).first
    many, who = re.findall(
        r"(\d+) texted without opt-in by (.+)", cell.get_attribute("aria-label") or ""
    )[0]
    cell.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Texted without opt-in by {who}")
    rows = set(page.locator("tbody th a").all_inner_texts())
    assert len(rows) == int(many)
    page.get_by_role("link", name="Open as search").click()
    expect(page.locator("input[name=q]")).to_have_value(re.compile(r"consent:none from:.+ after:"))
    page.reload()  # the address is the search
    assert _found(page) == rows


def _found(page: Page) -> set[str]:
    """The customers of the texts that a search found."""
    texts = page.locator("h2", has_text="Texts").locator("xpath=following-sibling::ul[1]")
    return {one.strip() for one in texts.locator("h3 a span:last-child").all_inner_texts()}


@pytest.mark.slow
def test_on_a_phone_the_dashboard_is_a_tab_of_managers(opened: Opener) -> None:
    page = opened("morgan", "/inbox/", PHONE)
    tabs = page.locator(".tabbar")
    expect(tabs.get_by_role("link", name="Customers")).to_have_count(0)
    tabs.get_by_role("link", name="Dashboard").click()
    expect(page.get_by_role("heading", name="Team texting")).to_be_visible()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0
