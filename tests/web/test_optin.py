"""The opt-in page in a customer's hands and in a stranger's: what it keeps, what it never says."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lotline.actions.optin_pages import page_of, write_wording
from lotline.core.base.numbers import BadNumber, parse_number
from lotline.core.consent.wording import first_wording
from lotline.store.optin import load_newest_wording
from lotline.web import optin

if TYPE_CHECKING:
    from tests.web.site import Site

NUMBER = "(614) 555-0177"
E164 = "+16145550177"


class Page:
    """One line's page, and what its form holds."""

    def __init__(self, site: Site, line: str = "sales") -> None:
        cache.clear()
        self.site = site
        house = site.house
        owner = site.town.sign_in("ada")
        write_wording(house.ctx, owner, first_wording(owner.company))
        self.slug = page_of(house.ctx, owner, site.town.lines[line])
        with house.ctx.db.transaction(site.town.group_id) as tx:
            found = load_newest_wording(tx)
        assert found is not None
        self.wording = found
        self.url = f"/opt-in/{self.slug}/"

    def form(self, **other: str) -> dict[str, str]:
        whole = {
            "name": "Rosa Lund",
            "number": NUMBER,
            "zip": "43215",
            "agree": "yes",
            "wording": str(self.wording.id),
        }
        return {name: value for name, value in {**whole, **other}.items() if value}

    def send(self, client: Client | None = None, **other: str) -> Any:
        return (client or Client()).post(self.url, self.form(**other))

    def entries(self) -> list[Any]:
        return self.site.house.ask(
            "select says, scope, kind, source, wording_id from consent_entries order by id"
        )


@pytest.fixture
def form(site: Site) -> Page:
    return Page(site)


def test_anybody_reads_it_and_the_box_is_not_ticked(form: Page) -> None:
    answer = Client().get(form.url)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "checked" not in html
    for line in form.wording.body.splitlines():
        assert line in unescape(html)
    assert 'name="csrfmiddlewaretoken"' in html
    assert "no-store" in answer["Cache-Control"]


def test_a_yes_is_written_with_the_words_that_were_shown_and_confirmed_once(form: Page) -> None:
    answer = form.send()
    assert (answer.status_code, answer["Location"]) == (302, f"{form.url}thanks/")
    assert form.entries() == [("yes", "all", "written", "web_form", form.wording.id)]
    texts = form.site.house.ask("select purpose, state from texts")
    assert texts == [("start_confirmation", "queued")]
    verdicts = form.site.house.ask("select stage, verdict from decisions")
    assert verdicts == [("submit", "allow")]
    form.site.house.dispatch()
    (sent,) = form.site.house.carrier.reached
    assert sent.to == E164
    assert "STOP" in sent.body
    (place,) = form.site.house.ask("select place_source, states from contacts")
    assert place == ("zip", ["OH"])


@pytest.mark.parametrize(
    "without, says",
    [
        ("name", "Enter your name."),
        ("number", "10-digit"),
        ("zip", "5-digit ZIP"),
        ("agree", "Tick the box"),
    ],
)
def test_what_is_missing_is_named_beside_it_and_nothing_is_kept(
    form: Page, without: str, says: str
) -> None:
    answer = form.send(None, **{without: ""})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert says in html
    assert f'href="#{without}"' in html
    assert "checked" not in html, "the box is ticked anew each time"
    assert form.entries() == []
    if without != "name":
        assert "Rosa Lund" in html, "what was typed stays"


def test_a_zip_code_that_is_none_is_refused(form: Page) -> None:
    assert form.send(zip="00000").status_code == 422
    assert form.entries() == []


def test_words_that_changed_meanwhile_are_read_again(form: Page) -> None:
    owner = form.site.town.sign_in("ada")
    write_wording(form.site.house.ctx, owner, form.wording.body + "\nWe text twice a month.")
    answer = form.send()
    assert answer.status_code == 422
    assert "changed since" in answer.content.decode()
    assert form.entries() == []


@pytest.mark.parametrize("wording", ["", "no-id", str(UUID(int=7))])
def test_a_form_without_our_words_is_refused(form: Page, wording: str) -> None:
    assert form.send(wording=wording).status_code == 422
    assert form.entries() == []


def test_a_number_that_stopped_stays_stopped_and_nobody_is_told(form: Page) -> None:
    house = form.site.house
    house.text_in(E164, "STOP")
    house.dispatch()
    before = len(house.carrier.reached)
    stopped, free = form.send(), form.send(number="(614) 555-0178")
    assert (stopped.status_code, stopped["Location"]) == (free.status_code, free["Location"])
    house.dispatch()
    assert {one.to for one in house.carrier.reached[before:]} == {"+16145550178"}
    assert ("out",) in house.ask("select level from contacts")


def test_a_known_customers_name_and_place_are_not_changed_by_a_form(form: Page) -> None:
    form.site.town.meet(E164, "Known Person", by="ben", line="sales", zip_code="43215")
    before = form.site.house.ask("select name_ct, states, zip_ct from contacts")
    form.send(name="Somebody Else", zip="96813")
    assert form.site.house.ask("select name_ct, states, zip_ct from contacts") == before


