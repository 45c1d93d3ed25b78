"""Who comes in by the provider and who does not, each against a real one over real HTTP."""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from lotline.actions.identity import keep_way, make_token
from lotline.actions.members import lift_suspension, set_reach, suspend
from lotline.store.provisioning import load_people
from tests.web.provider.conftest import Town
from tests.web.scim.client import Provider

BEN = {"email": "Ben@ElmDock.example", "email_verified": True}


@pytest.fixture(scope="module")
def scim(town: Town) -> Provider:
    return Provider(make_token(town.ctx, town.site.town.sign_in("ada")).token)


def member_of(town: Town, identity: str) -> UUID:
    with town.ctx.db.transaction(town.site.town.group_id) as tx:
        (found,) = load_people(tx, [UUID(identity)])
    assert found.member_id is not None
    return found.member_id


def test_a_member_with_a_verified_address_comes_in(town: Town) -> None:
    town.knows("ben-there", **BEN)
    before = town.devices(town.site.town.members["ben"])
    answer = town.sign_in("ben-there", query="?next=/inbox/")
    assert (answer.status_code, answer["Location"]) == (302, "/inbox/")
    assert answer.browser.get("/inbox/").status_code == 200
    assert town.devices(town.site.town.members["ben"]) == before + 1
    kept = [one.get_decoded() for one in Session.objects.all()]
    whole = str(kept) + str(town.site.house.ask("select t::text from access_acts t"))
    assert "ben-there" not in whole
    assert "elmdock" not in whole.casefold()
    for table in ("socialaccount", "socialtoken", "socialapp"):
        assert town.site.house.ask(f"select * from socialaccount_{table}") == []


def test_a_strangers_page_names_no_company(town: Town) -> None:
    """Nor does any answer to what a stranger could type; only the company's own link leads on."""
    stranger, link = Client(), f"http://testserver/sign-in/with/{town.provider_id}/"
    other = UUID(int=town.provider_id.int ^ 1)
    typed = ["", "elmdock.example", "ben@elmdock.example", "Elm directory", str(other)]
    typed += [link.replace(str(town.provider_id), str(other)), link[:-2], "x" * 600 + link]
    pages: list[Any] = [stranger.get("/sign-in/"), stranger.get("/sign-in/company/")]
    answers: list[Any] = [stranger.post("/sign-in/company/", {"link": one}) for one in typed]
    assert {one.status_code for one in answers} == {422}
    plain = {
        re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", _words(one)) for one in answers
    }
    assert len(plain) == 1, "every other answer is one and the same"
    pages += [stranger.get(f"/sign-in/with/{other}/"), stranger.get("/signed-out/"), *answers]
    for page in pages:
        whole = _words(page)
        assert "Elm" not in whole
        assert str(town.provider_id) not in whole
    found: Any = stranger.post("/sign-in/company/", {"link": f" {link.upper()} "})
    assert "Continue with Elm directory" in _words(found)


