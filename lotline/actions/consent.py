"""Agreeing and refusing, when it is a person who writes it down, or the customer's own page.

A stop works before this returns. A yes is never stronger than what can be shown of it, and none
that a member writes down undoes a stop: only the customer does that, by texting START.

Not here: what a text says about it (`receive`), what the entries add up to (`core.consent`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.context import again
from lotline.actions.entries import take_entries
from lotline.actions.errors import NotYours, Refused
from lotline.actions.notices import Answer, send_notices
from lotline.core.base.numbers import BadNumber, parse_number
from lotline.core.base.places import Place, place_of, state_name
from lotline.core.consent.entry import Entry, How, Kind, Says, Scope, Source
from lotline.core.consent.proof import Element, Proof, kind_of
from lotline.core.consent.standing import Standing
from lotline.core.messaging.notices import Notice
from lotline.core.people.roles import may_record_consent, may_record_stop
from lotline.store.arrivals import open_threads
from lotline.store.barrier import shut
from lotline.store.contacts import record_name, record_place
from lotline.store.conversations import record_happening
from lotline.store.events import record_events
from lotline.store.heard import attach, detach, overtake
from lotline.store.ledger import Leaves
from lotline.store.optin import Page, find_page, load_newest_wording, load_wording
from lotline.store.standing import (
    Contact,
    EntryRow,
    find_by_numbers,
    is_within_reach,
    load_conversations_of,
    load_standings,
    lock_contacts,
    record_contacts,
    revive,
)

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

LATER = timedelta(minutes=5)  # what was said longer ago needs a reason for being written now
_SIGNED = frozenset({Source.WEB_FORM, Source.PAPER_FORM, Source.EMAIL})
_STOPPED_BY = {
    "phone": Source.PHONE,
    "in_person": Source.IN_PERSON,
    "email": Source.EMAIL,
    "letter": Source.PAPER_FORM,
    "text": Source.TEXT,
    "web_form": Source.WEB_FORM,
}
_LINE_ENDS = re.compile(r"\s+")
_LONGEST_NAME = 120


class Stays(Refused):
    """The number asked us to stop. Whoever types a number into a form is not told that."""


@dataclass(frozen=True, slots=True)
class OptedIn:
    """What the page may say back."""

    text_id: UUID | None
    number: str


def add_consent(
    ctx: Context,
    viewer: Viewer,
    contact_id: UUID,
    *,
    kind: str,
    scope: str,
    source: str,
    said_at: datetime,
    words: str,
    wording_id: UUID | None = None,
    reason: str = "",
) -> UUID:
    """A yes that a member heard or holds in their hand. The id of its entry."""
    must(viewer, may_record_consent)
    now = ctx.now()
    entry = _yes(ctx, kind=kind, scope=scope, source=source, said_at=said_at, now=now)
    if now - said_at > LATER and not reason.strip():
        raise Refused("Say why this is written down later.")
    if not words.strip():
        raise Refused("Write down what they said or signed.")
    proof = {"words": words.strip(), "reason": reason.strip()}
    return _write(ctx, viewer, contact_id, entry, "consent", proof, wording_id)


def record_stop(
    ctx: Context, viewer: Viewer, contact_id: UUID, *, how: str, scope: str = "all"
) -> UUID:
    """They asked to be left alone, not by text: in force before this returns."""
    must(viewer, may_record_stop)
    if how not in _STOPPED_BY:
        raise Refused("Choose how they told you.")
    if scope not in {Scope.ALL, Scope.OFFERS}:
        raise Refused("A stop is for all texts or for offers.")
    now = ctx.now()
    entry = Entry(
        id=ctx.new_id(),
        says=Says.STOP,
        scope=Scope(scope),
        said_at=now,
        heard_at=now,
        source=_STOPPED_BY[how],
        how=How.WORDING,
    )
    kind = "stop" if entry.scope is Scope.ALL else "stop_offers"
    return _write(ctx, viewer, contact_id, entry, kind, {"how": how})


def mark_wrong_number(ctx: Context, viewer: Viewer, contact_id: UUID) -> UUID:
    """Somebody else has this number: nothing goes there, and no earlier yes counts."""
    must(viewer, may_record_stop)
    entry = _plain(ctx, Says.WRONG_NUMBER)
    return _write(ctx, viewer, contact_id, entry, "wrong_number", None)


def confirm_number(ctx: Context, viewer: Viewer, contact_id: UUID) -> UUID:
    """A person checked whose number it is, or what an unclear text meant. It undoes no stop."""
    must(viewer, may_record_consent)
    entry = _plain(ctx, Says.CONFIRMED)
    return _write(ctx, viewer, contact_id, entry, "confirmed", None)


def opt_in_by_page(
    ctx: Context,
    slug: str,
    *,
    number: str,
    name: str,
    words: str,
    ticked: bool,
    address: str,
    zip_code: str = "",
) -> OptedIn:
    """The customer's own hand on our page. `words` is the wording as it stood before them."""
    page = find_page(ctx.db, slug)
    if page is None or page.closed:
        raise NotYours
    if not ticked:
        raise Refused("Tick the box if you want texts from us.")
    try:
        e164 = parse_number(number).e164
    except BadNumber as bad:
        raise Refused(str(bad)) from None
    plain = _LINE_ENDS.sub(" ", name).strip()[:_LONGEST_NAME]
    zip_code = zip_code.strip()
    if zip_code and _place(e164, zip_code).source != "zip":
        raise Refused("That ZIP code doesn't exist. Check it.")
    proof = {"number": e164, "name": plain, "zip": zip_code, "ticked": "by hand"}
    proof |= {"address": address, "page": slug}
    return again(partial(_opt_in, ctx, page, proof, words))


