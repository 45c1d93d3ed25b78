"""Reading the ledger: its entries page by page, and what came of the last check of all of it.

Names only of members; whom an entry is about stands in evidence, which is an entry itself.

Not here: the check (`actions.audit`), one contact's entries with their words (`store.evidence`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.core.ledger.leaf import Leaf, LeafKind, read_leaf
from lotline.core.oversight.content import ACT, BROUGHT, DECISION, ENTRY, TEXT
from lotline.store.evidence import Checked, Fit, check_rows, load_names
from lotline.store.identity import load_provider_names
from lotline.store.sealed import open_words

if TYPE_CHECKING:
    from datetime import datetime

    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

PAGE = 50
_END = 2**63 - 1


class Wanted(NamedTuple):
    """Which entries: None is any."""

    kind: LeafKind | None = None
    member_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One place of the log. `says` are plain words of ours, `fit` how its row stands to it."""

    place: int
    leaf: Leaf
    says: str
    members: tuple[str, ...]
    fit: Fit


@dataclass(frozen=True, slots=True)
class Check:
    """What came of a check of the whole log."""

    at: datetime
    size: int
    faults: int
    first_fault: str

    @property
    def whole(self) -> bool:
        """Nothing contradicted the log."""
        return not self.faults


def load_entries(tx: Tx, viewer: Viewer, wanted: Wanted) -> list[LedgerEntry]:
    """One more than a page, newest first; nothing for anybody but owners and auditors."""
    if not viewer.sees_all or not viewer.active or viewer.locked:
        return []
    rows = tx.all(
        "audit.entries",
        before=_END if wanted.before is None else wanted.before,
        kind=wanted.kind and wanted.kind.value,
        member_id=wanted.member_id,
        since=wanted.since,
        until=wanted.until,
        limit=PAGE + 1,
    )
    leaves = [read_leaf(bytes(row.leaf)) for row in rows]
    checked = check_rows(tx, leaves)
    names = load_names(tx, {one for seen in checked for one in seen.members})
    return [
        LedgerEntry(
            row.seq,
            seen.leaf,
            _says(seen),
            tuple(sorted(names[one] for one in seen.members if one in names)),
            seen.fit,
        )
        for row, seen in zip(rows, checked, strict=True)
    ]


def load_doers(tx: Tx, viewer: Viewer) -> list[tuple[UUID, str]]:
    """Every member, gone or not, by name, and the identity provider."""
    if not viewer.sees_all:
        return []
    place = ("members", "name_ct", tx.group_id)
    found = [
        (row.id, open_words(tx.keys, row.name_ct, *place, row.id))
        for row in tx.all("audit.members")
    ]
    return sorted([*found, *load_provider_names(tx).items()], key=lambda one: one[1])


def record_check(tx: Tx, check_id: UUID, check: Check) -> None:
    tx.run(
        "audit.record_check",
        id=check_id,
        at=check.at,
        size=check.size,
        faults=check.faults,
        first_fault=check.first_fault or None,
    )


def load_check(tx: Tx) -> Check | None:
    """The last one; None before the first."""
    row = tx.one("audit.newest_check")
    if row is None:
        return None
    return Check(row.checked_at, row.size, row.faults, row.first_fault or "")


def _says(seen: Checked) -> str:
    """What happened, without anybody's words."""
    parts: dict[str, Any] = dict(seen.parts)
    if TEXT in parts:
        text = parts[TEXT]
        if text["direction"] == "in":
            return "A customer wrote"
        return f"Handed to the carrier: {_plain(text['purpose'] or 'text')}"
    if DECISION in parts:
        part = parts[DECISION]
        rule = part["findings"][0].get("rule", "") if part["findings"] else ""
        return f"{part['verdict'].capitalize()} at {_plain(part['stage'])}, {rule}".rstrip(", ")
    if ENTRY in parts:
        part = parts[ENTRY]
        said, scope, source = (_plain(part[name]) for name in ("says", "scope", "source"))
        return f"{said.capitalize()} to {scope}, {source}"
    if BROUGHT in parts:
        return "Brought in from a private phone"
    if ACT in parts:
        return _plain(str(parts[ACT]["what"])).capitalize()
    return _plain(seen.leaf.kind.value).capitalize()


def _plain(word: str) -> str:
    return word.replace("_", " ")
