"""The composition root: the one place where clock, names, keys and carriers are chosen.

Everything else is handed a `Context`. A process has one, made when it is first asked for.

Not here: what an installation chose (`settings`), where its database is (`databases`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.context import Chosen, Context
from lotline.adapters.envelope import Envelope
from lotline.adapters.http import Http
from lotline.adapters.http_many import HttpMany
from lotline.adapters.keys import KeyFile
from lotline.adapters.noise import noise
from lotline.adapters.phones import open_export
from lotline.adapters.twilio import Twilio, TwilioAccount
from lotline.config.databases import Dsns, known_dsns, opened
from lotline.config.settings import Settings, load_settings
from lotline.core.base.ids import uuid7_from
from lotline.core.carriers.port import CallRecord, Carrier
from lotline.core.gate.rulebook import load_rulebook
from lotline.store.carrier_accounts import load_carrier_account
from lotline.store.database import CONNECT_TIMEOUT_S, Database
from lotline.store.keys import KeptKeys

if TYPE_CHECKING:
    from lotline.store.carrier_accounts import CarrierAccount

ACCOUNT_KEPT_S = 30.0  # so long an account whose secrets were changed is still used as it was
WEB_CONNECTIONS = 24  # for the pages' threads, the batches and the live stream
_IDS_A_MS = 1 << 12
_NOISE_BITS = 62

log = logging.getLogger("lotline.carrier")


class NoAccount(Exception):
    """A line names an account at its carrier that this company has no secrets for."""


class Names:
    """New ids: UUIDv7 that grow within a process, also within one millisecond."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ms = 0
        self._count = 0

    def __call__(self) -> UUID:
        with self._lock:
            now_ms = time.time_ns() // 1_000_000
            if now_ms > self._ms:
                self._ms, self._count = now_ms, 0
            elif self._count == _IDS_A_MS - 1:
                self._ms, self._count = self._ms + 1, 0
            else:
                self._count += 1
            ms, count = self._ms, self._count
        tail = int.from_bytes(noise(8), "big") & ((1 << _NOISE_BITS) - 1)
        return uuid7_from(ms, (count << 68 | tail).to_bytes(10, "big"))


@dataclass(frozen=True, slots=True)
class _Kept:
    carrier: Carrier
    until: float


class Carriers:
    """The carrier behind each account, built from its row and kept for a while."""

    def __init__(self, db: Database, public_urls: tuple[str, ...]) -> None:
        self._db = db
        self._urls = public_urls
        self._http = Http("twilio", record=_log_call)
        self._many = HttpMany("twilio", record=_log_call)
        self._kept: dict[tuple[UUID, str], _Kept] = {}

    def __call__(self, group_id: UUID, account: str) -> Carrier:
        now = time.monotonic()
        kept = self._kept.get((group_id, account))
        if kept is None or kept.until < now:
            kept = _Kept(self._build(group_id, account), now + ACCOUNT_KEPT_S)
            self._kept[group_id, account] = kept
        return kept.carrier

    def _build(self, group_id: UUID, account: str) -> Carrier:
        with self._db.transaction(group_id) as tx:
            found = load_carrier_account(tx, Twilio.name, account)
        if found is None:
            raise NoAccount(account)
        return Twilio(twilio_account(found, self._urls), self._http, self._many)


def twilio_account(found: CarrierAccount, public_urls: tuple[str, ...]) -> TwilioAccount:
    """An account's row in the adapter's words."""
    secrets = found.secrets
    api_key = secrets.get("api_key")
    return TwilioAccount(
        sid=found.account,
        auth_tokens=tuple(secrets.get("auth_tokens", ())),
        api_key=(api_key[0], api_key[1]) if api_key else None,
        shared_keys=dict(secrets.get("shared_keys", {})),
        public_base_urls=(*public_urls, *secrets.get("public_urls", ())),
        base_url=found.base_url,
    )


def build_context(
    settings: Settings, *, direct: bool = False, connections: int = 10, wait_s: float | None = None
) -> Context:
    """A house of its own. `direct`: never through a pooler, as locks that last demand.

    `wait_s`: how long the database is waited for, else `Unavailable` is raised. A process that
    serves waits 0 s: it stands up without one, says so at its doors, and goes on when it is back.
    """
    dsns = known_dsns(settings)
    ring = Envelope(KeyFile(settings.root_key_file))
    db = Database(
        dsns.direct if direct else dsns.app,
        KeptKeys(ring),
        pooled=dsns.pooled and not direct,
        max_size=connections,
    ).open(wait_s=CONNECT_TIMEOUT_S if wait_s is None else wait_s)
    return Context(
        db=db,
        ring=ring,
        now=lambda: datetime.now(UTC),
        new_id=Names(),
        book=load_rulebook(),
        carrier_for=Carriers(db, (settings.url,)),
        settings=Chosen(
            public_url=settings.url,
            simulator_url=settings.simulator_url,
            private_webhooks=settings.private_webhooks,
            exports=str(settings.exports),
        ),
        open_export=open_export,
    )


@cache
def the_context() -> Context:
    """One for the process: made at the first question, kept for its life."""
    return build_context(load_settings(), connections=WEB_CONNECTIONS, wait_s=0)


def way_out() -> Any:
    """A session for libraries of ours that call what an owner typed."""
    from lotline.adapters.guarded import Session  # few processes ever need it

    return Session(private=load_settings().private_webhooks)


def direct_dsn(settings: Settings) -> str:
    """The way in for LISTEN."""
    dsns: Dsns = known_dsns(settings)
    return dsns.direct


@contextmanager
def opened_context(settings: Settings | None = None) -> Iterator[Context]:
    """For one command: its database is attached to, or started and stopped around it."""
    chosen = settings or load_settings()
    with opened(chosen):
        ctx = build_context(chosen, connections=4)
        try:
            yield ctx
        finally:
            ctx.db.close()


def _log_call(record: CallRecord) -> None:
    """Each call to a carrier, without words, numbers or secrets."""
    log.info(
        "%s %s %s -> %s %s in %d ms",
        record.carrier,
        record.method,
        record.path,
        record.status or "-",
        record.outcome,
        round(record.ms),
    )
