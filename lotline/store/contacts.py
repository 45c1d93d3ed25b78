"""Contacts as pages show them: the card with its consent timeline, the list, the finding.

What may be texted is folded from the entries on each reading; the stored level is for lists only.
A contact belongs to the company, but a member meets it through conversations in their reach.

Not here: locks and entries (`standing`), what changes a contact (`actions.contacts`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.core.base.numbers import BadNumber, parse_number, shown
from lotline.core.consent.standing import level, standing_on_record
from lotline.store.reach import reach_of
from lotline.store.sealed import (
    contact_key,
    end_token,
    name_tokens,
    number_hash,
    number_hashes,
    open_json,
    open_words,
    query_tokens,
    seal_json,
    seal_words,
)
from lotline.store.shown import ConsentLine, ContactCard, ContactRow, FoundContact, hue_of
from lotline.store.standing import ask_for_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from lotline.core.base.numbers import Number
    from lotline.core.base.places import Place
    from lotline.core.base.sealing import Seal
    from lotline.core.consent.standing import Standing
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

_LAST_ID = UUID(int=2**128 - 1)
_SHORT_HASH = 8
_NUMBER_SIGNS = re.compile(r"[\d\s().+/-]+")


def load_card(tx: Tx, viewer: Viewer, contact_id: UUID, now: datetime) -> ContactCard | None:
    """None when it is not there or not the viewer's to see."""
    with tx.together():
        return ask_for_card(tx, viewer, contact_id, now)()


def ask_for_card(
    tx: Tx, viewer: Viewer, contact_id: UUID, now: datetime
) -> Callable[[], ContactCard | None]:
    """The same for whoever has more to ask meanwhile: what belongs to the card is asked with it,
    and nobody reads it when the card is not theirs.
    """
    reach = reach_of(viewer)
    rows = tx.later(
        "contacts.card",
        contact_id=contact_id,
        member_id=reach.member_id,
        line_ids=reach.line_ids,
        sees_all=reach.sees_all,
    )
    entered = ask_for_entries(tx, [contact_id])
    talked = tx.later("contacts.conversations", contact_id=contact_id, line_ids=reach.line_ids)
    acted = tx.later("contacts.timeline", contact_id=contact_id)

    def card() -> ContactCard | None:
        for row in rows():
            standing = standing_on_record(entered()[row.id], now)
            return _contact_card(tx, row, standing, talks=talked(), timeline=acted())
        return None

    return card


def _contact_card(
    tx: Tx, row: Any, standing: Standing, *, talks: Sequence[Any], timeline: Sequence[Any]
) -> ContactCard:
    group = tx.group_id
    key = contact_key(tx, row.id, row.key_wrapped, row.erased_at)
    number = open_words(key, row.number_ct, "contacts", "number_ct", group, row.id)
    return ContactCard(
        contact_id=row.id,
        name=open_words(key, row.name_ct, "contacts", "name_ct", group, row.id) or shown(number),
        number=number,
        number_kind=row.number_kind,
        hue=hue_of(row.id),
        level=level(standing).value,
        place=open_words(key, row.place_shown_ct, "contacts", "place_shown_ct", group, row.id),
        zones=tuple(row.zones),
        states=tuple(row.states),
        place_source=row.place_source,
        zip_code=open_words(key, row.zip_ct, "contacts", "zip_ct", group, row.id),
        card=open_json(key, row.card_ct, "contacts", "card_ct", group, row.id),
        timeline=tuple(_line(tx, key, one) for one in timeline),
        standing=standing,
        conversations=tuple((one.id, one.line_id, line_label(tx, one)) for one in talks),
        created_at=row.created_at,
        erased=row.key_wrapped is None,
    )


