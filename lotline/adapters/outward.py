"""The way out to an address that somebody typed: looked up once, and that very answer is called.

So a name cannot stand for one machine when it is looked at and for another when it is called.
Nothing inside a network is reached, unless the installation's owner allows it.

Not here: what is said there (`webhooks`, `push`), the way for libraries with words of their own
(`guarded`).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Collection, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

import urllib3

from lotline.core.people.webhooks import Said, is_public

TIMEOUT_S = 10.0
CONNECT_S = 3.0
_OK = range(200, 300)


class NotReached(Exception):
    """`why`: private, where it lies inside a network; unreachable, where nobody was found."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Line(NamedTuple):
    """A way to one machine, and what is asked of it."""

    pool: urllib3.HTTPConnectionPool
    target: str
    host: str


def dial(url: str, *, private: bool) -> Line:
    """The machine that the address stands for now; raises `NotReached`."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    if not secure and not private:
        raise NotReached("private")
    port = parts.port or (443 if secure else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotReached("unreachable") from None
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not (private or all(map(is_public, addresses))):
        raise NotReached("private")
    timeout = urllib3.Timeout(total=TIMEOUT_S, connect=CONNECT_S)
    pool: urllib3.HTTPConnectionPool
    if secure:
        pool = urllib3.HTTPSConnectionPool(
            addresses[0], port, timeout=timeout, server_hostname=host, assert_hostname=host
        )
    else:
        pool = urllib3.HTTPConnectionPool(addresses[0], port, timeout=timeout)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Line(pool, target, parts.netloc)


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, private: bool, gone: Collection[int]
) -> Said:
    """One call that follows nothing and keeps nothing of the answer. `gone`: what says that nobody
    is there any more. It never raises: whatever happens is an outcome.
    """
    began = time.monotonic()
    status, outcome = _outcome(url, body, headers, private=private, gone=gone)
    return Said(status, outcome, round((time.monotonic() - began) * 1000))


def _outcome(
    url: str, body: bytes, headers: Mapping[str, str], *, private: bool, gone: Collection[int]
) -> tuple[int | None, str]:
    try:
        line = dial(url, private=private)
    except NotReached as why:
        return None, why.why
    try:
        with line.pool as pool:
            answer = pool.urlopen(
                "POST",
                line.target,
                body=body,
                headers={**headers, "Host": line.host},
                redirect=False,
                retries=False,
                preload_content=False,
            )
            answer.close()  # what they say is their own
    except urllib3.exceptions.TimeoutError:
        return None, "timeout"
    except (urllib3.exceptions.HTTPError, OSError):
        return None, "unreachable"
    if answer.status in _OK:
        return answer.status, "told"
    return answer.status, "gone" if answer.status in gone else "refused"
