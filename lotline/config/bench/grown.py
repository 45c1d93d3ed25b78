"""A house with a long past, its web running, and two who read in it.

An owner who reaches fifty lines, and somebody of one store.

Not here: filling the past (`past`), what is asked (`asking`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.config.bench.crowd import Crowd, gather, sign_in
from lotline.config.bench.house import House, opened_house
from lotline.config.bench.past import Past, live

if TYPE_CHECKING:
    from lotline.store.shown import Viewer

CONTACTS = 200_000
FOR_EACH = 50  # texts a customer, in a small past too


@dataclass
class Reader:
    """Somebody who reads, and how they ask."""

    viewer: Viewer
    cookie: str


@dataclass
class Grown:
    """A house with a past, and who reads in it."""

    house: House
    past: Past
    readers: list[Reader]
    deep: dict[UUID, list[str]] = field(default_factory=dict)  # by reader: how far back pages begin


@contextmanager
def grown(texts: int) -> Iterator[Grown]:
    """A fresh house of that size; its web is not started yet."""
    with opened_house(customers=1) as house:
        crowd, past = fill(house, texts)
        house.settle()
        yield Grown(house, past, readers_of(house, crowd))


def fill(house: House, texts: int) -> tuple[Crowd, Past]:
    """So many texts, and customers by their number: up to two hundred thousand.

    What is thrown away when the power is cut may be written without waiting for the disk.
    """
    crowd = gather(house.ctx, house.town, house.cluster.dsn("owner"), say)
    with house.ctx.db.transaction(house.town.group_id) as tx:
        keys = tx.keys
    contacts = min(CONTACTS, max(1, texts // FOR_EACH))
    dsn = house.cluster.dsn("superuser")
    house.configure(fsync="off", full_page_writes="off")
    past = live(dsn, keys, crowd.company, texts=texts, contacts=contacts, say=say)
    house.configure(fsync="on", full_page_writes="on")
    return crowd, past


def readers_of(house: House, crowd: Crowd) -> list[Reader]:
    return [Reader(*sign_in(house.ctx, house.env, account)) for account in crowd.accounts.values()]


def say(words: str) -> None:
    print(f"  {words}", flush=True)
