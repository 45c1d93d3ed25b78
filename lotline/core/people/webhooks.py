"""Webhooks out: what others may be told, how often it is tried, and where it may never go.

Not here: rows (`store.webhooks`), speaking to the address (`adapters.webhooks`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

KINDS = {
    "text.in": "A customer texted",
    "text.out": "A text of ours was written",
    "text.state": "A text was sent, delivered, refused or held",
    "consent": "Somebody agreed or refused",
    "consent.stop": "Somebody asked us to stop",
}
SECRET_MARK = "whsec_"  # the beginning of every secret, by the standard
GIVE_UP = timedelta(days=3)  # an address that took nothing for so long is told nothing more
_PAUSES_S = (5, 30, 120, 600, 1800, 3600, 10800, 21600, 43200, 43200, 43200, 43200, 43200)
TRIES = len(_PAUSES_S) + 1
_JITTER = 0.2
_LONGEST = 2000


class BadAddress(ValueError):
    """Nothing is told there; the message says why."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One call as it is made: the newest secret signs first."""

    id: str
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    body: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """How an address answered; `outcome` is one word of ours, never theirs."""

    status: int | None
    outcome: str  # told | refused | gone | timeout | unreachable | private
    took_ms: int

    @property
    def ok(self) -> bool:
        return self.outcome == "told"


class Teller(Protocol):
    """Makes one call. It never raises: whatever happens is an outcome."""

    def __call__(self, telling: Telling) -> Said: ...


def pause_after(tries: int, chance: float) -> timedelta | None:
    """How long until the next try, `chance` in 0..1 spreads them; None when it was the last."""
    if tries >= TRIES:
        return None
    spread = 1 + _JITTER * (2 * chance - 1)
    return timedelta(seconds=_PAUSES_S[tries - 1] * spread)


def read_address(typed: str, *, private: bool) -> str:
    """An address as it is kept. Plain HTTP only where private addresses are allowed."""
    url = typed.strip()
    try:
        parts = urlsplit(url)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        raise BadAddress("Write an address like https://crm.example.com/texts.") from None
    schemes = {"https", "http"} if private else {"https"}
    if parts.scheme not in schemes or not parts.hostname or not port_is_one or len(url) > _LONGEST:
        raise BadAddress("Write an address like https://crm.example.com/texts.")
    if parts.username is not None or parts.fragment or not url.isascii() or not url.isprintable():
        raise BadAddress("Leave out names, passwords and what follows a #.")
    if not private and not _may_be_public(parts.hostname):
        raise BadAddress("That address is inside a network. Nothing is told there.")
    return url


def _may_be_public(host: str) -> bool:
    """A name may be; what it stands for is looked at again before each call."""
    try:
        return is_public(host)
    except ValueError:
        return host != "localhost" and not host.endswith(".localhost")


def is_public(address: str) -> bool:
    """Whether an IP address is somewhere on the open internet."""
    ip = ip_address(address)
    inside = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if inside is not None:
        ip = inside
    return ip.is_global and not ip.is_multicast