def test_a_browser_remembers_by_whom_its_person_came_in(town: Town) -> None:
    town.knows("ben-there", **BEN)
    browser = town.sign_in("ben-there").browser
    cookie = browser.cookies["lotline_way"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    browser.post("/sign-out/")
    assert "Sign in with Elm directory" in _words(browser.get("/sign-in/"))
    town.knows("other", email="nobody@elmdock.example", email_verified=True)
    refused = town.sign_in("other").browser
    assert "lotline_way" not in refused.cookies, "only whoever came in is remembered"
    browser.cookies["lotline_way"] = "not an id at all"
    assert "Elm" not in _words(browser.get("/sign-in/"))


def _words(answer: Any) -> str:
    found: str = answer.content.decode()
    return found


def test_a_link_is_made_only_for_whom_the_provider_does_not_let_in(
    town: Town, scim: Provider
) -> None:
    """Whoever came in by it has a record; a link would give that to whoever holds the link."""
    told = scim.add("nell@elmdock.example", externalId="nell-there", displayName="Nell Abel")
    member = member_of(town, told["id"])
    ada, where = town.site.client("ada"), f"/team/{member}/invitation/"
    form = {"email": "nell@elmdock.example"}
    town.way(required=True)
    refused: Any = ada.post(where, form)
    assert (refused.status_code, "sign in by Elm directory alone" in _words(refused)) == (422, True)
    town.way()
    assert "may sign in by Elm directory" in _words(ada.get(f"/team/{member}/"))
    assert ada.post(where, form).status_code == 200
    assert town.sign_in("nell-there").status_code == 302
    came: Any = ada.post(where, form)
    assert (came.status_code, "They sign in by Elm directory" in _words(came)) == (422, True)
    keep_way(town.ctx, town.site.town.sign_in("ada"), None, sign_in=False, required=False)
    elm = town.site.town.stores["elm"]
    set_reach(town.ctx, town.site.town.sign_in("ada"), member, store_ids=[elm])
    assert town.site.client("mo").post(where).status_code == 422, "an owner's to make"
    assert ada.post(where).status_code == 200, "without the provider nothing else lets them in"
    town.way()


@pytest.mark.parametrize(
    "claims, changes",
    [
        ({"email": "ben@elmdock.example"}, {}),
        ({"email": "ben@elmdock.example", "email_verified": False}, {"trusts_silence": True}),
        ({"email": "ben@elsewhere.example", "email_verified": True}, {}),
        ({"email": "ben@sub.elmdock.example", "email_verified": True}, {}),
        ({"email": "nobody@elmdock.example", "email_verified": True}, {}),
        ({"email": ["ben@elmdock.example"], "email_verified": True}, {}),
        ({}, {}),
    ],
    ids=["silent", "denied", "elsewhere", "below", "stranger", "odd", "nothing"],
)
def test_nobody_else_does(town: Town, claims: dict[str, Any], changes: dict[str, Any]) -> None:
    town.way(**changes)
    town.knows("other", **claims)
    answer = town.sign_in("other")
    assert answer.status_code == 403
    assert "Nobody who works here is known by that" in answer.content.decode()
    assert answer.browser.get("/inbox/").status_code == 302
    town.way()


def test_an_owner_may_trust_a_provider_that_says_nothing(town: Town) -> None:
    town.way(trusts_silence=True)
    town.knows("silent", email="ben@elmdock.example")
    assert town.sign_in("silent").status_code == 302
    town.way()


def test_whom_provisioning_told_of_gets_an_account_and_no_right_to_text(
    town: Town, scim: Provider
) -> None:
    told = scim.add("ruth@elmdock.example", externalId="ruth-there", displayName="Ruth Abel")
    town.knows("ruth-there", name="Somebody else entirely")
    answer = town.sign_in("ruth-there")
    assert answer.status_code == 302
    member = member_of(town, told["id"])
    assert town.devices(member) == 1
    assert not town.site.house.ask("select * from training_passes where member_id = %s", member)
    scim.activate(told["id"], active=False)
    assert town.sign_in("ruth-there").status_code == 403
    assert answer.browser.get("/inbox/").status_code == 302
    scim.activate(told["id"], active=True)
    again = town.sign_in("ruth-there")
    assert again.status_code == 302
    assert member_of(town, told["id"]) != member
    assert town.devices(member_of(town, told["id"])) == 1


def test_whoever_is_paused_stays_out(town: Town) -> None:
    ada, cy = town.site.town.sign_in("ada"), town.site.town.members["cy"]
    suspend(town.ctx, ada, cy, "asked")
    town.knows("cy-there", email="cy@elmdock.example", email_verified=True)
    answer = town.sign_in("cy-there")
    assert answer.status_code == 403
    assert "paused or ended" in answer.content.decode()
    lift_suspension(town.ctx, ada, cy)


def test_what_is_forged_or_told_twice_opens_nothing(town: Town) -> None:
    town.knows("ben-there", **BEN)
    browser = Client()
    back = town.there(browser, "ben-there")
    assert Client().get(back).status_code == 401, "another browser has no such state"
    assert browser.get(back.replace("state=", "state=x")).status_code == 401
    assert browser.get(back).status_code == 302
    assert browser.get(back).status_code == 401
    other = Client()
    back = town.there(other, "ben-there")
    session = other.session
    for state in session["socialaccount_states"].values():
        state[0]["nonce"] = "another"
    session["socialaccount_states"] = session["socialaccount_states"]
    session.save()
    assert other.get(back).status_code == 401
    denied: Any = other.get(f"/sign-in/with/{town.provider_id}/back/?error=access_denied&state=x")
    assert denied.status_code == 401


@pytest.mark.parametrize(
    "claims, own, leads_to",
    [
        ({}, False, "/me/security/"),
        ({"amr": ["pwd"]}, False, "/me/security/"),
        ({"amr": ["pwd", "mfa"]}, False, None),
        ({"amr": ["pwd", "otp"]}, False, None),
        ({"acr": "two"}, False, None),
        ({"amr": ["mfa"]}, True, "/me/security/"),
    ],
)
def test_who_leads_passes_a_second_step_there_or_here(
    town: Town, claims: dict[str, Any], own: bool, leads_to: str | None
) -> None:
    town.way(own_second_step=own, acr="two")
    town.knows("mo-there", email="mo@elmdock.example", email_verified=True, **claims)
    browser = town.sign_in("mo-there").browser
    answer = browser.get("/inbox/")
    if leads_to is None:
        assert answer.status_code == 200
    else:
        assert answer["Location"].startswith(leads_to)
    town.way()


def test_where_it_is_required_only_owners_have_another_way(town: Town) -> None:
    town.way(required=True)
    form = {"login": "cy@elmdock.example", "password": "correct horse battery"}
    refused: Any = Client().post("/sign-in/", form)
    assert refused.status_code == 403
    assert "Sign in with Elm directory" in refused.content.decode()
    assert Client().post("/sign-in/", form | {"login": "ada@elmdock.example"}).status_code == 302
    town.knows("cy-there", email="cy@elmdock.example", email_verified=True)
    assert town.sign_in("cy-there").status_code == 302
    town.way()
    assert Client().post("/sign-in/", form).status_code == 302


def test_a_locked_device_wakes_for_its_own_person(town: Town) -> None:
    town.knows("ben-there", **BEN)
    browser = town.sign_in("ben-there").browser
    browser.post("/me/lock/")
    assert browser.get("/inbox/")["Location"].startswith("/locked/")
    assert "Unlock with Elm directory" in browser.get("/locked/").content.decode()
    sent = browser.get(f"/sign-in/with/{town.provider_id}/")
    assert "prompt=login" in sent["Location"]
    assert town.sign_in("ben-there", browser).status_code == 302
    assert browser.get("/inbox/").status_code == 200


def test_a_sign_in_of_long_ago_wakes_nothing() -> None:
    from lotline.web.provider import _just_now

    now = int(time.time())
    assert [_just_now({"auth_time": at}) for at in (now, now - 100, now - 300, now + 300)] == [
        True,
        True,
        False,
        False,
    ]
    assert not _just_now({"iat": now})
    assert not _just_now({"auth_time": str(now)})


def test_the_owner_connects_it_on_the_page(town: Town) -> None:
    ada = town.site.client("ada")
    town.site.house.ask("update identity_providers set way_ct = null, sign_in = false returning id")
    assert ada.get("/settings/identity/").status_code == 200, "before anything was said"
    page = "/settings/identity/sign-in/"
    form = {"issuer": town.issuer, "client_id": "lotline", "domains": "@elmdock.example", "on": "1"}
    form |= {"client_secret": "a-secret"}
    wrong = {
        "did not answer": form | {"issuer": "http://localhost:9"},
        "does not speak": form | {"issuer": f"{town.issuer}/userinfo"},
        "at least one domain": form | {"domains": ""},
        "Write domains": form | {"domains": "everybody"},
        "sent to a provider": {"required": "1"},
    }
    for says, given in wrong.items():
        answer: Any = ada.post(page, given)
        assert answer.status_code == 422, says
        assert says in answer.content.decode() or says == "does not speak"
    assert ada.post(page, form | {"client_secret": "the-new-secret"}).status_code == 302
    shown = ada.get("/settings/identity/").content.decode()
    assert town.issuer in shown
    assert "the-new-secret" not in shown
    kept = str(town.site.house.ask("select t::text from identity_providers t"))
    assert "the-new-secret" not in kept
    assert town.issuer not in kept
    assert town.site.client("mo").get("/settings/identity/").status_code == 403
