"""Bringing in what was on a private phone: read on the spot, held against the record, then chosen.

Only texts with customers within the member's reach are ever more than a count. Nothing is kept
until all is read; then in one transaction the customers found, their words sealed, and each stop
that was never recorded, in force at once. Which conversations come over as history is for the
member to say; the others are dropped. History is evidence, and never a consent.

Not here: reading a file (`core.messaging`, adapters), its folder and threads (`web.bring`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.context import CLOCK_SLACK, again
from lotline.actions.entries import take_entries
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.core.base.numbers import BadNumber, parse_number
from lotline.core.messaging.phone import BadExport
from lotline.core.oversight.amnesty import Compared, Said, compare, hear_thread
from lotline.core.people.roles import may_record_stop
from lotline.store.barrier import shut
from lotline.store.bring import (
    ThreadRow,
    digests_of,
    load_digests,
    load_entry_digests,
    record_found,
)
from lotline.store.conversations import record_happening
from lotline.store.events import record_events
from lotline.store.heard import overtake
from lotline.store.ledger import Leaves
from lotline.store.standing import (
    EntryRow,
    find_by_numbers,
    load_conversations_of,
    load_entries,
    load_keys,
    load_within_reach,
    lock_contacts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lotline.actions.context import Context
    from lotline.core.consent.hearing.hear import Heard
    from lotline.core.messaging.phone import Export, PhoneText
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

MOST_KEPT = 200_000
MOST_NUMBERS = 50_000  # remembered while reading; who forgets some asks again
AT_ONCE = 500
BEAT_S = 0.5
CUT_OFF = timedelta(seconds=90)
WAITS = timedelta(days=7)  # for the member to say which conversations come over

_CUT_OFF_SAYS = "It was cut off, and nothing was kept. Bring the file in again."
_FAILED_SAYS = "Something went wrong on our side, and nothing was kept. Try again."
_TOO_MANY = f"More than {MOST_KEPT:,} texts with customers. Bring in a shorter span of time."


class _Cancelled(Exception):
    """The member said so, or may not any more."""


def begin(ctx: Context, viewer: Viewer, kind: str, total: int) -> UUID:
    """A new import, one at a time for a member. What was cut off or never chosen is cleared."""
    must(viewer, may_record_stop)
    if viewer.by_pin:
        raise NotAllowed
    with ctx.db.transaction(viewer.group_id) as tx:
        now = ctx.now()
        tx.run("bring.in_turn", member_id=viewer.member_id)
        tx.run("bring.fail_stale", at=now, before=now - CUT_OFF, why=_CUT_OFF_SAYS)
        tx.run("bring.drop_old", at=now, before=now - WAITS)
        if tx.one("bring.running", member_id=viewer.member_id) is not None:
            raise Refused("Finish the one you began first, or cancel it.")
        bringing_id = ctx.new_id()
        tx.run(
            "bring.begin",
            id=bringing_id,
            member_id=viewer.member_id,
            device_id=viewer.device_id,
            kind=kind,
            total=max(total, 1),
            at=now,
        )
        return bringing_id


def read(ctx: Context, viewer: Viewer, bringing_id: UUID, export: Export) -> None:
    """Read all of it and keep what it says of customers, or nothing."""
    reading = _Reading(ctx, viewer, bringing_id)
    try:
        reading.read(export)
        heard = reading.hear()
        again(partial(_hold_against, ctx, viewer, reading, heard))
    except _Cancelled:
        _end(ctx, viewer, reading, "cancelled")
    except (BadExport, Refused) as bad:
        _end(ctx, viewer, reading, "failed", str(bad))
    except Exception:
        _end(ctx, viewer, reading, "failed", _FAILED_SAYS)
        raise


def cancel(ctx: Context, viewer: Viewer, bringing_id: UUID) -> None:
    """None of it is kept. Stops that were found stay: they were said."""
    must(viewer, may_record_stop)
    with ctx.db.transaction(viewer.group_id) as tx:
        row = own_bringing(tx, viewer, bringing_id)
        if row.state == "reading":
            tx.run("bring.ask_cancel", id=bringing_id)
        elif row.state == "found":
            tx.run("bring.drop_texts", id=bringing_id)
            end_bringing(tx, ctx, bringing_id, "cancelled")


@dataclass(slots=True)
class _Reading:
    """One import while it is read: the texts with customers, and nothing of anybody else."""

    ctx: Context
    viewer: Viewer
    id: UUID
    texts: dict[UUID, list[PhoneText]] = field(default_factory=dict)
    done: int = 0
    count: int = 0
    others: int = 0
    _whose: dict[str, UUID | None] = field(default_factory=dict)
    _numbers: dict[str, str] = field(default_factory=dict)
    _beat_at: float = 0.0

    def read(self, export: Export) -> None:
        some: list[tuple[str, PhoneText]] = []
        until = self.ctx.now() + CLOCK_SLACK
        for text in export.read(self._tell):
            self.count += 1
            number = self._number(text.address) if text is not None else ""
            if text is None or not number or text.at > until:
                self.others += 1
            else:
                some.append((number, text))
            if len(some) >= AT_ONCE:
                self._sort(some)
                some.clear()
            elif not self.count % AT_ONCE:
                self.beat()
        self._sort(some)
        self.beat(force=True)

    def hear(self) -> dict[UUID, list[Heard | None]]:
        found = {}
        for contact_id, texts in self.texts.items():
            texts[:] = sorted(dict.fromkeys(texts), key=lambda one: one.at)
            found[contact_id] = hear_thread(texts)
            self.beat()
        return found

    def beat(self, *, force: bool = False) -> None:
        """Say how far it is, and hear whether to go on."""
        if not force and time.monotonic() - self._beat_at < BEAT_S:
            return
        self._beat_at = time.monotonic()
        with self.ctx.db.transaction(self.viewer.group_id) as tx:
            row = tx.one("bring.beat", id=self.id, at=self.ctx.now(), **self.counted())
        if row is None or row.cancel_asked:
            raise _Cancelled

    def counted(self) -> dict[str, int]:
        return {"done": self.done, "read": self.count, "others": self.others}

    def _number(self, address: str) -> str:
        """Remembered with this reading and no longer: most are nobody's business."""
        if address not in self._numbers:
            if len(self._numbers) > MOST_NUMBERS:
                self._numbers.clear()
            try:
                self._numbers[address] = parse_number(address).e164
            except BadNumber:
                self._numbers[address] = ""
        return self._numbers[address]

    def _tell(self, done: int) -> None:
        self.done = done

    def _sort(self, some: list[tuple[str, PhoneText]]) -> None:
        """To whom each belongs; what belongs to no customer is forgotten here."""
        new = {number for number, _ in some} - self._whose.keys()
        if new:
            if len(self._whose) > MOST_NUMBERS:
                self._whose.clear()
                new = {number for number, _ in some}
            with self.ctx.db.transaction(self.viewer.group_id) as tx:
                known = find_by_numbers(tx, new)
                ids = {number: one.id for number, one in known.items() if not one.erased}
                within = load_within_reach(tx, self.viewer, ids.values())
            for number in new:
                found = ids.get(number)
                self._whose[number] = found if found in within else None
        for number, text in some:
            contact_id = self._whose[number]
            if contact_id is None:
                self.others += 1
            else:
                self.texts.setdefault(contact_id, []).append(text)
        if self.count - self.others > MOST_KEPT:
            raise Refused(_TOO_MANY)
        self.beat()