def _opt_in(ctx: Context, page: Page, proof: dict[str, Any], words: str) -> OptedIn:
    e164: str = proof["number"]
    now = ctx.now()
    with ctx.db.transaction(page.group_id) as tx:
        wording = load_wording(tx, page.wording_id)
        if wording is None or _same(wording.body) != _same(words):
            raise Refused("This page has changed since you opened it. Please read it again.")
        contact = _customer(ctx, tx, proof, now)
        standing = load_standings(tx, [contact.id], now)[contact.id]
        if standing.stopped is Scope.ALL or standing.wrong_number_at is not None:
            # Anybody can type a number into a form; who stopped opens again from their own phone.
            raise Stays("This number asked us to stop. To get texts again, text START to us.")
        entry = Entry(
            id=ctx.new_id(),
            says=Says.YES,
            scope=Scope.ALL,
            said_at=now,
            heard_at=now,
            source=Source.WEB_FORM,
            kind=kind_of(Proof(Source.WEB_FORM, frozenset(Element))),
        )
        thread = open_threads(tx, [(contact.id, page.line_id)], ctx.new_id, now)[
            contact.id, page.line_id
        ]
        row = EntryRow(
            contact.id, entry, store_id=page.store_id, wording_id=wording.id, words=proof
        )
        contacts = {contact.id: contact}
        leaves = Leaves(tx)
        happened = take_entries(ctx, tx, contacts, [row], leaves=leaves, now=now)
        sent = send_notices(ctx, tx, [Answer(Notice.START, thread, contact)], leaves, now)
        leaves.write()
        record_happening(tx, [thread.id], [ctx.new_id()], "consent", at=now)
        record_events(tx, [*happened, *sent], now)
        return OptedIn(sent[0].subject_id if sent else None, e164)


def _customer(ctx: Context, tx: Tx, proof: dict[str, Any], now: datetime) -> Contact:
    """What is known of a number stays as it is: anybody can type one into a form."""
    e164: str = proof["number"]
    known = find_by_numbers(tx, [e164])
    if not known:
        record_contacts(tx, [e164], ctx.new_id, now)
        known = find_by_numbers(tx, [e164])
        fresh = True
    else:
        fresh = False
        if known[e164].erased:
            lock_contacts(tx, [known[e164].id])
            revive(tx, known[e164].id, e164)
    contact = lock_contacts(tx, [known[e164].id])[known[e164].id]
    if fresh and contact.key is not None:
        if proof["name"]:
            record_name(tx, contact.key, contact.id, proof["name"], e164)
        if proof["zip"]:
            place = _place(e164, proof["zip"])
            where = " or ".join(state_name(code) for code in place.states[:2])
            record_place(
                tx, contact.key, contact.id, place, place_shown=where, zip_code=proof["zip"]
            )
    return contact


