"""Flagged texts are judged: all right, coach the sender, escalate, or stop the sender.

Each decision is a row and a leaf of the ledger, on the customer's chain. Nobody judges what they
wrote, but an owner may; nobody is asked twice, because a flag leaves the queue with the decision.

Not here: why a text is flagged (`screening`), letting a held text go (`held`), the coach's
questions (`coaching`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.coaching import ask_again
from lotline.actions.context import again
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.held import settle_held
from lotline.core.people.rights import Role
from lotline.core.people.roles import may_approve, may_give_role, may_reveal, may_review, may_text
from lotline.store.access import record_act
from lotline.store.events import Happened, record_event, record_events
from lotline.store.ledger import Leaves
from lotline.store.review import (
    Flag,
    close,
    escalate,
    find_open,
    is_open,
    lift_stop,
    load_revealed,
    record_flags,
    record_judged,
    seal_why,
    sees_text,
    stop_texting,
    sweep,
)
from lotline.store.sealed import seal_words
from lotline.store.standing import Contact, lock_contacts
from lotline.store.texts import load_text

if TYPE_CHECKING:
    from datetime import datetime

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

ACTS = ("ok", "coach", "refuse", "escalate", "stop")
_WANTS_REASON = {"escalate": "Say why somebody else should read it.", "stop": "Say why."}
_LONGEST = 2_000
_GONE = "Somebody else has judged this already."
RULE = "HOUSE-REVIEW"


@dataclass(frozen=True, slots=True)
class Word:
    """What a manager says of a flag."""

    act: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Revealed:
    """A text as it was written, shown to one who has the right, once it was recorded."""

    text_id: UUID
    conversation_id: UUID
    name: str
    body: str


def judge(ctx: Context, viewer: Viewer, flag_id: UUID, word: Word) -> str:
    """What became of it: ok, released, refused, coached, escalated or stopped."""
    must(viewer, may_review)
    if word.act not in ACTS:
        raise Refused("Choose what to do with this text.")
    said = _short(word.said)
    if word.act in _WANTS_REASON and not said:
        raise Refused(_WANTS_REASON[word.act])
    return again(partial(_judge, ctx, viewer, flag_id, Word(word.act, said)))


def _judge(ctx: Context, viewer: Viewer, flag_id: UUID, word: Word) -> str:
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        flag = find_open(tx, viewer, flag_id)
        if flag is None:
            raise NotYours
        _must_judge(viewer, flag, word)
        contact = lock_contacts(tx, [flag.contact_id])[flag.contact_id]
        if not _take(tx, viewer, flag, word, now):
            raise Refused(_GONE)
        leaves = Leaves(tx)
        outcome = _follow(ctx, tx, viewer, flag, word, contact, leaves, now)
        leaves.write()
        _keep(ctx, tx, viewer, flag, word, outcome, contact, now)
        sweep(tx, now)
        return outcome


def _must_judge(viewer: Viewer, flag: Any, word: Word) -> None:
    is_owner = viewer.role == Role.OWNER.value
    if flag.author_id == viewer.member_id and not is_owner:
        raise Refused("Somebody else has to judge what you wrote.")
    if flag.escalated_at is not None and not is_owner:
        raise NotAllowed
    if flag.held and word.act == "ok" and not may_approve(viewer.role):
        raise NotAllowed
    if word.act == "escalate" and is_owner:
        raise Refused("There is nobody above you to read it.")
    if word.act == "refuse" and not flag.held:
        raise Refused("It has left already.")
    if word.act in {"coach", "stop"}:
        if not flag.by_member:
            raise Refused("No teammate wrote this text.")
        if flag.author_id == viewer.member_id:
            raise Refused("Somebody else has to do this for you.")
    if word.act == "stop" and not may_give_role(viewer.role, flag.author_role):
        raise NotAllowed


def _take(tx: Tx, viewer: Viewer, flag: Any, word: Word, now: datetime) -> bool:
    """Whoever deletes the row first has judged."""
    if word.act == "escalate":
        return escalate(tx, flag.id, viewer.member_id, now)
    return close(tx, flag.id)


def _follow(  # noqa: PLR0917  # one decision's worth of values
    ctx: Context,
    tx: Tx,
    viewer: Viewer,
    flag: Any,
    word: Word,
    contact: Contact,
    leaves: Leaves,
    now: datetime,
) -> str:
    """What the decision does to the text and to its sender."""
    if flag.held and word.act != "escalate":
        state = settle_held(ctx, tx, flag.text_id, contact, leaves, now, let_go=word.act == "ok")
        if word.act == "ok":
            return "released" if state is not None else "ok"
    if word.act == "stop":
        _stop(ctx, tx, viewer, flag.author_id, now, flag_id=flag.id)
    return {
        "ok": "ok",
        "refuse": "refused",
        "coach": "coached",
        "escalate": "escalated",
        "stop": "stopped",
    }[word.act]


def _keep(  # noqa: PLR0917  # one decision's worth of values
    ctx: Context,
    tx: Tx,
    viewer: Viewer,
    flag: Any,
    word: Word,
    outcome: str,
    contact: Contact,
    now: datetime,
) -> None:
    review_id = ctx.new_id()
    record_judged(
        tx,
        review_id,
        flag.id,
        outcome,
        key=contact.key,
        said=word.said,
        rule=RULE if outcome == "coached" else "",
        by=viewer.member_id,
        at=now,
    )
    if outcome == "coached":
        ask_again(tx, review_id, flag.author_id, now)
        record_event(tx, "member", at=now, subject_id=flag.author_id, member_id=flag.author_id)
    detail = {"flag": str(flag.id), "reasons": list(flag.reasons), "review": str(review_id)}
    if flag.author_id is not None:
        detail["author"] = str(flag.author_id)
    if word.said:
        # The words themselves are sealed beside; this shows later that they are the same.
        detail["said"] = tx.keys.blind("review", word.said).hex()
    record_act(
        tx,
        ctx.new_id(),
        f"flag_{outcome}",
        actor_id=viewer.member_id,
        about_id=flag.text_id,
        at=now,
        detail=detail,
        contact_id=flag.contact_id,
    )
    place = (flag.store_id, flag.line_id, flag.conversation_id, flag.contact_id)
    record_events(tx, [Happened("review", *place, flag.id)], now)


def may_flag(role: str) -> bool:
    """Whoever texts or judges what is flagged; an auditor writes nothing."""
    return may_text(role) or may_review(role)


def flag_text(ctx: Context, viewer: Viewer, text_id: UUID, said: str = "") -> bool:
    """Somebody asks a manager to read a text. False: it waits for one already."""
    must(viewer, may_flag)
    said = _short(said)
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_revealed(tx, viewer, text_id)
        seen = load_text(tx, text_id)
        if found is None or seen is None or not sees_text(viewer, seen.state, seen.author_id):
            raise NotYours
        contact = lock_contacts(tx, [seen.contact_id])[seen.contact_id]
        if is_open(tx, text_id):
            return False
        store_id = tx.only("lines.store_of", line_id=seen.line_id).store_id
        place = (seen.contact_id, seen.conversation_id, seen.line_id, store_id)
        flag_id = ctx.new_id()
        flag = Flag(
            flag_id,
            text_id,
            *place,
            seen.author_id,
            ("by_hand",),
            seal_why(tx, contact.key, flag_id, said),
            by=viewer.member_id,
        )
        record_flags(tx, [flag], now)
        detail = {"flag": str(flag_id)}
        if said:
            detail["said"] = tx.keys.blind("review", said).hex()
        record_act(
            tx,
            ctx.new_id(),
            "flagged",
            actor_id=viewer.member_id,
            about_id=text_id,
            at=now,
            detail=detail,
            contact_id=seen.contact_id,
        )
        around = (store_id, seen.line_id, seen.conversation_id, seen.contact_id)
        record_events(tx, [Happened("review", *around, flag_id)], now)
        return True


def stop_sender(ctx: Context, viewer: Viewer, member_id: UUID, said: str) -> bool:
    """They send nothing from now on; reading stays. False: they are stopped already."""
    must(viewer, may_review)
    said = _short(said)
    if not said:
        raise Refused(_WANTS_REASON["stop"])
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        _must_lead(tx, viewer, member_id)
        return _stop(ctx, tx, viewer, member_id, now, said=said)


def _stop(  # one stop's worth of values
    ctx: Context,
    tx: Tx,
    viewer: Viewer,
    member_id: UUID,
    now: datetime,
    *,
    said: str = "",
    flag_id: UUID | None = None,
) -> bool:
    """In force with the transaction. Why stands in the review, or sealed in the act where there is
    none.
    """
    stop_id, act_id = ctx.new_id(), ctx.new_id()
    if not stop_texting(tx, stop_id, member_id, flag_id=flag_id, by=viewer.member_id, at=now):
        return False
    detail = {"stop": str(stop_id)}
    if flag_id is not None:
        detail["flag"] = str(flag_id)
    if said:
        sealed = seal_words(tx.keys, said, "access_acts", "detail", tx.group_id, act_id)
        detail |= {"said": tx.keys.blind("review", said).hex(), "sealed": sealed.hex()}
    record_act(
        tx,
        act_id,
        "texting_stopped",
        actor_id=viewer.member_id,
        about_id=member_id,
        at=now,
        detail=detail,
    )
    record_event(tx, "member", at=now, subject_id=member_id, member_id=member_id)
    return True


def _must_lead(tx: Tx, viewer: Viewer, member_id: UUID) -> None:
    """Somebody else, on a line of the viewer's, of a role that the viewer could give."""
    row = tx.one("members.one", id=member_id)
    if row is None or (not viewer.sees_all and not set(row.line_ids) & viewer.line_ids):
        raise NotYours
    if member_id == viewer.member_id:
        raise Refused("Somebody else has to do this for you.")
    if not may_give_role(viewer.role, row.role):
        raise NotAllowed


