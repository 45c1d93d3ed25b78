"""Access reviews: who has access to what, when somebody last looked at it, and who signed for it.

Not here: signing (`actions.access_reviews`), the acts of every day (`access`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.core.people.rights import RIGHTS, Right, Role
from lotline.core.people.roles import may_give_role, may_manage_members
from lotline.store.members import load_line_labels, member_name
from lotline.store.reach import reach_of
from lotline.store.sealed import open_words, seal_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

DAYS, FEWEST, MOST = 91, 7, 366


@dataclass(frozen=True, slots=True)
class Access:
    """One member and what opens for them, as a reviewer sees it."""

    id: UUID
    name: str
    hue: int
    role: str
    active: bool
    stores: tuple[str, ...]
    lines: tuple[str, ...]
    rights: tuple[str, ...]  # in words, how they differ from the role's
    devices: int
    seen_at: datetime | None
    tokens: int
    pins: int
    steps: frozenset[str]  # second steps: totp, webauthn
    reviewed_at: datetime | None
    due_at: datetime
    own: bool
    had: Mapping[str, Any]  # what a signature is for; no name

    @property
    def mark(self) -> str:
        """Another one once anything that was shown has changed."""
        return sha256(json.dumps(self.had, sort_keys=True).encode()).hexdigest()[:16]


class Past(NamedTuple):
    """A review that was signed."""

    id: UUID
    name: str
    signed_at: datetime
    due_at: datetime
    people: int
    changes: int
    removals: int


class Due(NamedTuple):
    """How many are overdue, and when the next one is due; None with nobody to look at."""

    overdue: int
    next_at: datetime | None


def period(viewer: Viewer) -> timedelta:
    """The owner's choice, a week to a year; a quarter when none was made."""
    chosen = int(viewer.group_settings.get("access_review_days", DAYS))
    return timedelta(days=min(MOST, max(FEWEST, chosen)))


def load_access(tx: Tx, viewer: Viewer, now: datetime, *, steps: bool = True) -> list[Access]:
    """Everybody whose access this viewer may decide about. Of oneself only the one owner."""
    if reach_of(viewer).member_id is None or not may_manage_members(viewer.role):
        return []
    rows = _whom(viewer, tx.all("access_reviews.people", now=now))
    labels = load_line_labels(tx)
    stores = {
        row.id: open_words(tx.keys, row.name_ct, "stores", "name_ct", tx.group_id, row.id)
        for row in tx.all("access_reviews.store_names")
    }
    ids = [row.account_id for row in rows if row.account_id is not None]
    second = _second_steps(ids) if steps else {}
    return [
        _access(
            tx,
            viewer,
            row,
            [stores.get(one, "") for one in row.store_ids],
            [labels.get(one, "") for one in row.line_ids],
            frozenset(second.get(row.account_id, ())),
        )
        for row in rows
    ]


def _second_steps(account_ids: list[UUID]) -> Mapping[UUID, set[str]]:
    """Accounts are the framework's, and whoever counts what is due runs without it."""
    from lotline.store.accounts import load_second_steps  # noqa: PLC0415  # loads the framework, so only where it is asked for

    return load_second_steps(account_ids)


def load_due(tx: Tx, viewer: Viewer, now: datetime) -> Due:
    """For whoever has to look: what the team's page and what needs them say of it."""
    if reach_of(viewer).member_id is None or not may_manage_members(viewer.role):
        return Due(0, None)
    rows = _whom(viewer, tx.all("access_reviews.dues", sees_all=viewer.sees_all))
    dues = [row.due_at or row.created_at + period(viewer) for row in rows]
    return Due(sum(one <= now for one in dues), min(dues, default=None))


def load_past(tx: Tx, viewer: Viewer) -> list[Past]:
    """All of the company's for who sees all, else one's own."""
    reach = reach_of(viewer)
    if reach.member_id is None or not (viewer.leads or viewer.sees_all):
        return []
    rows = tx.all("access_reviews.past", member_id=reach.member_id, sees_all=reach.sees_all)
    group = tx.group_id
    return [
        Past(
            row.id,
            open_words(
                tx.keys, row.signed_name_ct, "access_reviews", "signed_name_ct", group, row.id
            ),
            *row[2:],
        )
        for row in rows
    ]


def record_review(  # noqa: PLR0917  # one review's worth of values
    tx: Tx,
    review_id: UUID,
    viewer: Viewer,
    name: str,
    at: datetime,
    rows: Sequence[tuple[Access, str]],
) -> datetime:
    """The signature and what it is for; when these are due again."""
    due_at = at + period(viewer)
    place = ("access_reviews", "signed_name_ct", tx.group_id, review_id)
    tx.run(
        "access_reviews.record",
        id=review_id,
        by=viewer.member_id,
        device_id=viewer.device_id,
        name_ct=seal_words(tx.keys, name, *place),
        at=at,
        due_at=due_at,
    )
    tx.run(
        "access_reviews.record_rows",
        review_id=review_id,
        members=[one.id for one, _ in rows],
        decisions=[decision for _, decision in rows],
        had=[json.dumps(one.had) for one, _ in rows],
    )
    return due_at


def _whom(viewer: Viewer, every: Sequence[Any]) -> list[Any]:
    """Of all who work here those whose access this viewer decides about."""
    owners = [row for row in every if row.role == Role.OWNER and not row.suspended]
    return [row for row in every if _decides(viewer, row, alone=len(owners) == 1)]


def _decides(viewer: Viewer, row: Any, *, alone: bool) -> bool:
    if row.id == viewer.member_id:
        return alone and row.role == Role.OWNER
    if not may_give_role(viewer.role, row.role):
        return False
    reached = set(row.reached)
    return viewer.sees_all or (bool(reached & viewer.line_ids) and reached <= viewer.line_ids)


def _access(  # noqa: PLR0917  # one row's worth of values
    tx: Tx,
    viewer: Viewer,
    row: Any,
    stores: Sequence[str],
    lines: Sequence[str],
    steps: frozenset[str],
) -> Access:
    every = set(Right)
    given = tuple(f"may {RIGHTS[Right(one)].says}" for one in row.given if one in every)
    taken = tuple(f"may not {RIGHTS[Right(one)].says}" for one in row.taken if one in every)
    return Access(
        id=row.id,
        name=member_name(tx, row),
        hue=row.hue,
        role=row.role,
        active=not row.suspended,
        stores=tuple(stores),
        lines=tuple(lines),
        rights=given + taken,
        devices=row.devices,
        seen_at=row.seen_at,
        tokens=row.tokens,
        pins=row.pins,
        steps=steps,
        reviewed_at=row.signed_at,
        due_at=row.due_at or row.created_at + period(viewer),
        own=row.id == viewer.member_id,
        had={
            "role": row.role,
            "active": not row.suspended,
            "given": list(row.given),
            "taken": list(row.taken),
            "stores": [str(one) for one in row.store_ids],
            "lines": [str(one) for one in row.line_ids],
            "tokens": row.tokens,
        },
    )
