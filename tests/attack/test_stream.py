"""The live stream under attack: nobody hears of others' lines, and who is out hears nothing more.

Real HTTP, real streams that stay open. An ended device, a suspended member and a locked device lose
theirs within a second of the act (P6); a member elsewhere is told nothing of these lines (P7).
"""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from lotline.actions.devices import end_all, lock
from lotline.actions.members import suspend
from lotline.store.viewer import load_viewer
from tests.web.site import Site, served

DALE = "+16145550142"


@dataclass
class Listening:
    """One open stream, read by a thread of its own."""

    url: str
    cookie: str
    lines: list[tuple[float, str]] = field(default_factory=list)
    closed_at: float | None = None

    def __post_init__(self) -> None:
        self._link = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=20)
        self._link.request("GET", "/events", headers={"Cookie": f"lotline={self.cookie}"})
        self._sock = self._link.sock
        self._answer = self._link.getresponse()
        self.status = self._answer.status
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            while line := self._answer.readline():
                self.lines.append((time.monotonic(), line.decode().strip()))
        except OSError:
            pass
        self.closed_at = time.monotonic()

    @property
    def events(self) -> list[dict[str, Any]]:
        found = [line.removeprefix("data: ") for _, line in self.lines if line.startswith("data: ")]
        return [one for one in map(json.loads, found) if one.get("name")]

    def opened(self) -> bool:
        return any(line == "event: beat" for _, line in self.lines)

    def end(self) -> None:
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(1)
        self._answer.close()
        self._link.close()


@pytest.fixture
def site_served(site: Site) -> Iterator[Site]:
    site.town.meet(DALE, "Dale Whitcomb", by="ben", line="sales", how="texted_us")
    with served(site):
        yield site
    site.house.close()


def wait_for(ask: Callable[[], object], wait_s: float = 10.0) -> None:
    end = time.monotonic() + wait_s
    while not ask():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def viewer_of(site: Site, who: str) -> Any:
    ctx = site.house.ctx
    return load_viewer(ctx.db, site.town.accounts[who], site._keys[who], ctx.now())


def test_a_stream_tells_nothing_of_others_lines(site_served: Site) -> None:
    site = site_served
    ben = Listening(site.url, site.cookie("ben")["value"])
    cy = Listening(site.url, site.cookie("cy")["value"])
    nobody = Listening(site.url, "0" * 32)
    try:
        wait_for(lambda: ben.opened() and cy.opened())
        site.house.text_in(DALE, "Is it there?")
        wait_for(lambda: any(one["name"] == "text.in" for one in ben.events))
        time.sleep(1.0)  # the other's would be here by now
        assert [
            one for one in cy.events if one["name"].startswith(("text", "conv", "consent"))
        ] == []
        ours = {str(site.town.lines["sales"]), str(site.house.conversation(DALE))}
        assert not any(part in line for _, line in cy.lines for part in ours)
        assert all(set(one) <= {*_IDS, "name"} for one in ben.events), "names and ids alone"
        wait_for(lambda: nobody.closed_at is not None)
        assert nobody.events == []
    finally:
        for one in (ben, cy, nobody):
            one.end()


_IDS = {"conversation_id", "contact_id", "line_id", "subject_id"}


@pytest.mark.parametrize("how", ["ended", "suspended", "locked"])
def test_who_is_out_hears_nothing_after_a_second(site_served: Site, how: str) -> None:
    site = site_served
    ben = Listening(site.url, site.cookie("ben")["value"])
    try:
        wait_for(ben.opened)
        time.sleep(0.3)
        ada = site.town.sign_in("ada")
        acted = time.monotonic()
        if how == "ended":
            end_all(site.house.ctx, ada, site.town.members["ben"], "lost")
        elif how == "suspended":
            suspend(site.house.ctx, ada, site.town.members["ben"], "left")
        else:
            lock(site.house.ctx, viewer_of(site, "ben"))
        done = time.monotonic()
        site.house.text_in(DALE, "Is it still there?")
        wait_for(lambda: ben.closed_at is not None)
        assert ben.closed_at is not None
        assert ben.closed_at - done < 1.0, ben.closed_at - acted
        assert [one for one in ben.events if one["name"] == "text.in"] == []
        last = "event: locked" if how == "locked" else "event: signed-out"
        assert last in [line for _, line in ben.lines]
    finally:
        ben.end()
    again = Listening(site.url, ben.cookie)
    wait_for(lambda: again.closed_at is not None)
    assert again.events == []
    again.end()
