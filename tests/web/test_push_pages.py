"""Notices as pages tell and take them, and that signing out by any door ends them."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from tests.adapters.push_peer import Phone
from tests.web.site import Site

ELSEWHERE = "https://push.example.com/a"


def turn_on(client: Client, endpoint: str = ELSEWHERE) -> Any:
    return client.post("/me/push/", {"said": json.dumps(Phone(endpoint).said())})


def taking(site: Site) -> int:
    found: int = site.house.ask("select count(*)::int from push_subscriptions")[0][0]
    return found


def page(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_on_tried_and_off(site: Site) -> None:
    ben, ada = site.client("ben"), site.client("ada")
    assert 'data-on=""' in page(ben, "/me/")
    assert turn_on(ben).status_code == 204
    assert 'data-on="1"' in page(ben, "/me/")
    assert "Notices on" in page(ada, "/team/devices/")
    assert ben.post("/me/push/test/")["Location"] == "/me/?tried#push-h"
    assert "A test notice is on its way" in page(ben, "/me/?tried")
    ben.post("/me/push/off/")
    assert taking(site) == 0
    assert "Notices on" not in page(ada, "/team/devices/")
    assert ben.post("/me/push/test/")["Location"] == "/me/#push-h", "there is nothing to try"


def test_a_browser_that_lies_is_refused(site: Site) -> None:
    ben = site.client("ben")
    for said in ("", "[]", "null", "{", '{"endpoint":"https://push.example.com/a"}', "7" * 5000):
        assert ben.post("/me/push/", {"said": said}).status_code == 422, said
    assert ben.post("/me/push/").status_code == 422
    for inside in ("https://127.0.0.1/a", "http://push.example.com/a", "https://169.254.169.254/"):
        assert turn_on(ben, inside).status_code == 422, inside
    assert taking(site) == 0


def test_the_owner_sets_the_most_and_members_choose_below_it(site: Site) -> None:
    ben, ada = site.client("ben"), site.client("ada")
    ben.post("/me/push/choice/", {"notify": "initials"})
    assert 'value="initials" checked' in page(ben, "/me/")
    assert ada.post("/settings/push/", {"most": "none"})["Location"] == "/settings/push/?saved"
    own = page(ben, "/me/")
    assert 'value="initials"' not in own
    assert 'value="none" checked' in own
    assert "Your owner allows no more" in own
    assert ada.post("/settings/push/", {"most": "words"}).status_code == 422
    assert ben.post("/settings/push/", {"most": "initials"}).status_code == 403


def test_signing_out_ends_them_and_who_only_looks_has_none(site: Site) -> None:
    ben, noor = site.client("ben"), site.client("noor")
    turn_on(ben)
    assert taking(site) == 1
    ben.post("/sign-out/")
    assert taking(site) == 0
    assert 'id="push"' not in page(noor, "/me/")
    assert turn_on(noor).status_code == 403


def test_the_worker_shows_notices_and_keeps_no_page(site: Site) -> None:
    answer = site.client("ben").get("/sw.js")
    body = answer.content.decode()
    assert "showNotification" in body
    assert "notificationclick" in body
    assert answer["Cache-Control"] == "no-cache"
    assert "ICON" not in body
    assert "VERSION" not in body
    assert body == site.client("ada").get("/sw.js").content.decode(), "the same for everybody"
