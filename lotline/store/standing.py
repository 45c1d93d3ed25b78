"""What contacts agreed to: their locks, their entries, and the cache that lists show.

Whoever changes a contact's standing, or acts on it, first locks the contact's row, in order of
id. So a stop and a send of the same person are never decided at the same time.

Not here: what the entries add up to (`core.consent`), pages about contacts (`contacts`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from psycopg.errors import UniqueViolation

from lotline.core.base.numbers import BadNumber, parse_number
from lotline.core.base.places import Place, place_of
from lotline.core.base.sealing import Seal
from lotline.core.consent.entry import Entry, How, Kind, Says, Scope, Source
from lotline.core.consent.standing import Standing, standing_on_record
from lotline.store.database import Crossed
from lotline.store.ledger import Chain, chain_of
from lotline.store.reach import reach_of
from lotline.store.sealed import (
    contact_key,
    name_tokens,
    number_hash,
    number_hashes,
    open_words,
    seal_json,
    seal_words,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from lotline.store.database import Tx
    from lotline.store.shown import Viewer


@dataclass(slots=True)
class Contact:
    """A contact under lock. `key` is None once it was erased: nothing of it opens."""

    id: UUID
    key: Seal | None
    number: str  # E.164; empty once erased
    level: str
    chain: Chain


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry and what stands beside it. `words` are the person's own, and are sealed."""

    contact_id: UUID
    entry: Entry
    store_id: UUID | None = None
    text_id: UUID | None = None
    member_id: UUID | None = None
    wording_id: UUID | None = None
    heard: dict[str, Any] | None = None
    words: dict[str, Any] | None = None


class Known(NamedTuple):
    """A number that has a contact already."""

    id: UUID
    erased: bool
    key: Seal | None
    level: str


def lock_contacts(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, Contact]:
    """Contacts under lock until the transaction ends. Call it once, before other locks."""
    return ask_to_lock(tx, ids)()


def ask_to_lock(tx: Tx, ids: Iterable[UUID]) -> Callable[[], dict[UUID, Contact]]:
    """The same for whoever has more to ask meanwhile; what is asked after it sees them locked."""
    rows = tx.later("standing.lock", ids=sorted(set(ids)))

    def locked() -> dict[UUID, Contact]:
        found = {}
        for row in rows():
            key = contact_key(tx, row.id, row.key_wrapped, row.erased_at)
            number = open_words(key, row.number_ct, "contacts", "number_ct", tx.group_id, row.id)
            chain = chain_of(tx, row.id, row.chain_seq, row.chain_head, row.key_wrapped)
            found[row.id] = Contact(row.id, key, number, row.level, chain)
        return found

    return locked


def is_within_reach(tx: Tx, viewer: Viewer, contact_id: UUID) -> bool:
    """Whether the viewer may act on this contact; takes no lock."""
    return contact_id in load_within_reach(tx, viewer, [contact_id])


def load_within_reach(tx: Tx, viewer: Viewer, contact_ids: Iterable[UUID]) -> set[UUID]:
    """On which of these the viewer may act; takes no lock."""
    wanted = sorted(set(contact_ids))
    if not wanted:
        return set()
    reach = reach_of(viewer)
    rows = tx.all(
        "standing.within_reach",
        contacts=wanted,
        member_id=reach.member_id,
        line_ids=reach.line_ids,
        sees_all=reach.sees_all,
    )
    return {row.id for row in rows}


def load_key(tx: Tx, contact_id: UUID) -> Seal | None:
    """A contact's key, for whoever only reads."""
    row = tx.only("standing.key", contact_id=contact_id)
    return contact_key(tx, contact_id, row.key_wrapped, row.erased_at)


def load_keys(tx: Tx, contact_ids: Iterable[UUID]) -> dict[UUID, Seal | None]:
    """Several contacts' keys, for whoever only reads."""
    rows = tx.all("standing.keys", ids=list(contact_ids))
    return {row.id: contact_key(tx, row.id, row.key_wrapped, row.erased_at) for row in rows}