def load_contacts(
    tx: Tx,
    viewer: Viewer,
    *,
    q: str = "",
    level: str | None = None,
    after: str | None = None,
    limit: int = 30,
) -> tuple[list[ContactRow], str | None]:
    """A page, newest first, and the cursor of the next. `q` is words of a name, or a number."""
    reach = reach_of(viewer)
    statement, sought = _sought(tx, q)
    tx.run("contacts.custom_plans")
    found = tx.all(
        statement,
        level=level or None,
        after=_id(after),
        limit=limit + 1,
        member_id=reach.member_id,
        line_ids=reach.line_ids,
        sees_all=reach.sees_all,
        **sought,
    )
    ids = [row.id for row in found[:limit]]
    rows = tx.all("contacts.rows", ids=ids, line_ids=reach.line_ids)
    page = [_row(tx, row) for row in rows]
    return page, str(page[-1].contact_id) if len(found) > limit else None


def find_contact(tx: Tx, e164: str) -> FoundContact | None:
    """Whom a number belongs to, for whoever may type it: there is one card per number."""
    row = tx.one("contacts.find", hashes=number_hashes(tx.keys, e164))
    if row is None:
        return None
    key = contact_key(tx, row.id, row.key_wrapped, row.erased_at)
    return FoundContact(
        contact_id=row.id,
        name=open_words(key, row.name_ct, "contacts", "name_ct", tx.group_id, row.id),
        level=row.level,
        level_at=row.level_at,
        number_kind=row.number_kind,
        erased=row.key_wrapped is None,
    )


def reach_contact(tx: Tx, viewer: Viewer, contact_id: UUID) -> Any:
    """Its row, locked until the transaction ends, or None when it is not the viewer's to change."""
    reach = reach_of(viewer)
    return tx.one(
        "contacts.reached",
        contact_id=contact_id,
        member_id=reach.member_id,
        line_ids=reach.line_ids,
        sees_all=reach.sees_all,
    )


def record_contact(
    tx: Tx,
    contact_id: UUID,
    number: Number,
    *,
    at: datetime,
    place: Place,
    name: str = "",
    place_shown: str = "",
    zip_code: str = "",
    card: dict[str, Any] | None = None,
    language: str = "en",
    created_by: UUID | None = None,
) -> bool:
    """A new contact under a key of its own; False when the number is known already."""
    made = tx.keys.new_contact_key(contact_id)

    def seal(words: str, column: str) -> bytes:
        return seal_words(made.key, words, "contacts", column, tx.group_id, contact_id)

    done = tx.run(
        "contacts.record",
        id=contact_id,
        number_hash=number_hash(tx.keys, number.e164),
        number_ct=seal(number.e164, "number_ct"),
        name_ct=seal(name, "name_ct"),
        name_tokens=name_tokens(tx.keys, name, number.e164, stock_of(card or {})),
        key_wrapped=made.wrapped,
        number_kind=number.kind.value,
        area_code=number.area_code,
        states=list(place.states),
        zones=list(place.zones),
        place_source=place.source,
        place_shown_ct=seal(place_shown, "place_shown_ct") if place_shown else None,
        zip_ct=seal(zip_code, "zip_ct") if zip_code else None,
        card_ct=None
        if card is None
        else seal_json(made.key, card, "contacts", "card_ct", tx.group_id, contact_id),
        language=language,
        created_by=created_by,
        at=at,
    )
    return done == 1


def record_name(
    tx: Tx, key: Seal, contact_id: UUID, name: str, number: str, *, card_ct: bytes | None = None
) -> None:
    """Another name, and what the contact is found by from now on: with it their card, if any."""
    card = open_json(key, card_ct, "contacts", "card_ct", tx.group_id, contact_id)
    tx.run(
        "contacts.rename",
        contact_id=contact_id,
        name_ct=seal_words(key, name, "contacts", "name_ct", tx.group_id, contact_id),
        name_tokens=name_tokens(tx.keys, name, number, stock_of(card)),
    )


def record_place(
    tx: Tx, key: Seal, contact_id: UUID, place: Place, *, place_shown: str, zip_code: str
) -> None:
    """Where the contact is, as somebody now says; an older ZIP stays when none is given."""
    where = ("contacts", "place_shown_ct", tx.group_id, contact_id)
    zip_ct = None
    if zip_code:
        zip_ct = seal_words(key, zip_code, "contacts", "zip_ct", tx.group_id, contact_id)
    tx.run(
        "contacts.place",
        contact_id=contact_id,
        states=list(place.states),
        zones=list(place.zones),
        place_source=place.source,
        place_shown_ct=seal_words(key, place_shown, *where) if place_shown else None,
        zip_ct=zip_ct,
    )


