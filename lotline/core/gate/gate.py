"""May this text go to this person now? Every rule is asked, and each that speaks is kept.

Invariant: the same facts under the same rulebook give the same decision, now and years later. The
first block wins; otherwise the text waits until the earliest instant that satisfies every rule,
and at that instant the same facts decide to allow. A stricter fact never loosens a verdict.

Not here: gathering facts (`store`), recording a decision (`actions`), any legal value (`rulebook`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from lotline.core.gate.decision import (
    Decision,
    Finding,
    Verdict,
    decision_from_json,
    decision_to_json,
)
from lotline.core.gate.facts import Facts, facts_from_json, facts_to_json
from lotline.core.gate.rulebook import BASIS, CHECKS, Rulebook
from lotline.core.gate.rules.case import Case
from lotline.core.messaging.purpose import Purpose

__all__ = [
    "decide",
    "decision_from_json",
    "decision_to_json",
    "facts_from_json",
    "facts_to_json",
    "replay",
]

_ASKS = tuple((check.RULE.id, check.RULE.since, check.check) for check in CHECKS)
_BASIS = {check.RULE.id: place for place, check in enumerate(BASIS)}
_HOLDS_TRIED = 12


def decide(facts: Facts, book: Rulebook) -> Decision:
    """The verdict on these facts, with every rule's word, the binding one first."""
    assert facts.at.tzinfo is not None, "an instant carries its zone"
    verdict, findings, hold_until = _judge(facts, facts.at, book)
    without_offer = None
    if verdict is not Verdict.ALLOW and facts.purpose is Purpose.OFFER:
        without_offer = _judge(_without_offer(facts), facts.at, book)[0]
    return Decision(verdict, findings, book.digest, facts.at, hold_until, without_offer)


def replay(plain: dict[str, Any], book: Rulebook) -> Decision:
    """Decide again from stored facts."""
    return decide(facts_from_json(plain), book)


def _judge(
    facts: Facts, at: datetime, book: Rulebook
) -> tuple[Verdict, tuple[Finding, ...], datetime | None]:
    spoken = _ask(facts, at, book)
    blocks = [found for _, found in spoken if found.verdict is Verdict.BLOCK]
    if blocks:
        return Verdict.BLOCK, _first(blocks[0], spoken), None
    holds = [found for _, found in spoken if found.verdict is Verdict.HOLD]
    if not holds:
        return Verdict.ALLOW, _first(_basis(spoken), spoken), None
    until, refusal = _released(facts, holds, book)
    if refusal is not None:
        return Verdict.BLOCK, _first(refusal, spoken), None
    return Verdict.HOLD, _first(replace(holds[0], hold_until=until), spoken, holds[0]), until


def _ask(facts: Facts, at: datetime, book: Rulebook) -> list[tuple[str, Finding]]:
    case = Case(facts, at, book)
    spoken = []
    for rule, since, check in _ASKS:
        if case.on < since:
            continue
        found = check(case, book)
        if found is not None:
            spoken.append((rule, found))
    return spoken


def _released(
    facts: Facts, holds: list[Finding], book: Rulebook
) -> tuple[datetime | None, Finding | None]:
    """The earliest instant at which every rule allows, found by asking them all again there.

    A rule may speak only then: a relationship runs out overnight, a new law comes into force.
    """
    for _ in range(_HOLDS_TRIED):
        until = max(found.hold_until for found in holds if found.hold_until is not None)
        spoken = _ask(facts, until, book)
        blocks = [found for _, found in spoken if found.verdict is Verdict.BLOCK]
        if blocks:
            return None, blocks[0]
        holds = [found for _, found in spoken if found.verdict is Verdict.HOLD]
        if not holds:
            return until, None
    return None, replace(book.finding("TZ-ALL", "hours.never"))


def _basis(spoken: list[tuple[str, Finding]]) -> Finding:
    """The permitting finding most worth saying. Every text that may go has one, or it may not."""
    return min(spoken, key=lambda said: _BASIS.get(said[0], len(_BASIS)))[1]


def _first(
    binding: Finding, spoken: list[tuple[str, Finding]], instead_of: Finding | None = None
) -> tuple[Finding, ...]:
    same = binding if instead_of is None else instead_of
    blocks = [found for _, found in spoken if found.verdict is Verdict.BLOCK]
    holds = [found for _, found in spoken if found.verdict is Verdict.HOLD]
    rest = [found for _, found in spoken if found.verdict is Verdict.ALLOW]
    return (binding, *(found for found in (*blocks, *holds, *rest) if found is not same))


def _without_offer(facts: Facts) -> Facts:
    """The same text with its offer taken out: an answer while one is due, else an update."""
    rest = facts.rest
    if rest is None:
        asked = facts.last_in_at
        answers = asked is not None and facts.at - asked <= timedelta(hours=24)
        rest = Purpose.REPLY if answers else Purpose.UPDATE
    return replace(facts, purpose=rest, marks=facts.marks - {"offer_inside"})
