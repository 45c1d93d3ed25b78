"""The small town that tests speak of: one company, two stores, a few people, nobody's numbers.

Elm Street Motors has a sales and a service line, Dockside Motors one line. Ada owns the company,
Mo leads Elm Street, Ben sells there and Bea serves there, Cy sells at Dockside, Noor audits.
Everything is made through the product's own actions and records, at times the clock here says.

Not here: the demo town that people see (`lotline.config.demo`).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID

from lotline.actions.contacts import start_conversation
from lotline.actions.context import Context
from lotline.actions.devices import open_device, unlock
from lotline.adapters.envelope import Envelope
from lotline.adapters.keys import KeyFile
from lotline.adapters.phones import open_export
from lotline.core.base.ids import uuid7_from
from lotline.core.gate.rulebook import load_rulebook
from lotline.store.arrivals import ArrivedText, Thread, record_arrived
from lotline.store.database import Database
from lotline.store.events import record_event
from lotline.store.groups import record_group
from lotline.store.keys import KeptKeys
from lotline.store.lines import NewLine, record_line, record_store
from lotline.store.members import record_member, record_reach
from lotline.store.outbox import record_waiting
from lotline.store.standing import lock_contacts
from lotline.store.texts import NewText, record_text, settle_conversations
from lotline.store.viewer import load_viewer

if TYPE_CHECKING:
    from lotline.core.carriers.port import Carrier
    from lotline.store.shown import Viewer

# A Wednesday, ten in the morning in Columbus.
NOON = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
ACCOUNT = "AC00000000000000000000000000000001"
COMPANY = "Elm & Dock Motor Group"

STORES = {"elm": "Elm Street Motors", "dock": "Dockside Motors"}
LINES = {
    "sales": ("elm", "Elm sales", "+16145550101"),
    "service": ("elm", "Elm service", "+16145550102"),
    "dock": ("dock", "Dockside sales", "+16145550103"),
}
MEMBERS = {
    "ada": ("Ada Quist", "owner", (), ()),
    "mo": ("Mo Haddad", "manager", ("elm",), ()),
    "ben": ("Ben Ostrander", "staff", (), ("sales",)),
    "bea": ("Bea Lindqvist", "staff", (), ("service",)),
    "cy": ("Cy Moreau", "staff", ("dock",), ()),
    "noor": ("Noor Said", "auditor", (), ()),
}


class Clock:
    """Stands still until it is told."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> datetime:
        """So many minutes, hours, days later."""
        self.at += timedelta(**span)
        return self.at


class Ids:
    """Names that grow with the clock, the same in every run."""

    def __init__(self, clock: Clock, lane: int = 0) -> None:
        self._clock = clock
        self._lane = lane
        self._numbers = itertools.count(1)

    def __call__(self) -> UUID:
        ms = int(self._clock().timestamp() * 1000)
        number = next(self._numbers)
        noise = number << 40 | self._lane << 16 | 0xA55A
        return uuid7_from(ms, noise.to_bytes(10, "big"))


def no_carrier(group_id: UUID, account: str) -> NoReturn:
    """Nothing in these tests may speak to a carrier."""
    raise AssertionError(f"a carrier was asked for: {group_id} {account}")


def make_context(
    app_dsn: str, folder: Path, *, clock: Clock | None = None, lane: int = 0
) -> Context:
    """The house over a test database, with keys of its own. Close `ctx.db` when done.

    Towns that share a database are built in lanes of their own, so that no two ids are the same.
    """
    now = clock or Clock()
    key_file = folder / "root.key"
    ring = Envelope(KeyFile(key_file) if key_file.exists() else KeyFile.create(key_file))
    carrier: Any = no_carrier
    return Context(
        db=Database(app_dsn, KeptKeys(ring)).open(),
        ring=ring,
        now=now,
        new_id=Ids(now, lane),
        book=load_rulebook(),
        carrier_for=carrier,
        open_export=open_export,
    )


