"""One conversation as its page shows it: the flow, the customer's card, the viewer's own draft.

The cursor on the page is read before anything else, so that whoever follows the stream from it
hears of everything that the page may have missed, and perhaps again of what it has.
A text that was refused or taken back is shown to its author and to those who look after others.

Not here: the list (`inbox`), what changes a conversation (`actions.conversations`).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.store.contacts import ask_for_card, line_label
from lotline.store.members import ask_for_colleagues
from lotline.store.programs import load_program_names
from lotline.store.reach import reach_of
from lotline.store.sealed import contact_key, open_words
from lotline.store.shown import ConversationPage, LogItem
from lotline.store.stream import ask_for_cursor
from lotline.store.watch import show_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from lotline.core.base.sealing import Seal
    from lotline.store.database import Tx
    from lotline.store.reach import Reach
    from lotline.store.shown import Colleague, Viewer

_LAST_ID = UUID(int=2**128 - 1)


class Place(NamedTuple):
    """Which part of a conversation: its newest, what came before an item, or what is round one."""

    conversation_id: UUID
    before: UUID | None = None
    at: UUID | None = None
    limit: int = 40
    colleagues: bool = True  # and who may take it


def load_conversation(
    tx: Tx,
    viewer: Viewer,
    conversation_id: UUID,
    *,
    now: datetime,
    before: UUID | None = None,
    at: UUID | None = None,
    limit: int = 40,
) -> ConversationPage | None:
    """The newest of it, what came before an item, or what stands round one (`at`).

    None: not there, or not the viewer's.
    """
    with tx.together():
        place = Place(conversation_id, before, at, limit, colleagues=False)
        loaded = load_with_colleagues(tx, viewer, place, now=now, cursor=ask_for_cursor(tx))
    return None if loaded is None else loaded[0]


def load_with_colleagues(
    tx: Tx, viewer: Viewer, place: Place, *, now: datetime, cursor: Callable[[], str]
) -> tuple[ConversationPage, list[Colleague]] | None:
    """The same, and who may take it. `cursor` was asked for before anything else.

    Two round trips: what is known by the conversation's id, and what its row leads to.
    """
    reach, conversation_id = reach_of(viewer), place.conversation_id
    rows = _one(tx, reach, conversation_id)
    before = place.before
    if place.at is not None:
        before = tx.only(
            "conversations.soon_after", conversation_id=conversation_id, at=place.at
        ).id
    picked = _pick(tx, reach, conversation_id, before, place.limit)
    row = next(iter(rows()), None)
    if row is None:
        return None
    ids, earlier = picked()
    carded = ask_for_card(tx, viewer, row.contact_id, now)
    key, group = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at), tx.group_id
    logged = _log(tx, key, reach, conversation_id, ids)
    colleagues = ask_for_colleagues(tx, viewer, row.line_id) if place.colleagues else list
    card = carded()
    assert card is not None, "whoever reaches a conversation reaches its contact"
    draft, last_in = _draft_and_last(tx, key, reach, row)
    page = ConversationPage(
        conversation_id=conversation_id,
        contact=card,
        line_id=row.line_id,
        line_label=line_label(tx, row),
        line_number=open_words(
            tx.keys, row.line_number_ct, "lines", "number_ct", group, row.line_id
        ),
        line_paused=row.line_paused,
        store_id=row.store_id,
        store_name=open_words(tx.keys, row.store_ct, "stores", "name_ct", group, row.store_id),
        store_zone=row.store_zone,
        assignee_id=row.assignee_id,
        assignee_name=_name(tx, row.assignee_id, row.assignee_ct),
        done=row.done,
        snoozed_until=row.snoozed_until,
        log=logged(),
        earlier=earlier,
        later=before is not None,
        first_unread_id=row.first_unread_id,
        draft=draft,
        draft_kept_why=row.kept_why or "",
        draft_updated_at=row.draft_updated_at,
        draft_other_device=row.draft_device_id not in {None, viewer.device_id},
        cursor=cursor(),
        last_in_at=row.last_in_at,
        last_in_body=last_in,
    )
    return page, colleagues()


def load_log_items(
    tx: Tx, viewer: Viewer, conversation_id: UUID, ids: Iterable[UUID]
) -> tuple[LogItem, ...]:
    """These items, oldest first, as far as they are there and the viewer may see them."""
    reach = reach_of(viewer)
    row = tx.one("conversations.glance", ids=[conversation_id], line_ids=reach.line_ids)
    if row is None:
        return ()
    key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
    with tx.together():
        return _log(tx, key, reach, conversation_id, list(ids))()


def reach_conversations(
    tx: Tx, viewer: Viewer, ids: Iterable[UUID], *, lock: bool = True
) -> list[Any]:
    """Rows of those that the viewer reaches, by id; locked until the transaction ends."""
    statement = "conversations.reached" if lock else "conversations.glance"
    return tx.all(statement, ids=sorted(set(ids)), line_ids=reach_of(viewer).line_ids)


def record_happening(
    tx: Tx,
    ids: Sequence[UUID],
    new_ids: Sequence[UUID],
    kind: str,
    *,
    at: datetime,
    actor_id: UUID | None = None,
    subject_id: UUID | None = None,
    said: dict[str, Any] | None = None,
) -> None:
    """What happened to each of these conversations. `said` names nobody."""
    tx.run(
        "conversations.record_happening",
        ids=list(ids),
        new_ids=list(new_ids),
        kind=kind,
        actor_id=actor_id,
        subject_id=subject_id,
        said=said or {},
        at=at,
    )


class Happening(NamedTuple):
    """What a customer's own text did to their conversation. `said` names nobody."""

    id: UUID
    conversation_id: UUID
    contact_id: UUID
    kind: str
    said: dict[str, Any]


def record_happenings(tx: Tx, several: Sequence[Happening], at: datetime) -> None:
    """Each with a kind of its own."""
    if several:
        tx.run(
            "conversations.record_happenings",
            ids=[one.id for one in several],
            conversations=[one.conversation_id for one in several],
            contacts=[one.contact_id for one in several],
            kinds=[one.kind for one in several],
            said=[json.dumps(one.said) for one in several],
            at=at,
        )


def _draft_and_last(tx: Tx, key: Seal | None, reach: Reach, row: Any) -> tuple[str, str]:
    """The viewer's own draft, and what the customer said last, as screens show it."""
    draft, last_in, group = "", "", tx.group_id
    if reach.member_id is not None:
        whose = (row.id, reach.member_id)
        draft = open_words(key, row.draft_ct, "drafts", "body_ct", group, *whose)
    if row.last_in_id is not None:
        said = open_words(key, row.last_in_ct, "texts", "body_ct", group, row.last_in_id)
        last_in = show_body(tx, said, row.store_id)
    return draft, last_in


def _one(tx: Tx, reach: Reach, conversation_id: UUID) -> Callable[[], list[Any]]:
    return tx.later(
        "conversations.load",
        conversation_id=conversation_id,
        member_id=reach.member_id,
        line_ids=reach.line_ids,
        since=reach.since,
    )


def _pick(
    tx: Tx, reach: Reach, conversation_id: UUID, before: UUID | None, limit: int
) -> Callable[[], tuple[list[UUID], bool]]:
    """The newest items before a place, and whether there are older ones."""
    found = tx.later(
        "conversations.pick",
        conversation_id=conversation_id,
        before=before or _LAST_ID,
        limit=limit + 1,
        member_id=reach.member_id,
        sees_attempts=reach.sees_attempts,
    )

    def picked() -> tuple[list[UUID], bool]:
        rows = found()
        return [one.id for one in rows[:limit]], len(rows) > limit

    return picked


def _log(
    tx: Tx, key: Seal | None, reach: Reach, conversation_id: UUID, ids: list[UUID]
) -> Callable[[], tuple[LogItem, ...]]:
    """Three kinds in one flow; ids grow with time, so they are its order."""
    place = {"conversation_id": conversation_id, "ids": ids}
    texts = tx.later(
        "conversations.texts",
        member_id=reach.member_id,
        sees_attempts=reach.sees_attempts,
        **place,
    )
    notes = tx.later("conversations.notes", **place)
    happenings = tx.later("conversations.happenings", **place)

    def logged() -> tuple[LogItem, ...]:
        items = [
            *(_text(tx, key, row) for row in texts()),
            *(_note(tx, key, row) for row in notes()),
            *(_happening(tx, row) for row in happenings()),
        ]
        return tuple(sorted(_with_programs(tx, items), key=lambda item: item.id))

    return logged


def _with_programs(tx: Tx, items: list[LogItem]) -> list[LogItem]:
    """What nobody who works here wrote or did may have been a program, which has a name too."""
    unnamed = {item.author_id for item in items if not item.author_name} - {None}
    names = load_program_names(tx, (one for one in unnamed if one is not None))
    named: dict[UUID | None, str] = dict(names.items())
    return [
        replace(item, author_name=named[item.author_id]) if item.author_id in named else item
        for item in items
    ]


def _text(tx: Tx, key: Seal | None, row: Any) -> LogItem:
    body = open_words(key, row.body_ct, "texts", "body_ct", tx.group_id, row.id)
    shown = show_body(tx, body, row.store_id)
    return LogItem(
        id=row.id,
        kind="text",
        at=row.created_at,
        direction=row.direction,
        body=shown,
        masked=shown != body,
        added=open_words(key, row.added_ct, "texts", "added_ct", tx.group_id, row.id),
        state=row.state,
        state_at=row.state_at,
        error_code=row.error_code or "",
        purpose=row.purpose or "",
        author_id=row.author_id,
        author_name=_name(tx, row.author_id, row.author_ct),
        sender=row.sender,
        heard=row.heard,
        due_at=row.due_at,
        hold_until=row.hold_until,
        binding_rule=row.binding_rule or "",
        finding=row.finding,
        media=tuple(row.media),
    )


def _note(tx: Tx, key: Seal | None, row: Any) -> LogItem:
    return LogItem(
        id=row.id,
        kind="note",
        at=row.created_at,
        body=open_words(key, row.body_ct, "notes", "body_ct", tx.group_id, row.id),
        author_id=row.author_id,
        author_name=_name(tx, row.author_id, row.author_ct),
    )


def _happening(tx: Tx, row: Any) -> LogItem:
    return LogItem(
        id=row.id,
        kind="happening",
        at=row.happened_at,
        author_id=row.actor_id,
        author_name=_name(tx, row.actor_id, row.actor_ct),
        happening=row.kind,
        said=row.said,
        subject_id=row.subject_id,
        subject_name=_name(tx, row.subject_id, row.subject_ct),
    )


def _name(tx: Tx, member_id: UUID | None, sealed: bytes | None) -> str:
    if member_id is None:
        return ""
    return open_words(tx.keys, sealed, "members", "name_ct", tx.group_id, member_id)