def _place(e164: str, zip_code: str) -> Place:
    return place_of(parse_number(e164), zip_code=zip_code, zip_given=True)


def _yes(
    ctx: Context, *, kind: str, scope: str, source: str, said_at: datetime, now: datetime
) -> Entry:
    if said_at > now:
        raise Refused("That time is still to come.")
    try:
        strength, where, covers = Kind(kind), Source(source), Scope(scope)
    except ValueError:
        raise Refused("Choose how they agreed, and to what.") from None
    if strength is Kind.WRITTEN and where not in _SIGNED:
        raise Refused("A spoken yes covers replies and updates. Offers need it in writing.")
    return Entry(
        id=ctx.new_id(),
        says=Says.YES,
        scope=covers if strength is Kind.WRITTEN else Scope.UPDATES,
        said_at=said_at,
        heard_at=now,
        source=where,
        kind=strength,
    )


def _plain(ctx: Context, says: Says) -> Entry:
    now = ctx.now()
    return Entry(
        id=ctx.new_id(),
        says=says,
        scope=Scope.ALL,
        said_at=now,
        heard_at=now,
        source=Source.IN_PERSON,
        how=How.WORDING,
    )


def _write(  # noqa: PLR0917  # one entry's worth of values
    ctx: Context,
    viewer: Viewer,
    contact_id: UUID,
    entry: Entry,
    kind: str,
    words: dict[str, Any] | None,
    wording_id: UUID | None = None,
) -> UUID:
    return again(partial(_keep, ctx, viewer, contact_id, entry, kind, words, wording_id=wording_id))


def _keep(  # noqa: PLR0917  # one entry's worth of values
    ctx: Context,
    viewer: Viewer,
    contact_id: UUID,
    entry: Entry,
    kind: str,
    words: dict[str, Any] | None,
    *,
    wording_id: UUID | None,
) -> UUID:
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        if not is_within_reach(tx, viewer, contact_id):
            raise NotYours
        if entry.says in {Says.STOP, Says.WRONG_NUMBER}:
            shut(tx, [contact_id])
        contacts = lock_contacts(tx, [contact_id])
        if entry.says is Says.YES:
            _must_undo_nothing(viewer, entry, load_standings(tx, [contact_id], now)[contact_id])
        if entry.kind is Kind.WRITTEN and wording_id is None:
            newest = load_newest_wording(tx)
            wording_id = None if newest is None else newest.id
        row = EntryRow(
            contact_id, entry, member_id=viewer.member_id, wording_id=wording_id, words=words
        )
        leaves = Leaves(tx)
        happened = take_entries(ctx, tx, contacts, [row], leaves=leaves, now=now)
        leaves.write()
        overtake(tx, [contact_id], now)
        _name_again(tx, entry, contacts[contact_id])
        talks = [one.id for one in load_conversations_of(tx, [contact_id])]
        if talks:
            names = [ctx.new_id() for _ in talks]
            record_happening(tx, talks, names, kind, at=now, actor_id=viewer.member_id)
        record_events(tx, happened, now)
    return entry.id


def _must_undo_nothing(viewer: Viewer, entry: Entry, standing: Standing) -> None:
    """A form that somebody tells of may be anybody's; the customer's own text is not.

    What a stop leaves open may be agreed to, but by a program nothing, while there is one.
    """
    stopped = standing.stopped
    apart = {stopped, entry.scope} == {Scope.OFFERS, Scope.UPDATES} and not viewer.is_program
    shut_here = stopped is not None or bool(standing.stopped_lines)
    if standing.wrong_number_at is not None or (shut_here and not apart):
        raise Stays("They asked us to stop. Only they can undo that, by texting START.")


def _name_again(tx: Tx, entry: Entry, contact: Contact) -> None:
    """A name leaves a number that is somebody else's, and comes back when it is theirs."""
    if contact.key is None:
        return
    if entry.says is Says.WRONG_NUMBER:
        detach(tx, contact.key, contact.id, contact.number)
    elif entry.says is Says.CONFIRMED:
        attach(tx, contact.key, contact.id, contact.number)


def _same(words: str) -> str:
    return _LINE_ENDS.sub(" ", words).strip()
