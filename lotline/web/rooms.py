"""The rooms of the records: which pages stand beside the ledger, for whoever may read it."""

from __future__ import annotations

from importlib.util import find_spec

_ROOMS = (
    ("audit", "/audit/", "Ledger"),
    ("exports", "/audit/exports/", "Exports"),
    ("holds", "/audit/holds/", "Legal holds"),
    ("retention", "/audit/retention/", "Retention"),
    ("safeguards", "/audit/safeguards/", "Safeguards"),
)
ROOMS = tuple((href, word) for name, href, word in _ROOMS if find_spec(f"lotline.web.{name}"))
