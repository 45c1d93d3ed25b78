"""Shapes: what programs may send and what they are told, in one place.

The same types decode requests, encode answers and describe themselves in the OpenAPI document, so
none of the three can say something else than the other two. What is not named here is refused.

Not here: what is done with them (the handlers).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from lotline.core.gate.decision import Decision, Finding

Body = Annotated[str, Meta(min_length=1, max_length=1600, description="The words of the text.")]
Number = Annotated[
    str, Meta(min_length=3, max_length=40, description="A phone number, E.164 best.")
]
LineName = Annotated[
    str,
    Meta(
        max_length=40,
        description="One of our lines, by its id or its number. May be left out by a token that"
        " reaches a single line.",
    ),
]
ClientId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        description="Your own name for this text. The same name with the same text makes one text,"
        " however often it is asked for; with another text it is a conflict.",
    ),
]
Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339, with its offset.")]
Purpose = Annotated[
    Literal["reply", "update", "offer"],
    Meta(description="What it is for. Left out, it is guessed from the words."),
]
MOST_TEXTS = 1000


class NewText(Struct, forbid_unknown_fields=True):
    """One text to a customer, named by `to` or by `contact_id`."""

    body: Body
    to: Number | UnsetType = UNSET
    contact_id: UUID | UnsetType = UNSET
    line: LineName = ""
    purpose: Purpose | UnsetType = UNSET
    why: Annotated[str, Meta(max_length=200)] = ""
    client_id: ClientId | UnsetType = UNSET
    send_at: Instant | UnsetType = UNSET


NewTexts = Annotated[list[NewText], Meta(min_length=1, max_length=MOST_TEXTS)]


class FindingOut(Struct, omit_defaults=True):
    """One rule's word on a text."""

    rule: str
    verdict: str
    says: str
    citation: str = ""
    basis: str = ""
    hold_until: datetime | None = None
    remedies: tuple[str, ...] = ()


class DecisionOut(Struct):
    """The gate's word: `rule` decided, `says` is its sentence, `remedies` what would make it go."""

    verdict: Literal["allow", "hold", "block"]
    rule: str
    says: str
    remedies: tuple[str, ...]
    hold_until: datetime | None
    decided_at: datetime
    rulebook: str
    findings: tuple[FindingOut, ...]


class TextMade(Struct, omit_defaults=True):
    """A text that was asked for, with the decision on it."""

    id: UUID
    state: str
    decision: DecisionOut
    due_at: datetime | None = None
    client_id: str | UnsetType = UNSET
    repeated: bool = False


class Result(Struct, omit_defaults=True):
    """What became of one of several: a text, or the problem that it would have been alone."""

    status: int
    text: TextMade | UnsetType = UNSET
    problem: dict[str, Any] | UnsetType = UNSET


class Results(Struct):
    """One for each that was asked for, in the same order."""

    results: list[Result]


def finding_out(found: Finding) -> FindingOut:
    return FindingOut(
        rule=found.rule,
        verdict=found.verdict.value,
        says=found.sentence(),
        citation=found.citation,
        basis=found.basis,
        hold_until=found.hold_until,
        remedies=tuple(way.value for way in found.remedies),
    )


def decision_out(decision: Decision) -> DecisionOut:
    """The gate's word as programs read it."""
    return DecisionOut(
        verdict=decision.verdict.value,
        rule=decision.binding.rule,
        says=decision.binding.sentence(),
        remedies=tuple(way.value for way in decision.remedies),
        hold_until=decision.hold_until,
        decided_at=decision.decided_at,
        rulebook=decision.rulebook,
        findings=tuple(finding_out(found) for found in decision.findings),
    )
