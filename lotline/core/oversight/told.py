"""A bundle, read for telling: its entries, its texts, its names, and times on the company's clock.

Read from the bundle and from nowhere else, and checked while it is read.

Not here: what is said of it (`answer`, `exhibits`), judging it (`verify`, `story`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lotline.core.consent.entry import Entry
from lotline.core.ledger.canonical import canonical, parse, read_instant
from lotline.core.ledger.merkle import hash_leaf
from lotline.core.oversight import content
from lotline.core.oversight.story import Shown
from lotline.core.oversight.verify import Report, verify_bundle


@dataclass(frozen=True, slots=True)
class Row:
    """A leaf with what is shown of it."""

    index: int
    kind: str
    id: str
    at: datetime
    hash: str
    parts: dict[str, Any]


class Telling:
    """What an export says of itself, with the leaves that it shows."""

    def __init__(self, export: dict[str, Any], chain: list[Row], beside: list[Row]) -> None:
        self.export = export
        self.chain = chain
        self.beside = beside

    @property
    def ident(self) -> str:
        return f"Export {self.export['id']}"

    @cached_property
    def made_at(self) -> datetime:
        return read_instant(self.export["made_at"])

    @cached_property
    def zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.export.get("zone", "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    @cached_property
    def span(self) -> tuple[datetime | None, datetime | None]:
        span = self.export.get("span", {})
        first, last = (read_instant(span[end]) if span.get(end) else None for end in ("from", "to"))
        return first, last

    @cached_property
    def entries(self) -> list[tuple[Row, Entry]]:
        shown = [row for row in self.chain if content.ENTRY in row.parts]
        return [(row, content.entry_of(row.parts[content.ENTRY])) for row in shown]

    @cached_property
    def bodies(self) -> dict[str, str]:
        shown = [row.parts[content.TEXT] for row in self.chain if content.TEXT in row.parts]
        return {text["id"]: text["body"] for text in shown}

    @property
    def has_texts(self) -> bool:
        return "texts" in self.export["includes"]

    def person(self, member: str | None) -> str:
        return str(self.export["people"].get(member, "")) if member else ""

    def line(self, line: str | None) -> str:
        return str(self.export["lines"].get(line, "")) if line else ""

    def day(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{local:%b} {local.day}, {local.year}"

    def time(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{self.day(at)}, {local.hour % 12 or 12}:{local:%M:%S %p %Z}"


class Told(Telling):
    """One customer's bundle, read for telling."""

    def __init__(self, bundle: bytes) -> None:
        found: Any = parse(bundle)
        self.digest = sha256(bundle).hexdigest()
        self.report: Report = verify_bundle(bundle)
        self.log: dict[str, Any] = found["log"]
        chain, beside = ([_row(one) for one in found[name]] for name in ("chain", "beside"))
        super().__init__(chain[-1].parts[content.EXPORT], chain, beside)


def _row(one: dict[str, Any]) -> Row:
    leaf = one["leaf"]
    return Row(
        index=one["index"],
        kind=leaf["kind"],
        id=leaf["id"],
        at=read_instant(leaf["at"]),
        hash=hash_leaf(canonical(leaf)).hex(),
        parts={name: part["content"] for name, part in one["shown"].items()},
    )


def row_of(shown: Shown) -> Row:
    """A leaf that was checked already."""
    leaf = shown.leaf
    parts = dict(shown.parts)
    return Row(shown.index, leaf.kind.value, str(leaf.id), leaf.at, leaf.hash.hex(), parts)
