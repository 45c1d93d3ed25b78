"""Posting: signed webhooks over real HTTP, with whatever goes wrong on demand.

One invariant: each attempt is noted with the answer it got, so that a test can hold us to what
we were told 2xx for. As at Twilio, a call is tried again only when no connection was made,
unless the address asks for more behind `#` (`rc` times, for `rp` = ct, rt, 4xx, 5xx or all).

Not here: what a webhook says (`arriving`, `sending`), which faults there are (`faults`).
"""

from __future__ import annotations

import asyncio
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit

import urllib3

from simulator.faults import HOOKS, Fault, Faults
from simulator.signing import sign
from simulator.world import Line, World

TIMEOUT_S = 15.0
LATE_S = 3.0
HELD_MAX_S = 2.0
WORKERS = 32


@dataclass(frozen=True)
class Hook:
    """One call to make. Its `lane` is what an order could be kept in."""

    kind: str  # inbound | status
    sid: str
    lane: str
    url: str
    params: dict[str, str]


class Poster:
    """Brings hooks to their owners."""

    def __init__(self, world: World, faults: Faults) -> None:
        """Threads make the calls, so that one slow receiver does not stop the others."""
        self._world = world
        self._faults = faults
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="hook")
        self._http = urllib3.PoolManager(maxsize=WORKERS, retries=False)
        self._held: dict[str, list[asyncio.Event]] = {}

    async def bring(self, line: Line, hook: Hook) -> int | None:
        """Make the call; the status of the answer, or None where there was none."""
        facts = {
            "kind": hook.kind,
            "to": hook.params.get("To", ""),
            "from": hook.params.get("From", ""),
            "status": hook.params.get("MessageStatus"),
            "body": hook.params.get("Body", ""),
        }
        names = HOOKS if hook.kind == "status" else HOOKS[:-1]
        struck = self._faults.take_each(names, facts)
        if "lost" in struck or "drop_callbacks" in struck:
            self._note(hook, None, "lost")
            return None
        if "late" in struck:
            await self._world.pause(_delay(struck["late"], LATE_S))
        if "reordered" in struck:
            await self._let_the_next_pass(hook.lane, _delay(struck["reordered"], HELD_MAX_S))
        answer = await self._deliver(line, hook, forged="bad_signature" in struck)
        if "doubled" in struck:
            await self._deliver(line, hook, forged=False)
        for waiting in self._held.pop(hook.lane, []):
            waiting.set()
        return answer

    def close(self) -> None:
        """Stop; what is in hand ends by its own timeout."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._http.clear()

    async def _let_the_next_pass(self, lane: str, wait_s: float) -> None:
        passed = asyncio.Event()
        self._held.setdefault(lane, []).append(passed)
        try:
            await asyncio.wait_for(passed.wait(), wait_s)
        except TimeoutError:
            self._held.pop(lane, None)

    async def _deliver(self, line: Line, hook: Hook, *, forged: bool) -> int | None:
        address, wishes = urldefrag(hook.url)
        posted, signed = addresses(address, line)
        token = self._world.accounts[line.account].auth_token
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
            "X-Twilio-Signature": sign(signed, hook.params, "forged" if forged else token),
        }
        body = urlencode(hook.params).encode()
        asked = dict(parse_qsl(wishes))
        tries = 1 + min(int(asked.get("rc", "1")), 5)
        policies = set(asked.get("rp", "ct").split(","))
        loop = asyncio.get_running_loop()
        answer: int | None = None
        for attempt in range(tries):
            answer, trouble = await loop.run_in_executor(
                self._threads, self._post, posted, headers, body
            )
            self._note(hook, answer, trouble)
            if trouble == "" or not policies & {trouble, "all"}:
                break
            await self._world.pause(0.2 * (attempt + 1))
        return answer

    def _post(self, url: str, headers: dict[str, str], body: bytes) -> tuple[int | None, str]:
        timeout = urllib3.Timeout(connect=5.0, read=TIMEOUT_S)
        try:
            response = self._http.request(
                "POST", url, headers=headers, body=body, timeout=timeout, redirect=False
            )
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError):
            return None, "ct"
        except (urllib3.exceptions.HTTPError, OSError):
            return None, "rt"
        return response.status, f"{response.status // 100}xx" if response.status >= 400 else ""

    def _note(self, hook: Hook, answer: int | None, trouble: str) -> None:
        self._world.record(
            "webhook",
            sid=hook.sid,
            kind=hook.kind,
            word=hook.params.get("MessageStatus", "received"),
            answer=answer,
            trouble=trouble,
            at=time.time(),
        )


def addresses(url: str, line: Line) -> tuple[str, str]:
    """(where it is posted, what is signed).

    A line may be known to the world by a public address that a proxy maps to its own host: then
    the public one is signed, and the call goes to the host that the inbound address names.
    """
    base = (line.public_base_url or "").rstrip("/")
    own = urlsplit(line.inbound_url)
    origin = f"{own.scheme}://{own.netloc}"
    if not base:
        return url, url
    if url.startswith(origin + "/"):
        return url, base + url.removeprefix(origin)
    if url.startswith(base + "/"):
        return origin + url.removeprefix(base), url
    return url, url


def _delay(fault: Fault, otherwise: float) -> float:
    return otherwise if fault.delay_s is None else fault.delay_s
