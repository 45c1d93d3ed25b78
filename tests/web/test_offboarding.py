"""Off-boarding on its page: what is shown before is what moves, and history keeps the name."""

from __future__ import annotations

import re
from typing import Any

from lotline.actions.conversations import assign
from tests.web.site import Site

MOST = 4


def words(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_counts_before_are_the_counts_of_the_receipt(site: Site) -> None:
    town, house = site.town, site.house
    numbers = [f"+1614555{150 + n:04d}" for n in range(MOST)]
    talks = [
        town.meet(one, f"Customer {n}", by="ben", line="sales") for n, one in enumerate(numbers)
    ]
    for one in numbers:
        house.text_in(one, "Is the truck there?")
    assign(town.ctx, town.sign_in("ada"), talks, town.members["ben"])
    house.tap(numbers[0], "It is, come by.")
    town.clock.pass_by(seconds=11)
    house.dispatch()
    house.tap(numbers[1], "This one waits and is taken back.")
    ben, ada = site.client("ben"), site.client("ada")
    assert ben.get("/inbox/").status_code == 200
    page = f"/team/{town.members['ben']}/"
    before = words(ada.get(f"{page}offboard/"))
    sessions = re.search(r"(\d+) sessions? ends? at once", before)
    assert sessions
    assert f"{MOST} open conversations move" in before
    assert "1 text that has not left is taken back" in before
    assert ada.post(f"{page}offboard/", {"to": "somebody"}).status_code == 422
    done = ada.post(f"{page}offboard/", {"to": str(town.members["mo"])})
    assert (done.status_code, done["Location"]) == (302, f"{page}left/")
    receipt = words(ada.get(f"{page}left/"))
    assert f"Sessions ended {sessions[1]} " in receipt
    assert f"Conversations moved {MOST} " in receipt
    assert "Conversations unassigned 0 " in receipt
    assert "Texts taken back 1 " in receipt
    assert ada.get(f"{page}offboard/")["Location"] == f"{page}left/", "a second press does nothing"
    assert ben.get("/inbox/").status_code in {302, 401}, "their session is dead"
    form = {"login": "ben@elmdock.example", "password": "correct horse battery"}
    assert "/inbox/" not in str(ben.post("/sign-in/", form).headers.get("Location", ""))
    mine = words(site.client("mo").get("/inbox/?box=mine"))
    assert [f"Customer {n}" in mine for n in range(MOST)] == [True] * MOST
    said = words(site.client("mo").get(f"/c/{talks[0]}/"))
    assert "It is, come by." in said
    assert "Ben" in said, "history keeps the name of who wrote it"
