"""Several people, one tablet: each text has its author, and who was there before is gone."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.test import Client

from lotline.actions import tablets as acts
from lotline.actions.devices import OnTablet, end_all, open_device
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.members import suspend
from lotline.store.tablets import Key
from lotline.web.doors import TABLET_COOKIE as COOKIE
from tests.web.site import Site

PIN, OTHER_PIN = "4071", "8250"
PHONE = "+16145550147"


@pytest.fixture
def tablet(site: Site) -> Client:
    """The showroom's, shared by Mo; Ben, Bea and Ada have set a PIN."""
    browser = site.client("mo")
    answer = browser.post("/team/tablets/", {"label": "Showroom tablet"})
    assert answer["Location"] == "/switch/"
    for who, pin in (("ben", PIN), ("bea", OTHER_PIN), ("ada", "6193")):
        in_full(site, browser, who)
        assert browser.post("/me/pin/", {"pin": pin})["Location"] == "/inbox/"
        browser.post("/switch/leave/")
    return browser


def in_full(site: Site, browser: Client, who: str) -> None:
    """As after a password or a passkey; the way through the form is one test's own."""
    from django.contrib.auth import get_user_model

    account = get_user_model().objects.get(pk=site.town.accounts[who])
    browser.force_login(account)
    session = browser.session
    session["second_step"] = True
    session.save()
    held = key(browser, site)
    on = OnTablet(held.group_id, held.tablet_id, by_pin=False)
    open_device(site.house.ctx, account.pk, str(session.session_key), label="Tablet", on=on)


def switch(site: Site, browser: Client, who: str, pin: str = PIN) -> int:
    form = {"member": str(site.town.members[who]), "pin": pin}
    return browser.post("/switch/", form).status_code


def key(browser: Client, site: Site) -> Key:
    from django.core import signing

    group, _tablet, secret = signing.loads(browser.cookies[COOKIE].value, salt="lotline.tablet")
    assert group == str(site.town.group_id)
    return Key(site.town.group_id, site.house.ask("select id from tablets")[0][0], secret)


def test_the_screen_shows_names_and_no_work(site: Site, tablet: Client) -> None:
    site.town.meet(PHONE, "Philippa Ravenscroft", by="ben", line="sales")
    said = tablet.get("/switch/").content.decode()
    assert "Ben Ostrander" in said
    assert "Showroom tablet" in said
    assert "Philippa" not in said
    assert "Cy Moreau" not in said, "who has no PIN here is not named"
    assert tablet.cookies[COOKIE]["httponly"]
    assert Client().get("/switch/").status_code == 302, "no tablet, no screen"
    forged = Client()
    forged.cookies[COOKIE] = tablet.cookies[COOKIE].value[:-1] + "x"
    assert forged.get("/switch/")["Location"] == "/sign-in/"