def line_label(tx: Tx, row: Any) -> str:
    """A line's label from a row that has its `line_id` and `label_ct`."""
    return open_words(tx.keys, row.label_ct, "lines", "label_ct", tx.group_id, row.line_id)


def word_of(card: dict[str, Any]) -> str:
    """The few words of a card that help to tell customers apart in a list."""
    sold = "Sold" if card.get("sold") else ""
    return str(card.get("word") or sold or card.get("appointment") or card.get("stock") or "")


def stock_of(card: dict[str, Any]) -> str:
    """The stock number of what they look at or bought."""
    return str(card.get("stock") or "")


def _line(tx: Tx, key: Seal | None, row: Any) -> ConsentLine:
    proof = open_json(key, row.proof_ct, "consent_entries", "proof_ct", tx.group_id, row.id)
    member = ""
    if row.member_id is not None:
        ident = ("members", "name_ct", tx.group_id, row.member_id)
        member = open_words(tx.keys, row.member_ct, *ident)
    return ConsentLine(
        id=row.id,
        says=row.says,
        scope=row.scope,
        kind=row.kind or "",
        source=row.source,
        said_at=row.said_at,
        heard_at=row.heard_at,
        member_name=member,
        words=_words(proof),
        wording=row.wording or "",
        wording_name=f"{row.wording_name} {row.wording_version}" if row.wording_name else "",
        short_hash=bytes(row.leaf_hash).hex()[:_SHORT_HASH] if row.leaf_hash else "",
        sequenced=bool(row.sequenced),
        corrects=row.corrects,
    )


def _words(proof: dict[str, Any]) -> str:
    """Their own words first, then whatever else a form held."""
    rest = [f"{name}: {value}" for name, value in proof.items() if name != "words" and value]
    return "\n".join([str(proof["words"]), *rest] if proof.get("words") else rest)


def _row(tx: Tx, row: Any) -> ContactRow:
    group = tx.group_id
    key = contact_key(tx, row.id, row.key_wrapped, row.erased_at)
    number = open_words(key, row.number_ct, "contacts", "number_ct", group, row.id)
    assignee = ""
    if row.assignee_id is not None:
        ident = ("members", "name_ct", group, row.assignee_id)
        assignee = open_words(tx.keys, row.assignee_ct, *ident)
    return ContactRow(
        contact_id=row.id,
        name=open_words(key, row.name_ct, "contacts", "name_ct", group, row.id) or shown(number),
        number=number,
        hue=hue_of(row.id),
        level=row.level,
        level_at=row.level_at,
        zones=tuple(row.zones),
        word=word_of(open_json(key, row.card_ct, "contacts", "card_ct", group, row.id)),
        conversation_id=row.conversation_id,
        line_id=row.line_id,
        last_at=row.last_at,
        assignee_name=assignee,
        created_at=row.created_at,
    )


def _sought(tx: Tx, q: str) -> tuple[str, dict[str, Any]]:
    """The statement that looks for it, and by which hashes."""
    words = q.strip()
    if not words:
        return "contacts.pick", {}
    if not _NUMBER_SIGNS.fullmatch(words):
        return _by_tokens(query_tokens(tx.keys, words))
    digits = "".join(letter for letter in words if letter.isdigit())
    end = end_token(tx.keys, digits)
    if end is not None:
        return _by_tokens([end])
    try:
        hashes = number_hashes(tx.keys, parse_number(words).e164)
    except BadNumber:
        hashes = []
    return "contacts.pick_number", {"hashes": hashes}


def _by_tokens(tokens: list[bytes]) -> tuple[str, dict[str, Any]]:
    """The first leads, for it is of the longest word and so the rarest."""
    if not tokens:
        return "contacts.pick_number", {"hashes": []}
    return "contacts.pick_words", {"token": tokens[0], "others": tokens[1:]}


def _id(cursor: str | None) -> UUID:
    try:
        return UUID(cursor) if cursor else _LAST_ID
    except ValueError:
        return _LAST_ID
