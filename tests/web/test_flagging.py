"""Flagging a text and stopping a sender, as forms that ask for no script."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.site import Site

PRIYA = "+16145550142"


def words(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def said(site: Site) -> str:
    """The address at which Ben's newest text to Priya is flagged, as his page has it."""
    site.town.meet(PRIYA, "Priya Ramnath", by="ben", line="sales")
    site.house.text_in(PRIYA, "Is the coupe there?")
    site.house.tap(PRIYA, "It is, and it is yours for less.")
    talk = site.house.conversation(PRIYA)
    client: Any = site.client("ben")
    found = re.findall(r'href="(/review/flag/[0-9a-f-]+/)" data-key="f"', page(client, talk))
    assert len(found) == 1
    return str(found[0])


def page(client: Any, talk: Any) -> str:
    answer: str = client.get(f"/c/{talk}/").content.decode()
    return answer


def test_a_text_is_put_to_review_from_its_conversation(site: Site, said: str) -> None:
    talk = site.house.conversation(PRIYA)
    ben: Any = site.client("ben")
    assert said in page(ben, talk)
    asked = ben.get(said).content.decode()
    texts = re.findall(r'name="text" value="([0-9a-f-]+)"( checked)?', asked)
    assert [bool(on) for _, on in texts] == [False, True], "the newest is meant"
    done = words(ben.post(said, {"text": texts[0][0], "said": "Odd words"}))
    assert "A manager will read it." in done
    again = words(ben.post(said, {"text": texts[0][0]}))
    assert "It waits for a manager already." in again
    mo: Any = site.client("mo")
    queue = words(mo.get("/review/"))
    assert "Ben Ostrander asked you to read this" in queue
    assert "Odd words" in queue
    assert "Is the coupe there?" in queue


def test_who_may_not_flag(site: Site, said: str) -> None:
    noor: Any = site.client("noor")
    assert said not in page(noor, site.house.conversation(PRIYA)), "an auditor writes nothing"
    assert noor.post(said, {}).status_code == 403
    cy: Any = site.client("cy")
    assert cy.get(said).status_code == 404
    assert cy.post(said, {}).status_code == 404
    ben: Any = site.client("ben")
    assert ben.post(said, {"said": "x" * 2001}).status_code == 422
    assert ben.get("/review/flag/00000000-0000-0000-0000-000000000000/").status_code == 404


def test_a_sender_is_stopped_on_their_page_and_the_page_undoes_it(site: Site, said: str) -> None:
    del said
    ben = site.town.members["ben"]
    mo: Any = site.client("mo")
    assert "Stop Ben’s texting" in words(mo.get(f"/team/{ben}/"))
    assert mo.post(f"/team/{ben}/texting/", {"act": "stop", "said": " "}).status_code == 422
    to = mo.post(f"/team/{ben}/texting/", {"act": "stop", "said": "Promised a price"})
    assert (to.status_code, to["Location"]) == (302, f"/team/{ben}/")
    told = words(mo.get(f"/team/{ben}/"))
    assert re.search(r"texting was stopped .* by Mo Haddad ?: Promised a price", told)
    assert "Stop Ben’s texting" not in told
    assert "Stopped" in words(mo.get("/team/"))
    assert "Stopped" in words(mo.get("/policy/people/"))
    assert "Stopped" in words(mo.get("/dashboard/"))
    assert mo.post(f"/team/{ben}/texting/", {}).status_code == 302
    assert "Stop Ben’s texting" in words(mo.get(f"/team/{ben}/"))
    owner = words(mo.get(f"/team/{site.town.members['ada']}/"))
    assert "texting" not in owner, "nobody stops whom they do not lead"
