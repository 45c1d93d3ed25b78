"""What a text would be: its words as they leave, what it is for, and what the gate says of it.

The preview and the real thing are made by the same function, so nobody sends what they did not
see. Nothing is kept here.

Not here: keeping it (`submit`), asking again before it leaves (`dispatch`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from lotline.actions.context import must_trust
from lotline.actions.profiles import book_of
from lotline.actions.screening import screen_ours
from lotline.core.gate.decision import Decision
from lotline.core.gate.facts import Facts, Mark, Sender
from lotline.core.gate.gate import decide
from lotline.core.messaging.content import classes_in
from lotline.core.messaging.footer import Added, added_to
from lotline.core.messaging.purpose import Guess, Purpose, guess_purpose
from lotline.core.messaging.segments import Segments, count
from lotline.store.facts import Asked, load_facts
from lotline.store.sealed import open_words
from lotline.store.texts import load_lasts
from lotline.store.watch import load_watches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lotline.actions.context import Context
    from lotline.core.base.sealing import Seal
    from lotline.core.gate.rulebook import Rulebook
    from lotline.core.oversight.watch import Watch
    from lotline.store.arrivals import Thread
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer
    from lotline.store.texts import Last, Where

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
    sample: int = 0  # one of so many is read by a manager, whatever it says


@dataclass(frozen=True, slots=True)
class Draft:
    """A text as it was written. `at` is when it would leave."""

    where: Where | Thread
    key: Seal | None
    body: str
    purpose: Purpose | None
    at: datetime
    author: Viewer


def compose(ctx: Context, tx: Tx, draft: Draft) -> Composed:
    """Everything about a text but its being kept."""
    (made,) = compose_all(ctx, tx, [draft])
    return made


def compose_all(ctx: Context, tx: Tx, drafts: Sequence[Draft]) -> list[Composed]:
    """The same for many, each fact of all of them read at one instant."""
    if not drafts:
        return []
    now = ctx.now()
    lasts = load_lasts(tx, [(one.where.id, one.where.contact_id) for one in drafts])
    book, watches = book_of(ctx, tx), load_watches(tx)
    worded = [
        _worded(ctx, book, tx, one, last, watches.of(one.where.store_id), now)
        for one, last in zip(drafts, lasts, strict=True)
    ]
    told = load_facts(tx, [asked for _, asked in worded])
    return [words(facts) for (words, _), facts in zip(worded, told, strict=True)]


def _worded(  # noqa: PLR0917  # what is known of one draft, handed over once
    ctx: Context,
    book: Rulebook,
    tx: Tx,
    draft: Draft,
    last: Last,
    watch: Watch,
    now: datetime,
) -> tuple[Callable[[Facts], Composed], Asked]:
    """What the words alone say of it, and what the gate must still be told."""
    straight = count(draft.body).straightened
    must_trust(now, last.created_at, last.last_out_at)
    last_in, since = "", None
    if last.id is not None and last.created_at is not None:
        place = ("texts", "body_ct", tx.group_id, last.id)
        last_in = open_words(draft.key, last.body_ct, *place)
        since = (draft.at - last.created_at) / timedelta(minutes=1)
    guess = guess_purpose(straight, last_in=last_in or None, minutes_since=since)
    chosen = draft.purpose or guess.purpose
    added = added_to(
        straight,
        company=draft.author.company,
        wording=book.notices,
        last_out_at=last.last_out_at,
        at=draft.at,
    )
    offer_inside = guess.purpose is Purpose.OFFER and chosen is not Purpose.OFFER
    asked = Asked(
        contact_id=draft.where.contact_id,
        line_id=draft.where.line_id,
        purpose=chosen,
        # What no hand presses is sent by software, whoever answers for it.
        sender=Sender.SOFTWARE if draft.author.is_program else Sender.PERSON,
        at=draft.at,
        member_id=draft.author.member_id,
        marks=_marks(straight, offer_inside=offer_inside)
        | screen_ours(ctx, tx, straight, watch, contact_id=draft.where.contact_id, key=draft.key),
    )
    made = partial(
        _composed,
        book=book,
        straight=straight,
        added=added,
        guess=guess,
        chosen=chosen,
        sample=watch.sample,
    )
    return made, asked


def _marks(body: str, *, offer_inside: bool) -> frozenset[str]:
    """What was found in the words."""
    found = {f"{Mark.SHAFT}{name}" for name in classes_in(body)}
    return frozenset(found | {Mark.OFFER_INSIDE.value} if offer_inside else found)


def _composed(
    facts: Facts,
    *,
    book: Rulebook,
    straight: str,
    added: Added,
    guess: Guess,
    chosen: Purpose,
    sample: int,
) -> Composed:
    return Composed(
        body=straight,
        added=added,
        guess=guess,
        purpose=chosen,
        laxer=chosen in _LAXER_THAN.get(guess.purpose, set()),
        segments=count(added.around(straight)),
        facts=facts,
        decision=decide(facts, book),
        gaps=find_gaps(straight),
        sample=sample,
    )


def find_gaps(body: str) -> tuple[str, ...]:
    """What a saved reply leaves to be filled in, each once."""
    return tuple(dict.fromkeys(found.strip() for found in _GAP.findall(body)))


def joined(added: Added) -> str:
    """The added words as one, for a row. What comes after the body begins with a new line."""
    assert "\n" not in added.before, "a company's name is one line"
    return added.before + added.after


def split(words: str) -> Added:
    """The added words from their row."""
    before, newline, after = words.partition("\n")
    return Added(before, newline + after)
