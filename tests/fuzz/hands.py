"""Whoever calls: a few threads with raw connections that post calls and read what is answered.

Not here: the calls (`calls`), what the answers are worth (`books`).
"""

from __future__ import annotations

import hashlib
import random
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.fuzz.calls import BROKEN, FORGED, ODD, WHOLE, Call, Calls, Place

PATIENCE_S = 30.0
GONE_S = 0.05  # how long a caller who leaves waits for a word
HANDS = 4
NEVER = 0  # no answer
BOTH = 0.05  # of calls that two machines of the carrier bring at once


@dataclass
class Report:
    """What was done, and what it came to."""

    seed: int
    seconds: float = 0.0
    calls: int = 0
    answers: Counter[str] = field(default_factory=Counter)  # "kind: status"
    acknowledged: dict[str, str] = field(default_factory=dict)  # sid: digest of its words
    stored: int = 0
    opened: int = 0
    broken: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, object]:
        """For JSON: without anybody's words."""
        return {
            **self.__dict__,
            "answers": dict(sorted(self.answers.items())),
            "acknowledged": len(self.acknowledged),
        }


def throw(place: Place, report: Report, seconds: float) -> None:
    """All hands until the time is over."""
    over, lock = threading.Event(), threading.Lock()
    hands = [
        threading.Thread(target=_hand, args=(place, report, n, over, lock)) for n in range(HANDS)
    ]
    began = time.monotonic()
    for hand in hands:
        hand.start()
    over.wait(seconds)
    over.set()
    for hand in hands:
        hand.join(PATIENCE_S * 2)
    report.seconds = round(time.monotonic() - began, 1)


def _hand(
    place: Place, report: Report, which: int, over: threading.Event, lock: threading.Lock
) -> None:
    calls, line = Calls(place, f"{report.seed}-{which}"), Line(place.port)
    dice = random.Random(f"{report.seed}-{which} both")  # dice, no secret
    while not over.is_set():
        call = next(calls)
        if call.kind == WHOLE and dice.random() < BOTH:
            other = threading.Thread(target=_once, args=(place, call))
            other.start()
            status = line.post(call)
            other.join()
        else:
            status = line.post(call)
        with lock:
            _note(report, call, status)
    line.close()


def _once(place: Place, call: Call) -> None:
    """The same call from another of the carrier's machines, at the same moment."""
    line = Line(place.port)
    line.post(call)
    line.close()


def _note(report: Report, call: Call, status: int) -> None:
    report.calls += 1
    report.answers[f"{call.name}: {status or 'none'}"] += 1
    if call.kind == WHOLE and status == 200:
        report.acknowledged[call.sid] = digest(call.body)
    wrong = {
        WHOLE: status not in {200, 503},
        ODD: status not in {200, 413, 503},
        FORGED: status not in {NEVER, 400, 403, 413, 503},
        BROKEN: status >= 500 and status != 503,
    }[call.kind]
    if wrong:
        report.broken.append(f"{call.name} {call.sid} was answered {status}")


class Line:
    """One connection, made again whenever the other side has closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._link: socket.socket | None = None

    def post(self, call: Call) -> int:
        """The status; a call that is no trick is tried again on a connection that was closed."""
        if call.gone:
            return self._shout(call)
        for _ in range(2):
            fresh = self._link is None
            try:
                link = self._open()
                for piece in call.pieces:
                    link.sendall(piece)
                status = self._answer(link)
            except OSError:
                status = self._last_words()
            if status or fresh:
                return status
        return NEVER

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = None

    def _open(self) -> socket.socket:
        if self._link is None:
            self._link = socket.create_connection(("127.0.0.1", self._port), PATIENCE_S)
            self._link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._link

    def _answer(self, link: socket.socket) -> int:
        """One whole answer; 0 when the connection ended instead."""
        said = b""
        while b"\r\n\r\n" not in said:
            more = link.recv(65536)
            if not more:
                self.close()
                return _status(said)
            said += more
        head, _, rest = said.partition(b"\r\n\r\n")
        lower = head.lower()
        at = lower.find(b"content-length: ")
        wanted = int(lower[at + 16 :].split(b"\r\n")[0]) if at >= 0 else 0
        while len(rest) < wanted and (more := link.recv(65536)):
            rest += more
        if b"connection: close" in lower or at < 0:
            self.close()
        return _status(head)

    def _last_words(self) -> int:
        """What was answered before the whole call was taken."""
        said = b""
        if self._link is not None:
            try:
                self._link.settimeout(1)
                said = self._link.recv(4096)
            except OSError:
                said = b""
        self.close()
        return _status(said)

    def _shout(self, call: Call) -> int:
        """On a connection of its own, left soon."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), PATIENCE_S) as link:
                for piece in call.pieces:
                    link.sendall(piece)
                link.settimeout(GONE_S)
                return _status(link.recv(4096))
        except OSError:
            return NEVER


def digest(words: str) -> str:
    """Of what was said, where it need not be kept."""
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def _status(said: bytes) -> int:
    words = said.split(b" ", 2)
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else NEVER