def find_by_numbers(tx: Tx, numbers: Iterable[str]) -> dict[str, Known]:
    """Which of these numbers have a contact."""
    return ask_by_hashes(tx, hashes_of(tx, numbers))()


def hashes_of(tx: Tx, numbers: Iterable[str]) -> dict[bytes, str]:
    """What these numbers are found by, under each version of the hash key."""
    return {digest: number for number in numbers for digest in number_hashes(tx.keys, number)}


def ask_by_hashes(tx: Tx, hashes: dict[bytes, str]) -> Callable[[], dict[str, Known]]:
    """The contacts of these numbers, for whoever has more to ask meanwhile."""
    rows = tx.later("standing.by_number", hashes=list(hashes))

    def found() -> dict[str, Known]:
        return {
            hashes[bytes(row.number_hash)]: Known(
                row.id,
                row.key_wrapped is None,
                contact_key(tx, row.id, row.key_wrapped, row.erased_at),
                row.level,
            )
            for row in rows()
        }

    return found


def record_contacts(
    tx: Tx, numbers: Sequence[str], new_id: Callable[[], UUID], at: datetime
) -> None:
    """Contacts for numbers that have none. Who was quicker with the same number wins."""
    rows = sorted((_new_contact(tx, number, new_id()) for number in numbers), key=_by_hash)
    if not rows:
        return
    names = ("ids", "hashes", "numbers", "names", "tokens", "keys", "kinds", "area_codes")
    places = ("states", "zones", "place_sources")
    columns = zip(*rows, strict=True)
    named = dict(zip(names + places, (list(one) for one in columns), strict=True))
    tx.run("standing.record_contacts", at=at, **named)


def _by_hash(row: tuple[Any, ...]) -> bytes:
    digest: bytes = row[1]
    return digest


def _new_contact(tx: Tx, number: str, contact_id: UUID) -> tuple[Any, ...]:
    made = tx.keys.new_contact_key(contact_id)
    try:
        parsed = parse_number(number)
    except BadNumber:  # a short code or a stranger's odd sender: kept, with nothing known of it
        kind, area, place = "unknown", "", Place()
    else:
        kind, area, place = parsed.kind.value, parsed.area_code, place_of(parsed)
    tokens = [token.hex() for token in name_tokens(tx.keys, "", number)]
    return (
        contact_id,
        number_hash(tx.keys, number),
        seal_words(made.key, number, "contacts", "number_ct", tx.group_id, contact_id),
        seal_words(made.key, "", "contacts", "name_ct", tx.group_id, contact_id),
        json.dumps(tokens),
        made.wrapped,
        kind,
        area,
        json.dumps(place.states),
        json.dumps(place.zones),
        place.source,
    )


def revive(tx: Tx, contact_id: UUID, number: str) -> None:
    """An erased contact's number wrote again: a new key for what comes now; old stops hold."""
    made = tx.keys.new_contact_key(contact_id)
    tx.run(
        "standing.revive",
        contact_id=contact_id,
        key=made.wrapped,
        number_ct=seal_words(made.key, number, "contacts", "number_ct", tx.group_id, contact_id),
        name_ct=seal_words(made.key, "", "contacts", "name_ct", tx.group_id, contact_id),
        tokens=name_tokens(tx.keys, "", number),
    )


def keep_number(tx: Tx, contact_id: UUID, number: str) -> None:
    """An erased contact is found by its number again, and nothing else of it: a stop needs that."""
    try:
        number = parse_number(number).e164
    except BadNumber:  # a carrier's odd word: no customer of ours could be texted there
        return
    try:
        tx.run("standing.keep_number", contact_id=contact_id, hash=number_hash(tx.keys, number))
    except UniqueViolation as taken:
        raise Crossed("its number wrote again meanwhile") from taken


def load_entries(tx: Tx, contact_ids: Iterable[UUID]) -> dict[UUID, list[Entry]]:
    """Every entry of these contacts, oldest first; an empty list for who has none."""
    return ask_for_entries(tx, contact_ids)()


