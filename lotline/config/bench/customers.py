"""Customers of a long past: each with a key of their own, and what they agreed to.

Not here: what was said with them (`past`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.config.bench.making import AT_ONCE, SPAN, Company, Making, Names, Talk
from lotline.config.bench.sayings import Sayings
from lotline.store.sealed import name_tokens, number_hash, seal_json, seal_words

if TYPE_CHECKING:
    import psycopg

# What an entry says, its scope, kind and source.
SAID = {
    "offers": ("yes", "all", "written", "web_form"),
    "replies": ("yes", "updates", "express", "in_person"),
    "out": ("stop", "all", None, "text"),
}
LEVELS = (("offers", 0.4), ("replies", 0.3), ("none", 0.2), ("out", 0.1))


def fill_contacts(link: psycopg.Connection[Any], made: Making, count: int) -> list[Talk]:
    """Customers, each with a key, what they agreed to, and a conversation to come."""
    company, keys, dice = made.company, made.keys, made.dice
    first = made.now - SPAN - timedelta(days=1)
    names, talks, entries, tokens = Names(first), list[Talk](), list[Talk](), []
    start_ms, span_ms = int(first.timestamp() * 1000), int(SPAN.total_seconds() * 1000)
    levels = dice.choices([one for one, _ in LEVELS], [part for _, part in LEVELS], k=count)
    with (
        link.cursor() as cursor,
        cursor.copy(
            "copy contacts (group_id, id, number_hash, number_ct, name_ct, name_tokens,"
            " key_wrapped, number_kind, area_code, states, zones, place_source, card_ct, level,"
            " created_at) from stdin"
        ) as copy,
    ):
        for n in range(count):
            contact = names()
            place = (company.group_id, contact)
            own = keys.new_contact_key(contact)
            number = company.numbers[n % len(company.numbers)]
            hashed = number_hash(keys, number if n < len(company.numbers) else f"{number}#{n}")
            name = Sayings.name(dice)
            found_by = name_tokens(keys, name, number, f"T{n:06}")
            copy.write_row(
                (
                    company.group_id,
                    contact,
                    hashed,
                    seal_words(own.key, number, "contacts", "number_ct", *place),
                    seal_words(own.key, name, "contacts", "name_ct", *place),
                    found_by,
                    own.wrapped,
                    "unknown",
                    number[2:5],
                    ["OH"],
                    ["America/New_York"],
                    "area",
                    seal_json(own.key, {"stock": f"T{n:06}"}, "contacts", "card_ct", *place),
                    levels[n],
                    first,
                )
            )
            line, store = company.lines[n % len(company.lines)]
            staff = dice.choice(company.staff[store])
            talk = Talk(names().hex, contact.hex, own.key, line, store, staff.hex, level=levels[n])
            talk.line_hex, talk.agreed_ms = line.hex, start_ms + dice.randrange(span_ms)
            talks.append(talk)
            tokens += [(company.group_id, token, contact) for token in dict.fromkeys(found_by)]
            if levels[n] != "none":
                talk.entry, talk.source = names().hex, SAID[levels[n]][3]
                entries.append(talk)
            if n % AT_ONCE == AT_ONCE - 1:
                made.tell(f"{n + 1:,} customers")
    _tokens(link, tokens)
    _entries(link, company, entries)
    return talks


def _tokens(link: psycopg.Connection[Any], rows: Sequence[tuple[UUID, bytes, UUID]]) -> None:
    with (
        link.cursor() as cursor,
        cursor.copy("copy contact_tokens (group_id, token, contact_id) from stdin") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _entries(
    link: psycopg.Connection[Any],
    company: Company,
    talks: Sequence[Talk],
) -> None:
    with (
        link.cursor() as cursor,
        cursor.copy(
            "copy consent_entries (group_id, id, contact_id, says, scope, kind, source, said_at,"
            " heard_at) from stdin"
        ) as copy,
    ):
        for talk in talks:
            at = datetime.fromtimestamp(talk.agreed_ms / 1000, UTC)
            copy.write_row((company.group_id, talk.entry, talk.contact, *SAID[talk.level], at, at))
