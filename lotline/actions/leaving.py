"""Leaving: everything that was a member's ends or moves, in one transaction, with a receipt.

Sessions and programs end, open conversations find somebody, what had not left is taken back, saved
replies move or are put away. Everything they wrote stays theirs. Whoever is suspended reaches
nothing from the commit on, whatever is still to be done about the account.

Not here: pausing somebody who comes back (`members`), a lost phone (`devices`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.context import again
from lotline.actions.devices import tell_ended
from lotline.actions.errors import Refused
from lotline.actions.members import must_be_theirs, must_leave_an_owner
from lotline.core.people.roles import may_manage_members, may_text
from lotline.store.access import record_act
from lotline.store.conversations import record_happening
from lotline.store.events import Happened, record_event, record_events
from lotline.store.leaving import Effect, load_effect, load_leaving, record_leaving
from lotline.store.members import load_colleagues
from lotline.store.outbox import remove
from lotline.store.standing import lock_contacts
from lotline.store.texts import lock_texts, set_states, settle_conversations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

GIVE_BACK = timedelta(hours=24)
_WAITS = frozenset({"queued", "held"})


@dataclass(frozen=True, slots=True)
class Successor:
    """Who takes the open conversations: one member, each line's people in turn, or nobody.

    `or_nobody`: said long before, so a member who cannot take them by now is no reason to stop.
    """

    member_id: UUID | None = None
    in_turn: bool = False
    or_nobody: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """What it did, and the account that they signed in with."""

    at: datetime
    sessions: int
    programs: int
    moved: int
    unassigned: int
    cancelled: int
    templates: int
    account_id: UUID | None


def foresee(ctx: Context, viewer: Viewer, member_id: UUID) -> Effect:
    """The whole effect, before anything is done."""
    must(viewer, may_manage_members)
    with ctx.db.transaction(viewer.group_id) as tx:
        must_be_theirs(tx, viewer, member_id)
        return load_effect(tx, member_id)


def let_go(ctx: Context, viewer: Viewer, member_id: UUID, to: Successor) -> Left:
    """They are out when this returns. A second time it is refused: they have left.

    Their account is still to be closed (`invitations.close`); it opens nothing any more.
    """
    must(viewer, may_manage_members)
    return again(partial(_let_go, ctx, viewer, member_id, to))


def give_back(ctx: Context, viewer: Viewer, member_id: UUID) -> int:
    """What leaving gave to others and still lies there becomes nobody's again, within a day."""
    must(viewer, may_manage_members)
    with ctx.db.transaction(viewer.group_id) as tx:
        must_be_theirs(tx, viewer, member_id)
        found, now = load_leaving(tx, member_id), ctx.now()
        if found is None:
            raise Refused("They have not left.")
        if now - found.left_at > GIVE_BACK:
            raise Refused("That was more than a day ago. Assign the conversations by hand.")
        rows = tx.all("leaving.moved_still", leaving_id=found.id)
        _move(ctx, tx, viewer, rows, dict.fromkeys((row.id for row in rows), None))
        _record(ctx, tx, viewer, member_id, "leaving_given_back", conversations=len(rows))
        return len(rows)


def _let_go(ctx: Context, viewer: Viewer, member_id: UUID, to: Successor) -> Left:
    with ctx.db.transaction(viewer.group_id) as tx:
        return let_go_in(ctx, tx, viewer, member_id, to)


def let_go_in(ctx: Context, tx: Tx, viewer: Viewer, member_id: UUID, to: Successor) -> Left:
    """All of it, in a transaction that has begun: of a person, or of an identity provider."""
    row = must_be_theirs(tx, viewer, member_id)
    if load_leaving(tx, member_id) is not None:
        raise Refused("They have left already.")
    must_leave_an_owner(tx, row)
    at, by = ctx.now(), viewer.member_id
    seat = tx.one("accounts.of_member", member_id=member_id)
    # Contacts are locked before conversations, as by everybody who sends or receives.
    cancelled = _take_back(ctx, tx, member_id)
    if not row.suspended:
        suspended = {"id": ctx.new_id(), "member_id": member_id, "suspended_by": by}
        tx.run("members.suspend", at=at, reason="left", **suspended)
    ended = [
        one.id
        for one in tx.all(
            "devices.end",
            member_id=member_id,
            ended_by=by,
            why="left",
            at=at,
            id=None,
            but=None,
        )
    ]
    tell_ended(tx, member_id, ended, at)
    programs = tx.all("leaving.revoke_programs", member_id=member_id, at=at, by=by)
    rows = tx.all("leaving.lock_conversations", member_id=member_id)
    moves = _successors(tx, viewer, rows, member_id, to)
    _move(ctx, tx, viewer, rows, moves)
    templates = tx.run(
        "leaving.give_templates", member_id=member_id, to_member_id=to.member_id, at=at
    )
    counts = Counter(one is not None for one in moves.values())
    done = Left(
        at=at,
        sessions=len(ended),
        programs=len(programs),
        moved=counts[True],
        unassigned=counts[False],
        cancelled=cancelled,
        templates=templates,
        account_id=seat.account_id if seat else None,
    )
    receipt = _receipt(done, ended, [one.id for one in programs], to)
    record_leaving(tx, ctx.new_id(), member_id, by=by, at=at, receipt=receipt, moves=moves)
    _record(ctx, tx, viewer, member_id, "left", **receipt)
    return done


