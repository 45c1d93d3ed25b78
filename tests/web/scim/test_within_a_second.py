"""A leaver removed at the provider is out here within a second, with the receipt, over HTTP."""

from __future__ import annotations

import time

import httpx

from lotline.store.leaving import load_leaving
from tests.attack.test_stream import Listening, wait_for
from tests.web.scim.client import token_of, user
from tests.web.site import Site, served

SOON = 1.0


def test_whoever_is_removed_there_is_out_here_within_a_second(site: Site) -> None:
    town = site.town
    headers = {"Authorization": f"Bearer {token_of(site)}"}
    with served(site) as url, httpx.Client(base_url=url, headers=headers, timeout=60) as link:
        told = link.post("/scim/v2/Users", json=user("ben@elmdock.example")).json()
        cookie = site.cookie("ben")["value"]
        stream = Listening(url, cookie)
        try:
            wait_for(stream.opened)
            inbox = httpx.get(f"{url}/inbox/", cookies={"lotline": cookie})
            assert inbox.status_code == 200
            time.sleep(0.3)
            began = time.monotonic()
            assert link.delete(f"/scim/v2/Users/{told['id']}").status_code == 204
            answered = time.monotonic()
            dead = httpx.get(f"{url}/inbox/", cookies={"lotline": cookie})
            with site.house.ctx.db.transaction(town.group_id) as tx:
                receipt = load_leaving(tx, town.members["ben"])
            seen = time.monotonic()
            wait_for(lambda: stream.closed_at is not None)
        finally:
            stream.end()
    assert dead.headers["Location"].startswith("/sign-in/")
    assert receipt is not None
    assert len(receipt.receipt["devices"]) == 1
    assert stream.closed_at is not None
    assert "event: signed-out" in [line for _, line in stream.lines]
    took = {
        "answered": answered - began,
        "session and receipt": seen - began,
        "stream": stream.closed_at - began,
    }
    assert max(took.values()) < SOON, took
