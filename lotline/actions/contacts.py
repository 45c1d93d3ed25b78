"""Customers: meeting one for the first time, their name and place, forgetting them for ever.

A number has one card in the company, whoever types it. How somebody agreed is written down only
when they are new: what is known about a number is never changed by meeting it again.

Not here: agreeing and refusing later on (`consent`), what is shown (`store.contacts`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.context import must_reach
from lotline.actions.entries import take_entries
from lotline.actions.erase import ERASE_REASONS, forget_or_wait
from lotline.actions.errors import NotYours, Refused
from lotline.core.base.numbers import BadNumber, Number, NumberKind, parse_number
from lotline.core.base.places import Place, place_of, state_name
from lotline.core.consent.entry import Entry, Kind, Says, Scope, Source
from lotline.core.people.roles import may_erase, may_record_consent, may_text
from lotline.store.contacts import (
    find_contact,
    reach_contact,
    record_contact,
    record_name,
    record_place,
)
from lotline.store.conversations import record_happening
from lotline.store.events import Happened, record_events, wake_workers
from lotline.store.ledger import Leaves
from lotline.store.sealed import contact_key, open_words
from lotline.store.standing import (
    EntryRow,
    load_conversations_of,
    lock_contacts,
    revive,
)

if TYPE_CHECKING:
    from datetime import datetime

    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

LONGEST_NAME = 120


class Agreed(NamedTuple):
    """What an answer to "How did they agree?" is worth when a member writes it down."""

    kind: Kind
    source: Source


# None: not yet. A signed form becomes written consent only with its wording and proof, by
# `consent.add_consent`; until then it permits what any express yes does.
HOWS: dict[str, Agreed | None] = {
    "texted_us": Agreed(Kind.INQUIRY, Source.TEXT),
    "signed_form": Agreed(Kind.EXPRESS, Source.PAPER_FORM),
    "in_person": Agreed(Kind.EXPRESS, Source.IN_PERSON),
    "web_form": Agreed(Kind.EXPRESS, Source.WEB_FORM),
    "not_yet": None,
}


class Started(NamedTuple):
    """The conversation to open; `known` when the number had a card already."""

    conversation_id: UUID
    contact_id: UUID
    known: bool


def start_conversation(
    ctx: Context,
    viewer: Viewer,
    *,
    number: str,
    line_id: UUID,
    name: str = "",
    zip_code: str = "",
    how: str = "not_yet",
) -> Started:
    """The conversation with a number on a line: the one there is, or a new one."""
    must(viewer, may_text)
    must_reach(viewer, line_id)
    parsed = _number(number)
    if how not in HOWS:
        raise Refused("Choose how they agreed.")
    with ctx.db.transaction(viewer.group_id) as tx:
        now = ctx.now()
        contact_id, known = _meet(ctx, tx, viewer, parsed, name=name, zip_code=zip_code)
        conversation_id = _talk(ctx, tx, viewer, contact_id=contact_id, line_id=line_id, now=now)
        agreed = HOWS[how]
        if agreed is not None and not known:
            must(viewer, may_record_consent)
            _write_down(
                ctx, tx, viewer, contact_id=contact_id, line_id=line_id, how=how, agreed=agreed
            )
        return Started(conversation_id, contact_id, known)


def rename(ctx: Context, viewer: Viewer, contact_id: UUID, name: str) -> None:
    """What they are called, and found by."""
    must(viewer, may_text)
    words = _name(name)
    with ctx.db.transaction(viewer.group_id) as tx:
        row = _theirs(tx, viewer, contact_id)
        key = contact_key(tx, row.id, row.key_wrapped)
        assert key is not None, "the row that was found has a key"
        e164 = open_words(key, row.number_ct, "contacts", "number_ct", tx.group_id, row.id)
        record_name(tx, key, row.id, words, e164, card_ct=row.card_ct)
        _tell(ctx, tx, contact_id)


def set_place(
    ctx: Context, viewer: Viewer, contact_id: UUID, *, zip_code: str = "", state: str = ""
) -> Place:
    """Where they said they live. What waits for them is looked at again under its hours."""
    must(viewer, may_text)
    with ctx.db.transaction(viewer.group_id) as tx:
        row = _theirs(tx, viewer, contact_id)
        key = contact_key(tx, row.id, row.key_wrapped)
        assert key is not None, "the row that was found has a key"
        e164 = open_words(key, row.number_ct, "contacts", "number_ct", tx.group_id, row.id)
        place = _place(parse_number(e164), zip_code.strip(), state.strip())
        record_place(
            tx, key, contact_id, place, place_shown=_shown(place), zip_code=zip_code.strip()
        )
        talks = load_conversations_of(tx, [contact_id])
        if talks:
            record_happening(
                tx,
                [talk.id for talk in talks],
                [ctx.new_id() for _ in talks],
                "place",
                at=ctx.now(),
                actor_id=viewer.member_id,
                said={"source": place.source, "states": list(place.states)},
            )
        _tell(ctx, tx, contact_id)
        wake_workers(tx)
        return place


def erase(ctx: Context, viewer: Viewer, contact_id: UUID, reason: str = "asked") -> str:
    """Forget them for ever: "erased". What waits for them is refused; their stops outlive it.

    Under a legal hold it is kept waiting for the hold's end: "waits".
    """
    must(viewer, may_erase)
    if reason not in ERASE_REASONS:
        raise Refused("Choose why they are erased.")
    with ctx.db.transaction(viewer.group_id) as tx:
        _theirs(tx, viewer, contact_id)
        return forget_or_wait(ctx, tx, contact_id, actor_id=viewer.member_id, reason=reason)


def _meet(
    ctx: Context, tx: Tx, viewer: Viewer, number: Number, *, name: str, zip_code: str
) -> tuple[UUID, bool]:
    """The number's card: the one there is, or a new one made by whoever types it first."""
    found = find_contact(tx, number.e164)
    if found is None:
        place = _place(number, zip_code.strip(), "")
        contact_id = ctx.new_id()
        if record_contact(
            tx,
            contact_id,
            number,
            at=ctx.now(),
            place=place,
            name=_name(name) if name.strip() else "",
            place_shown=_shown(place),
            zip_code=zip_code.strip(),
            created_by=viewer.member_id,
        ):
            return contact_id, False
        found = find_contact(tx, number.e164)
        assert found is not None, "who was quicker with the number has committed it"
    if found.erased:
        lock_contacts(tx, [found.contact_id])
        revive(tx, found.contact_id, number.e164)
    return found.contact_id, True