def _take_back(ctx: Context, tx: Tx, member_id: UUID) -> int:
    """What they wrote and has not left is taken back, under the locks that a sender takes."""
    waiting = tx.all("leaving.waiting", member_id=member_id)
    lock_contacts(tx, {one.contact_id for one in waiting})
    rows = lock_texts(tx, [one.id for one in waiting])
    gone = [row for row in rows.values() if row.state in _WAITS]
    remove(tx, [row.id for row in gone])
    now = ctx.now()
    set_states(tx, {row.id: "cancelled" for row in gone}, now)
    settle_conversations(tx, {row.conversation_id for row in gone})
    happened = [
        Happened(
            "text.state",
            line_id=row.line_id,
            conversation_id=row.conversation_id,
            contact_id=row.contact_id,
            subject_id=row.id,
        )
        for row in gone
    ]
    record_events(tx, happened, now)
    return len(gone)


def _successors(
    tx: Tx, viewer: Viewer, rows: Sequence[Any], member_id: UUID, to: Successor
) -> dict[UUID, UUID | None]:
    """To whom each goes: only to somebody who works on its line, else to nobody."""
    on_line: dict[UUID, list[UUID]] = {}
    for line_id in sorted({row.line_id for row in rows}):
        people = [
            one.id
            for one in load_colleagues(tx, viewer, line_id)
            if one.id != member_id and may_text(one.role)
        ]
        on_line[line_id] = sorted(people)
    if to.member_id is not None and not any(to.member_id in one for one in on_line.values()):
        if rows and not to.or_nobody:
            raise Refused("They don't work on any of these lines. Pick someone who does.")
        return dict.fromkeys((row.id for row in rows), None)
    turns: Counter[UUID] = Counter()
    moves: dict[UUID, UUID | None] = {}
    for row in rows:
        people = on_line[row.line_id]
        moves[row.id] = None
        if to.member_id in people:
            moves[row.id] = to.member_id
        elif to.in_turn and people:
            moves[row.id] = people[turns[row.line_id] % len(people)]
            turns[row.line_id] += 1
    return moves


def _move(
    ctx: Context, tx: Tx, viewer: Viewer, rows: Sequence[Any], moves: dict[UUID, UUID | None]
) -> None:
    if not rows:
        return
    at = ctx.now()
    tx.run("leaving.assign", ids=list(moves), member_ids=list(moves.values()))
    by_id = {row.id: row for row in rows}
    for subject in sorted(set(moves.values()), key=str):
        ids = [one for one, whose in moves.items() if whose == subject]
        record_happening(
            tx,
            ids,
            [ctx.new_id() for _ in ids],
            "assigned" if subject else "unassigned",
            at=at,
            actor_id=viewer.member_id,
            subject_id=subject,
            said=None,
        )
    happened = [
        Happened("conversation", row.store_id, row.line_id, row.id, row.contact_id)
        for row in by_id.values()
    ]
    record_events(tx, happened, at)


def _receipt(
    done: Left, ended: Sequence[UUID], programs: Sequence[UUID], to: Successor
) -> dict[str, Any]:
    return {
        "devices": [str(one) for one in ended],
        "programs": [str(one) for one in programs],
        "moved": done.moved,
        "unassigned": done.unassigned,
        "cancelled": done.cancelled,
        "templates": done.templates,
        "to": str(to.member_id) if to.member_id else ("in turn" if to.in_turn else "nobody"),
    }


def _record(
    ctx: Context, tx: Tx, viewer: Viewer, member_id: UUID, what: str, **detail: Any
) -> None:
    at, by = ctx.now(), viewer.member_id
    record_act(tx, ctx.new_id(), what, actor_id=by, about_id=member_id, at=at, detail=detail)
    record_event(tx, "member", at=at, subject_id=member_id, member_id=member_id)
    record_event(tx, "member", at=at, subject_id=member_id)
