"""The gate's word: a verdict and every finding behind it.

A decision is a value. It names its binding rule first, and what would make the text go.

Not here: how it is reached (`gate`), what it was made from (`facts`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class Verdict(StrEnum):
    """What happens to the text. Ordered by severity: allow < hold < block."""

    ALLOW = "allow"
    HOLD = "hold"
    BLOCK = "block"


class Remedy(StrEnum):
    """What would make the text go. The first that applies is offered to the person."""

    WAIT = "wait"
    ASK_CONSENT = "ask_consent"
    DROP_OFFER = "drop_offer"
    CUSTOMER_START = "customer_start"  # only the customer can undo a stop, by texting START
    CONFIRM_NUMBER = "confirm_number"
    GIVE_PLACE = "give_place"
    SIGN_POLICY = "sign_policy"
    PASS_TRAINING = "pass_training"
    ASK_OWNER = "ask_owner"
    OTHER_LINE = "other_line"
    BY_HAND = "by_hand"  # a person may send what software or a list may not


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's word. `says` is a plain sentence for a salesperson, from the rulebook's data.

    Its {braces} are filled by whoever shows it: from `params` (places, instants, counts) and from
    what a finding never knows, such as {name}.
    """

    rule: str
    verdict: Verdict
    says: str
    citation: str = ""
    basis: str = "law"  # law | conservative_default | industry | house
    contested: str = ""
    hold_until: datetime | None = None
    remedies: tuple[Remedy, ...] = ()
    params: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()  # rules that say the same or stand behind this one

    def sentence(self, **shown: str) -> str:
        """`says` with its braces filled; a brace nobody fills stays readable."""
        return self.says.format_map(_Shown({**dict(self.params), **shown}))


class _Shown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return _UNNAMED.get(key, "…")


_UNNAMED = {"name": "this customer", "line": "this line", "zone_place": "their place"}


@dataclass(frozen=True, slots=True)
class Decision:
    """`findings` has the binding one first; an allow carries the finding that permits it."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    rulebook: str  # digest of the rulebook it was made under
    decided_at: datetime
    hold_until: datetime | None = None
    without_offer: Verdict | None = None  # the verdict had the text no offer, when it matters

    @property
    def binding(self) -> Finding:
        """The rule that decided."""
        return self.findings[0]

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """What would make it go, the binding rule's first, each once."""
        return tuple(dict.fromkeys(way for found in self.findings for way in found.remedies))


def decision_to_json(decision: Decision) -> dict[str, Any]:
    """Plain values, to keep for ever."""
    plain: dict[str, Any] = msgspec.to_builtins(decision, order="deterministic")
    return plain


def decision_from_json(plain: dict[str, Any]) -> Decision:
    """The decision exactly as it was."""
    return msgspec.convert(plain, Decision)
