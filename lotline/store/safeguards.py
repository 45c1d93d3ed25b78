"""What is on record that the Safeguards Rule asks about, counted where it stands.

Not here: the elements of the rule and what is said of them (`core.oversight.safeguards`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from lotline.core.oversight.safeguards import Facts

if TYPE_CHECKING:
    from datetime import datetime

    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

A_YEAR = timedelta(days=365)


def load_safeguards(tx: Tx, viewer: Viewer, now: datetime, *, over_tls: bool) -> Facts | None:
    """Of the last year and of today; None for anybody but owners and auditors."""
    if not viewer.sees_all or not viewer.active or viewer.locked:
        return None
    row = tx.only("safeguards.facts", now=now, since=now - A_YEAR)
    return Facts(over_tls=over_tls, **row._asdict())
