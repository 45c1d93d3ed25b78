"""Hands for the review's tests: a town of its own, its queue, what was judged and noted.

Not here: the tests (`test_review`, `test_review_by_hand`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from lotline.actions.review import Word, judge
from lotline.actions.watch import choose_watch
from lotline.core.oversight.watch import Watch, careful
from lotline.store.review import count_queue, load_queue
from tests.actions.house import House, MemoryCarrier
from tests.conftest import Database
from tests.town import build_town, carrier_double, make_context

DALE = "+16145550171"
PROMISE = "Yes it is here, and you get guaranteed approval."
CARD = "4242 4242 4242 4242"

_lanes = itertools.count(100)


@contextmanager
def a_town(module_db: Database, tmp_path: Path) -> Iterator[House]:
    """A town of its own in the file's database: tenants do not see each other, but what waits to
    leave is claimed across them, so nothing is left waiting.
    """
    carrier = MemoryCarrier()
    ctx = replace(
        make_context(module_db.app, tmp_path, lane=next(_lanes)),
        carrier_for=carrier_double(carrier),
    )
    town = build_town(ctx, {"policy_required": False})
    carrier.clock = town.clock
    house = House(town, carrier, module_db)
    try:
        yield house
    finally:
        house.ask("delete from outbox returning 1")
        house.close()


def meet_dale(house: House) -> House:
    """Dale has just written, and nothing is sampled."""
    for store in house.town.stores.values():
        watch_more(house, store=store, sample=0)
    house.text_in(DALE, "Is the gray F-150 still there?")
    return house


def watch_more(house: House, store: UUID | None = None, **changed: Any) -> Watch:
    store = store or house.town.stores["elm"]
    watch = replace(careful(), **{"sample": 0, **changed})
    choose_watch(house.ctx, house.town.sign_in("ada"), store, watch)
    return watch


def queue(house: House, who: str) -> list[Any]:
    viewer = house.town.sign_in(who)
    with house.ctx.db.transaction(house.town.group_id) as tx:
        found = load_queue(tx, viewer)
        assert count_queue(tx, viewer)[0] == len(found)
    return found


def judged(house: House, who: str, act: str, said: str = "") -> str:
    (one,) = queue(house, who)
    return judge(house.ctx, house.town.sign_in(who), one.id, Word(act, said))


def acts(house: House) -> list[str]:
    return [row[0] for row in rows(house, "select what from access_acts")]


def rows(house: House, sql: str) -> list[Any]:
    """Of this town alone, oldest first."""
    return house.ask(f"{sql} where group_id = %s order by id", house.town.group_id)
