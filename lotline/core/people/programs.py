"""Programs: software that texts by itself, and what its token lets it do.

A program is answered for by a member: what that member may not do, it may not either. It does
nothing that is not among its scopes, nowhere outside its reach, and nothing once it was revoked.

Not here: its rows and its token (`store.programs`), whether a text may go (`core.gate`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address, ip_network


class Scope(StrEnum):
    """One thing that a token opens."""

    TEXTS_WRITE = "texts:write"
    TEXTS_READ = "texts:read"
    CONSENT_WRITE = "consent:write"
    CONSENT_READ = "consent:read"
    CONTACTS_WRITE = "contacts:write"
    CONTACTS_READ = "contacts:read"
    LINES_READ = "lines:read"
    EVENTS_READ = "events:read"


SAYS = {
    Scope.TEXTS_WRITE: "Send texts",
    Scope.TEXTS_READ: "Read texts",
    Scope.CONSENT_WRITE: "Write down consent and stops",
    Scope.CONSENT_READ: "Read consent",
    Scope.CONTACTS_WRITE: "Add customers",
    Scope.CONTACTS_READ: "Read customers",
    Scope.LINES_READ: "Read lines",
    Scope.EVENTS_READ: "Follow what happens",
}

TOKEN_MARK = "lot_"  # the beginning of every token, so that a leaked one is recognised


def has_ended(*, at: datetime, revoked_at: datetime | None, expires_at: datetime | None) -> bool:
    """From this instant on its token opens nothing."""
    return revoked_at is not None or (expires_at is not None and expires_at <= at)


def may_call_from(address: str, allowed: Iterable[str]) -> bool:
    """Whether a call may come from there; without a list, from anywhere."""
    networks = list(allowed)
    if not networks:
        return True
    try:
        here = ip_address(address)
    except ValueError:
        return False
    return any(here in ip_network(one) for one in networks)


def read_network(typed: str) -> str:
    """An address or a network as it is kept; raises `ValueError` for anything else."""
    return str(ip_network(typed.strip(), strict=False))


def refill(level: float, per_minute: int, seconds: float) -> float:
    """How full a bucket is after so long; it holds one minute's worth."""
    return min(float(per_minute), level + max(seconds, 0.0) * per_minute / 60)
