"""Texts that wait to leave, kept as any text of ours is: with words, decision, leaf and place.

Not here: letting them leave (`sender`).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from lotline.actions.keeping import keep_text
from lotline.core.gate.decision import Verdict
from lotline.core.gate.facts import Sender
from lotline.core.gate.gate import decide
from lotline.core.messaging.purpose import Purpose
from lotline.store.arrivals import open_threads
from lotline.store.facts import Asked as AskedOfGate
from lotline.store.facts import load_facts
from lotline.store.ledger import Leaves
from lotline.store.standing import find_by_numbers, lock_contacts
from lotline.store.texts import NewText

if TYPE_CHECKING:
    from lotline.config.bench.house import House

AT_ONCE = 100
WORDS = "Hi, your car is ready whenever you are. We are open until six today."


def queue_texts(house: House, count: int, due_at: datetime, *, first: int = 0) -> None:
    """One text to each of so many customers, from the `first` on."""
    for at in range(first, first + count, AT_ONCE):
        _queue(house, range(at, min(at + AT_ONCE, first + count)), due_at)


def asked_of(house: House, contact_id: object, customer: int, at: datetime) -> AskedOfGate:
    """An update by the company's own member to one customer."""
    town = house.town
    return AskedOfGate(
        contact_id=contact_id,  # type: ignore[arg-type]  # a row's own id
        line_id=town.line_ids[customer % len(town.line_ids)],
        purpose=Purpose.UPDATE,
        sender=Sender.PERSON,
        at=at,
        member_id=town.viewer.member_id,
    )


def _queue(house: House, customers: range, due_at: datetime) -> None:
    ctx, town, now = house.ctx, house.town, house.ctx.now()
    numbers = [town.customers[n] for n in customers]
    with ctx.db.transaction(town.group_id) as tx:
        known = find_by_numbers(tx, numbers)
        contacts = lock_contacts(tx, (one.id for one in known.values()))
        ids = [known[number].id for number in numbers]
        asked = [asked_of(house, one, n, now) for one, n in zip(ids, customers, strict=True)]
        threads = open_threads(
            tx, ((one.contact_id, one.line_id) for one in asked), ctx.new_id, now
        )
        leaves = Leaves(tx)
        for one, facts in zip(asked, load_facts(tx, asked), strict=True):
            decision = decide(facts, ctx.book)
            assert decision.verdict is Verdict.ALLOW, decision.binding.rule
            thread = threads[one.contact_id, one.line_id]
            text = NewText(
                id=ctx.new_id(),
                conversation_id=thread.id,
                contact_id=one.contact_id,
                line_id=one.line_id,
                sender="person",
                purpose=one.purpose.value,
                body=WORDS,
                state="queued",
                author_id=one.member_id,
            )
            keep_text(
                ctx,
                tx,
                text,
                contacts[one.contact_id],
                facts=facts,
                decision=decision,
                leaves=leaves,
                now=now,
                kind="undo",
                due_at=due_at,
            )
        leaves.write()