def ask_for_entries(tx: Tx, contact_ids: Iterable[UUID]) -> Callable[[], dict[UUID, list[Entry]]]:
    """The same for whoever has more to ask meanwhile."""
    ids = list(contact_ids)
    rows = tx.later("standing.entries", ids=ids)

    def entered() -> dict[UUID, list[Entry]]:
        found: dict[UUID, list[Entry]] = {one: [] for one in ids}
        for row in rows():
            found[row.contact_id].append(_entry(row))
        return found

    return entered


def _entry(row: Any) -> Entry:
    return Entry(
        id=row.id,
        says=Says(row.says),
        scope=Scope(row.scope),
        said_at=row.said_at,
        heard_at=row.heard_at,
        source=Source(row.source),
        kind=None if row.kind is None else Kind(row.kind),
        line_id=row.line_id,
        corrects=row.corrects,
        seller_named=row.seller_named,
        how=How(row.how),
    )


def load_standings(tx: Tx, contact_ids: Iterable[UUID], at: datetime) -> dict[UUID, Standing]:
    """What each contact's entries on record add up to now."""
    known = load_entries(tx, contact_ids)
    return {one: standing_on_record(heard, at) for one, heard in known.items()}


def load_last_in(tx: Tx, contact_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When each last wrote, on any line."""
    rows = tx.all("standing.last_in", ids=list(contact_ids))
    return {row.contact_id: row.at for row in rows if row.at is not None}


def record_entries(tx: Tx, rows: Sequence[EntryRow], contacts: dict[UUID, Contact]) -> None:
    """Acts of agreeing and refusing, as they were said. The contacts are under lock."""
    if not rows:
        return
    tx.run(
        "standing.record_entries",
        ids=[row.entry.id for row in rows],
        contacts=[row.contact_id for row in rows],
        says=[row.entry.says.value for row in rows],
        scopes=[row.entry.scope.value for row in rows],
        kinds=[row.entry.kind and row.entry.kind.value for row in rows],
        sources=[row.entry.source.value for row in rows],
        hows=[row.entry.how.value for row in rows],
        lines=[row.entry.line_id for row in rows],
        stores=[row.store_id for row in rows],
        texts=[row.text_id for row in rows],
        members=[row.member_id for row in rows],
        wordings=[row.wording_id for row in rows],
        corrects=[row.entry.corrects for row in rows],
        seller_named=[row.entry.seller_named for row in rows],
        heard=[None if row.heard is None else json.dumps(row.heard) for row in rows],
        proofs=[_proof(tx, row, contacts[row.contact_id]) for row in rows],
        said=[row.entry.said_at for row in rows],
        heard_at=[row.entry.heard_at for row in rows],
    )


def _proof(tx: Tx, row: EntryRow, contact: Contact) -> bytes | None:
    if row.words is None or contact.key is None:
        return None
    place = ("consent_entries", "proof_ct", tx.group_id, row.entry.id)
    return seal_json(contact.key, row.words, *place)


def set_levels(tx: Tx, levels: dict[UUID, str], at: datetime) -> None:
    """Refresh the cache that lists show."""
    if levels:
        ids = sorted(levels)
        tx.run("standing.set_levels", ids=ids, levels=[levels[one] for one in ids], at=at)


def keep_drafts(tx: Tx, contacts: Iterable[UUID], why: str) -> int:
    """What was being written to them is kept for the record and will not be sent."""
    return tx.run("standing.keep_drafts", contacts=list(contacts), why=why)


def load_conversations_of(tx: Tx, contacts: Iterable[UUID]) -> list[Any]:
    """`id contact_id line_id store_id` of each conversation of these contacts."""
    return tx.all("standing.conversations", ids=list(contacts))


def record_erasure(tx: Tx, contact_id: UUID, at: datetime) -> bool:
    """Forget the contact's key and what stood in clear beside it; False when it was done before."""
    done = tx.run("standing.erase", contact_id=contact_id, at=at) == 1
    tx.keys.forget_contact_key(contact_id)
    return done
