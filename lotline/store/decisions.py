"""Decisions: the gate's words on texts, each kept whole with the facts that it was made from.

They are only ever added, and can be made again from what stands in their rows.

Not here: deciding (`core.gate`), the leaf that commits to each (`actions.deciding`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import msgspec

from lotline.core.gate.decision import Decision, decision_from_json, decision_to_json
from lotline.core.gate.facts import Facts, facts_from_json, facts_to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lotline.store.database import Tx


@dataclass(frozen=True, slots=True)
class Decided:
    """The gate's word on one text, and what it was told.

    `told` and `findings` are the plain values of both, for the row and for its leaf alike.
    """

    id: UUID
    text_id: UUID
    contact_id: UUID
    stage: str  # submit | dispatch | release
    decision: Decision
    told: dict[str, Any]
    findings: list[dict[str, Any]]


def decided(
    row_id: UUID, of: tuple[UUID, UUID], stage: str, facts: Facts, decision: Decision
) -> Decided:
    """Ready to be kept; `of` which text and contact."""
    findings = decision_to_json(decision)["findings"]
    return Decided(row_id, *of, stage, decision, facts_to_json(facts), findings)


def record_decisions(tx: Tx, made: Sequence[Decided]) -> None:
    """Each with its findings, its facts and its rulebook's digest."""
    if not made:
        return
    tx.run(
        "decisions.record",
        ids=[one.id for one in made],
        texts=[one.text_id for one in made],
        contacts=[one.contact_id for one in made],
        stages=[one.stage for one in made],
        verdicts=[one.decision.verdict.value for one in made],
        rules=[one.decision.binding.rule for one in made],
        findings=[_written(one.findings) for one in made],
        without_offer=[
            one.decision.without_offer and one.decision.without_offer.value for one in made
        ],
        facts=[_written(one.told) for one in made],
        rulebooks=[one.decision.rulebook for one in made],
        holds=[one.decision.hold_until for one in made],
        ats=[one.decision.decided_at for one in made],
    )


def _written(plain: Any) -> str:
    return msgspec.json.encode(plain).decode()


class Kept(NamedTuple):
    """A decision as it was kept, ready to be made again."""

    id: UUID
    text_id: UUID
    stage: str
    facts: Facts
    decision: Decision


def load_decisions_since(tx: Tx, since: datetime, after: UUID, limit: int = 500) -> list[Kept]:
    """In order of id, a page at a time."""
    rows = tx.all("decisions.since", since=since, after=after, limit=limit)
    return [_kept(row) for row in rows]


class Marked(NamedTuple):
    """What the first look found in a text's words."""

    marks: frozenset[str]
    courtesy: bool
    rest: str | None
    confirms: datetime | None  # when the stop was heard that a confirmation was made for


def load_marked(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, Marked]:
    """What was found in each of these texts, from the last word on it."""
    rows = tx.all("decisions.newest_marked", ids=list(ids))
    return {
        row.text_id: Marked(frozenset(row.marks), row.courtesy, row.rest, row.stop_heard_at)
        for row in rows
    }


def load_newest_decisions(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, Kept]:
    """The last word on each of these texts."""
    rows = tx.all("decisions.newest", ids=list(ids))
    return {row.text_id: _kept(row) for row in rows}


def _kept(row: Any) -> Kept:
    plain = {
        "verdict": row.verdict,
        "findings": row.findings,
        "rulebook": row.rulebook,
        "decided_at": row.decided_at,
        "hold_until": row.hold_until,
        "without_offer": row.without_offer,
    }
    return Kept(
        row.id, row.text_id, row.stage, facts_from_json(row.facts), decision_from_json(plain)
    )
