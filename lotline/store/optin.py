"""Opt-in pages and the wordings they show: what a customer saw when they said yes.

A wording is never changed: another one is another version, and each yes names the one it was
given under.

Not here: the yes itself (`standing`), drawing the page (`web`).
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from lotline.store.groups import load_group
from lotline.store.sealed import open_words

if TYPE_CHECKING:
    from datetime import datetime

    from lotline.store.database import Database, Tx


class Page(NamedTuple):
    """A public page: whose it is, and which wording it shows."""

    slug: str
    group_id: UUID
    store_id: UUID
    line_id: UUID
    wording_id: UUID
    closed: bool


class Wording(NamedTuple):
    """A text that is shown to customers, word for word."""

    id: UUID
    name: str
    version: int
    body: str


class Place(NamedTuple):
    """Whose page it is, in the words of customers."""

    company: str
    store: str
    line: str
    number: str  # E.164


def load_place(tx: Tx, line_id: UUID) -> Place | None:
    """The line behind a page, for whoever looks at the page."""
    row = tx.one("optin.place", line_id=line_id)
    if row is None:
        return None
    group = tx.group_id
    return Place(
        company=load_group(tx).name,
        store=open_words(tx.keys, row.store_ct, "stores", "name_ct", group, row.store_id),
        line=open_words(tx.keys, row.label_ct, "lines", "label_ct", group, line_id),
        number=open_words(tx.keys, row.number_ct, "lines", "number_ct", group, line_id),
    )


def find_page(db: Database, slug: str) -> Page | None:
    """Asked at the door, by anybody."""
    with db.door() as tx:
        row = tx.one("optin.page", slug=slug)
    if row is None:
        return None
    return Page(
        row.slug, row.group_id, row.store_id, row.line_id, row.wording_id, row.closed_at is not None
    )


def record_page(
    tx: Tx, *, slug: str, store_id: UUID, line_id: UUID, wording_id: UUID, at: datetime
) -> None:
    tx.run(
        "optin.record_page",
        slug=slug,
        store_id=store_id,
        line_id=line_id,
        wording_id=wording_id,
        at=at,
    )


def show_wording(tx: Tx, wording_id: UUID) -> int:
    """Every open page of the company shows this version from now on."""
    return tx.run("optin.show_wording", wording_id=wording_id)


def find_slug(tx: Tx, line_id: UUID) -> str | None:
    """The open page of a line, for its link and its QR code."""
    row = tx.one("optin.page_of_line", line_id=line_id)
    return None if row is None else row.slug


def record_wording(tx: Tx, wording_id: UUID, name: str, body: str, at: datetime) -> None:
    """The next version of this name."""
    digest = sha256(body.encode()).digest()
    tx.run("optin.record_wording", id=wording_id, name=name, body=body, sha256=digest, at=at)


def load_wording(tx: Tx, wording_id: UUID) -> Wording | None:
    """One version; its words are checked against the hash that was kept with them."""
    row = tx.one("optin.wording", id=wording_id)
    return None if row is None else _wording(row)


def load_newest_wording(tx: Tx) -> Wording | None:
    """What is shown now, if anything is."""
    row = tx.one("optin.newest_wording")
    return None if row is None else _wording(row)


def _wording(row: object) -> Wording:
    found = Wording(*row[:4])  # type: ignore[index]  # a row is a named tuple
    assert sha256(found.body.encode()).digest() == bytes(row[4]), "a wording is never changed"  # type: ignore[index]  # as above
    return found
