"""One call is one call; `NotWritten` is said only when not one byte left us."""

from __future__ import annotations

import gzip
import logging
import logging.config
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest
from uvicorn.config import LOGGING_CONFIG

from lotline.adapters.http import (
    ANSWER_MAX_BYTES,
    UNSEEN_MAX_MS,
    Answer,
    Caller,
    Http,
    NoAnswer,
    NotWritten,
    redacted_path,
)
from lotline.adapters.http_many import PER_LANE, Call, HttpMany
from lotline.core.carriers.port import CallRecord
from lotline.store.barrier import PATIENCE_MS

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Kind: A\r\n\r\nhi"


class _Server:
    """A socket that does what it is told, and counts what it was asked."""

    def __init__(self, behave: Callable[[socket.socket, bytes], None]) -> None:
        self._behave = behave
        self.asked: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        # Shut down first: closing alone does not wake the thread that waits.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        with client:
            while said := _whole_request(client):
                self.asked.append(said)
                try:
                    self._behave(client, said)
                except OSError:
                    return


def _whole_request(client: socket.socket) -> bytes:
    said = b""
    try:
        while b"\r\n\r\n" not in said:
            part = client.recv(65536)
            if not part:
                return b""
            said += part
    except OSError:
        return b""
    return said


@contextmanager
def _serving(behave: Callable[[socket.socket, bytes], None]) -> Iterator[_Server]:
    server = _Server(behave)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def records() -> list[CallRecord]:
    return []


class _Alone:
    """A single call by the client that makes many at once."""

    def __init__(self, record: Callable[[CallRecord], None], connections: int = 4) -> None:
        self.many = HttpMany(
            "twilio", record=record, connect_s=0.5, read_s=0.5, connections=connections
        )

    def call(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer | NotWritten | NoAnswer:
        (came,) = self.many.call_many([Call(url, headers, body, method=method)], lambda: True)
        assert came is not None
        return came

    def close(self) -> None:
        self.many.close()


@pytest.fixture(params=["alone", "many"])
def http(request: pytest.FixtureRequest, records: list[CallRecord]) -> Iterator[Http | _Alone]:
    alone = Http("twilio", record=records.append, connect_s=0.5, read_s=0.5)
    client = alone if request.param == "alone" else _Alone(records.append)
    yield client
    client.close()


def _answer(client: socket.socket, _said: bytes) -> None:
    client.sendall(OK)


def test_an_answer_is_an_answer_whatever_it_says(http: Caller, records: list[CallRecord]) -> None:
    with _serving(_answer) as server:
        answer = http.call("POST", f"{server.url}/a?To=%2B16145550142", headers={}, body=b"x=1")

    assert answer == Answer(200, {"content-length": "2", "x-kind": "A"}, b"hi")
    record = records[0]
    assert (record.method, record.path, record.status) == ("POST", "/a", 200)
    assert (record.bytes_out, record.bytes_in, record.outcome) == (3, 2, "answered")
    assert record.ms >= 0


def _chunked(client: socket.socket, _said: bytes) -> None:
    client.sendall(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"
    )


def _zipped(client: socket.socket, _said: bytes) -> None:
    body = gzip.compress(b"abcdef")
    length = str(len(body)).encode()
    client.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + length + b"\r\n\r\n"
    )
    client.sendall(body)


def _empty(client: socket.socket, _said: bytes) -> None:
    client.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


@pytest.mark.parametrize(
    "behave, body", [(_chunked, b"abcdef"), (_zipped, b"abcdef"), (_empty, b"")]
)
def test_every_form_of_a_body_is_read_whole(
    http: Caller, behave: Callable[[socket.socket, bytes], None], body: bytes
) -> None:
    with _serving(behave) as server:
        for _ in range(3):
            answer = http.call("GET", server.url + "/", headers={})
            assert isinstance(answer, Answer)
            assert answer.body == body


