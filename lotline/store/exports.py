"""Exports of many customers from rows, and the list of everything that left as evidence.

Customers are read a handful at a time, each with their whole chain, so that memory holds a few of
them however many there are.

Not here: one customer's rows (`evidence`), what a bundle is (`core.oversight.many`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.core.base.sealing import SealBroken
from lotline.core.ledger.canonical import NotCanonical, read_instant
from lotline.core.ledger.leaf import read_leaf
from lotline.store.evidence import EXPORT_PLACE, SEALED, Checked, Placed, check_rows
from lotline.store.sealed import contact_key, number_hashes, open_json, open_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from lotline.core.base.sealing import Seal
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

AT_ONCE = 4000  # leaves, of as many customers as have so many together
_LAST_ID = UUID(int=2**128 - 1)


class Customer(NamedTuple):
    """Who is in an export, and how long their chain was when it was asked for."""

    id: UUID
    chain: int


@dataclass(frozen=True, slots=True)
class History:
    """One customer with the leaves of their chain, held against their rows of today."""

    customer: Customer
    name: str
    number: str
    key: Seal
    placed: tuple[Placed, ...]
    checked: tuple[Checked, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """Something that left as evidence. `about` is empty once whom it was about is erased."""

    id: UUID
    at: datetime
    kind: str
    about: str
    exporter: str
    purpose: str
    texts: bool
    since: datetime | None
    until: datetime | None


def load_customers_of_member(
    tx: Tx,
    member_id: UUID,
    lines: frozenset[UUID] | None,
    since: datetime | None,
    until: datetime | None,
) -> list[Customer]:
    """Those the member had to do with; `lines` None is every line."""
    rows = tx.all(
        "exports.of_member",
        member_id=member_id,
        lines=None if lines is None else sorted(lines),
        since=since,
        until=until,
    )
    return [Customer(*row) for row in rows]


def load_customers_of_line(
    tx: Tx, line_id: UUID, since: datetime | None, until: datetime | None
) -> list[Customer]:
    rows = tx.all("exports.of_line", line_id=line_id, since=since, until=until)
    return [Customer(*row) for row in rows]


def load_customers_of_places(tx: Tx, first: int, end: int) -> list[Customer]:
    """About whom something stands in this stretch of the log."""
    return [Customer(*row) for row in tx.all("exports.of_places", first=first, end=end)]


def in_handfuls(customers: Sequence[Customer]) -> Iterator[list[Customer]]:
    """As many as have `AT_ONCE` leaves together; one at least."""
    handful: list[Customer] = []
    held = 0
    for one in customers:
        if handful and held + one.chain > AT_ONCE:
            yield handful
            handful, held = [], 0
        handful.append(one)
        held += one.chain
    if handful:
        yield handful


def load_histories(tx: Tx, customers: Sequence[Customer]) -> list[History]:
    """These customers, their chains as long as they were. Who was erased since is left out."""
    ids = [one.id for one in customers]
    chains: dict[UUID, list[Placed]] = {one: [] for one in ids}
    for row in tx.all("exports.chains", ids=ids):
        chains[row.contact_id].append(Placed(read_leaf(bytes(row.leaf)), row.seq))
    whom = {row.id: row for row in tx.all("exports.whom", ids=ids)}
    cut = {one.id: tuple(chains[one.id][: one.chain]) for one in customers}
    checked = check_rows(tx, [each.leaf for one in ids for each in cut[one]])
    found, at = [], 0
    for one in customers:
        mine = tuple(checked[at : at + len(cut[one.id])])
        at += len(mine)
        row = whom[one.id]
        if row.key_wrapped is None or not mine:
            continue
        key = tx.keys.open_contact_key(one.id, bytes(row.key_wrapped))
        place = ("contacts", "name_ct", tx.group_id, one.id)
        name = open_words(key, row.name_ct, *place)
        number = open_words(key, row.number_ct, "contacts", "number_ct", *place[2:])
        found.append(History(one, name, number, key, cut[one.id], mine))
    return found


def load_devices(tx: Tx, texts: Iterable[UUID]) -> dict[UUID, str]:
    """On what each of these texts was written, as the device called itself."""
    ids = sorted(texts)
    if not ids:
        return {}
    labels: dict[UUID, str] = {}
    found = {}
    for row in tx.all("exports.devices", ids=ids):
        if row.device_id not in labels:
            place = ("devices", "label_ct", tx.group_id, row.device_id)
            labels[row.device_id] = open_words(tx.keys, row.label_ct, *place)
        found[row.id] = labels[row.device_id]
    return found


def find_line(tx: Tx, e164: str) -> UUID | None:
    """A line of ours, whoever asks."""
    row = tx.one("exports.line_of", hashes=number_hashes(tx.keys, e164))
    return None if row is None else row.id


def find_members(tx: Tx, said: str) -> list[UUID]:
    """Those of this name or id."""
    place = ("members", "name_ct", tx.group_id)
    wanted = said.strip().casefold()
    return [
        row.id
        for row in tx.all("exports.members")
        if wanted in {str(row.id), open_words(tx.keys, row.name_ct, *place, row.id).casefold()}
    ]


def load_left(tx: Tx, viewer: Viewer, before: UUID | None = None, limit: int = 50) -> list[Left]:
    """What left, newest first; for anybody but owners and auditors what they let out themselves."""
    if not viewer.active or viewer.locked:
        return []
    own = None if viewer.sees_all else viewer.member_id
    rows = tx.all("exports.list", actor_id=own, before=before or _LAST_ID, limit=limit)
    return [_left(row, _part(tx, row)) for row in rows]


def _part(tx: Tx, row: Any) -> dict[str, Any]:
    """What was said when it left; nothing once the key that sealed it is gone."""
    key: Seal | None = tx.keys
    if row.contact_id is not None:
        key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
    try:
        sealed = bytes.fromhex(row.detail[SEALED])
        return open_json(key, sealed, *EXPORT_PLACE, tx.group_id, row.id)
    except (SealBroken, KeyError, ValueError):
        return {}


def _left(row: Any, part: dict[str, Any]) -> Left:
    about = part.get("about") or part.get("contact") or {}
    span = part.get("span", {})
    return Left(
        id=row.id,
        at=row.happened_at,
        kind=str(about.get("kind", "customer")),
        about=str(about.get("name") or about.get("number") or ""),
        exporter=str(part.get("exporter", {}).get("name", "")),
        purpose=str(part.get("purpose", "")),
        texts="texts" in part.get("includes", []),
        since=_instant(span.get("from")),
        until=_instant(span.get("to")),
    )


def _instant(said: object) -> datetime | None:
    try:
        return read_instant(said) if isinstance(said, str) else None
    except NotCanonical:
        return None
