"""What the house's screens found in a text: refused, or waiting until a manager lets it go.

A hold for a person names no hour. Once a manager read the text, their word stands for it, and every
other rule is asked again as of any text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lotline.core.gate.facts import Mark
from lotline.core.gate.rules.book import Rule

if TYPE_CHECKING:
    from collections.abc import Collection

    from lotline.core.gate.decision import Finding
    from lotline.core.gate.rules.book import Book
    from lotline.core.gate.rules.case import Case

RULE = Rule(id="house.screened", cites=("HOUSE-REVIEW",))


def check(case: Case, book: Book) -> Finding | None:
    marks = case.marks
    if not marks:
        return None
    if Mark.REFUSED in marks:
        return book.finding("HOUSE-REVIEW", "screen.refused")
    named = _named(marks, Mark.SCREEN_BLOCK)
    if named:
        return book.finding("HOUSE-REVIEW", "screen.blocked", params=(("what", named),))
    named = _named(marks, Mark.SCREEN_HOLD)
    if named and Mark.RELEASED not in marks:
        return book.finding("HOUSE-REVIEW", "screen.held", params=(("what", named),))
    return None


def warned(marks: Collection[str], book: Book) -> tuple[Finding, ...]:
    """What is only said, beside a verdict that it does not change."""
    named = ", ".join(
        filter(None, (_named(marks, Mark.SCREEN_FLAG), _named(marks, Mark.SCREEN_WARN)))
    )
    if not named:
        return ()
    return (book.finding("HOUSE-REVIEW", "screen.warned", params=(("what", named),)),)


def _named(marks: Collection[str], kind: Mark) -> str:
    found = sorted(mark.removeprefix(kind) for mark in marks if mark.startswith(kind))
    return ", ".join(name.replace("_", " ") for name in found)
