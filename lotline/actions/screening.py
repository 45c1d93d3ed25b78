"""Texts are looked at by the screens of their store: ours before they are decided on, theirs when
they have arrived. What is found in ours is told to the gate; what a manager should read is flagged.

Not here: finding (`core.oversight.screens`), the verdict (`core.gate`), judging (`review`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lotline.core.gate.decision import Verdict
from lotline.core.gate.facts import Mark
from lotline.core.oversight.screens import screens_in, without_ours
from lotline.core.oversight.watch import is_sampled, marks_of, reasons_for, reasons_of
from lotline.store.review import Flag, record_flags
from lotline.store.watch import load_contact_number, own_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.core.base.sealing import Seal
    from lotline.core.gate.decision import Decision
    from lotline.core.gate.facts import Facts
    from lotline.core.oversight.watch import Watch
    from lotline.store.arrivals import ArrivedText
    from lotline.store.database import Tx
    from lotline.store.texts import NewText
    from lotline.store.watch import Watches

_NUMBER = 10


def screen_ours(
    ctx: Context, tx: Tx, body: str, watch: Watch, *, contact_id: UUID, key: Seal | None
) -> frozenset[str]:
    """What the gate is told of a text of ours. Our own lines are asked for only when it matters."""
    found = screens_in(body, words=watch.words)
    if not found:
        return frozenset()
    named = {one.screen for one in found}
    if named.isdisjoint({"personal_number", "unknown_link"}):
        return marks_of(found, watch)
    numbers = {one for one in watch.known if one.isdecimal()}
    hosts = {one for one in watch.known if not one.isdecimal()}
    hosts |= {urlsplit(ctx.settings.public_url).hostname or ""} - {""}
    if "personal_number" in named:
        numbers |= own_numbers(tx)
        # Their own number, read back to them, is nobody's secret.
        numbers.add(load_contact_number(tx, contact_id, key)[-_NUMBER:])
    return marks_of(without_ours(found, numbers=numbers, hosts=hosts), watch)


def flag_of(
    ctx: Context, text: NewText, facts: Facts, decision: Decision, *, store_id: UUID, one_in: int
) -> Flag | None:
    """Why a manager should read it, or None. What was refused has been stopped already."""
    if decision.verdict is Verdict.BLOCK:
        return None
    reasons = reasons_of(facts.marks)
    detail: dict[str, Any] = {}
    if text.flagged:
        reasons = (*reasons, "purpose")
        detail = {"from": text.purpose_guess, "to": text.purpose}
    if not reasons and is_sampled(text.id, one_in):
        reasons, detail = ("sampled",), {"n": one_in}
    if not reasons:
        return None
    held = any(mark.startswith(Mark.SCREEN_HOLD) for mark in facts.marks)
    return Flag(
        ctx.new_id(),
        text.id,
        text.contact_id,
        text.conversation_id,
        text.line_id,
        store_id,
        text.author_id,
        reasons,
        detail,
        held=held and decision.verdict is Verdict.HOLD,
    )


def flag_arrived(
    ctx: Context, tx: Tx, texts: Sequence[ArrivedText], watches: Watches, now: datetime
) -> None:
    """Customers' texts that a manager should read."""
    flags = []
    for text in texts:
        watch = watches.of(text.thread.store_id)
        found = screens_in(text.body, words=watch.words)
        reasons = reasons_for(found, watch) if found else ()
        if not reasons:
            continue
        thread = text.thread
        place = (thread.contact_id, thread.id, thread.line_id, thread.store_id)
        flags.append(Flag(ctx.new_id(), text.id, *place, None, reasons))
    record_flags(tx, flags, now)
