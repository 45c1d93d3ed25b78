"""Entitlement: no signature, no texting. What a member must have done before the first text.

Invariant: whoever lacks one thing may not text, and is told the first thing that is lacking.
Reading and receiving are never taken away by this.

Not here: roles and reach (`people.roles`), the policy's own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Lacks(StrEnum):
    """What stands between a member and texting, in the order in which it is asked."""

    ACTIVE = "active"
    POLICY = "policy"
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class Entitlement:
    """Whether a member may text as far as policy goes."""

    lacks: tuple[Lacks, ...] = ()

    @property
    def may_text(self) -> bool:
        return not self.lacks


@dataclass(frozen=True, slots=True)
class Record:
    """What is on record of one member, and what the company asks for."""

    active: bool
    signed_version: int | None
    current_version: int | None  # None: there is no policy to sign
    sign_by: datetime | None = None  # until then the version before the current one is enough
    trained_until: datetime | None = None
    training_required: bool = True


def entitlement_at(record: Record, at: datetime) -> Entitlement:
    """What the member lacks at that instant."""
    assert at.tzinfo is not None, "an instant carries its zone"
    lacks = []
    if not record.active:
        lacks.append(Lacks.ACTIVE)
    if not _policy_signed(record, at):
        lacks.append(Lacks.POLICY)
    if record.training_required and (record.trained_until is None or record.trained_until <= at):
        lacks.append(Lacks.TRAINING)
    return Entitlement(tuple(lacks))


def _policy_signed(record: Record, at: datetime) -> bool:
    if record.current_version is None:
        return True
    if record.signed_version is None:
        return False
    if record.signed_version >= record.current_version:
        return True
    one_behind = record.signed_version == record.current_version - 1
    return one_behind and record.sign_by is not None and at < record.sign_by