def test_each_text_carries_who_was_switched_in_and_the_device(site: Site, tablet: Client) -> None:
    """And the one before is out: their page's form does nothing any more."""
    talk = site.town.meet(PHONE, "Philippa", by="ben", line="sales")
    site.house.text_in(PHONE, "Is it there?")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = tablet.cookies
    page = strict.get("/switch/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None, "a form has its token"
    form = {"member": str(site.town.members["ben"]), "pin": PIN, "csrfmiddlewaretoken": token[1]}
    assert strict.post("/switch/", form).status_code == 302
    old = strict.get(f"/c/{talk}/").content.decode()
    old_token = re.search(r'data-csrf="([^"]+)"', old)
    assert old_token is not None, "and so has a script's page"
    text = {"body": "Yes, come by.", "client_id": "01a1ef2b-fd80-7000-8000-000000000001"}
    sent = strict.post(f"/c/{talk}/send", text | {"csrfmiddlewaretoken": old_token[1]})
    assert sent.status_code < 400, sent.content.decode()
    leave = {"csrfmiddlewaretoken": old_token[1]}
    answer = strict.post("/switch/leave/", leave)
    assert "storage" in answer["Clear-Site-Data"]

    assert switch(site, tablet, "bea", OTHER_PIN) == 302
    strict.cookies = tablet.cookies
    text["client_id"] = "01a1ef2b-fd80-7000-8000-000000000002"
    late = strict.post(f"/c/{talk}/send", text | {"csrfmiddlewaretoken": old_token[1]})
    assert late.status_code == 403, "a page that Ben left open does not speak as Bea"
    assert tablet.get(f"/c/{talk}/").status_code == 404, "Bea has her own lines alone"
    rows = site.house.ask(
        "select t.author_id, d.member_id, d.tablet_id is not null, d.by_pin from texts t"
        " join devices d on d.id = t.device_id where t.direction = 'out'"
    )
    assert rows == [(site.town.members["ben"], site.town.members["ben"], True, True)]
    open_now = site.house.ask(
        "select member_id from devices where tablet_id is not null and ended_at is null"
    )
    assert open_now == [(site.town.members["bea"],)], "one tablet, one person"


def test_a_full_sign_in_there_leads_to_the_pin(site: Site, tablet: Client) -> None:
    from django.core.cache import cache

    cache.clear()
    form = {"login": "cy@elmdock.example", "password": "correct horse battery"}
    answer = tablet.post("/sign-in/?next=/me/pin/", form)
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"] == "/me/pin/"
    assert tablet.post("/me/pin/", {"pin": "3058"}).status_code == 302
    tablet.post("/switch/leave/")
    assert switch(site, tablet, "cy", "3058") == 302


def test_a_pin_gives_staff_and_no_security(site: Site, tablet: Client) -> None:
    assert switch(site, tablet, "ada", "6193") == 302
    assert tablet.get("/inbox/").status_code == 200
    for page in ("/team/", "/lines/", "/audit/", "/rules/lists/", "/programs/", "/team/tablets/"):
        assert tablet.get(page).status_code == 403, page
    for page in ("/me/security/", "/me/password/", "/me/pin/", "/me/bring/", "/sign-in/again/"):
        assert tablet.get(page).status_code == 403, page
    assert tablet.post("/me/pin/", {"pin": "9173"}).status_code == 403
    assert tablet.get("/me/").status_code == 200


def test_left_alone_it_goes_back_to_the_screen(site: Site, tablet: Client) -> None:
    assert switch(site, tablet, "ben") == 302
    assert 'data-lock-after="120"' in tablet.get("/inbox/").content.decode()
    site.town.clock.pass_by(seconds=119)
    assert tablet.get("/inbox/").status_code == 200
    site.town.clock.pass_by(seconds=121)
    answer = tablet.get("/inbox/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/switch/")
    assert tablet.get("/locked/")["Location"] == "/switch/"
    assert tablet.get("/switch/").status_code == 200
    assert tablet.get("/inbox/")["Location"].startswith("/sign-in/")
    assert tablet.get("/sign-in/").status_code == 200, "a full sign-in is one link away"


def test_guessing_rests_then_ends(site: Site, tablet: Client) -> None:
    ctx, held = site.house.ctx, key(tablet, site)
    ben = site.town.members["ben"]

    def guess(pin: str = "0000") -> str:
        return acts.check_pin(ctx, held, ben, pin).problem

    said = [guess() for _ in range(acts.RESTS_AFTER)]
    assert ["isn’t right" in one for one in said] == [True] * 4 + [False]
    assert "Wait five minutes" in guess(PIN), "not even the right one while it rests"
    assert acts.check_pin(ctx, held, site.town.members["bea"], OTHER_PIN).problem == ""
    site.town.clock.pass_by(minutes=6)
    assert guess(PIN) == "", "and a right one forgets the wrong ones"
    for _ in range(2):
        for _ in range(acts.RESTS_AFTER):
            guess()
        site.town.clock.pass_by(minutes=6)
    assert "isn’t right" in guess(PIN), "after ten it is void"
    assert switch(site, tablet, "ben") == 422
    assert site.house.ask("select count(*) from tablet_pins") == [(2,)]


def test_guesses_at_once_are_guesses_in_turn(site: Site, tablet: Client) -> None:
    ctx, held, ben = site.house.ctx, key(tablet, site), site.town.members["ben"]
    start = threading.Barrier(8)

    def guess() -> None:
        start.wait()
        acts.check_pin(ctx, held, ben, "0000")

    hands = [threading.Thread(target=guess) for _ in range(8)]
    for one in hands:
        one.start()
    for one in hands:
        one.join()
    assert site.house.ask("select wrong from tablet_pins where member_id = %s", ben) == [
        (acts.RESTS_AFTER,)
    ], "the sixth was not looked at"


def test_a_tablet_rests_when_everybody_is_guessed(site: Site, tablet: Client) -> None:
    ctx, held = site.house.ctx, key(tablet, site)
    nobody = site.town.members["cy"]
    for _ in range(acts.TABLET_AFTER):
        acts.check_pin(ctx, held, nobody, "0000")
    assert acts.check_pin(ctx, held, site.town.members["ben"], PIN).account_id is None
    site.town.clock.at += timedelta(minutes=16)
    assert acts.check_pin(ctx, held, site.town.members["ben"], PIN).account_id is not None


EASY = ("", "123", "1234", "4321", "7777", "90123", "123456789", "12a4", "٤٠٧١")


def test_an_easy_pin_is_none(site: Site, tablet: Client) -> None:
    in_full(site, tablet, "ben")
    for pin in EASY:
        assert tablet.post("/me/pin/", {"pin": pin}).status_code == 422, pin


def test_who_may_share_and_who_may_set_a_pin(site: Site, tablet: Client) -> None:
    ctx, town = site.house.ctx, site.town
    ben, noor, mo = (town.sign_in(who) for who in ("ben", "noor", "mo"))
    for one in (ben, noor):
        with pytest.raises(NotAllowed):
            acts.share(ctx, one, "Mine", "secret")
    with pytest.raises(NotAllowed):
        acts.set_pin(ctx, ben, PIN)  # not on a tablet
    with pytest.raises(Refused):
        acts.share(ctx, mo, "  ", "secret")
    dot = acts.share(ctx, town.sign_in("ada"), "Office", "secret")
    with pytest.raises(NotYours):
        acts.unshare(ctx, mo, dot)


def test_out_is_out_there_too(site: Site, tablet: Client) -> None:
    """A lost phone, a pause, a tablet that is shared no more."""
    ctx, town = site.house.ctx, site.town
    ada = town.sign_in("ada")
    assert switch(site, tablet, "ben") == 302
    end_all(ctx, ada, town.members["ben"], "lost")
    assert tablet.get("/inbox/").status_code in {302, 401}
    assert switch(site, tablet, "ben") == 422, "his PIN went with it"
    assert switch(site, tablet, "bea", OTHER_PIN) == 302
    suspend(ctx, ada, town.members["bea"])
    assert tablet.get("/inbox/").status_code in {302, 401}
    assert switch(site, tablet, "bea", OTHER_PIN) == 422
    assert "Bea" not in tablet.get("/switch/").content.decode()
    assert switch(site, tablet, "ada", "6193") == 302
    mo = town.sign_in("mo")
    assert acts.unshare(ctx, mo, site.house.ask("select id from tablets")[0][0]) == 1
    assert tablet.get("/inbox/").status_code in {302, 401}
    assert tablet.get("/switch/")["Location"] == "/sign-in/"


def test_no_pin_lies_in_the_database(site: Site, tablet: Client) -> None:
    hashes = [one for (one,) in site.house.ask("select pin_hash from tablet_pins")]
    assert len(set(hashes)) == 3
    from django.contrib.auth.hashers import check_password

    assert not any(check_password(PIN, one) for one in hashes), "keyed before it is hashed"
