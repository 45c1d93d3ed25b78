"""The room in presses: a leaver, a lost phone, an outsider's proof, the names by keys alone."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect
from pypdf import PdfReader

from tests.browser.conftest import PHONE, Guard, Opener
from tests.browser.house import House
from tests.browser.screen import focus_is_seen, within

PRIYA = "+16145550142"


class Presses:
    """A hand whose presses are counted."""

    def __init__(self) -> None:
        self.made = 0

    def on(self, what: Locator) -> None:
        self.made += 1
        what.click()


def _said(page: Page, pattern: str) -> int:
    return int(re.findall(pattern, page.locator("main").inner_text())[0])


def _receipt(page: Page, word: str) -> int:
    told = page.locator("dt").filter(has_text=word).locator("xpath=following-sibling::dd[1]")
    return int(told.inner_text())


def test_a_leaver_is_out_in_three_presses_and_what_was_shown_is_what_moved(
    opened: Opener, house: House, guard: Guard
) -> None:
    guard.allow("401")
    riley, pat, hand = opened("riley"), opened("pat", "/team/"), Presses()
    theirs = pat.context.new_page()
    theirs.goto("/search/?q=from%3Ariley")
    texts = theirs.locator("h2", has_text="Texts").locator("xpath=following-sibling::ul[1]")
    wrote = texts.get_by_role("link").first.get_attribute("href") or ""
    hand.on(pat.get_by_role("link", name="Riley Novak"))
    hand.on(pat.get_by_role("link", name="Off-board Riley"))
    sessions = _said(pat, r"(\d+) sessions? ends?")
    moves = _said(pat, r"(\d+) open conversations? moves?")
    waits = _said(pat, r"(\d+) texts? that ha")
    replies = _said(pat, r"(\d+) saved repl")
    assert moves > 0
    pat.get_by_label("Who takes the open conversations").select_option(label="Jordan Reyes")
    hand.on(pat.get_by_role("button", name="Off-board Riley Novak"))
    expect(pat.get_by_role("heading", name="Riley Novak left")).to_be_visible()
    assert hand.made == 3
    assert _receipt(pat, "Sessions ended") == sessions
    assert _receipt(pat, "Conversations moved") == moves
    assert _receipt(pat, "Texts taken back") == waits
    assert _receipt(pat, "Saved replies") == replies
    expect(riley.get_by_role("heading", level=1)).to_have_text(
        re.compile("signed out|over", re.IGNORECASE), timeout=within(2000)
    )
    assert riley.request.get("/inbox/", headers={"X-Lotline": "1"}).status == 401
    house.forget("riley")
    theirs.goto(wrote)
    expect(theirs.locator("#log")).to_contain_text("Riley")  # history keeps the name


def test_a_lost_phone_is_signed_out_in_four_taps(
    opened: Opener, house: House, guard: Guard
) -> None:
    guard.allow("401")
    lost, pat, hand = opened("devon"), opened("pat", "/inbox/", PHONE), Presses()
    hand.on(pat.get_by_role("link", name="More"))
    hand.on(pat.get_by_role("link", name="Lost phone"))
    hand.on(pat.get_by_role("link", name="Devon Hale"))
    hand.on(pat.get_by_role("button", name="Sign out everywhere"))
    expect(pat.get_by_role("heading", name=re.compile("Signed out at"))).to_be_visible()
    assert hand.made == 4
    expect(lost.get_by_role("heading", name="This phone was signed out")).to_be_visible(
        timeout=within(2000)
    )
    house.forget("devon")


def test_an_auditor_proves_consent_in_three_presses_and_anybody_checks_it_without_network(
    opened: Opener, browser: Browser, tmp_path: Path
) -> None:
    noor, hand = opened("noor", "/audit/"), Presses()
    hand.on(noor.get_by_role("link", name="Exports"))
    noor.get_by_label("The customer’s number").fill(PRIYA)
    noor.get_by_label("What is it for?").fill("Complaint, case 2231")
    with noor.expect_download() as coming:
        hand.on(noor.get_by_role("button", name="Export evidence"))
    assert hand.made <= 3
    with zipfile.ZipFile(coming.value.path()) as packed:
        packed.extractall(tmp_path)
        paper = PdfReader(io.BytesIO(packed.read("evidence.pdf")))
    ident = coming.value.suggested_filename.removeprefix("evidence-").removesuffix(".zip")
    for n, sheet in enumerate(paper.pages, 1):
        said = "".join(sheet.extract_text().split())
        assert f"Page{n}of{len(paper.pages)}" in said
        assert ident in said
    context = browser.new_context()
    context.set_offline(True)
    page = context.new_page()
    page.goto((tmp_path / "verify.html").as_uri())
    out, bundle = page.get_by_role("status"), tmp_path / "evidence.json"
    page.get_by_label("Evidence file").set_input_files(bundle)
    expect(out.get_by_role("heading")).to_have_text("WHOLE")
    bundle.write_bytes(bundle.read_bytes().replace(b"Odyssey", b"Odessey", 1))
    page.get_by_label("Evidence file").set_input_files([])
    page.get_by_label("Evidence file").set_input_files(bundle)
    expect(out.get_by_role("heading")).not_to_have_text("WHOLE")
    context.close()
    noor.reload()
    expect(noor.get_by_text("Complaint, case 2231")).to_be_visible()  # an export is an entry


def test_a_manager_comes_to_the_names_by_keys_alone(opened: Opener) -> None:
    page = opened("morgan")
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page.get_by_role("heading", name="Team texting")).to_be_visible()
    link = page.get_by_role("link", name=re.compile("texted without opt-in")).first
    expect(link).to_contain_text("Casey Lund")  # whose they are is said before the press
    for _ in range(40):
        page.keyboard.press("Tab")
        focus_is_seen(page)
        if link.evaluate("(one) => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Texted without opt-in")).to_be_visible()


def test_rows_are_piled_on_a_phone_with_what_each_part_is(opened: Opener) -> None:
    page = opened("morgan", "/dashboard/no-opt-in/", PHONE)
    table = page.get_by_role("region", name="Texted without opt-in")
    cells = table.locator("tbody tr").first.locator("td")
    text = cells.nth(2).bounding_box()
    assert text is not None
    assert text["width"] > 250, "the words have the width of the screen, not of a column"
    assert table.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    said = cells.first.evaluate("(one) => getComputedStyle(one, '::before').content")
    assert said.startswith('"From'), said
