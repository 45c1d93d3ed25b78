"""Customers of a long past: each with a key of their own, and what they agreed to.

Not here: what was said with them (`past`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.config.bench.making import AT_ONCE, SPAN, Company, Making, Names, Talk
from lotline.config.bench.sayings import Sayings
from lotline.store.sealed import name_tokens, number_hash, seal_json, seal_words

if TYPE_CHECKING:
    import psycopg

LEVELS = (("offers", 0.4), ("replies", 0.3), ("none", 0.2), ("out", 0.1))


def fill_contacts(link: psycopg.Connection[Any], made: Making, count: int) -> list[Talk]:
    """Customers, each with a key, what they agreed to, and a conversation to come."""
    company, keys, dice = made.company, made.keys, made.dice
    first = made.now - SPAN - timedelta(days=1)
    names, talks, entries, tokens = Names(first), [], [], []
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
            talks.append(Talk(names().hex, contact.hex, own.key, line, store, staff.hex))
            tokens += [(company.group_id, token, contact) for token in dict.fromkeys(found_by)]
            if levels[n] != "none":
                entries.append((names(), contact, levels[n]))
            if n % AT_ONCE == AT_ONCE - 1:
                made.tell(f"{n + 1:,} customers")
    with (
        link.cursor() as cursor,
        cursor.copy("copy contact_tokens (group_id, token, contact_id) from stdin") as copy,
    ):
        for row in tokens:
            copy.write_row(row)
    _entries(link, company, entries, first)
    return talks


def _entries(
    link: psycopg.Connection[Any],
    company: Company,
    entries: Sequence[tuple[UUID, UUID, str]],
    at: datetime,
) -> None:
    said = {
        "offers": ("yes", "all", "written", "web_form"),
        "replies": ("yes", "updates", "express", "in_person"),
        "out": ("stop", "all", None, "text"),
    }
    with (
        link.cursor() as cursor,
        cursor.copy(
            "copy consent_entries (group_id, id, contact_id, says, scope, kind, source, said_at,"
            " heard_at) from stdin"
        ) as copy,
    ):
        for entry, contact, level in entries:
            copy.write_row((company.group_id, entry, contact, *said[level], at, at))
