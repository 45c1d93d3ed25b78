"""What private phones held, on paper: told apart from every text that went over our numbers.

Nothing here was sent or received by us. What the ledger can vouch for is that it was brought in by
whom and when, and that no letter of it was changed since.

Not here: bringing it in (`actions.bring`), what a leaf says of it (`content`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lotline.core.ledger.canonical import read_instant
from lotline.core.oversight.content import BROUGHT
from lotline.core.oversight.paper import Block, Heading, Paragraph, Table
from lotline.core.oversight.told import Row, Telling

_PHONES = {"android": "Android phone", "iphone": "iPhone"}
_HEADS = ("Said, as the phone had it", "From", "Text", "Brought in")


def brought_table(told: Telling) -> list[Block]:
    """Nothing where nothing was brought in."""
    leaves = [row for row in told.chain if row.kind == BROUGHT]
    shown = [row for row in leaves if BROUGHT in row.parts]
    if not leaves:
        return []
    closed = len(leaves) - len(shown)
    blocks: list[Block] = [Heading("Brought in from private phones", 3)]
    if shown:
        blocks += [Paragraph(_says(told, shown)), Table(_HEADS, _rows(told, shown), (4, 3, 8, 6))]
    if closed:
        blocks.append(Paragraph(f"{closed} brought in are in the chain and not shown.", small=True))
    return blocks


def said_after(told: Telling, stop: Any) -> int:
    """How many of them were written to the customer after an instant."""
    return sum(
        part["direction"] == "out" and read_instant(part["said_at"]) > stop
        for row in told.chain
        if (part := row.parts.get(BROUGHT)) is not None
    )


def _says(told: Telling, shown: Sequence[Row]) -> str:
    count = len(shown)
    whose = sorted({told.person(row.parts[BROUGHT]["by"]) or "a member" for row in shown})
    texts = "text was" if count == 1 else "texts were"
    return (
        f"{count:,} {texts} on a private phone of {' and '.join(whose)} and came over later. "
        "No number of the company sent or received them, and no rule was asked before them. "
        "Their times and words are as that phone had them; they have not changed since they were "
        "brought in."
    )


def _rows(told: Telling, shown: Sequence[Row]) -> tuple[tuple[str, ...], ...]:
    customer = told.export["contact"]["name"] or "Customer"
    rows = []
    for row in shown:
        part = row.parts[BROUGHT]
        by = told.person(part["by"]) or "A member"
        phone = _PHONES.get(part["phone"], "phone")
        rows.append(
            (
                told.time(read_instant(part["said_at"])),
                by if part["direction"] == "out" else customer,
                part["body"],
                f"by {by} from their own {phone}, {told.time(row.at)}",
            )
        )
    return tuple(rows)
