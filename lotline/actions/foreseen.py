"""Foreseen: what another rulebook would have decided of what was decided, before it is adopted.

Every stored decision of some days is made twice from its stored facts, under each rulebook as the
house reads it. Texts with the same facts are decided once. What is told of a change is rules,
states, verdicts and ids: never who the text was to.

Not here: adopting it (a release, or the house's own choices: `profiles`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lotline.actions.replay import pages_of
from lotline.core.gate.gate import decide
from lotline.core.gate.rulebook.profile import CAREFUL, Settings, effective
from lotline.store.profiles import find_newest, load_chosen

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.core.gate.decision import Decision
    from lotline.core.gate.facts import Facts
    from lotline.core.gate.rulebook import Rulebook

EXAMPLES = 3
_KEPT_MAX = 50_000


class Change(NamedTuple):
    """One way in which decisions come out otherwise, where the customers are."""

    then: str
    now: str
    states: str


@dataclass(slots=True)
class Foreseen:
    """`examples` are ids of decisions, a few for each change."""

    decisions: int = 0
    decided: int = 0  # how many different facts they were made from
    changes: Counter[Change] = field(default_factory=Counter)
    renamed: int = 0  # the same verdict until the same instant, by another rule
    examples: dict[Change, list[UUID]] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        return self.changes.total()


def foresee(
    ctx: Context,
    group_id: UUID,
    since: datetime,
    books: tuple[Rulebook, Rulebook],
    done: Foreseen,
) -> None:
    """One company's decisions from an instant on, added to what was found before."""
    with ctx.db.transaction(group_id) as tx:
        newest = find_newest(tx)
        settings: Settings = CAREFUL if newest is None else load_chosen(tx, newest).settings
    before, after = (effective(book, settings) for book in books)
    known: dict[Facts, tuple[Change | None, bool]] = {}
    for kept in pages_of(ctx, group_id, since):
        done.decisions += 1
        found = known.get(kept.facts)
        if found is None:
            if len(known) >= _KEPT_MAX:
                known.clear()
            found = known[kept.facts] = _compare(kept.facts, before, after)
            done.decided += 1
        change, renamed = found
        done.renamed += renamed
        if change is not None:
            done.changes[change] += 1
            shown = done.examples.setdefault(change, [])
            if len(shown) < EXAMPLES:
                shown.append(kept.id)


def _compare(facts: Facts, before: Rulebook, after: Rulebook) -> tuple[Change | None, bool]:
    then, now = decide(facts, before), decide(facts, after)
    if (then.verdict, then.hold_until) == (now.verdict, now.hold_until):
        return None, then.binding.rule != now.binding.rule
    where = "+".join(facts.place.states) or "unknown"
    return Change(_word(then), _word(now), where), False


def _word(decision: Decision) -> str:
    return f"{decision.verdict.value} {decision.binding.rule}"
