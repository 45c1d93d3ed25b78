"""Http: one call to a carrier, with an answer that says whether anything was handed over.

One invariant: `NotWritten` is only said when not one byte of the request left us; whatever fails
later is `NoAnswer`. Nothing here is ever tried twice: the client's own retries and redirects are
off, because a second try of a text is a second text.

Not here: many calls at once (`http_many`), what an answer means (`twilio` and its like), when to
try again (the sender).
"""

from __future__ import annotations

import logging
import re
import socket
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from lotline.core.carriers.port import CallRecord

IDLE_MAX_S = 3.0  # shorter than any server's keep-alive: a dead connection is never reused
ANSWER_MAX_BYTES = 4 * 1024 * 1024
# What was written and nobody received in so long never arrives: a network that was cut must not
# hand a text over when it is mended, after the stop that waited for it. Where the system can.
UNSEEN_MAX_MS = 2000
GIVES_UP = [
    (socket.IPPROTO_TCP, getattr(socket, name), UNSEEN_MAX_MS)
    for name in ("TCP_USER_TIMEOUT",)
    if hasattr(socket, name)
]
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:\+|%2B)?\d{7,15}(?![0-9A-Za-z])")

_this_call = threading.local()

# Their own words hold whole addresses, and so numbers; what we record of a call is in `CallRecord`.
# A filter, because `disabled` is taken back by whoever configures logging later, as servers do.
for _name in ("urllib3.connection", "urllib3.connectionpool"):
    logging.getLogger(_name).addFilter(lambda _record: False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NotWritten:
    """No byte of the request left us: calling again is no second call."""

    why: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The request may have been read and acted upon."""

    why: str


class Caller(Protocol):
    """What an adapter needs of an HTTP client."""

    def call(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer | NotWritten | NoAnswer:
        """Make one call, once."""


class Http:
    """A pooled client for one carrier. Safe to share between threads."""

    def __init__(
        self,
        carrier: str,
        *,
        record: Callable[[CallRecord], None],
        connect_s: float = 5.0,
        read_s: float = 20.0,
        connections: int = 16,
    ) -> None:
        """`record` is told of each call, without words, numbers or secrets."""
        self._carrier = carrier
        self._record = record
        self._whole_s = connect_s + read_s
        self._timeout = urllib3.Timeout(connect=connect_s, read=read_s)
        self._pools = urllib3.PoolManager(
            maxsize=connections,
            block=True,
            retries=False,
            socket_options=[*HTTPConnection.default_socket_options, *GIVES_UP],
        )
        self._pools.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def call(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer | NotWritten | NoAnswer:
        """Make one call, once, and record it."""
        started = time.monotonic()
        _this_call.written = False
        answer = self._call(method, url, headers, body, started + self._whole_s)
        took_ms = (time.monotonic() - started) * 1000
        self._record(
            record_of(
                self._carrier,
                method=method,
                url=url,
                bytes_out=len(body),
                ms=took_ms,
                answer=answer,
            )
        )
        return answer

    def close(self) -> None:
        """Let go of every connection."""
        self._pools.clear()

    def _call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, deadline: float
    ) -> Answer | NotWritten | NoAnswer:
        try:
            response = self._pools.request(
                method,
                url,
                headers=dict(headers),
                body=body or None,
                timeout=self._timeout,
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=True,
            )
            try:
                return _read(response, deadline)
            finally:
                # Closed first: a half-read connection must not serve the next call.
                response.close()
                response.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as failure:
            # The class alone is kept: messages of this library hold addresses.
            why = type(failure).__name__
            return NoAnswer(why) if _this_call.written else NotWritten(why)


def _read(response: urllib3.BaseHTTPResponse, deadline: float) -> Answer | NoAnswer:
    """The whole body, bounded in size and time, so that a trickle cannot hold a sender for ever."""
    parts: list[bytes] = []
    size = 0
    # read1 returns what is there: asking for more would wait past the deadline.
    while part := response.read1(65536):
        size += len(part)
        if size > ANSWER_MAX_BYTES:
            return NoAnswer("AnswerTooLarge")
        if time.monotonic() > deadline:
            return NoAnswer("AnswerTooSlow")
        parts.append(part)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, b"".join(parts))


@lru_cache(maxsize=1024)
def redacted_path(url: str) -> str:
    """The path alone: a query holds numbers, and a path may too."""
    return _LONG_NUMBER.sub("…", urlsplit(url).path)


def unzipped(body: bytes, encoding: str) -> bytes | None:
    """The body as it was before it was packed, bounded in size; None when it does not open."""
    if encoding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        return body
    packed = zlib.decompressobj(zlib.MAX_WBITS | 32)  # either of the two, as its head says
    try:
        plain = packed.decompress(body, ANSWER_MAX_BYTES)
    except zlib.error:
        return None
    return plain if packed.eof else None


def record_of(
    carrier: str,
    *,
    method: str,
    url: str,
    bytes_out: int,
    ms: float,
    answer: Answer | NotWritten | NoAnswer,
) -> CallRecord:
    """The call as it may be logged."""
    answered = isinstance(answer, Answer)
    outcome = "not_written" if isinstance(answer, NotWritten) else "no_answer"
    return CallRecord(
        carrier=carrier,
        method=method,
        path=redacted_path(url),
        status=answer.status if isinstance(answer, Answer) else None,
        ms=round(ms, 1),
        bytes_out=bytes_out,
        bytes_in=len(answer.body) if isinstance(answer, Answer) else 0,
        outcome="answered" if answered else outcome,
    )


class _Watched(HTTPConnection):
    """Notes the first byte written, and is not reused once a server may have dropped it."""

    _quiet_since: float = 0.0

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _this_call.written = True
        self._quiet_since = time.monotonic()
        super().send(data)

    @property
    def is_connected(self) -> bool:
        fresh = time.monotonic() - self._quiet_since < IDLE_MAX_S
        return fresh and super().is_connected


class _WatchedTls(_Watched, HTTPSConnection):
    """The same over TLS: the handshake is not yet the request."""


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls
