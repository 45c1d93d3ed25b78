"""A look: what happened for anybody of a company, and whom it may be told to, in one transaction.

Access is read after the events and never before them, so nothing is told by a reach that was taken
back before it happened. It is read anew for those whom an event about access names; also when that
event still waits for an older transaction before it can be told.

Not here: when to look and who is told (`room`), the statements (`lotline.store`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.store.stream import Place, load_news
from lotline.store.stream_reach import load_hearers

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.shown import Event
    from lotline.store.stream import News
    from lotline.store.stream_reach import Hearer

READ_MAX = 1000
# Nobody's access hangs on these, nor on any `text.`; on whatever else happens it may.
_QUIET = frozenset({"conversation", "draft", "mention", "note", "read", "review", "template"})
_OF_ONE = ("device.", "member")


@dataclass(frozen=True, slots=True)
class Question:
    """`accounts` and `members` are by device; asked for once it is known that they are needed."""

    group_id: UUID
    after: Place
    fresh: frozenset[UUID]  # devices that nothing is known of
    everybody: bool
    seen: frozenset[Place]  # of what was ahead, whose say on access was heard
    accounts: Callable[[], dict[UUID, UUID]]
    members: Callable[[], dict[UUID, UUID]]


@dataclass(frozen=True, slots=True)
class Answer:
    """Of each device in `asked` what is known now; nothing, if it is nobody's any more."""

    news: News
    asked: Iterable[UUID]
    hearers: dict[UUID, Hearer]


def look(ctx: Context, question: Question) -> Answer:
    """In a thread: by one statement for the events, and three for access where it is asked for."""
    with ctx.db.transaction(question.group_id) as tx:
        news = load_news(tx, question.after, READ_MAX)
        asked = _asked(question, news)
        accounts = question.accounts() if asked else {}
        wanted = {one: accounts[one] for one in asked if one in accounts}
        hearers = load_hearers(tx, wanted, ctx.now()) if wanted else {}
    return Answer(news, wanted, hearers)


def _asked(question: Question, news: News) -> set[UUID]:
    """The devices whose access may be another than it was."""
    happened = [one for one in (*news.told, *news.ahead) if one.at not in question.seen]
    loud = [one.event for one in happened if not _is_quiet(one.event)]
    if (
        question.everybody
        or (news.more and news.ahead)
        or any(not event.name.startswith(_OF_ONE) for event in loud)
    ):
        return set(question.accounts())
    about = {one for event in loud for one in (event.member_id, event.subject_id) if one}
    asked = set(question.fresh)
    if about:
        asked |= {device for device, member in question.members().items() if member in about}
    return asked


def _is_quiet(event: Event) -> bool:
    return event.name.startswith("text.") or event.name in _QUIET


def said(event: Event) -> bytes:
    """A name and ids, nothing else."""
    ids = {
        "name": event.name,
        "conversation_id": event.conversation_id,
        "contact_id": event.contact_id,
        "line_id": event.line_id,
        "subject_id": event.subject_id,
    }
    data = json.dumps({key: str(value) for key, value in ids.items() if value})
    return f"id: {event.cursor}\ndata: {data}\n\n".encode()