def _hold_against(
    ctx: Context, viewer: Viewer, reading: _Reading, heard: dict[UUID, list[Heard | None]]
) -> None:
    with ctx.db.transaction(viewer.group_id) as tx:
        row = own_bringing(tx, viewer, reading.id)
        if row.state != "reading" or row.cancel_asked or row.shut_out:
            raise _Cancelled
        keys = load_keys(tx, load_within_reach(tx, viewer, reading.texts))
        entries = load_entries(tx, keys)
        before, told = load_digests(tx, keys), load_entry_digests(tx, keys)
        now = ctx.now()
        rows, kept = [], []
        said: list[tuple[UUID, bytes, Said]] = []
        for contact_id, key in sorted(keys.items()):
            if key is None:
                continue
            texts = reading.texts[contact_id]
            digests = {id(one): digests_of(tx, contact_id, one) for one in texts}
            done = compare(
                texts,
                heard[contact_id],
                entries[contact_id],
                new_id=ctx.new_id,
                now=now,
                told=lambda one, digests=digests: not told.isdisjoint(digests[id(one)]),  # type: ignore[misc]  # mypy knows no default of a lambda
            )
            fresh: dict[bytes, PhoneText] = {}
            for one in texts:
                if before.isdisjoint(digests[id(one)]):
                    fresh.setdefault(digests[id(one)][0], one)
            kept += [(ctx.new_id(), contact_id, found, one, key) for found, one in fresh.items()]
            rows.append(_row(contact_id, texts, len(fresh), done))
            said += [
                (contact_id, digests[id(one.text)][0], one) for one in (*done.stops, *done.doubts)
            ]
        record_found(tx, reading.id, rows, kept)
        _take(ctx, tx, viewer, said)
        counts = {
            "stops": sum(one.stops for one in rows),
            "doubts": sum(one.doubts for one in rows),
        }
        end_bringing(tx, ctx, reading.id, "found", **reading.counted(), **counts)


