"""The house as it runs: the edge served by uvicorn, two senders, a sequencer, and the simulator.

Everything speaks real HTTP with real signatures; only the pages are missing.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import uvicorn

from lotline.actions.context import Chosen, Context
from lotline.actions.submit import Submitted, submit
from lotline.config.wiring import Carriers, Names
from lotline.store.carrier_accounts import CarrierAccount, record_carrier_account
from lotline.store.sealed import number_hashes
from lotline.web.edge.app import build_edge
from lotline.workers import sequencer
from lotline.workers.loop import Loop, Step
from lotline.workers.reconciler import Reconciler
from lotline.workers.sender import Sender
from tests.conftest import Database
from tests.peers.running import TOKEN, SimulatorProcess
from tests.town import ACCOUNT, LINES, Town, build_town, make_context


@dataclass
class Whole:
    """A running house."""

    ctx: Context
    town: Town
    url: str
    simulator: SimulatorProcess
    database: Database

    def say(self, phone: str, body: str, line: str = "sales") -> Any:
        """A customer writes; what our hook answered comes back."""
        said = {"from": phone, "to": LINES[line][2], "body": body}
        return self.simulator.post("/sim/inbound", said)

    def reached(self, phone: str) -> list[dict[str, Any]]:
        """What the carrier took for them."""
        return self.simulator.outbox(phone)

    def conversation(self, phone: str, line: str = "sales") -> UUID:
        with self.ctx.db.transaction(self.town.group_id) as tx:
            known = tx.all("standing.by_number", hashes=number_hashes(tx.keys, phone))
            rows = tx.all(
                "arrivals.conversations", contacts=[known[0].id], lines=[self.town.lines[line]]
            )
        found: UUID = rows[0].id
        return found

    def answer(self, phone: str, body: str, client_id: UUID | None = None) -> Submitted:
        viewer = self.town.sign_in("ben")
        return submit(
            self.ctx,
            viewer,
            self.conversation(phone),
            body,
            client_id=client_id or self.ctx.new_id(),
        )

    def ask(self, sql: str, *params: Any) -> list[Any]:
        with psycopg.connect(self.database.dsn("superuser")) as link:
            return link.execute(sql.encode(), params).fetchall()


def instant(said: Any) -> float:
    """When the simulator says something was, as seconds since 1970."""
    if isinstance(said, int | float):
        return float(said)
    return datetime.fromisoformat(said).timestamp()


@contextmanager
def running_house(
    db: Database, folder: Path, simulator: SimulatorProcess, *, undo_s: int = 0
) -> Iterator[Whole]:
    """Serve until the block ends."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    made = make_context(db.app, folder)
    town = build_town(made, {"policy_required": False})
    ctx = replace(
        made,
        now=lambda: datetime.now(UTC),
        new_id=Names(),
        carrier_for=Carriers(made.db, (url,)),
        settings=Chosen(public_url=url, undo_s=undo_s, settle_after_s=2, recheck_s=1),
    )
    town.clock.at = datetime.now(UTC)
    town.ctx = ctx
    with ctx.db.transaction(town.group_id) as tx:
        account = CarrierAccount("twilio", ACCOUNT, simulator.url, {"auth_tokens": [TOKEN]})
        record_carrier_account(tx, account, ctx.now())
    register(simulator, url)
    with served(ctx, db, listener), _working(ctx, db):
        yield Whole(ctx, town, url, simulator, db)
    ctx.db.close()


def register(simulator: SimulatorProcess, url: str) -> None:
    """The town's lines at the simulator, which calls us at `url`."""
    line = {
        "account": ACCOUNT,
        "auth_token": TOKEN,
        "inbound_url": f"{url}/hooks/twilio/{ACCOUNT}/inbound",
        "public_base_url": url,
        "numbers": [number for _, _, number in LINES.values()],
    }
    simulator.post("/sim/lines", [line])
    simulator.post("/sim/pace", {"sent_s": 0.02, "delivered_s": 0.05})


@contextmanager
def served(ctx: Context, db: Database, listener: socket.socket) -> Iterator[None]:
    app = build_edge(ctx, direct_dsn=db.app)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@contextmanager
def _working(ctx: Context, db: Database) -> Iterator[None]:
    stopping = threading.Event()
    senders = [Sender(ctx, f"test-{n}") for n in range(2)]
    steps = [[Step("send", sender.step)] for sender in senders]
    steps.append(
        [
            Step("sequence", partial(sequencer.step, ctx), every_s=0.2),
            Step("reconcile", Reconciler(ctx).step, every_s=0.5),
        ]
    )
    threads = [threading.Thread(target=Loop(one, db.app, stopping).run) for one in steps]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(30)
        for sender in senders:
            sender.close()