def _short(said: str) -> str:
    said = said.strip()
    if len(said) > _LONGEST:
        raise Refused(f"Write at most {_LONGEST} characters.")
    return said


def reveal(ctx: Context, viewer: Viewer, text_id: UUID) -> Revealed:
    """What is hidden on every screen, shown once; that it was shown is in the ledger first."""
    must(viewer, may_reveal)
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_revealed(tx, viewer, text_id)
        if found is None:
            raise NotYours
        row, name, body = found
        lock_contacts(tx, [row.contact_id])
        record_act(
            tx,
            ctx.new_id(),
            "revealed",
            actor_id=viewer.member_id,
            about_id=text_id,
            at=now,
            detail={"device": str(viewer.device_id)},
            contact_id=row.contact_id,
        )
        return Revealed(text_id, row.conversation_id, name, body)


def lift(ctx: Context, viewer: Viewer, member_id: UUID) -> bool:
    """They may text again."""
    must(viewer, may_review)
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        _must_lead(tx, viewer, member_id)
        if not lift_stop(tx, member_id, viewer.member_id, now):
            return False
        record_act(
            tx,
            ctx.new_id(),
            "texting_lifted",
            actor_id=viewer.member_id,
            about_id=member_id,
            at=now,
        )
        record_event(tx, "member", at=now, subject_id=member_id, member_id=member_id)
        return True