def test_the_library_says_nothing_of_addresses(
    http: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor when a server has configured logging since, which wakes loggers that were disabled."""
    logging.config.dictConfig(LOGGING_CONFIG)
    caplog.set_level(logging.DEBUG)

    def say_half_a_header(client: socket.socket, _said: bytes) -> None:
        client.sendall(OK[:20])
        client.close()

    with _serving(say_half_a_header) as server:
        http.call("GET", server.url + "/?To=%2B16145550142", headers={})

    assert "6145550142" not in caplog.text


def test_a_redirect_is_not_followed(http: Caller) -> None:
    def redirect(client: socket.socket, _said: bytes) -> None:
        client.sendall(
            b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        )

    with _serving(redirect) as server:
        answer = http.call("POST", server.url + "/", headers={}, body=b"x")

    assert isinstance(answer, Answer)
    assert answer.status == 307
    assert len(server.asked) == 1


def test_where_nobody_listens_nothing_was_written(http: Caller, records: list[CallRecord]) -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()

    answer = http.call("POST", f"http://127.0.0.1:{port}/", headers={}, body=b"x")

    assert isinstance(answer, NotWritten)
    assert (records[0].status, records[0].outcome) == (None, "not_written")


def test_a_failed_handshake_wrote_nothing(http: Caller) -> None:
    """The request is not sent before TLS stands, so it may be offered again."""
    with _serving(_answer) as server:
        url = server.url.replace("http:", "https:")
        answer = http.call("POST", url + "/", headers={}, body=b"x")

    assert isinstance(answer, NotWritten)


def _hang_up(client: socket.socket, _said: bytes) -> None:
    client.close()


def _say_half(client: socket.socket, _said: bytes) -> None:
    client.sendall(OK[:8])
    client.close()


def _say_less_than_promised(client: socket.socket, _said: bytes) -> None:
    client.sendall(OK.replace(b"Length: 2", b"Length: 9"))
    client.close()


def _say_nothing(client: socket.socket, _said: bytes) -> None:
    time.sleep(0.8)


def _trickle(client: socket.socket, _said: bytes) -> None:
    client.sendall(OK.replace(b"Length: 2", b"Length: 99"))
    for _ in range(40):
        client.sendall(b"x")
        time.sleep(0.05)


def _flood(client: socket.socket, _said: bytes) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(ANSWER_MAX_BYTES // 65536 + 2):
        client.sendall(b"x" * 65536)
    client.close()


@pytest.mark.parametrize(
    "behave",
    [_hang_up, _say_half, _say_less_than_promised, _say_nothing, _trickle, _flood],
)
def test_whatever_breaks_after_the_request_is_no_answer_and_asked_once(
    http: Caller, records: list[CallRecord], behave: Callable[[socket.socket, bytes], None]
) -> None:
    with _serving(behave) as server:
        started = time.monotonic()
        answer = http.call("POST", server.url + "/", headers={}, body=b"x")
        took_s = time.monotonic() - started

        assert isinstance(answer, NoAnswer)
        assert len(server.asked) == 1
        assert took_s < 1.5
        assert records[0].outcome == "no_answer"
        assert "127.0.0.1" not in answer.why


def test_many_broken_calls_leave_the_pool_whole(records: list[CallRecord]) -> None:
    """A connection that broke is given back: the pool of two is never used up."""
    http = Http("twilio", record=records.append, connect_s=0.5, read_s=0.3, connections=2)
    with _serving(_flood) as server:
        for _ in range(4):
            assert isinstance(http.call("GET", server.url + "/", headers={}), NoAnswer)
    with _serving(_answer) as server:
        for _ in range(4):
            assert isinstance(http.call("GET", server.url + "/", headers={}), Answer)
    http.close()


def test_many_at_once_a_few_of_each_lane_and_none_that_may_not_go(
    records: list[CallRecord],
) -> None:
    """Every call once, over a handful of connections; what may not set out leaves no byte."""
    under_way, most, lock = 0, 0, threading.Lock()

    def count(client: socket.socket, _said: bytes) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.005)
        with lock:
            under_way -= 1
        client.sendall(OK)

    client = _Alone(records.append, connections=32)
    with _serving(count) as server:
        calls = [Call(f"{server.url}/{n}", {}, b"x", lane=n % 2) for n in range(40)]
        allowed = iter([True] * 30 + [False] * 10)
        came = client.many.call_many(calls, lambda: next(allowed))
        asked = [said.partition(b" HTTP")[0] for said in server.asked]
    client.close()

    assert came.count(None) == 10
    assert sorted(asked) == sorted({*asked})
    assert len(asked) == len(records) == 30
    assert PER_LANE < most <= 2 * PER_LANE


def test_a_connection_the_server_dropped_is_not_used_again(http: Caller) -> None:
    """Twilio and proxies drop idle connections; a text must not become unknown for that."""

    def answer_once(client: socket.socket, _said: bytes) -> None:
        client.sendall(OK)
        client.close()

    with _serving(answer_once) as server:
        for _ in range(5):
            assert isinstance(http.call("POST", server.url + "/", headers={}), Answer)
            time.sleep(0.02)
        assert len(server.asked) == 5


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the system has no such limit")
def test_what_nobody_receives_is_given_up(http: Http | _Alone) -> None:
    """A text that a cut network holds must not arrive when it is mended, after a stop."""
    with _serving(_answer) as server:
        assert isinstance(http.call("GET", f"{server.url}/", headers={}), Answer)
        if isinstance(http, Http):
            resting = http._pools.connection_from_url(server.url).pool
            assert resting is not None
            kept = resting.get()
            used = kept.sock
            resting.put(kept)
        else:
            ((link,),) = [pool.idle for pool in http.many._pools.values()]
            assert link._transport is not None
            used = link._transport.get_extra_info("socket")
        limit = used.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        assert limit == UNSEEN_MAX_MS < PATIENCE_MS


@pytest.mark.parametrize(
    "url, shown",
    [
        ("https://x.example/2010-04-01/Accounts/AC0123456789012345/Messages.json?To=%2B1614", None),
        ("https://x.example/v2/PhoneNumbers/+16145550142", "/v2/PhoneNumbers/…"),
        ("https://x.example/v2/PhoneNumbers/%2B16145550142?a=b", "/v2/PhoneNumbers/…"),
        ("https://x.example/n/6145550142/texts", "/n/…/texts"),
    ],
)
def test_a_recorded_path_holds_no_number(url: str, shown: str | None) -> None:
    assert redacted_path(url) == (shown or "/2010-04-01/Accounts/AC0123456789012345/Messages.json")
