"""Members: who works here, what they reach, what they signed.

Not here: who is looking (`viewer`), their sessions (`devices`), what a role may do (`core.people`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.store.reach import reach_of
from lotline.store.sealed import open_words, seal_words
from lotline.store.shown import Colleague, MemberCard, PolicyText, SignedPolicy
from lotline.store.viewer import policy_is_signed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from lotline.store.database import Tx
    from lotline.store.shown import Viewer


def load_members(tx: Tx, viewer: Viewer, now: datetime | None = None) -> list[MemberCard]:
    """Those who share a line with the viewer, and those who reach everything."""
    reach = reach_of(viewer)
    rows = tx.all(
        "members.list",
        member_id=reach.member_id,
        line_ids=reach.line_ids,
        sees_all=reach.sees_all,
        now=now,
    )
    labels = load_line_labels(tx)
    return [_card(tx, viewer, row, labels) for row in rows]


def load_colleagues(tx: Tx, viewer: Viewer, line_id: UUID) -> list[Colleague]:
    """Who may take a conversation of a line; nobody when the line is out of reach."""
    return ask_for_colleagues(tx, viewer, line_id)()


def ask_for_colleagues(tx: Tx, viewer: Viewer, line_id: UUID) -> Callable[[], list[Colleague]]:
    """The same for whoever has more to ask meanwhile."""
    if line_id not in reach_of(viewer).line_ids:
        return list
    rows = tx.later("members.on_line", line_id=line_id)
    return lambda: [Colleague(row.id, member_name(tx, row), row.hue, row.role) for row in rows()]


def load_names(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, tuple[str, int]]:
    """Name and colour of a few members."""
    return {
        row.id: (
            open_words(tx.keys, row.name_ct, "members", "name_ct", tx.group_id, row.id),
            row.hue,
        )
        for row in tx.all("members.names", ids=list(ids))
    }


def load_policy(tx: Tx, now: datetime | None = None) -> PolicyText | None:
    """The policy in force; None when none was ever adopted."""
    row = tx.one("members.policy", now=now)
    if row is None:
        return None
    return _policy(tx, row)


def load_policies(tx: Tx) -> list[PolicyText]:
    """Every version, the newest first."""
    return [_policy(tx, row) for row in tx.all("members.policies")]


def load_signed(tx: Tx, member_id: UUID, version: int) -> SignedPolicy | None:
    """A member's signature under a version; None when there is none."""
    row = tx.one("members.signed", member_id=member_id, version=version)
    if row is None:
        return None
    place = ("policy_signatures", "signed_name_ct", tx.group_id, row.id)
    return SignedPolicy(row.id, open_words(tx.keys, row.signed_name_ct, *place), row.signed_at)


def seal_counsel(tx: Tx, version: int, name: str) -> bytes:
    """The lawyer's name beside a version, which has a number and no id."""
    place = ("policies", "counsel_ct", tx.group_id, UUID(int=version))
    return seal_words(tx.keys, " ".join(name.split()), *place)


def _policy(tx: Tx, row: Any) -> PolicyText:
    place = ("policies", "counsel_ct", tx.group_id, UUID(int=row.version))
    return PolicyText(
        row.version,
        row.body,
        bytes(row.body_sha256).hex(),
        row.adopted_at,
        row.sign_by,
        row.changes,
        open_words(tx.keys, row.counsel_ct, *place),
        row.counsel_on,
    )


def load_line_labels(tx: Tx) -> dict[UUID, str]:
    return {
        row.id: open_words(tx.keys, row.label_ct, "lines", "label_ct", tx.group_id, row.id)
        for row in tx.all("members.line_labels")
    }


def member_name(tx: Tx, row: Any) -> str:
    """From a row that has the member's `id` and `name_ct`."""
    return open_words(tx.keys, row.name_ct, "members", "name_ct", tx.group_id, row.id)


def record_member(
    tx: Tx,
    member_id: UUID,
    name: str,
    role: str,
    *,
    at: datetime,
    title: str = "",
    hue: int = 200,
    settings: dict[str, Any] | None = None,
) -> None:
    """Somebody new, who reaches nothing yet."""
    title_ct = None
    if title:
        title_ct = seal_words(tx.keys, title, "members", "title_ct", tx.group_id, member_id)
    tx.run(
        "members.record",
        id=member_id,
        name_ct=seal_words(tx.keys, name, "members", "name_ct", tx.group_id, member_id),
        role=role,
        title_ct=title_ct,
        hue=hue,
        settings=settings or {},
        at=at,
    )


def record_names(tx: Tx, member_id: UUID, name: str, title: str) -> None:
    """What they are called from now on."""
    group = tx.group_id
    title_ct = (
        seal_words(tx.keys, title, "members", "title_ct", group, member_id) if title else None
    )
    tx.run(
        "members.set_names",
        id=member_id,
        name_ct=seal_words(tx.keys, name, "members", "name_ct", group, member_id),
        title_ct=title_ct,
    )


def record_reach(
    tx: Tx,
    member_id: UUID,
    *,
    store_ids: Iterable[UUID],
    line_ids: Iterable[UUID],
    new_id: Callable[[], UUID],
) -> None:
    """These stores whole and these lines one by one, in place of what was reached before."""
    tx.run("members.clear_reach", id=member_id)
    stores, lines = sorted(set(store_ids)), sorted(set(line_ids))
    if stores or lines:
        tx.run(
            "members.record_reach",
            member_id=member_id,
            new_ids=[new_id() for _ in [*stores, *lines]],
            store_ids=[*stores, *(None for _ in lines)],
            line_ids=[*(None for _ in stores), *lines],
        )


def record_signature(
    tx: Tx,
    signature_id: UUID,
    *,
    member_id: UUID,
    version: int,
    signed_name: str,
    device_id: UUID | None,
    at: datetime,
) -> None:
    """The name they typed under the policy."""
    place = ("policy_signatures", "signed_name_ct", tx.group_id, signature_id)
    tx.run(
        "members.record_signature",
        id=signature_id,
        member_id=member_id,
        version=version,
        signed_name_ct=seal_words(tx.keys, signed_name, *place),
        device_id=device_id,
        at=at,
    )


def _card(tx: Tx, viewer: Viewer, row: Any, labels: dict[UUID, str]) -> MemberCard:
    group = tx.group_id
    stores = zip(row.store_ids or (), row.store_cts or (), strict=True)
    settings = viewer.group_settings
    return MemberCard(
        id=row.id,
        name=member_name(tx, row),
        role=row.role,
        hue=row.hue,
        stores=tuple(
            open_words(tx.keys, sealed, "stores", "name_ct", group, store)
            for store, sealed in stores
        ),
        lines=tuple(labels[line] for line in row.line_ids or ()),
        store_ids=tuple(row.store_ids or ()),
        line_ids=tuple(row.line_ids or ()),
        active=not row.suspended,
        stopped=row.stopped,
        policy_signed=policy_is_signed(row, settings, row.at),
        trained=row.trained or not settings.get("training_required", False),
        open_count=row.open_count,
        seen_at=row.seen_at,
    )
