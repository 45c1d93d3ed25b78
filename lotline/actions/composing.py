"""What a text would be: its words as they leave, what it is for, and what the gate says of it.

The preview and the real thing are made by the same function, so nobody sends what they did not
see. Nothing is kept here.

Not here: keeping it (`submit`), asking again before it leaves (`dispatch`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lotline.actions.context import must_trust
from lotline.actions.profiles import book_of
from lotline.core.gate.decision import Decision
from lotline.core.gate.facts import Facts, Mark, Sender
from lotline.core.gate.gate import decide
from lotline.core.messaging.footer import Added, added_to
from lotline.core.messaging.purpose import Guess, Purpose, guess_purpose
from lotline.core.messaging.segments import Segments, count
from lotline.store.facts import Asked, load_facts
from lotline.store.sealed import open_words

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.core.base.sealing import Seal
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer
    from lotline.store.texts import Where

LONGEST = 1600  # characters: what the carriers take in one text of several parts
_GAP = re.compile(r"\{\s*([a-z][a-z0-9_ ]{0,40}?)\s*\}", re.IGNORECASE)
_LAXER_THAN = {
    Purpose.OFFER: {Purpose.REPLY, Purpose.UPDATE},
    Purpose.UPDATE: {Purpose.REPLY},
    Purpose.REPLY: set[Purpose](),
}


@dataclass(frozen=True, slots=True)
class Composed:
    """A text as it would leave, with the gate's word."""

    body: str  # straightened
    added: Added
    guess: Guess
    purpose: Purpose
    laxer: bool  # the person picked a purpose that is asked less of than the guess
    segments: Segments
    facts: Facts
    decision: Decision
    gaps: tuple[str, ...]


def compose(
    ctx: Context,
    tx: Tx,
    *,
    viewer: Viewer,
    where: Where,
    key: Seal | None,
    body: str,
    purpose: Purpose | None,
    at: datetime,
) -> Composed:
    """Everything about the text but its being kept. `at` is when it would leave."""
    straight = count(body).straightened
    row = tx.only("texts.last_in", conversation_id=where.id, contact_id=where.contact_id)
    must_trust(ctx.now(), row.created_at, row.last_out_at)
    last_in = (
        open_words(key, row.body_ct, "texts", "body_ct", tx.group_id, row.id) if row.id else ""
    )
    since = None if row.id is None else (at - row.created_at) / timedelta(minutes=1)
    guess = guess_purpose(straight, last_in=last_in or None, minutes_since=since)
    chosen = purpose or guess.purpose
    added = added_to(
        straight,
        company=viewer.company,
        wording=ctx.book.notices,
        last_out_at=row.last_out_at,
        at=at,
    )
    offer_inside = guess.purpose is Purpose.OFFER and chosen is not Purpose.OFFER
    asked = Asked(
        contact_id=where.contact_id,
        line_id=where.line_id,
        purpose=chosen,
        sender=Sender.PERSON,
        at=at,
        member_id=viewer.member_id,
        marks=frozenset({Mark.OFFER_INSIDE.value}) if offer_inside else frozenset(),
    )
    (facts,) = load_facts(tx, [asked])
    return Composed(
        body=straight,
        added=added,
        guess=guess,
        purpose=chosen,
        laxer=chosen in _LAXER_THAN.get(guess.purpose, set()),
        segments=count(added.around(straight)),
        facts=facts,
        decision=decide(facts, book_of(ctx, tx)),
        gaps=tuple(dict.fromkeys(found.strip() for found in _GAP.findall(straight))),
    )


def joined(added: Added) -> str:
    """The added words as one, for a row. What comes after the body begins with a new line."""
    assert "\n" not in added.before, "a company's name is one line"
    return added.before + added.after


def split(words: str) -> Added:
    """The added words from their row."""
    before, newline, after = words.partition("\n")
    return Added(before, newline + after)
