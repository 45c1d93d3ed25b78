"""Deciding again: every stored decision from its stored facts, held against what was decided then.

The same facts under the same rulebook give the same decision, word for word (P2); what the house
had chosen of the rulebook on that day is part of it, and is kept for this. A decision made under
another rulebook is made again under today's, and counted apart: laws change, the past does not, so
what today's book would say otherwise is news and no fault.

Not here: whether facts and decisions are those that were recorded (`audit`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from lotline.actions.profiles import book_of, past_books
from lotline.core.gate.gate import decide
from lotline.store.decisions import Kept, load_decisions_since

if TYPE_CHECKING:
    from datetime import datetime

    from lotline.actions.context import Context

AT_ONCE = 500
_FIRST = UUID(int=0)


class Differs(NamedTuple):
    """A decision that comes out otherwise, in verdicts and binding rules."""

    group_id: UUID
    decision_id: UUID
    text_id: UUID
    stage: str
    then: str
    now: str


@dataclass(slots=True)
class Replayed:
    """What came of it. `differing` are those of the rulebook in force: each of them is a fault."""

    same: int = 0
    differing: list[Differs] = field(default_factory=list)
    other_books: Counter[str] = field(default_factory=Counter)  # digest: decisions made under it
    would_differ: list[Differs] = field(default_factory=list)  # of those, under today's book

    @property
    def decisions(self) -> int:
        """How many were decided again."""
        return self.same + len(self.differing) + self.other_books.total()


def replay(ctx: Context, group_id: UUID, since: datetime, done: Replayed) -> None:
    """One company's decisions from an instant on, added to what was found before."""
    with ctx.db.transaction(group_id) as tx:
        books, today = past_books(ctx, tx), book_of(ctx, tx)
    for kept in pages_of(ctx, group_id, since):
        book = books.get(kept.decision.rulebook)
        is_ours = book is not None
        again = decide(kept.facts, book or today)
        differs = Differs(
            group_id,
            kept.id,
            kept.text_id,
            kept.stage,
            _word(kept.decision.verdict, kept.decision.binding.rule),
            _word(again.verdict, again.binding.rule),
        )
        if is_ours and again == kept.decision:
            done.same += 1
        elif is_ours:
            done.differing.append(differs)
        else:
            done.other_books[kept.decision.rulebook] += 1
            if again.verdict is not kept.decision.verdict:
                done.would_differ.append(differs)


def pages_of(ctx: Context, group_id: UUID, since: datetime) -> Iterator[Kept]:
    """Every stored decision from an instant on, read a page at a time."""
    after = _FIRST
    while True:
        with ctx.db.transaction(group_id) as tx:
            page = load_decisions_since(tx, since, after, AT_ONCE)
        yield from page
        if len(page) < AT_ONCE:
            return
        after = page[-1].id


def _word(verdict: str, rule: str) -> str:
    return f"{verdict} ({rule})"