def _talk(
    ctx: Context, tx: Tx, viewer: Viewer, *, contact_id: UUID, line_id: UUID, now: datetime
) -> UUID:
    place = {"contact_id": contact_id, "line_id": line_id}
    made = ctx.new_id()
    assignee_id = None if viewer.is_program else viewer.member_id
    if tx.run("conversations.record_new", id=made, assignee_id=assignee_id, at=now, **place):
        record_happening(tx, [made], [ctx.new_id()], "started", at=now, actor_id=viewer.member_id)
        _tell(ctx, tx, contact_id)
        return made
    found: UUID = tx.only("conversations.between", **place).id
    return found


def _write_down(
    ctx: Context,
    tx: Tx,
    viewer: Viewer,
    *,
    contact_id: UUID,
    line_id: UUID,
    how: str,
    agreed: Agreed,
) -> None:
    now = ctx.now()
    entry = Entry(
        id=ctx.new_id(),
        says=Says.YES,
        scope=Scope.UPDATES,
        said_at=now,
        heard_at=now,
        source=agreed.source,
        kind=agreed.kind,
    )
    store_id = tx.only("conversations.between", contact_id=contact_id, line_id=line_id).store_id
    row = EntryRow(
        contact_id=contact_id,
        entry=entry,
        store_id=store_id,
        member_id=viewer.member_id,
        words={"how": how},
    )
    leaves = Leaves(tx)
    contacts = lock_contacts(tx, [contact_id])
    happened = take_entries(ctx, tx, contacts, [row], leaves=leaves, now=now)
    leaves.write()
    record_events(tx, happened, now)


def _theirs(tx: Tx, viewer: Viewer, contact_id: UUID) -> Any:
    row = reach_contact(tx, viewer, contact_id)
    if row is None:
        raise NotYours
    return row


def _number(typed: str) -> Number:
    try:
        number = parse_number(typed)
    except BadNumber as error:
        raise Refused(str(error)) from error
    if number.kind is NumberKind.LANDLINE:
        raise Refused("This number is a landline. Enter a mobile number.")
    if number.kind is NumberKind.TOLL_FREE:
        raise Refused("A toll-free number can't get texts. Enter a mobile number.")
    return number


def _name(typed: str) -> str:
    words = " ".join(typed.split())
    if not words or len(words) > LONGEST_NAME:
        raise Refused("Enter their name.")
    return words


def _place(number: Number, zip_code: str, state: str) -> Place:
    place = place_of(number, zip_code=zip_code or None, zip_given=True, stated_state=state or None)
    if zip_code and place.source != "zip":
        raise Refused("That ZIP code doesn't exist. Check it.")
    if state and not zip_code and place.source != "stated":
        raise Refused("That state doesn't exist. Pick one.")
    return place


def _shown(place: Place) -> str:
    return " or ".join(state_name(code) for code in place.states[:2])


def _tell(ctx: Context, tx: Tx, contact_id: UUID) -> None:
    """Every screen that shows one of the contact's conversations."""
    happened = [
        Happened("conversation", talk.store_id, talk.line_id, talk.id, contact_id)
        for talk in load_conversations_of(tx, [contact_id])
    ]
    record_events(tx, happened, ctx.now())
