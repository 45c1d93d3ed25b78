"""Programs, stops and leavers against the sender: real connections, real threads.

One name is one text however many ask at once (P4); nothing to somebody who stopped reaches the
carrier after the stop was acknowledged, from a batch neither (P1); what somebody wrote who is out
by then is refused at the last look; while the database is away nobody is told anything else than to
come back (P3).
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import psycopg
import pytest

from lotline.actions.members import suspend
from lotline.actions.submit_batch import Posted, submit_batch
from lotline.actions.submit_whom import Wanted
from lotline.adapters.http import Http
from lotline.adapters.http_many import HttpMany
from lotline.adapters.twilio import Twilio, TwilioAccount
from lotline.core.carriers.port import Outcome, Outgoing
from lotline.core.messaging.purpose import Purpose
from lotline.workers.sender import Sender
from tests.actions.house import a_house
from tests.conftest import Database
from tests.town import ACCOUNT
from tests.web.api.client import Client, Served, serving

BODY = "Your car is ready for pickup."
LINE = "+16145550101"


@pytest.fixture(scope="module")
def api(module_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with a_house(module_db, tmp_path_factory.mktemp("races")) as made, serving(made) as found:
        yield found


@pytest.fixture(scope="module")
def program(api: Served) -> Client:
    return api.program()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    gate, done = threading.Barrier(len(acts)), list[Any]([None] * len(acts))

    def run(n: int, act: Callable[[], Any]) -> None:
        gate.wait()
        done[n] = act()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return done


def asked(number: str, **more: Any) -> dict[str, Any]:
    return {"to": number, "line": LINE, "body": BODY, "purpose": "update", **more}


@pytest.mark.parametrize("named", ["client_id", "Idempotency-Key"])
def test_many_who_ask_for_one_text_at_once_are_told_of_one(
    api: Served, program: Client, named: str
) -> None:
    """Through the web's batches, and as two web processes would: in transactions of their own."""
    number = "+16145550190" if named == "client_id" else "+16145550191"
    api.house.town.meet(number, "Pat", by="ben", line="sales")
    keyed = named == "Idempotency-Key"
    body = asked(number) if keyed else asked(number, client_id="one")
    headers = {"Idempotency_Key": "race-1"} if keyed else {}

    def apart() -> Any:
        name = "" if keyed else "two"
        wanted = Wanted(BODY, LINE, number, purpose=Purpose.UPDATE, client_id=name)
        keys = {"key_hash": b"k" * 32, "body_hash": b"b" * 32} if keyed else {}
        posted = Posted(api.house.town.group_id, program.program_id, "127.0.0.1", (wanted,), **keys)
        return submit_batch(api.house.ctx, [posted])[0].results[0]

    told = at_once(*[lambda: program.post("/texts", body, **headers)] * 6, *[apart] * 3)
    assert {one.status for one in told[:6]} <= {200, 201}
    assert len({one.body["id"] for one in told[:6]}) == 1
    assert len({one.text_id for one in told[6:]}) == 1
    contact = "select id from contacts where id = (select contact_id from texts where id = %s)"
    made = f"select count(*) from texts where contact_id = ({contact})"
    assert api.house.ask(made, told[6].text_id) == [(2,)]


def test_a_stop_against_a_batch_of_a_program(api: Served, program: Client) -> None:
    """Requests of many texts, two senders that take what they can, and stops in between."""
    house, dice = api.house, random.Random(5)
    numbers = [f"+1614555{1500 + n:04d}" for n in range(8)]
    for number in numbers:
        house.town.meet(number, "Pat", by="ben", line="sales")
    order: list[tuple[str, str]] = []

    def take(text: Outgoing) -> Outcome | None:
        if "opted out" not in text.body:
            order.append(("reached", text.to))
        return None

    house.carrier.says = take
    over = threading.Event()
    senders = [Sender(house.ctx, f"race-{n}") for n in range(2)]

    def send(sender: Sender) -> None:
        while not over.is_set():
            if not sender.step():
                time.sleep(0.005)

    def ask() -> None:
        for n in range(4):
            several = [asked(number, body=f"{BODY} {n}-{m}.") for number in numbers for m in "abc"]
            assert program.post("/texts", several).status == 200
        time.sleep(0.2)
        over.set()

    def stop() -> None:
        for number in numbers:
            time.sleep(dice.random() * 0.05)
            house.text_in(number, "STOP")
            order.append(("stopped", number))

    at_once(ask, stop, *[lambda sender=one: send(sender) for one in senders])
    for sender in senders:
        sender.close()
    house.carrier.says = lambda text: None
    for number in numbers:
        own = [what for what, whose in order if whose == number]
        assert own.count("stopped") == 1
        assert own[-1] == "stopped", own


