"""The gate's word: a verdict and every finding behind it.

A decision is a value. It names its binding rule first, and what would make the text go.

Not here: how it is reached (`gate`), what it was made from (`facts`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


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


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's word. `says` is a plain sentence for a salesperson, from the rulebook's data."""

    rule: str
    verdict: Verdict
    says: str
    citation: str = ""
    basis: str = "law"  # law | conservative_default | industry | house
    contested: str = ""
    hold_until: datetime | None = None
    remedies: tuple[Remedy, ...] = ()


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
