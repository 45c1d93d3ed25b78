"""The auditor: knows little of how things work, and much of what must never happen.

It keeps its own account of who stopped, by what was acknowledged, and watches the carrier's door.

Not here: what happens (`world`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from lotline.actions.submit import Submitted
from lotline.core.carriers.port import Outcome, Outgoing
from tests.actions.house import House


@dataclass
class Auditor:
    """P1 to P4 and P9, told apart from the code that keeps them."""

    house: House
    stopped: set[str] = field(default_factory=set)
    asked_again: set[str] = field(default_factory=set)
    owed: set[str] = field(default_factory=set)
    left: dict[str, int] = field(default_factory=dict)
    taps: dict[UUID, UUID] = field(default_factory=dict)
    undone: set[UUID] = field(default_factory=set)
    grown: dict[str, int] = field(default_factory=dict)
    by_number: dict[str, UUID] = field(default_factory=dict)

    def heard(self, number: str, body: str) -> None:
        """A customer's word was acknowledged."""
        if body == "START":
            self.stopped.discard(number)
        elif "stop" in body.lower() or body == "Unsubscribe":
            self.stopped.add(number)
            self.asked_again.discard(number)
        elif number in self.stopped:
            self.asked_again.add(number)

    def contact_of(self, number: str) -> UUID:
        found: UUID = self.house.ask(
            "select contact_id from conversations where id = %s", self.house.conversation(number)
        )[0][0]
        return found

    def tapped(self, client_id: UUID, done: Submitted) -> None:
        """One tap is one text, however often it is pressed."""
        known = self.taps.setdefault(client_id, done.text_id)
        assert known == done.text_id, "P4: one tap became two texts"

    def watch(self, text: Outgoing) -> None:
        """Each text at the carrier's door, before the carrier says anything."""
        row = self.house.ask(
            "select t.purpose, t.state, d.verdict, d.rulebook from texts t"
            " left join lateral (select verdict, rulebook from decisions d"
            " where d.text_id = t.id order by d.id desc limit 1) d on true where t.id = %s",
            UUID(text.reference),
        )[0]
        purpose, state, verdict, rulebook = row
        if text.to in self.stopped and purpose != "stop_confirmation":
            # Who stopped and then asks something new is owed one answer, and the stop stays.
            assert purpose == "reply" and text.to in self.asked_again, (  # noqa: PT018  # one claim
                f"P1: a {purpose} reached the carrier after a stop"
            )
            self.asked_again.discard(text.to)
            self.owed.add(text.reference)
        assert verdict == "allow", "P2: it left without leave"
        assert rulebook == self.house.ctx.book.digest, "P2: under no known rulebook"
        assert state == "sending", "P4: it was offered before it was marked"
        assert UUID(text.reference) not in self.undone, "an undone text left"
        self.left[text.reference] = self.left.get(text.reference, 0) + 1
        assert self.left[text.reference] == 1, "P4: the carrier was offered it twice"

    def did_not_take(self, text: Outgoing, said: Outcome) -> Outcome:
        """The carrier proved that it took nothing, so it may be offered again."""
        self.left[text.reference] -= 1
        if text.reference in self.owed and text.to in self.stopped:
            self.asked_again.add(text.to)
        return said

    def look(self) -> None:
        """After each moment: what only grows has only grown."""
        for table in ("consent_entries", "decisions", "ledger_leaves", "ledger_places", "texts"):
            (count,) = self.house.ask(f"select count(*) from {table}")[0]
            assert count >= self.grown.get(table, 0), f"P5: {table} shrank"
            self.grown[table] = count

    def at_rest(self) -> None:
        """When nothing happens any more, nothing still waits, and everything is on record."""
        group = self.house.town.group_id
        waits = self.house.ask(
            "select state from texts where group_id = %s"
            " and state in ('queued', 'sending', 'held') and purpose <> 'offer'",
            group,
        )
        assert waits == [], "a wait that never ends"
        orphans = self.house.ask(
            "select 1 from texts t where group_id = %s and state in ('queued', 'held')"
            " and not exists (select from outbox o where o.text_id = t.id)",
            group,
        )
        assert orphans == [], "it waits, and nobody will come for it"
        unjudged = self.house.ask(
            "select 1 from texts t where group_id = %s and direction = 'out' and not exists"
            " (select from decisions d where d.text_id = t.id)",
            group,
        )
        assert unjudged == [], "P2: a text without a decision"
        unplaced = self.house.ask(
            "select count(*) from ledger_leaves l where group_id = %s and not exists"
            " (select from ledger_places p where p.leaf_id = l.id)",
            group,
        )
        assert unplaced == [(0,)], "P5: a leaf without a place"
        confirmed = self.house.ask(
            "select contact_id from texts where group_id = %s and purpose = 'stop_confirmation'"
            " and handed_at is not null group by contact_id, handed_at having count(*) > 1",
            group,
        )
        assert confirmed == [], "a stop that was confirmed twice"
