"""Whom a directory told of gets in by a link as well, and a link is good once and until the next.

Each journey is one over HTTP, as the people of the town make it.
"""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from lotline.actions.leaving import Successor, let_go
from lotline.actions.members import set_reach
from tests.web.scim.client import Provider
from tests.web.scim.test_provisioning import acts, member_of
from tests.web.site import Site

PASSWORD = "a lighthouse by the lot"
WEEK_AND_A_DAY_S = 8 * 24 * 3600


def link_in(answer: Any) -> str:
    found = re.search(r'id="link" readonly value="https?://[^/]+(/invited/[^"]+)"', str_of(answer))
    assert found, (answer.status_code, str_of(answer)[-600:])
    return found[1]


def str_of(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


def test_whom_a_directory_told_of_is_invited_from_their_page(
    town_site: Site, provider: Provider
) -> None:
    told = provider.add("ruth@elmdock.example", displayName="Ruth Abel")
    member = member_of(town_site, told["id"])
    ada, page = town_site.client("ada"), f"/team/{member}/"
    assert 'value="ruth@elmdock.example"' in str_of(ada.get(page))
    assert ada.post(f"{page}invitation/", {"email": "nowhere"}).status_code == 422
    first = link_in(ada.post(f"{page}invitation/", {"email": "ruth@elmdock.example"}))
    assert Client().get(first).status_code == 200
    assert "Send again" in str_of(ada.get(page))
    second = link_in(ada.post(f"{page}invitation/"))
    assert Client().get(first).status_code == 410, "the new link ends the old"
    assert Client().post(first, {"password": PASSWORD}).status_code == 410
    assert Client().get(second[:-2] + "x/").status_code == 410
    ruth = Client()
    assert ruth.post(second, {"password": "short"}).status_code == 422
    assert ruth.post(second, {"password": PASSWORD}).status_code == 302
    assert ruth.post(second, {"password": "another lighthouse"}).status_code == 410
    form = {"login": "Ruth@ElmDock.example", "password": PASSWORD}
    assert ruth.post("/sign-in/", form).status_code == 302
    assert ruth.get("/inbox/").status_code == 200
    refused = ada.post(f"{page}invitation/", {"email": "ruth@elmdock.example"})
    assert (refused.status_code, "have a password already" in str_of(refused)) == (422, True)
    assert "Send again" not in str_of(ada.get(page))
    told_of = [what for what, _ in acts(town_site, member)]
    assert told_of.count("invited") == 2


def test_an_expired_link_is_made_again(town_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = town_site.client("ada")
    form = {"name": "Odd Late", "email": "odd@elmdock.example", "role": "staff"}
    form["line"] = str(town_site.town.lines["sales"])
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() - WEEK_AND_A_DAY_S)
    expired = link_in(ada.post("/team/new/", form))
    monkeypatch.undo()
    assert Client().get(expired).status_code == 410
    assert Client().post(expired, {"password": PASSWORD}).status_code == 410
    sql = "select id from members order by created_at desc, id desc limit 1"
    member = town_site.house.ask(sql)[0][0]
    fresh = link_in(ada.post(f"/team/{member}/invitation/"))
    assert Client().post(fresh, {"password": PASSWORD}).status_code == 302


def test_who_may_make_a_link_for_whom(town_site: Site, provider: Provider) -> None:
    town = town_site.town
    told = provider.add("vera@elmdock.example", displayName="Vera North")
    member = member_of(town_site, told["id"])
    where = f"/team/{member}/invitation/"
    form = {"email": "vera@elmdock.example"}
    for who, status in {"mo": 404, "ben": 403, "cy": 403, "noor": 403}.items():
        assert town_site.client(who).post(where, form).status_code == status, who
    assert Client().post(where, form).status_code == 302
    set_reach(town.ctx, town.sign_in("ada"), member, store_ids=[town.stores["elm"]], line_ids=[])
    mo = town_site.client("mo")
    taken = mo.post(where, {"email": "ben@elmdock.example"})
    assert (taken.status_code, "signs in with that address" in str_of(taken)) == (422, True)
    assert link_in(mo.post(where, form))
    assert mo.post(f"/team/{town.members['cy']}/invitation/", form).status_code == 404
    assert mo.post(f"/team/{town.members['ben']}/invitation/", form).status_code == 422


def test_whoever_left_gets_no_link_and_whoever_is_back_gets_a_new_one(
    town_site: Site, provider: Provider
) -> None:
    town, ada = town_site.town, town_site.client("ada")
    told = provider.add("kit@elmdock.example", displayName="Kit Moss")
    member = member_of(town_site, told["id"])
    where = f"/team/{member}/invitation/"
    link = link_in(ada.post(where, {"email": "kit@elmdock.example"}))
    assert Client().post(link, {"password": PASSWORD}).status_code == 302
    provider.activate(told["id"], active=False)
    refused = ada.post(where, {"email": "kit@elmdock.example"})
    assert (refused.status_code, "They left" in str_of(refused)) == (422, True)
    provider.activate(told["id"], active=True)
    back = member_of(town_site, told["id"])
    assert back != member
    again = link_in(ada.post(f"/team/{back}/invitation/", {"email": "kit@elmdock.example"}))
    assert Client().post(again, {"password": "another lighthouse"}).status_code == 302
    old = {"login": "kit@elmdock.example", "password": PASSWORD}
    assert Client().post("/sign-in/", old).status_code == 200, (
        "the password of before opens nothing"
    )
    new = old | {"password": "another lighthouse"}
    assert Client().post("/sign-in/", new).status_code == 302
    pending = provider.add("lin@elmdock.example", displayName="Lin Vale")
    waits = member_of(town_site, pending["id"])
    held = link_in(ada.post(f"/team/{waits}/invitation/", {"email": "lin@elmdock.example"}))
    left = let_go(town.ctx, town.sign_in("ada"), waits, Successor())
    _close(left.account_id)
    assert Client().get(held).status_code == 410, "leaving ends a link that nobody used"


def _close(account_id: UUID | None) -> None:
    from lotline.actions import invitations

    assert account_id is not None
    invitations.close(account_id)
