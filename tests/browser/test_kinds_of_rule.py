"""The live verdict for each kind of rule that the town can show: verdict, reason, rule, way out.

One house, one page. Whoever the town lacks is made by the product's own acts: met, listed, paused.
The reason on the strip is the rulebook's own sentence, and its link opens that rule's page.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib import resources

import psycopg
import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Guard, Opener
from tests.browser.house import CHICAGO, House
from tests.browser.screen import box, is_kept, let_it_go, open_from_list, send_button, strip
from tests.peers.running import eventually
from tests.rules.specimens import BOOK

SAYS = tomllib.loads(
    (resources.files("lotline.core.gate.rulebook") / "says.toml").read_text(encoding="utf-8")
)
OFFER = "Save 20% on tires this weekend only"
NADIA, LISTED, MOVED = "+13055550132", "+15735550171", "+15735550172"
ABROAD, WRONG = "+12265550173", "+15735550176"
SUNDAY = datetime(2026, 11, 22, 11, 0, tzinfo=CHICAGO)  # seven in the morning in Honolulu

Known = dict[str, str]  # where the conversations of those are whom the test met


@dataclass(frozen=True)
class Kind:
    """One kind of rule: who shows it, with which words, and what must stand on the strip.

    Without words the box itself is replaced. `way` is what the person may do about it.
    """

    who: str
    words: str
    title: str
    says: str
    rule: str
    way: str


AFTERNOON = (
    Kind("Dale Okafor", OFFER, "Can’t send as written", "consent.no_offers", "",
         "Without the offer, your text can go now."),
    Kind("Lou Listed", OFFER, "Can’t send as written", "listed.no_ground", "FED-DNC-1", ""),
    Kind("Mo Moved", "", "Check Mo’s number first", "number.reassigned", "FED-RND-1",
         "Check number"),
    Kind("Ada Abroad", OFFER, "Can’t send as written", "place.unknown", "LOC-UNKNOWN",
         "Add their ZIP code."),
    Kind("Nadia Petrov", OFFER, "Will hold until", "cap.reached", "FL-FREQ", "Hold to"),
    Kind("Curtis Vale", "", "You can’t text Curtis", "stop.all", "", "See the STOP"),
    Kind("Joanne Pruitt", "", "Joanne hasn’t said yes to texts", "consent.none", "",
         "Add consent"),
    Kind("Wren Wrong", "", "number first", "number.wrong", "FED-RND-2", "Check number"),
    Kind("Una Registered", "", "This line can’t text right now", "line.unregistered", "", "Call"),
    Kind("Pia Paused", "", "This line can’t text right now", "line.paused", "", "Call"),
)  # fmt: skip
SUNDAY_MORNING = (
    Kind("Keoni Akana", OFFER, "Will hold until 8:00 AM Keoni’s time", "hours.closed", "",
         "Hold to 8:00 AM"),
    Kind("Earl Dupree", OFFER, "Will hold until", "hours.sunday", "LA-SUNDAY", "Hold to"),
)  # fmt: skip


def _open(page: Page, who: str, known: Known) -> None:
    if who in known:
        page.goto(known[who])
        return
    page.goto(f"/search/?q={who.split(maxsplit=1)[0]}")
    page.locator("main").get_by_role("link", name=re.compile(re.escape(who))).first.click()
    if "/c/" not in page.url:
        page.locator('a[href^="/c/"]').first.click()
    expect(page.locator("#conv h1")).to_have_text(who)


def _meet(page: Page, who: str, number: str, **more: str) -> str:
    """Somebody new, who told us in person that we may text; where their conversation is."""
    page.goto("/new/")
    page.get_by_label("Mobile number").fill(number)
    page.get_by_label("Name", exact=True).fill(who)
    page.get_by_label("ZIP code").fill(more.get("zip_code", ""))
    page.get_by_label("Told me in person").check()
    if "line" in more:
        found = page.locator("#line option").filter(has_text=more["line"])
        page.get_by_label("From").select_option(found.get_attribute("value"))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile("/c/"))
    return page.url.split("#")[0]


def _import(page: Page, name: str, number: str) -> None:
    page.goto("/rules/lists/")
    page.get_by_label("List", exact=True).select_option(label=name)
    file = FilePayload(name="list.txt", mimeType="text/plain", buffer=f"{number}\n".encode())
    page.get_by_label("File, one number a line").set_input_files(file)
    page.get_by_role("button", name="Import").click()
    expect(page.locator("main").get_by_role("status")).to_contain_text("1 numbers are in force")


def _see(page: Page, kind: Kind, known: Known) -> tuple[str, str]:
    """What the strip says of it; the rule that it links, and how it is named there."""
    _open(page, kind.who, known)
    if kind.words:
        box(page).fill(kind.words)
    else:
        expect(box(page)).to_have_count(0)
    expect(strip(page)).to_contain_text(kind.title)
    said = strip(page).inner_text().replace("’", "'").replace("\n", " ")
    group, key = kind.says.split(".")
    template = re.escape(SAYS[group][key]["says"].rstrip("."))
    sentence = re.sub(r"\\\{[a-z_]+\\\}", ".+", template).replace(r"\ ", r"\.?\ ")
    assert re.search(sentence, said), (kind, said)
    way = page.locator("#composer, #conv form.composer").first
    if kind.way:
        expect(way).to_contain_text(kind.way)
    if kind.title.startswith("Can’t") and kind.words:
        expect(send_button(page)).not_to_have_text("Hold")
    link = strip(page).get_by_role("link")
    named = link.inner_text()
    rule = (link.get_attribute("href") or "").removeprefix("/rules/").strip("/")
    assert rule == (kind.rule or rule), (kind, rule)
    assert BOOK.rules[rule].title == named
    if kind.words:
        box(page).fill("")
    return rule, named


def _see_all(page: Page, kinds: Iterable[Kind], known: Known) -> None:
    linked = {_see(page, kind, known) for kind in kinds}
    for rule, named in sorted(linked):
        page.goto(f"/rules/{rule}/")
        expect(page.get_by_role("heading", level=1)).to_have_text(named)
        expect(page.locator("main")).to_contain_text(BOOK.rules[rule].citation)


def _prepare(house: House, page: Page) -> Known:
    """The kinds of people and lines that the town lacks."""
    zipped = {"zip_code": "65101"}
    known = {
        "Lou Listed": _meet(page, "Lou Listed", LISTED, **zipped),
        "Mo Moved": _meet(page, "Mo Moved", MOVED, **zipped),
        "Ada Abroad": _meet(page, "Ada Abroad", ABROAD),
        "Wren Wrong": _meet(page, "Wren Wrong", WRONG, **zipped),
        "Una Registered": _meet(page, "Una Registered", "+15735550174", line="Lakeside sales"),
        "Pia Paused": _meet(page, "Pia Paused", "+15735550175", line="Lakeside service"),
    }
    house.customer_says(WRONG, "Wrong number, I don't know any Wren")
    _import(page, "National do-not-call list", LISTED)
    _import(page, "Reassigned numbers", MOVED)
    page.goto("/lines/")
    other = page.locator("form").filter(has_text="Pause line Lakeside sales")
    line = (other.get_attribute("action") or "").split("/")[2]
    page.get_by_role("button", name="Pause line Lakeside service").click()
    expect(page.get_by_role("button", name="Resume Lakeside service")).to_be_visible()
    # What the carrier says of a line comes from the carrier; no page sets it.
    dsn = house.lived.cluster.dsn("superuser", house.database)
    with psycopg.connect(dsn) as link:
        link.execute("update lines set registration = 'waiting' where id = %s", [line])
    _open(page, "Nadia Petrov", known)
    for words in ("Save 10% on tires", "Save 11% on tires", "Save 12% on tires"):
        box(page).fill(words)
        expect(strip(page)).to_contain_text("Sends now")
        send_button(page).click()
        is_kept(page, words)
    let_it_go(house)  # what can still be taken back is no offer yet
    eventually(lambda: "Save 12% on tires" in " ".join(house.outbox(NADIA)), wait_s=20)
    return known


@pytest.mark.slow
def test_each_kind_of_rule_has_its_verdict_reason_rule_and_way_out(
    opened: Opener, house: House, guard: Guard
) -> None:
    # The clock goes on by days, so a page left open is locked, and is told so.
    guard.allow("status of 423 .*/here/$")
    page = opened("pat")
    known = _prepare(house, page)
    _see_all(page, AFTERNOON, known)

    unsigned = opened("taylor", "/inbox/?box=unassigned")
    open_from_list(unsigned, "Gideon Marsh")
    expect(box(unsigned)).to_have_count(0)
    expect(strip(unsigned)).to_contain_text("Sign the texting policy to start texting")
    expect(unsigned.get_by_role("link", name="Sign the texting policy", exact=True)).to_be_visible()

    house.clock.move_to(SUNDAY)
    house.forget("pat")
    _see_all(opened("pat"), SUNDAY_MORNING, known)
