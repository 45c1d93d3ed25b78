"""The rooms of the records: which pages stand beside the ledger, for whoever may open each."""

from __future__ import annotations

from lotline.core.people.rights import Right, may
from lotline.store.shown import Viewer
from lotline.web.doors import ROLES

_ROOMS = (
    ("/audit/", "Ledger", "records"),
    ("/audit/exports/", "Exports", Right.EVIDENCE),
    ("/audit/holds/", "Legal holds", "records"),
    ("/audit/retention/", "Retention", "records"),
    ("/audit/safeguards/", "Safeguards", "records"),
)


def rooms_of(viewer: Viewer) -> list[tuple[str, str]]:
    """Addresses and words, in their order; nothing where there would be one alone."""
    found = [
        (href, word)
        for href, word, who in _ROOMS
        if (may(viewer.role, who) if isinstance(who, Right) else viewer.role in ROLES[who])
    ]
    return found if len(found) > 1 else []
