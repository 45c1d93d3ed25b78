"""Buckets: what may be drawn now, kept in the database so that all hosts draw from the same.

A bucket is locked while it is drawn from, so no two draw the same drop. Time is the caller's, and
only moves a bucket forward: a host whose clock is behind fills nothing, and takes nothing away.

Not here: what the sender draws (`outbox.claim`, one statement), how large a bucket is
(`core.carriers.throughput`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lotline.core.carriers.throughput import Metered, buckets_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from lotline.store.database import Tx
    from lotline.store.outbox import Due


@dataclass(frozen=True, slots=True)
class Drawn:
    """Whether there was enough; if not, in how many seconds there will be."""

    ok: bool
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Fill:
    """One bucket of a line, as its page shows it."""

    kind: str
    per_s: float | None
    day_cap: int | None
    day_used: int
    day_ends: datetime | None


class Service(NamedTuple):
    """What a campaign is approved for: one of the carrier's services, on one account."""

    carrier: str
    account: str
    service: str


def take(
    tx: Tx,
    bucket_id: UUID,
    *,
    kind: str,
    per_s: float,
    burst: float,
    now: datetime,
    amount: int = 1,
) -> Drawn:
    """Draw from a bucket of the moment (`token`, `try`); at its first use it is full.

    The row stays locked until the transaction ends: draw in a transaction of its own.
    """
    taken = tx.one(
        "buckets.take",
        id=bucket_id,
        kind=kind,
        per_s=per_s,
        burst=burst,
        amount=min(amount, burst),
        now=now,
    )
    if taken is not None:
        return Drawn(ok=True)
    waits = tx.only("buckets.waits", id=bucket_id, amount=amount, now=now)
    return Drawn(ok=False, wait_s=waits.seconds)


def meter_lines(tx: Tx, now: datetime) -> None:
    """Give each line of the group the buckets that today's data wants for it."""
    wanted = {}
    pairs = []
    for row in tx.all("buckets.metered"):
        line = Metered(
            tx.group_id,
            row.id,
            row.kind,
            row.carrier,
            row.account,
            row.service,
            row.registration,
            row.volume,
            row.brand,
        )
        for bucket in buckets_of(line):
            wanted[bucket.id] = bucket
            pairs.append((row.id, bucket.id))
    several = list(wanted.values())
    tx.run(
        "buckets.put",
        ids=[one.id for one in several],
        kinds=[one.kind for one in several],
        rates=[one.per_s for one in several],
        bursts=[one.burst for one in several],
        caps=[one.day_cap for one in several],
        zones=[one.day_zone for one in several],
        now=now,
    )
    joined = {"lines": [line for line, _ in pairs], "buckets": [bucket for _, bucket in pairs]}
    tx.run("buckets.part_lines", **joined)
    tx.run("buckets.join_lines", **joined)


def find_service(tx: Tx, line_id: UUID) -> Service | None:
    """Under which service a line sends; None when it has no campaign of its own."""
    row = tx.one("buckets.service", line_id=line_id)
    return None if row is None else Service(*row)


def record_registration(
    tx: Tx,
    registration_id: UUID,
    service: Service,
    *,
    volume: str,
    brand: str,
    said_by: UUID,
    at: datetime,
) -> None:
    """What the carrier approved for the lines of one service; said again, the last word holds."""
    tx.run(
        "buckets.record_registration",
        id=registration_id,
        **service._asdict(),
        volume=volume,
        brand=brand,
        said_by=said_by,
        at=at,
    )


def load_fills(tx: Tx, line_ids: Iterable[UUID], now: datetime) -> dict[UUID, list[Fill]]:
    """How full the buckets of these lines are."""
    found: dict[UUID, list[Fill]] = {}
    for row in tx.all("buckets.of_lines", lines=list(line_ids), now=now):
        fill = Fill(row.kind, row.per_s, row.day_cap, row.day_used, row.day_ends)
        found.setdefault(row.line_id, []).append(fill)
    return found


def give_back(tx: Tx, due: Sequence[Due]) -> None:
    """These were drawn for and did not leave. Last in a transaction: it locks what all wait for."""
    if due:
        lines, segments = [one.line_id for one in due], [one.segments for one in due]
        tx.run("buckets.give_back", lines=lines, segments=segments)


def forget_full(tx: Tx, before: datetime, limit: int) -> int:
    """How many buckets of the moment, untouched since, were forgotten."""
    return tx.run("buckets.forget_full", before=before, limit=limit)
