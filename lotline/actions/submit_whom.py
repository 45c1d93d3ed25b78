"""Whom a program's texts go to and from which line, found for a whole batch at once.

A line outside the program's reach is not there. A number that nobody knows yet becomes a contact,
of whom nothing is known but the number: what may be sent to it is the gate's to say.

Not here: what becomes of the texts (`submit_batch`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.core.base.numbers import BadNumber, parse_number
from lotline.core.messaging.purpose import Purpose
from lotline.store.lines import find_lines_by_number
from lotline.store.programs import Program
from lotline.store.standing import (
    find_by_numbers,
    load_within_reach,
    record_contacts,
    revive,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lotline.actions.context import Context
    from lotline.store.database import Tx

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One text as a program asks for it. `line` is an id or one of our numbers, or nothing when
    the program reaches a single line; the customer is named by number or by id.
    """

    body: str = field(repr=False)
    line: str = ""
    to: str = field(default="", repr=False)
    contact_id: UUID | None = None
    purpose: Purpose | None = None
    why: str = ""
    client_id: str = ""
    send_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text is not even a try."""

    code: str
    says: str
    conflict: bool = False


@dataclass(slots=True, eq=False)
class Item:
    """One text on its way through the transaction; `request` is which request asked for it."""

    request: int
    program: Program
    wanted: Wanted
    refusal: Refusal | None = None
    line_id: UUID = NOBODY
    contact_id: UUID = NOBODY
    twin_of: Item | None = None


def find_lines(tx: Tx, items: Sequence[Item]) -> None:
    """The line of each text, among those that its program reaches."""
    by_program: dict[UUID, list[Item]] = defaultdict(list)
    for item in items:
        if item.refusal is None:
            by_program[item.program.id].append(item)
    for mine in by_program.values():
        viewer = mine[0].program.viewer
        numbers = {item.wanted.line: _e164(item.wanted.line) for item in mine}
        wanted = {number for number in numbers.values() if number}
        by_number = find_lines_by_number(tx, viewer, wanted) if wanted else {}
        for item in mine:
            found = _line(item.wanted.line, numbers, by_number, viewer.line_ids)
            if found is None:
                says = "Name a line that this token reaches, by its id or its number."
                item.refusal = Refusal("line", says)
            else:
                item.line_id = found


def _line(
    named: str,
    numbers: dict[str, str],
    by_number: dict[str, UUID],
    reached: frozenset[UUID],
) -> UUID | None:
    if not named:
        return next(iter(reached)) if len(reached) == 1 else None
    if numbers[named]:
        return by_number.get(numbers[named])
    try:
        line_id = UUID(named)
    except ValueError:
        return None
    return line_id if line_id in reached else None


def _e164(typed: str) -> str:
    """Empty for what is no number: it may be an id."""
    if not typed.startswith("+"):
        return ""
    try:
        return parse_number(typed).e164
    except BadNumber:
        return ""


def find_contacts(ctx: Context, tx: Tx, items: Sequence[Item], now: datetime) -> None:
    """The contact of each text, made where a number is new."""
    by_number: dict[str, list[Item]] = defaultdict(list)
    by_id: dict[UUID, list[Item]] = defaultdict(list)
    for item in items:
        if item.refusal is not None:
            continue
        if item.wanted.contact_id is not None:
            by_id[item.program.id].append(item)
            continue
        try:
            by_number[parse_number(item.wanted.to).e164].append(item)
        except BadNumber as bad:
            item.refusal = Refusal("number", str(bad))
    _of_numbers(ctx, tx, by_number, now)
    for mine in by_id.values():
        ids = [item.wanted.contact_id for item in mine if item.wanted.contact_id is not None]
        reached = load_within_reach(tx, mine[0].program.viewer, ids)
        for item in mine:
            if item.wanted.contact_id in reached:
                item.contact_id = item.wanted.contact_id
            else:
                item.refusal = Refusal("contact", "There is no such customer within reach.")


def _of_numbers(ctx: Context, tx: Tx, by_number: dict[str, list[Item]], now: datetime) -> None:
    if not by_number:
        return
    known = find_by_numbers(tx, by_number)
    strangers = sorted(by_number.keys() - known.keys())
    if strangers:
        record_contacts(tx, strangers, ctx.new_id, now)
        known |= find_by_numbers(tx, strangers)
    for number, mine in by_number.items():
        found = known[number]
        if found.erased:
            revive(tx, found.id, number)
        for item in mine:
            item.contact_id = found.id
