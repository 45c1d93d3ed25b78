"""Deciding for an audience: people with the same facts are decided once.

Whoever is apart, or whose class would wait longer than its bands reach, is read and decided alone,
as any single text is. Nobody is left out and nobody is decided twice.

Not here: reading an audience (`store.audience`), keeping a text and its decision (`deciding`): what
leaves later is decided again for itself, under lock, before it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lotline.core.gate.gate import decide
from lotline.core.gate.rules.bands import reaches_beyond
from lotline.store.audience import Audience, load_crowd, packed, unpacked
from lotline.store.facts import Asked, load_facts

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.core.gate.decision import Decision
    from lotline.core.gate.rulebook import Rulebook
    from lotline.store.database import Tx

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Ruling:
    """One decision and those it is about, their ids packed."""

    decision: Decision
    members: bytes


def decide_audience(tx: Tx, audience: Audience, book: Rulebook) -> list[Ruling]:
    """The gate's word on each of them."""
    crowd = load_crowd(tx, audience, book)
    rulings = []
    apart = [crowd.apart]
    for one in crowd.classes:
        decision = decide(one.facts, book)
        if reaches_beyond(decision):
            apart.append(one.members)
        else:
            rulings.append(Ruling(decision, one.members))
    return rulings + _alone(tx, audience, book, unpacked(b"".join(apart)))


def _alone(tx: Tx, audience: Audience, book: Rulebook, ids: list[UUID]) -> list[Ruling]:
    rulings = []
    for first in range(0, len(ids), _AT_ONCE):
        several = ids[first : first + _AT_ONCE]
        facts = load_facts(tx, [_asked(audience, one) for one in several])
        rulings += [
            Ruling(decide(told, book), packed([one]))
            for one, told in zip(several, facts, strict=True)
        ]
    return rulings


def _asked(audience: Audience, contact_id: UUID) -> Asked:
    return Asked(
        contact_id=contact_id,
        line_id=audience.line_id,
        purpose=audience.purpose,
        sender=audience.sender,
        at=audience.at,
        marks=audience.marks,
        courtesy=audience.courtesy,
    )