def test_without_the_token_of_the_form_nothing_is_taken(form: Page) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert form.send(strict).status_code == 403
    assert form.entries() == []


def test_a_program_that_tries_and_tries_is_slowed_down(form: Page) -> None:
    codes = [form.send().status_code for _ in range(optin.TRIES_OF_A_NUMBER + 1)]
    assert codes[-2:] == [302, 429]
    html = form.send(number="(614) 555-0179")
    assert html.status_code == 302, "another number from here still may"
    for n in range(optin.TRIES_OF_AN_ADDRESS):
        last = form.send(number=f"(614) 555-01{n:02d}").status_code
    assert last == 429


def test_a_closed_page_says_so_and_takes_nothing(form: Page) -> None:
    form.site.house.ask("update optin_pages set closed_at = now() returning slug")
    assert Client().get(form.url).status_code == 410
    assert form.send().status_code == 410
    assert Client().get(f"{form.url}qr.svg").status_code == 404
    assert form.entries() == []


@pytest.mark.parametrize("part", ["", "thanks/", "qr.svg"])
def test_a_slug_that_is_none_is_not_there(form: Page, part: str) -> None:
    assert Client().get(f"/opt-in/nosuchpg/{part}").status_code == 404


def test_the_code_is_a_drawing_of_the_pages_address(form: Page) -> None:
    answer = Client().get(f"{form.url}qr.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg")
    assert b"<script" not in answer.content
    assert "public" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "who, sales, dock",
    [
        ("ada", 200, 200),
        ("mo", 200, 404),
        ("ben", 200, 404),
        ("bea", 404, 404),
        ("cy", 404, 200),
        ("noor", 403, 403),
    ],
)
def test_the_card_is_for_those_who_text_from_the_line(
    site: Site, who: str, sales: int, dock: int
) -> None:
    pages = {line: Page(site, line) for line in ("sales", "dock")}
    client = site.client(who)
    assert client.get(f"{pages['sales'].url}card/").status_code == sales
    assert client.get(f"{pages['dock'].url}card/").status_code == dock


def test_staff_see_the_links_of_their_lines_alone(site: Site) -> None:
    sales, dock = Page(site, "sales"), Page(site, "dock")
    html = site.client("ben").get(f"/opt-in/?line={site.town.lines['sales']}").content.decode()
    assert sales.slug in html
    assert dock.slug not in html
    assert "Wording" not in html


def test_a_page_is_opened_once_and_only_on_a_line_of_ones_own(site: Site) -> None:
    Page(site, "sales")
    client = site.client("bea")
    service, dock = site.town.lines["service"], site.town.lines["dock"]
    for _ in range(2):
        assert client.post("/opt-in/", {"line": str(service)}).status_code == 302
    assert client.post("/opt-in/", {"line": str(dock)}).status_code == 404
    assert client.post("/opt-in/", {"line": "nonsense"}).status_code == 404
    rows = site.house.ask("select count(*) from optin_pages where line_id = %s", service)
    assert rows == [(1,)]
    assert site.house.ask("select count(*) from optin_pages where line_id = %s", dock) == [(0,)]


def test_outsiders_are_sent_to_sign_in(form: Page) -> None:
    for path in ("/opt-in/", "/opt-in/wording/", f"{form.url}card/"):
        answer = Client().get(path)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/sign-in/")


def test_the_wording_is_the_owners_and_cannot_lose_an_element(form: Page) -> None:
    assert form.site.client("mo").get("/opt-in/wording/").status_code == 403
    owner = form.site.client("ada")
    answer = owner.post("/opt-in/wording/", {"body": "Tick here for texts. STOP to end."})
    assert answer.status_code == 422
    assert "buy" in answer.content.decode()
    better = form.wording.body + "\nWe never sell your number."
    assert owner.post("/opt-in/wording/", {"body": better}).status_code == 302
    assert "We never sell your number." in Client().get(form.url).content.decode()


def test_the_slug_tells_nothing(form: Page) -> None:
    assert re.fullmatch(r"[2-9a-z]{8}", form.slug)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["name", "number", "zip", "agree", "wording", "slug", "next"]),
        st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60),
    )
)
def test_whatever_is_sent_is_answered_and_only_a_whole_form_is_kept(
    form: Page, sent: dict[str, str]
) -> None:
    cache.clear()
    before = len(form.entries())
    answer = Client(REMOTE_ADDR=f"2001:db8::{uuid4().hex[:4]}").post(form.url, sent)
    assert answer.status_code in {302, 422}
    whole = all(sent.get(name, "").strip() for name in ("name", "number", "zip", "agree"))
    try:
        parse_number(sent.get("number", "").strip())
    except BadNumber:
        whole = False
    assert (answer.status_code == 302) <= whole
    assert len(form.entries()) == before + (answer.status_code == 302)
