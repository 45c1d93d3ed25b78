"""Whose call is this? The account names its groups, and the number that was texted its line.

Answers are kept for a short while, so that a burst of calls asks the database once.

Not here: proving the call (the carrier's own adapter), acting on it (`hooks`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.store.arrivals import OfLine, load_account_groups
from lotline.store.carrier_accounts import find_line_of_number

if TYPE_CHECKING:
    from lotline.actions.context import Context

KEPT_S = 30.0
KEPT_MAX = 20_000


class Directory:
    """Blocking; ask it in a thread unless `known` has the answer."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._groups: dict[tuple[str, str], tuple[float, list[UUID]]] = {}
        self._lines: dict[tuple[str, str, str], tuple[float, OfLine]] = {}

    def known_groups(self, carrier: str, account: str) -> list[UUID] | None:
        """The groups of an account, if that was asked lately."""
        kept = self._groups.get((carrier, account))
        return kept[1] if kept is not None and kept[0] > time.monotonic() else None

    def groups(self, carrier: str, account: str) -> list[UUID]:
        """The groups that text through an account; none for a stranger's."""
        known = self.known_groups(carrier, account)
        if known is not None:
            return known
        with self._ctx.db.door() as tx:
            found = load_account_groups(tx, carrier, account)
        if found:  # strangers' guesses are not remembered: they would fill the memory
            self._groups[carrier, account] = (time.monotonic() + KEPT_S, found)
        return found

    def known_line(self, carrier: str, account: str, number: str) -> OfLine | None:
        """The line of a number, if that was asked lately."""
        kept = self._lines.get((carrier, account, number))
        return kept[1] if kept is not None and kept[0] > time.monotonic() else None

    def line(self, carrier: str, account: str, number: str) -> OfLine | None:
        """The line that a number of ours is; None when it is none of ours."""
        known = self.known_line(carrier, account, number)
        if known is not None:
            return known
        with self._ctx.db.door() as tx:
            found = find_line_of_number(tx, self._ctx.ring, carrier, account, number)
        if found is not None:
            if len(self._lines) >= KEPT_MAX:
                self._lines.clear()
            self._lines[carrier, account, number] = (time.monotonic() + KEPT_S, found)
        return found
