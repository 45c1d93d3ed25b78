"""A backlog leaves: every text is claimed, decided again under lock, marked, handed over over HTTP,
and its answer kept.

Beside it a bare client posts the same requests to the same carrier. Then the same work is done with
a carrier that answers in process, beside a bare queue that is only claimed and marked.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from lotline.config.bench.backlog import WORDS, queue_texts
from lotline.config.bench.figures import Asked, Bench, Goal
from lotline.config.bench.house import House, free_port, opened_house
from lotline.config.bench.limits import claim_and_done
from lotline.config.bench.wire import closed_loop
from lotline.config.worker import SENDERS
from lotline.core.carriers.port import Outcome, Outgoing, ReceiptWord, Sent
from lotline.workers.sender import Sender

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

BARE_CONNECTIONS = 16
PATIENCE_S = 120.0
_WAITING = """select (select count(*) from outbox)
    + (select count(*) from texts where state in ('sending', 'unknown'))"""


class InProcess:
    """A carrier that costs nothing."""

    def __init__(self) -> None:
        self.count = 0
        self._names = itertools.count(1)
        self._lock = threading.Lock()

    def send_many(
        self, texts: Sequence[Outgoing], may_go: Callable[[], bool]
    ) -> list[Outcome | None]:
        said = [self._take() if may_go() else None for _ in texts]
        with self._lock:
            self.count += len(said) - said.count(None)
        return said

    def _take(self) -> Outcome:
        return Sent(f"SMin{id(self)}{next(self._names)}", ReceiptWord.QUEUED, 1)


def measure(asked: Asked) -> list[dict[str, float]]:
    """Rounds of limits and product, on one house with its own carrier."""
    customers, count = (1000, 100) if asked.short else (5000, 1000)
    port = free_port()
    where = f"http://127.0.0.1:{port}"
    with opened_house(customers=customers, carrier_url=where, profile=asked.profile) as house:
        house.start("carrier", ["lotline.config.bench.carrier", str(port)])
        house.start("worker", ["lotline.config.worker"])
        _drain(house, port, 100)  # warm
        return [_one_round(house, port, count) for _ in range(asked.rounds)]


def _one_round(house: House, port: int, count: int) -> dict[str, float]:
    bare = closed_loop(port, [_request(house)] * count * 4, BARE_CONNECTIONS)
    rate, per_cpu = _drain(house, port, count)
    queue = claim_and_done(house, count * 10)
    alone = _drain_in_process(house, count)
    return {
        "value": rate,
        "limit": bare.rate,
        "ratio": rate / bare.rate,
        "texts per CPU second": per_cpu,
        "in process": alone,
        "claim and done": queue,
        "ratio in process": alone / queue,
    }


def _drain(house: House, port: int, count: int) -> tuple[float, float]:
    """Texts a second from the first that the carrier took to the last."""
    queue_texts(house, count, house.ctx.now() + timedelta(days=1))
    before = _taken(port)["count"]
    spent = house.cpu("worker")
    house.ask("update outbox set due_at = now() - interval '1 second' returning 1")
    house.ask("select pg_notify('lotline_work', 'outbox')")
    ends = time.monotonic() + PATIENCE_S
    while house.count(_WAITING) and time.monotonic() < ends:
        threading.Event().wait(0.1)
    spent = house.cpu("worker") - spent
    taken = _taken(port)
    assert taken["count"] - before == count, f"{taken['count'] - before} of {count} left"
    return count / max(taken["last"] - taken["first"], 0.001), count / spent


def _drain_in_process(house: House, count: int) -> float:
    carrier = InProcess()

    def carrier_for(group_id: UUID, account: str) -> Any:
        del group_id, account
        return carrier

    house.stop("worker")
    queue_texts(house, count, house.ctx.now() - timedelta(seconds=1))
    ctx = replace(house.ctx, carrier_for=carrier_for)
    senders = [Sender(ctx, f"bench-{n}") for n in range(SENDERS)]

    def work(sender: Sender) -> None:
        while sender.step() or house.count(_WAITING):  # what came too late is due again shortly
            pass

    began = time.perf_counter()
    threads = [threading.Thread(target=work, args=(one,)) for one in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    for one in senders:
        one.close()
    house.start("worker", ["lotline.config.worker"])
    assert carrier.count == count, f"{carrier.count} of {count} left"
    return count / took


def _taken(port: int) -> dict[str, float]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as link:
        link.request("GET", "/taken")
        told: dict[str, float] = json.loads(link.getresponse().read())
        return told


def _request(house: House) -> bytes:
    """What the product posts for one of these texts."""
    account = house.town.account
    callback = f"{house.url}/hooks/twilio/{account}/status?lotline_ref={house.town.group_id}"
    form = urlencode(
        {
            "To": house.town.customers[0],
            "From": house.town.lines[0],
            "Body": f"Measured Motors: {WORDS}",
            "StatusCallback": callback,
        }
    ).encode()
    head = (
        f"POST /2010-04-01/Accounts/{account}/Messages.json HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Basic {'QUM6' * 16}\r\nAccept: application/json\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n"
    )
    return head.encode() + form


BENCH = Bench(
    name="sender",
    place=30,
    says="draining a backlog, every text decided again under lock, to a carrier over HTTP",
    unit="texts/s",
    goals=(Goal("ratio", at_least=0.6), Goal("ratio in process", at_least=0.5)),
    measure=measure,
)
