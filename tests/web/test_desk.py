"""The desk's pages in a browser without script: read, send, take back, be refused."""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID

import pytest

from lotline.core.oversight.deadline import honour_by
from tests.web.site import Site

PRIYA = "+16145550142"


@pytest.fixture
def priya(site: Site) -> UUID:
    talk = site.town.meet(PRIYA, "Priya Ramnath", by="ben", line="sales", how="texted_us")
    site.house.text_in(PRIYA, "Is the green one still there?")
    return talk


def test_a_signed_in_member_reads_and_a_stranger_is_sent_to_sign_in(
    site: Site, priya: UUID
) -> None:
    from django.test import Client

    page = site.client("ben").get("/inbox/")
    assert page.status_code == 200
    assert "Priya Ramnath" in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page["Content-Security-Policy"]
    away = Client().get(f"/c/{priya}/")
    assert away.status_code == 302
    assert away["Location"].startswith("/sign-in/")


def test_a_text_is_sent_by_a_plain_form_and_shown(site: Site, priya: UUID) -> None:
    client = site.client("ben")
    page = client.get(f"/c/{priya}/").content.decode()
    assert 'aria-label="Message"' in page
    sent = client.post(
        f"/c/{priya}/send",
        {"body": "Yes, it is here.", "client_id": re.search(r'client_id" value="([^"]+)', page)[1]},  # type: ignore[index]  # it is there
    )
    assert sent.status_code == 302, sent.content.decode()
    assert "Yes, it is here." in client.get(f"/c/{priya}/").content.decode()
    site.town.clock.pass_by(seconds=11)
    site.house.dispatch()
    assert len(site.house.carrier.reached) == 1


def test_who_may_not_reach_a_conversation_finds_nothing(site: Site, priya: UUID) -> None:
    for path in (
        f"/c/{priya}/",
        f"/inbox/row/{priya}/",
        f"/c/{priya}/items/",
        f"/c/{priya}/foot/",
        f"/c/{priya}/here/",
    ):
        assert site.client("cy").get(path).status_code == 404, path


def test_a_number_typed_tells_no_name_to_whom_it_is_out_of_reach(site: Site, priya: UUID) -> None:
    site.house.text_in(PRIYA, "STOP")
    typed = {"number": PRIYA, "how": "in_person"}
    theirs = site.client("ben").post("/new/", {**typed, "line": str(site.town.lines["sales"])})
    assert "Priya" in theirs.content.decode()
    others = site.client("cy").post("/new/", {**typed, "line": str(site.town.lines["dock"])})
    assert others.status_code == 422
    assert "opted out" in others.content.decode()
    assert "Priya" not in others.content.decode()


def test_every_page_opens(site: Site, priya: UUID) -> None:
    client = site.client("ben")
    contact = site.house.ask("select id from contacts")[0][0]
    for path in (
        "/inbox/",
        "/inbox/?box=team&is=held",
        "/inbox/counts/",
        f"/inbox/row/{priya}/",
        f"/c/{priya}/",
        f"/c/{priya}/foot/",
        f"/c/{priya}/templates/",
        "/customers/",
        "/customers/?level=offers&q=pri",
        f"/customers/{contact}/",
        f"/customers/{contact}/consent/",
        f"/customers/{contact}/consent/add/",
        f"/customers/{contact}/stop/",
        "/new/",
        "/templates/",
        "/rules/",
        f"/rules/{next(iter(site.house.ctx.book.rules))}/",
        "/search/?q=priya",
        "/menu/?q=pri",
        "/more/",
        "/help/keys/",
        "/manifest.webmanifest",
        "/sw.js",
        "/offline.html",
    ):
        got = client.get(path)
        assert got.status_code == 200, path


def test_the_stop_page_names_the_laws_last_day_and_doubts_the_words_that_decided(
    site: Site, priya: UUID
) -> None:
    client, house = site.client("ben"), site.house
    contact = house.ask("select contact_id from conversations where id = %s", priya)[0][0]
    page = client.get(f"/customers/{contact}/stop/").content.decode()
    due = honour_by(house.ctx.book, house.ctx.now(), "America/New_York")
    assert f"{due:%A, %B} {due.day}" in page
    assert house.ctx.book.rules["FED-REV-3"].citation in unescape(page)
    house.text_in("+16145550167", "Hey Ben, I am not interested right now. Have a good day")
    listed = client.get("/review/doubts/").content.decode()
    found = re.search(r"Heard: <b><q>([^<]*)</q>", listed)
    assert found
    assert found[1] in "Hey Ben, I am not interested right now. Have a good day"
    assert "Have a good day" not in found[1]


def test_a_text_is_taken_back_and_a_refusal_shows_without_script(site: Site, priya: UUID) -> None:
    client = site.client("ben")
    client.post(f"/c/{priya}/send", {"body": "Yes, it is here."})
    page = client.get(f"/c/{priya}/").content.decode()
    link = re.search(r'href="(/out/[^"]+)"', page)
    assert link
    ask = client.get(link[1])
    assert ask.status_code == 200
    assert site.client("cy").get(link[1]).status_code == 404
    text_id = link[1].split("/")[2]
    back = client.post(f"/out/{text_id}/undo", {"c": str(priya), "act": "edit"})
    assert back["Location"] == f"/c/{priya}/#composer"
    assert "Yes, it is here.</textarea>" in client.get(f"/c/{priya}/").content.decode()
    refused = client.post(
        f"/c/{priya}/send", {"body": "Huge sale this weekend only, $2,000 off every truck!"}
    )
    assert refused.status_code == 200
    assert "Can’t send as written" in refused.content.decode()
    assert site.house.carrier.reached == []


def test_an_ended_device_gets_nothing_from_the_next_request_on(site: Site, priya: UUID) -> None:
    client = site.client("ben")
    assert client.get("/inbox/").status_code == 200
    site.house.ask("update devices set ended_at = now() returning id")
    fragment = client.get(f"/inbox/row/{priya}/", headers={"X-Lotline": "live"})
    assert fragment.status_code == 401
    assert fragment["HX-Redirect"].startswith("/signed-out/")
    again = site.client("ben")
    site.house.ask("update devices set ended_at = now() returning id")
    page = again.get(f"/c/{priya}/")
    assert page.status_code == 401
    assert "Priya" not in page.content.decode()
    assert "This phone was signed out" in page.content.decode()