def test_what_a_leaver_wrote_meets_the_last_look(db: Database, tmp_path: Path) -> None:
    """Suspended while texts of theirs are due and a sender is at work: what was not in the
    carrier's hands by then is refused.
    """
    with a_house(db, tmp_path) as house:
        numbers = [f"+1614555{1600 + n:04d}" for n in range(10)]
        taps = []
        for number in numbers:
            house.text_in(number, "Is it there?")
            taps.append(house.tap(number, "It is."))
        house.town.clock.pass_by(seconds=11)
        ada = house.town.sign_in("ada")
        sender = Sender(house.ctx, "race", at_once=2)
        gone: list[int] = []

        def leave() -> None:
            time.sleep(0.15)
            suspend(house.ctx, ada, house.town.members["ben"])
            gone.append(len(house.carrier.reached))

        def send() -> None:
            while sender.step():
                pass

        at_once(leave, send)
        sender.close()
        states = Counter(house.state(tap.text_id) for tap in taps)
        reached = len(house.carrier.reached)
        assert set(states) <= {"accepted", "blocked"}
        assert states["accepted"] == reached
        assert reached - gone[0] <= 2, "no more than the batch that was in hand"


@pytest.mark.slow
def test_while_the_database_is_away_programs_are_told_to_come_back(
    db: Database, tmp_path: Path
) -> None:
    with a_house(db, tmp_path) as house, serving(house) as served:
        known, new = served.program(), served.program()
        house.town.meet("+16145550192", "Pat", by="ben", line="sales")
        assert known.post("/texts", asked("+16145550192")).status == 201
        with psycopg.connect(db.cluster.dsn("superuser", "postgres"), autocommit=True) as link:
            link.execute(f"alter database {db.name} allow_connections false".encode())
            link.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s",
                [db.name],
            )
            several = [asked("+16145550192")] * 3
            someone = {"number": "+16145550193", "line_id": str(UUID(int=1))}
            told = at_once(
                lambda: known.post("/texts", asked("+16145550192")),
                lambda: known.post("/texts", several, Idempotency_Key="away"),
                lambda: known.post("/contacts", someone),
                lambda: known.get("/lines"),
                lambda: new.get("/texts"),
            )
            link.execute(f"alter database {db.name} allow_connections true".encode())
        for one in told:
            assert (one.status, one.headers["content-type"]) == (503, "application/problem+json")
            assert int(one.headers["retry-after"]) >= 1
        for _ in range(20):
            if known.post("/texts", several, Idempotency_Key="away").status == 200:
                break
        assert house.ask("select count(*) from texts") == [(4,)]


@contextmanager
def forgetful_carrier(silent: frozenset[str]) -> Iterator[tuple[str, Counter[str]]]:
    """Takes every text; of some numbers it says nothing until the caller has given up."""
    taken: Counter[str] = Counter()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # the library's name
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            to = form["To"][0]
            taken[to] += 1
            if to in silent:
                time.sleep(0.7)
                self.close_connection = True
                return
            body = b'{"sid":"SM%032d","status":"queued","num_segments":"1"}' % taken.total()
            self.send_response(201)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def test_a_carrier_that_takes_and_says_nothing_in_a_batch(db: Database, tmp_path: Path) -> None:
    """Its texts are unknown, the others of the batch are accepted, and none is posted again."""
    numbers = [f"+1614555{1800 + n:04d}" for n in range(9)]
    silent = frozenset(numbers[::3])
    with forgetful_carrier(silent) as (url, taken):
        account = TwilioAccount(ACCOUNT, ("0f1e2d3c",), base_url=url)
        many = HttpMany("twilio", record=lambda _record: None, read_s=0.4)
        http = Http("twilio", record=lambda _record: None)
        with a_house(db, tmp_path, Twilio(account, http, many)) as house:
            for number in numbers:
                house.text_in(number, "Is it there?")
                house.tap(number, "It is.")
            house.town.clock.pass_by(seconds=11)
            for worker in ("w1", "w2"):
                sender = Sender(house.ctx, worker)
                while sender.step():
                    pass
                sender.close()
                house.town.clock.pass_by(minutes=6)
            states = Counter(
                one for (one,) in house.ask("select state from texts where direction = 'out'")
            )
        many.close()
        http.close()
    assert states == {"unknown": 3, "accepted": 6}
    assert taken == dict.fromkeys(numbers, 1)
