"""What it costs at intake that sealed words can be searched: CPU of the index, for each text.

The same texts are written twice in batches, with their row of words and without it, each batch a
transaction, one after the other in turn. The difference, in CPU seconds of the database and of the
program that hashes words, is what the index costs.

Not here: searching (`reads`), the whole way in (`inbound`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg

from lotline.config.bench.dice import throw
from lotline.config.bench.figures import Asked, Bench, Goal
from lotline.config.bench.house import opened_house
from lotline.config.bench.processes import cpu_of_family
from lotline.config.bench.town import words
from lotline.store.words import written

if TYPE_CHECKING:
    from lotline.config.bench.house import House
    from lotline.core.base.sealing import GroupKeys

BATCH, BATCHES, SHORT = 200, 150, 5
_TABLES = b"""
create schema if not exists bench;
create table if not exists bench.said (like texts including defaults including indexes);
create table if not exists bench.words (like text_words including defaults including indexes);
"""
_TEXTS = """
insert into bench.said (group_id, id, conversation_id, contact_id, line_id, direction, sender,
    body_ct, state, state_at, created_at)
select %s, t.id, %s, %s, %s, 'in', 'customer', t.body, 'received', now(), now()
from unnest(%s::uuid[], %s::bytea[]) as t (id, body)
"""
_WORDS = """
insert into bench.words (group_id, id, kind, line_id, words)
select %s, w.id, 'text', %s, w.words::bigint[] from unnest(%s::uuid[], %s::text[]) as w (id, words)
"""


def measure(asked: Asked) -> list[dict[str, float]]:
    """With and without in turn, so that a slow minute is slow for both."""
    with opened_house(customers=1) as house, house.ctx.db.transaction(house.town.group_id) as tx:
        keys = tx.keys
        with psycopg.connect(house.cluster.dsn("superuser"), autocommit=True) as link:
            link.execute(_TABLES)
            many = SHORT if asked.short else BATCHES
            _both(house, link, keys, SHORT)
            return [_both(house, link, keys, many) for _ in range(asked.rounds)]


def _both(
    house: House, link: psycopg.Connection[Any], keys: GroupKeys, batches: int
) -> dict[str, float]:
    dice = throw(5)
    spent = {True: 0.0, False: 0.0}
    for n in range(batches * 2):
        said = [words(dice) for _ in range(BATCH)]
        indexed = n % 2 == 0
        before = _cpu(house)
        _write(house, link, keys, said, indexed=indexed)
        spent[indexed] += _cpu(house) - before
    before = _cpu(house)
    link.execute("select gin_clean_pending_list('bench.words_words_idx')")
    merged = _cpu(house) - before
    texts = batches * BATCH
    each = (spent[True] + merged - spent[False]) / texts * 1e6
    return {
        "value": each,
        "of it merged later, us": merged / texts * 1e6,
        "without, us": spent[False] / texts * 1e6,
    }


def _write(
    house: House,
    link: psycopg.Connection[Any],
    keys: GroupKeys,
    said: list[str],
    *,
    indexed: bool,
) -> None:
    ctx, group, line = house.ctx, house.town.group_id, house.town.line_ids[0]
    ids = [ctx.new_id() for _ in said]
    bodies = [one.encode() for one in said]
    with link.transaction():
        link.execute(_TEXTS, [group, group, group, line, ids, bodies], prepare=True)
        if indexed:
            hashes = [written(keys, one) for one in said]
            link.execute(_WORDS, [group, line, ids, hashes], prepare=True)


def _cpu(house: House) -> float:
    """Of the database and of this program."""
    assert house.cluster.pid is not None, "the house has its own database"
    return cpu_of_family(house.cluster.pid) + time.process_time()


BENCH = Bench(
    name="search-index",
    place=75,
    says="what each text costs more because its sealed words can be searched",
    unit="us of CPU a text",
    goals=(Goal("value", at_most=15.0),),
    measure=measure,
)