def _row(contact_id: UUID, texts: Sequence[PhoneText], fresh: int, done: Compared) -> ThreadRow:
    return ThreadRow(
        contact_id=contact_id,
        texts=len(texts),
        fresh=fresh,
        sent=done.sent,
        without=done.without,
        after_stop=done.after_stop,
        stops=len(done.stops),
        doubts=len(done.doubts),
        first_at=texts[0].at,
        last_at=texts[-1].at,
    )


def _take(ctx: Context, tx: Tx, viewer: Viewer, said: Sequence[tuple[UUID, bytes, Said]]) -> None:
    """The stops that nobody wrote down are in force when this commits."""
    if not said:
        return
    now = ctx.now()
    whose = sorted({contact_id for contact_id, *_ in said})
    shut(tx, whose)
    contacts = lock_contacts(tx, whose)
    rows = [
        EntryRow(
            contact_id,
            one.entry,
            member_id=viewer.member_id,
            heard=_heard(one.heard),
            words={"words": one.text.body, "how": "text to a private phone"},
        )
        for contact_id, _, one in said
    ]
    leaves = Leaves(tx)
    happened = take_entries(ctx, tx, contacts, rows, leaves=leaves, now=now)
    leaves.write()
    overtake(tx, [row.contact_id for row in rows if row.entry.says.value != "doubt"], now)
    tx.run(
        "bring.record_entries",
        contacts=[contact_id for contact_id, *_ in said],
        digests=[digest for _, digest, _ in said],
        entries=[one.entry.id for *_, one in said],
    )
    for kind in ("stop", "stop_offers", "wrong_number", "doubt"):
        about = {contact_id for contact_id, _, one in said if _kind(one) == kind}
        talks = [one.id for one in load_conversations_of(tx, about)] if about else []
        if talks:
            names = [ctx.new_id() for _ in talks]
            how = {"how": "on a private phone"}
            record_happening(tx, talks, names, kind, at=now, actor_id=viewer.member_id, said=how)
    record_events(tx, happened, now)


def _kind(one: Said) -> str:
    says, scope = one.entry.says.value, one.entry.scope.value
    return "stop_offers" if says == "stop" and scope == "offers" else says


def _heard(heard: Heard) -> dict[str, Any]:
    names = ("decision", "label", "scope", "layer", "score", "because")
    return {name: getattr(heard, name) for name in names}


def own_bringing(tx: Tx, viewer: Viewer, bringing_id: UUID) -> Any:
    row = tx.one("bring.lock", id=bringing_id)
    if row is None or row.member_id != viewer.member_id:
        raise NotYours
    return row


def _end(ctx: Context, viewer: Viewer, reading: _Reading, state: str, why: str = "") -> None:
    with ctx.db.transaction(viewer.group_id) as tx:
        end_bringing(tx, ctx, reading.id, state, why=why, **reading.counted())


def end_bringing(tx: Tx, ctx: Context, bringing_id: UUID, state: str, **more: Any) -> None:
    plain = {"why": "", "done": 0, "read": 0, "others": 0, "stops": 0, "doubts": 0}
    tx.run("bring.end", id=bringing_id, state=state, at=ctx.now(), **{**plain, **more})
