"""What this machine could do at best, measured in the same run: the other side of each ratio.

    durable inserts   eight clients, one row and one commit each, three indexes, prepared
    reading alone     the same rows read back by their key
    claim and done    a queue of rows claimed and marked in batches of 200 by two clients
    bare ASGI         an application that only answers, under the same server

Not here: the product.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from lotline.config.bench.house import House

CLIENTS = 8
_ROW = os.urandom(120)
_TABLES = b"""
create schema if not exists bench;
create table if not exists bench.rows (id bigint generated always as identity primary key,
    tenant int not null, peer bytea not null, name text not null, body bytea not null,
    at timestamptz not null default now());
create unique index if not exists rows_by_name on bench.rows (tenant, name);
create index if not exists rows_by_peer on bench.rows (peer, id desc);
create table if not exists bench.queue (id bigint primary key, peer bytea not null,
    body bytea not null, state smallint not null default 0, due timestamptz not null default now());
create index if not exists queue_due on bench.queue (due, id) where state = 0;
"""
_INSERT = "insert into bench.rows (tenant, peer, name, body) values (%b, %b, %b, %b)"
_CLAIM = """
update bench.queue q set state = 1 from (
    select id from bench.queue where state = 0 and due <= now() order by due, id limit 200
    for update skip locked
) d where q.id = d.id returning q.id, q.peer, q.body
"""
_FILL = "insert into bench.queue (id, peer, body) select n, %b, %b from generate_series(1, %b) n"
_DONE = "update bench.queue set state = 2 where id = any(%b)"


def durable_inserts(house: House, seconds: float, clients: int = CLIENTS) -> float:
    """Commits a second."""
    _make(house)
    run = os.urandom(6).hex()

    def act(link: psycopg.Connection[Any], client: int, n: int) -> int:
        link.execute(_INSERT, [1, _ROW[:16], f"{run}-{client}-{n}", _ROW], prepare=True)
        return 1

    return _many(house, seconds, clients, act)


def reading_alone(house: House, seconds: float, clients: int = CLIENTS) -> float:
    """Rows read by key a second."""
    _make(house)
    with psycopg.connect(house.cluster.dsn("superuser")) as link:
        row = link.execute("select coalesce(max(id), 1) from bench.rows").fetchone()
    top = 1 if row is None else int(row[0])

    def act(link: psycopg.Connection[Any], client: int, n: int) -> int:
        wanted = (client * 7919 + n * 104729) % top + 1
        link.execute("select * from bench.rows where id = %b", [wanted], prepare=True).fetchall()
        return 1

    return _many(house, seconds, clients, act)


def claim_and_done(house: House, rows: int, clients: int = 2) -> float:
    """Rows a second through a bare queue."""
    _make(house)
    with psycopg.connect(house.cluster.dsn("superuser"), autocommit=True) as link:
        link.execute("truncate bench.queue")
        link.execute(_FILL, [_ROW[:16], _ROW, rows])
        link.execute("vacuum (analyze) bench.queue")

    def act(link: psycopg.Connection[Any], client: int, n: int) -> int:
        del client, n
        taken = link.execute(_CLAIM, prepare=True).fetchall()
        if taken:
            link.execute(_DONE, [[row[0] for row in taken]], prepare=True)
        return len(taken)

    return _many(house, None, clients, act)


def _make(house: House) -> None:
    with psycopg.connect(house.cluster.dsn("superuser"), autocommit=True) as link:
        link.execute(_TABLES)


def _many(
    house: House,
    seconds: float | None,
    clients: int,
    act: Callable[[psycopg.Connection[Any], int, int], int],
) -> float:
    """Each client in a thread of its own; without `seconds`, until there is nothing left."""
    dsn = house.cluster.dsn("superuser")
    counts, spans = [0] * clients, [0.0] * clients
    together = threading.Barrier(clients)

    def client(which: int) -> None:
        with psycopg.connect(dsn, autocommit=True) as link:
            link.execute("select 1", prepare=True)
            together.wait()
            began = time.perf_counter()
            n = done = 0
            while seconds is None or time.perf_counter() - began < seconds:
                step = act(link, which, n)
                if step == 0:
                    break
                n, done = n + 1, done + step
            counts[which], spans[which] = done, time.perf_counter() - began

    threads = [threading.Thread(target=client, args=(which,)) for which in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / max(spans)
