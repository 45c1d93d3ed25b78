"""When the database is away the carrier is told to come back: a wrong 2xx would lose a text."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import urllib3

from lotline.adapters.http import Http
from lotline.adapters.twilio import Twilio, TwilioAccount
from lotline.adapters.twilio_signature import sign, signed_tail
from tests.conftest import Database
from tests.peers.whole import served
from tests.town import ACCOUNT, build_town, carrier_double, make_context

PUBLIC = "https://text.elmdock.example"
TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
HOOK = f"/hooks/twilio/{ACCOUNT}/inbound"


class Client:
    """A carrier's own client."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = urllib3.PoolManager(retries=False, timeout=30, maxsize=8)

    def get(self, path: str) -> urllib3.BaseHTTPResponse:
        return self._http.request("GET", self._url + path)

    def post(
        self, path: str, form: dict[str, str], headers: dict[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        return self._http.request(
            "POST", self._url + path, fields=form, encode_multipart=False, headers=headers
        )


@pytest.fixture
def edge(db: Database, tmp_path: Path) -> Iterator[tuple[Client, Database]]:
    """The edge over a town, with Twilio's own proof."""
    http = Http("twilio", record=lambda _record: None)
    account = TwilioAccount(ACCOUNT, (TOKEN,), public_base_urls=(PUBLIC,))
    ctx = replace(make_context(db.app, tmp_path), carrier_for=carrier_double(Twilio(account, http)))
    build_town(ctx)
    listener = socket.create_server(("127.0.0.1", 0))
    with served(ctx, db, listener):
        yield Client(f"http://127.0.0.1:{listener.getsockname()[1]}"), db
    ctx.db.close()
    http.close()


def call(client: Client, sid: str, body: str = "Hello", **more: str) -> urllib3.BaseHTTPResponse:
    form = {
        "AccountSid": ACCOUNT,
        "MessageSid": sid,
        "From": "+16145550142",
        "To": "+16145550101",
        "Body": body,
        **more,
    }
    signed = sign(PUBLIC + HOOK + signed_tail({name: [said] for name, said in form.items()}), TOKEN)
    return client.post(HOOK, form, {"X-Twilio-Signature": signed})


def count(db: Database, table: str) -> int:
    with psycopg.connect(db.dsn("superuser")) as link:
        row = link.execute(f"select count(*) from {table}".encode()).fetchone()
    return row[0] if row else -1


def test_a_signed_call_is_kept_before_it_is_answered(edge: tuple[Client, Database]) -> None:
    client, db = edge
    answer = call(client, "SM1")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert answer.data.endswith(b"<Response/>")
    assert count(db, "texts") == 1
    assert call(client, "SM1").status == 200
    assert count(db, "texts") == 1


def test_a_number_that_is_no_line_of_ours_is_kept_aside(edge: tuple[Client, Database]) -> None:
    client, db = edge
    assert call(client, "SM1", To="+16145550177").status == 200
    assert (count(db, "texts"), count(db, "turned_away")) == (0, 1)


def test_a_flood_of_forged_calls_fills_no_disk(
    edge: tuple[Client, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, db = edge
    monkeypatch.setattr("lotline.store.arrivals.TURNED_AWAY_KEPT", 5)
    for n in range(9):
        assert client.post(HOOK, {"MessageSid": f"SM{n}"}).status == 403
    assert count(db, "turned_away") == 5


def test_while_the_database_is_away_the_carrier_is_told_to_come_back(
    edge: tuple[Client, Database],
) -> None:
    client, db = edge
    assert call(client, "SM1").status == 200
    with psycopg.connect(db.cluster.dsn("superuser", "postgres"), autocommit=True) as link:
        link.execute(f"alter database {db.name} allow_connections false".encode())
        link.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [db.name]
        )
        strange = f"/hooks/twilio/{ACCOUNT[:-1]}9"
        forms = (
            lambda: call(client, "SM2"),
            lambda: call(client, "SM3", To="+16145550177"),
            lambda: client.post(HOOK, {"MessageSid": "SM4"}),
            lambda: client.post(f"{strange}/inbound", {"MessageSid": "SM5"}),
            lambda: client.post(
                f"{strange}/status", {"MessageSid": "SM5", "MessageStatus": "sent"}
            ),
        )
        with ThreadPoolExecutor(len(forms)) as callers:  # each waits as long as the web does
            answers = list(callers.map(lambda one: one(), forms))
        for answer in answers:
            assert answer.status == 503, "never a 4xx: the carrier would not come again"
            assert int(answer.headers["retry-after"]) >= 1
        assert client.get("/readyz").status == 503
        assert client.get("/healthz").status == 200
        link.execute(f"alter database {db.name} allow_connections true".encode())
    for _ in range(20):
        if call(client, "SM2").status == 200:
            break
    assert count(db, "texts") == 2
