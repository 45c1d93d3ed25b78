"""Asking the gate, and keeping its word: the one way in which a text gets a decision.

A decision is written with all that it was made from, and a leaf of the ledger commits to it, in
the transaction that acts on it.

Not here: the rules (`core.gate`), what becomes of the text (`submit`, `dispatch`, `entries`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.actions.profiles import book_of
from lotline.core.gate.decision import Decision, Verdict
from lotline.core.gate.facts import Facts, Sender
from lotline.core.gate.gate import decide
from lotline.core.ledger.leaf import LeafKind
from lotline.core.messaging.purpose import Purpose
from lotline.core.oversight.content import DECISION, FACTS, decision_part, facts_part
from lotline.store.decisions import Decided, Marked, decided, load_marked, record_decisions
from lotline.store.facts import Asked, load_facts
from lotline.store.ledger import Chain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.ledger import Leaves
    from lotline.store.standing import Contact


class First(NamedTuple):
    """The gate's first word on a text, and the chain that its leaf goes on."""

    text_id: UUID
    facts: Facts
    decision: Decision
    chain: Chain


def keep_decisions(ctx: Context, tx: Tx, several: Sequence[First], leaves: Leaves) -> None:
    """The gate's first words, beside the texts, each with its leaf."""
    made = [
        decided(
            ctx.new_id(), (one.text_id, one.chain.contact_id), "submit", one.facts, one.decision
        )
        for one in several
    ]
    record_decisions(tx, made)
    for kept, one in zip(made, several, strict=True):
        _add_leaf(leaves, kept, one.chain)


def decide_again(
    ctx: Context,
    tx: Tx,
    texts: Sequence[Any],
    leaves: Leaves,
    now: datetime,
    *,
    contacts: dict[UUID, Contact],
    only: Verdict | None = None,
    marks: frozenset[str] = frozenset(),
) -> list[tuple[UUID, Decision]]:
    """A second look at texts that wait, from fresh facts. The contacts are under lock.

    What the first look found in the words (marks, courtesy), and the stop that a confirmation was
    made for, is kept with its facts and taken from there. With `only`, decisions of another verdict
    are not kept: nothing was done on them. `marks` are added: what a manager said since.
    """
    looked = look_again(ctx, tx, texts, now, marks)
    kept = [one for one in looked if only is None or one.decision.verdict is only]
    keep_looked(tx, kept, leaves, contacts)
    return [(one.text_id, one.decision) for one in looked]


def look_again(
    ctx: Context,
    tx: Tx,
    texts: Sequence[Any],
    now: datetime,
    marks: frozenset[str] = frozenset(),
) -> list[Decided]:
    """What the gate says of each now; nothing is kept."""
    if not texts:
        return []
    marked = load_marked(tx, [row.id for row in texts])
    book = book_of(ctx, tx)
    facts = load_facts(tx, [_asked(row, marked[row.id], now, marks) for row in texts])
    return [
        decided(
            ctx.new_id(),
            (row.id, row.contact_id),
            "release" if row.state == "held" else "dispatch",
            told,
            decide(told, book),
        )
        for row, told in zip(texts, facts, strict=True)
    ]


def keep_looked(
    tx: Tx, looked: Sequence[Decided], leaves: Leaves, contacts: dict[UUID, Contact]
) -> None:
    """They are acted on, so they are kept, each with its leaf."""
    record_decisions(tx, looked)
    for made in looked:
        _add_leaf(leaves, made, contacts[made.contact_id].chain)


def _asked(row: Any, first: Marked, now: datetime, marks: frozenset[str]) -> Asked:
    purpose = Purpose(row.purpose)
    return Asked(
        contact_id=row.contact_id,
        line_id=row.line_id,
        purpose=purpose,
        sender=Sender(row.sender),
        at=now,
        member_id=row.author_id,
        text_id=row.id,
        marks=first.marks | marks,
        courtesy=first.courtesy,
        rest=None if first.rest is None else Purpose(first.rest),
        confirms=first.confirms if purpose is Purpose.STOP_CONFIRMATION else None,
    )


def _add_leaf(leaves: Leaves, made: Decided, chain: Chain) -> None:
    decision = made.decision
    parts = {
        DECISION: decision_part(
            made.id,
            text=made.text_id,
            contact=made.contact_id,
            stage=made.stage,
            verdict=decision.verdict.value,
            rulebook=decision.rulebook,
            findings=made.findings,
            hold_until=decision.hold_until,
            decided_at=decision.decided_at,
        ),
        FACTS: facts_part(made.told),
    }
    leaves.add(LeafKind.DECISION, made.id, parts, decision.decided_at, chain)
