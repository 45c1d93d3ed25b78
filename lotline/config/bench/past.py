"""A long past for a company: up to ten million texts with 200,000 customers, in minutes.

The rows are those that the product writes, sealed and hashed under the company's own keys, so every
page opens them. They are copied past its acts, in the order of their time, with the indexes made
at the end. What is simplified: there are no events; customers beyond
the numbers that are nobody's share one to show, though each has a hash of its own; and what else a
text leaves behind (`traces`) is there for the newest hundred thousand.

Not here: founding the company (`town`), measuring its pages (`reads`).
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.copy import QueuedLibpqWriter

from lotline.config.bench.counted import COUNTED, COUNTS, Counting, keep_moves
from lotline.config.bench.customers import fill_contacts
from lotline.config.bench.dice import throw
from lotline.config.bench.making import AT_ONCE, NONE, SPAN, Company, Making, Names, Say, Talk
from lotline.config.bench.sayings import Saying, Sayings
from lotline.config.bench.traces import TRACES, Said, Traces, keep_heads
from lotline.core.base.sealing import row_identity

if TYPE_CHECKING:
    from lotline.core.base.sealing import GroupKeys

TRACED = 100_000  # of the newest texts
OPEN = 0.2
_REFILLED = (
    *("contacts", "contact_tokens", "conversations", "texts", "text_words", "notes", "reads"),
    *(*TRACES, *COUNTS, "count_moves"),
)


@dataclass
class Past:
    """What was made, for whoever measures it."""

    texts: int
    contacts: int
    talks: list[tuple[UUID, str]] = field(default_factory=list)  # the busiest first
    sayings: Sayings = field(default_factory=Sayings)
    written_s: float = 0.0  # without indexes and counts
    made_s: float = 0.0  # with them

    def talks_on(self, lines: Collection[UUID]) -> list[str]:
        """Conversations on these lines, the busiest first."""
        return self._by_lines.setdefault(
            frozenset(lines), [talk for line, talk in self.talks if line in lines]
        )

    _by_lines: dict[frozenset[UUID], list[str]] = field(default_factory=dict)


def _now() -> datetime:
    """The past ends when it is made."""
    return datetime.fromtimestamp(time.time(), UTC)


def live(
    dsn: str, keys: GroupKeys, company: Company, *, texts: int, contacts: int, say: Say
) -> Past:
    """Fill the company's tables. `dsn` is a superuser's: a policy does not let one copy."""
    begun = time.monotonic()

    def tell(words: str) -> None:
        say(f"{time.monotonic() - begun:6.0f} s  {words}")

    past = Past(texts, contacts)
    made = Making(company, keys, throw(7), tell, _now())
    with psycopg.connect(dsn, autocommit=True) as link:
        link.execute("select set_config('lotline.group_id', %s, false)", [str(company.group_id)])
        link.execute("set synchronous_commit = off")
        with _without_indexes(link, tell):
            talks = fill_contacts(link, made, contacts)
            _texts(dsn, made, talks, past)
            _conversations(link, made, talks)
            _notes(link, made, talks, past)
            keep_heads(link, made, talks)
            keep_moves(link, made, talks)
        tell("statistics")
        link.execute("analyze")
    past.talks = [(talk.line, talk.id) for talk in talks]
    past.made_s = time.monotonic() - begun
    tell(f"{texts:,} texts with {contacts:,} customers are there")
    return past


@contextmanager
def _without_indexes(link: psycopg.Connection[Any], tell: Say) -> Iterator[None]:
    """Indexes and foreign keys away while it is filled and back after; primary keys stay."""
    names = list(_REFILLED)
    keys = link.execute(
        "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint"
        " where contype = 'f' and conrelid::regclass::text = any(%s)",
        [[*names, "consent_entries", "happenings", "drafts"]],
    ).fetchall()
    indexes = link.execute(
        "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i"
        " where i.indrelid::regclass::text = any(%s) and not exists ("
        " select from pg_constraint c where c.conindid = i.indexrelid)",
        [names],
    ).fetchall()
    for table, name, _ in keys:
        drop = sql.SQL("alter table {} drop constraint {}")
        link.execute(drop.format(sql.Identifier(table), sql.Identifier(name)))
    for name, _ in indexes:
        link.execute(sql.SQL("drop index {}").format(sql.Identifier(name)))
    link.execute("alter table contacts disable trigger keep_contact_tokens")
    yield
    link.execute("alter table contacts enable trigger keep_contact_tokens")
    link.execute("set maintenance_work_mem = '512MB'")
    for name, definition in indexes:
        tell(f"index {name}")
        link.execute(definition.encode())
    for table, name, definition in keys:
        add = sql.SQL("alter table {} add constraint {} " + definition + " not valid")
        link.execute(add.format(sql.Identifier(table), sql.Identifier(name)))


def _texts(dsn: str, made: Making, talks: list[Talk], past: Past) -> None:
    """In the order of time, a stream for each table."""
    busy = list(accumulate(1 / (n + 50) ** 0.5 for n in range(len(talks))))
    dice, begun = made.dice, time.monotonic()
    traces, counting = Traces(made), Counting(made, made.company.decision["binding_rule"])
    writer = _Writer(made, past.texts, traces, counting)
    past.sayings.prepare(made.keys)
    with ExitStack() as open_:
        streams = {
            table: _stream(open_, dsn, made, columns)
            for table, columns in {**_COLUMNS, **TRACES, **COUNTS}.items()
        }
        for start in range(0, past.texts, AT_ONCE):
            many = min(AT_ONCE, past.texts - start)
            chosen = dice.choices(talks, cum_weights=busy, k=many)
            said = past.sayings.several(dice, many)
            streams["texts"].write(writer.write(start, chosen, said))
            streams["text_words"].write("".join(writer.words))
            done = start + many
            if done == past.texts:
                counting.finish()
            for table, rows in (traces.taken() | counting.taken()).items():
                streams[table].write("".join(rows))
            if start % (AT_ONCE * 10) == 0 or done == past.texts:
                past.written_s = time.monotonic() - begun
                a_second = done / past.written_s
                made.tell(f"{done:,} of {past.texts:,} texts, {a_second:,.0f} a second")


def _stream(open_: ExitStack, dsn: str, made: Making, columns: str) -> psycopg.Copy:
    """A COPY of its own, over a connection of its own, handed over by a thread of its own: rows are
    made while the database still takes in those before.
    """
    link = open_.enter_context(psycopg.connect(dsn, autocommit=True))
    link.execute("select set_config('lotline.group_id', %s, false)", [str(made.company.group_id)])
    link.execute("set synchronous_commit = off")
    cursor = link.cursor()
    words = f"copy {columns} from stdin".encode()
    return open_.enter_context(cursor.copy(words, writer=QueuedLibpqWriter(cursor)))


_COLUMNS = {
    "texts": "texts (group_id, id, conversation_id, contact_id, line_id, direction, sender,"
    " author_id, purpose, body_ct, segments, state, state_at, flagged, media, created_at,"
    " handed_at, carrier_id)",
    "text_words": "text_words (group_id, id, kind, line_id, words)",
}


class _Writer:
    """Rows of texts as COPY takes them; each conversation learns what was said in it last."""

    def __init__(self, made: Making, texts: int, traces: Traces, counting: Counting) -> None:
        company = made.company
        self._group = company.group_id.hex
        self._dice = made.dice
        self._texts = texts
        self._start_ms = int((made.now - SPAN).timestamp() * 1000)
        self._step_ms = (SPAN.total_seconds() * 1000 - 60_000) / texts
        self._aad = row_identity("texts", "body_ct", company.group_id)
        self._traces, self._counting = traces, counting
        self._counted_from = texts - COUNTED
        self._traced_from = texts - TRACED
        self.words: list[str] = []

    def write(self, start: int, talks: Sequence[Talk], said: Sequence[Saying]) -> str:
        dice, group, aad = self._dice.random, self._group, self._aad
        rows, words = [], []
        for n, (talk, saying) in enumerate(zip(talks, said, strict=True), start):
            ms = self._start_ms + int(n * self._step_ms)
            name = f"{ms:012x}7{n & 0xFFF:03x}a{n >> 12 & 0xFFFF:04x}b{n & 0xFFFFFF:06x}c0de"
            at = datetime.fromtimestamp(ms / 1000, UTC).isoformat(" ", "milliseconds")
            body = talk.aad_key.seal(saying.body, aad + bytes.fromhex(name)).hex()
            before, odd = talk.out_at, dice()
            if odd < 0.45:
                mine = f"in\tcustomer\t{NONE}\t{NONE}"
                state, handed = "received", NONE
                talk.in_at, talk.waits = at, at if talk.waits == NONE else talk.waits
            else:
                purpose = "offer" if odd > 0.9 else "reply" if odd > 0.6 else "update"
                mine = f"out\tperson\t{talk.staff}\t{purpose}"
                state, handed = ("blocked", NONE) if odd > 0.995 else ("delivered", at)
                talk.out_at, talk.waits = at, NONE
            flagged = "t" if odd < 0.002 else "f"
            media = '[{"url":"u","type":"image/jpeg"}]' if 0.3 < odd < 0.31 else "[]"
            if talk.credited is None and ms >= talk.agreed_ms:
                talk.credited = before != NONE
            talk.text, talk.at = name, at
            sid = NONE if state == "blocked" else f"SM{name}"
            if n >= self._traced_from:
                self._traces.leave(Said(talk, name, ms, at, state, saying.body))
            if n >= self._counted_from:
                decided = n >= self._traced_from
                self._counting.told(talk, name, ms, at, state=state, decided=decided)
            rows.append(
                f"{group}\t{name}\t{talk.id}\t{talk.contact}\t{talk.line_hex}\t{mine}\t\\\\x{body}\t1\t"
                f"{state}\t{at}\t{flagged}\t{media}\t{at}\t{handed}\t{sid}\n"
            )
            words.append(f"{group}\t{name}\ttext\t{talk.line_hex}\t{{{saying.hashes}}}\n")
        self.words = words
        return "".join(rows)


def _conversations(link: psycopg.Connection[Any], made: Making, talks: Sequence[Talk]) -> None:
    group, now, dice = made.company.group_id.hex, made.now.isoformat(" "), made.dice
    reads = []
    with (
        link.cursor() as cursor,
        cursor.copy(
            "copy conversations (group_id, id, contact_id, line_id, store_id, assignee_id, done_at,"
            " waiting_since, last_text_id, last_at, last_in_at, last_human_out_at, first_out_at,"
            " created_at) from stdin"
        ) as copy,
    ):
        for talk in talks:
            at = talk.at or now
            done = NONE if dice.random() < OPEN else at
            waits = talk.waits if done == NONE else NONE
            owner = NONE if dice.random() < 0.1 else talk.staff
            copy.write(
                f"{group}\t{talk.id}\t{talk.contact}\t{talk.line.hex}\t{talk.store.hex}\t{owner}\t{done}\t"
                f"{waits}\t{talk.text}\t{at}\t{talk.in_at}\t{talk.out_at}\t{talk.out_at}\t{at}\n"
            )
            if dice.random() < 0.9:
                reads.append(f"{group}\t{talk.id}\t{talk.staff}\t{at}\n")
    with (
        link.cursor() as cursor,
        cursor.copy(
            "copy reads (group_id, conversation_id, member_id, read_at) from stdin"
        ) as copy,
    ):
        copy.write("".join(reads))


def _notes(link: psycopg.Connection[Any], made: Making, talks: Sequence[Talk], past: Past) -> None:
    """One for every second customer."""
    group, names, words = made.company.group_id, Names(made.now - SPAN), []
    with (
        link.cursor() as cursor,
        cursor.copy(
            "copy notes (group_id, id, conversation_id, author_id, body_ct, created_at) from stdin"
        ) as copy,
    ):
        for talk, saying in zip(
            talks[::2], past.sayings.several(made.dice, len(talks)), strict=False
        ):
            name = names()
            body = talk.aad_key.seal(saying.body, row_identity("notes", "body_ct", group, name))
            copy.write_row((group, name, talk.id, talk.staff, body, made.now))
            words.append(f"{group.hex}\t{name.hex}\tnote\t{talk.line.hex}\t{{{saying.hashes}}}\n")
    with (
        link.cursor() as cursor,
        cursor.copy("copy text_words (group_id, id, kind, line_id, words) from stdin") as copy,
    ):
        copy.write("".join(words))