@dataclass
class Town:
    """What was built, by the names above."""

    ctx: Context = field(repr=False)
    clock: Clock
    group_id: UUID
    stores: dict[str, UUID] = field(default_factory=dict)
    lines: dict[str, UUID] = field(default_factory=dict)
    members: dict[str, UUID] = field(default_factory=dict)
    accounts: dict[str, UUID] = field(default_factory=dict)
    _carrier_ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def sign_in(self, who: str, session: str = "") -> Viewer:
        """A device of theirs; the same session again is the same device.

        Left alone too long it locks, if it was named; their usual one is unlocked by them.
        """
        account, key = self.accounts[who], session or f"session-of-{who}"
        open_device(self.ctx, account, key, label="Test phone", address="192.0.2.1")
        viewer = load_viewer(self.ctx.db, account, key, self.clock())
        assert viewer is not None, "who just signed in is somebody"
        if viewer.locked and not session:
            unlock(self.ctx, viewer)
            viewer = replace(viewer, locked=False)
        return viewer

    def meet(
        self,
        number: str,
        name: str,
        *,
        by: str,
        line: str,
        zip_code: str = "43215",
        how: str = "in_person",
    ) -> UUID:
        """A customer's conversation on a line, started by a member who works there."""
        return start_conversation(
            self.ctx,
            self.sign_in(by),
            number=number,
            name=name,
            line_id=self.lines[line],
            zip_code=zip_code,
            how=how,
        ).conversation_id

    def hear(self, conversation_id: UUID, body: str, *, waits: bool = True) -> UUID:
        """The customer wrote, now."""
        text_id = self.ctx.new_id()
        with self.ctx.db.transaction(self.group_id) as tx:
            thread = self._thread(tx, conversation_id)
            contact = lock_contacts(tx, [thread.contact_id])[thread.contact_id]
            assert contact.key is not None, "nobody here was erased"
            arrived = ArrivedText(
                id=text_id,
                thread=thread,
                body=body,
                key=contact.key,
                carrier_id=f"SM{next(self._carrier_ids):032x}",
                at=self.clock(),
                segments=1,
                heard={"decision": "none"},
                flagged=False,
                waits=waits,
                media=[],
            )
            record_arrived(tx, [arrived])
            self._tell(tx, "text.in", thread, text_id)
        return text_id

    def say(
        self,
        conversation_id: UUID,
        body: str,
        *,
        by: str,
        state: str = "delivered",
        due: datetime | None = None,
        purpose: str = "reply",
    ) -> UUID:
        """A member's text, in a state it may come to have; `due` if it still waits."""
        text_id = self.ctx.new_id()
        with self.ctx.db.transaction(self.group_id) as tx:
            thread = self._thread(tx, conversation_id)
            contact = lock_contacts(tx, [thread.contact_id])[thread.contact_id]
            assert contact.key is not None, "nobody here was erased"
            text = NewText(
                id=text_id,
                conversation_id=conversation_id,
                contact_id=thread.contact_id,
                line_id=thread.line_id,
                sender="person",
                purpose=purpose,
                body=body,
                state=state,
                author_id=self.members[by],
            )
            record_text(tx, text, contact.key, self.clock())
            if due is not None:
                kind = "hold" if state == "held" else "undo"
                record_waiting(
                    tx,
                    text_id=text_id,
                    contact_id=thread.contact_id,
                    line_id=thread.line_id,
                    due_at=due,
                    kind=kind,
                )
            settle_conversations(tx, [conversation_id])
            self._tell(tx, "text.out", thread, text_id)
        return text_id

    def _thread(self, tx: Any, conversation_id: UUID) -> Thread:
        row = tx.only(
            "conversations.glance", ids=[conversation_id], line_ids=list(self.lines.values())
        )
        return Thread(row.id, row.contact_id, row.line_id, row.store_id, row.assignee_id)

    def _tell(self, tx: Any, name: str, thread: Thread, text_id: UUID) -> None:
        record_event(
            tx,
            name,
            at=self.clock(),
            store_id=thread.store_id,
            line_id=thread.line_id,
            conversation_id=thread.id,
            contact_id=thread.contact_id,
            subject_id=text_id,
        )


def build_town(ctx: Context, settings: dict[str, Any] | None = None) -> Town:
    """The company and its people; customers are met by each test as it needs them."""
    assert isinstance(ctx.now, Clock), "a town is built under a clock of its own"
    town = Town(ctx, ctx.now, ctx.new_id())
    with ctx.db.transaction(town.group_id) as tx:
        at = ctx.now()
        record_group(
            tx, ctx.ring, name=COMPANY, origin="elmdock.example", at=at, settings=settings or {}
        )
        for key, name in STORES.items():
            town.stores[key] = ctx.new_id()
            record_store(tx, town.stores[key], name, zone="America/New_York", at=at)
        for key, (store, label, number) in LINES.items():
            town.lines[key] = ctx.new_id()
            line = NewLine(town.lines[key], town.stores[store], label, number, ACCOUNT)
            record_line(tx, ctx.ring, line, at)
        for key, (name, role, stores, lines) in MEMBERS.items():
            member_id = town.members[key] = ctx.new_id()
            town.accounts[key] = ctx.new_id()
            record_member(tx, member_id, name, role, at=at)
            record_reach(
                tx,
                member_id,
                store_ids=[town.stores[one] for one in stores],
                line_ids=[town.lines[one] for one in lines],
                new_id=ctx.new_id,
            )
            tx.run("accounts.seat", account_id=town.accounts[key], member_id=member_id)
    return town


def carrier_double(carrier: Carrier) -> Any:
    """A `carrier_for` that always answers with this one."""
    return lambda _group, _account: carrier
