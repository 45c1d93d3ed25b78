"""World: accounts, lines, customers and every text, as the carrier knows them.

One invariant: all that must outlive a restart changes through `record`, which writes the change
to the journal before it is applied; a restart replays the same changes to the same world.

Not here: time and HTTP (`sending`, `arriving`, `posting`), what customers feel like (`people`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from simulator.journal import Journal

WEBHOOKS_MAX = 20_000
FINAL = {"delivered", "undelivered", "failed", "received", "canceled", "read"}


@dataclass
class Account:
    """One customer of the carrier: us."""

    sid: str
    auth_token: str
    api_keys: dict[str, str] = field(default_factory=dict)


@dataclass
class Line:
    """One number of an account, and where its texts are brought."""

    number: str
    account: str
    inbound_url: str
    messaging_service: str | None = None
    public_base_url: str | None = None
    net: bool = False
    advanced_opt_out: bool = False


@dataclass
class Text:
    """One text. `phone` is the customer's number, `line` ours, whichever way it went."""

    sid: str
    account: str
    line: str
    phone: str
    inbound: bool
    body: str
    status: str
    at: float
    seq: int = 0
    media: list[str] = field(default_factory=list)
    messaging_service: str | None = None
    callback_url: str | None = None
    segments: int = 1
    code: int | None = None
    sent_at: float | None = None
    ends_in: int | None = None  # the code it will fail with
    by_carrier: bool = False  # the carrier's own answer to STOP, START or HELP


@dataclass
class Customer:
    """A person with a phone."""

    number: str
    name: str = ""
    persona: str = "silent"
    line: str | None = None  # the line they write to of themselves
    said: int = 0  # how often the persona spoke


@dataclass
class World:
    """Everything the carrier knows."""

    journal: Journal
    accounts: dict[str, Account] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    texts: dict[str, Text] = field(default_factory=dict)
    of_phone: dict[str, list[str]] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    blocks: set[tuple[str, str]] = field(default_factory=set)
    webhooks: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=WEBHOOKS_MAX))
    life_on: bool = False
    version: int = 0
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def record(self, what: str, **said: Any) -> None:
        """Write the change down, then make it, then wake whoever watches."""
        self.journal.write({"what": what, **said})
        self.apply(what, said)
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self, after: int, wait_s: float) -> int:
        """The version, as soon as it is beyond `after` or the wait is over."""
        if self.version <= after and not self.ending.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), wait_s)
        return self.version

    async def pause(self, seconds: float) -> None:
        """Wait, but no longer than until the simulator is told to stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ending.wait(), seconds)

    def end(self) -> None:
        """Told to stop: whoever waits for anything waits no longer."""
        self.ending.set()
        self._changed.set()

    def apply(self, what: str, said: dict[str, Any]) -> None:
        """Make one change. A word that is not known comes from a newer version: refused."""
        getattr(self, f"_apply_{what}")(**said)

    def replay(self) -> None:
        """Read the journal, then write it anew with only what still counts."""
        for change in self.journal.read():
            what = change.pop("what")
            self.apply(what, change)
        self.journal.rewrite(self._as_changes())

    def line_of(self, text: Text) -> Line:
        """The line a text went over."""
        return self.lines[text.line]

    def texts_of(self, phone: str) -> list[Text]:
        """A phone's texts, oldest first."""
        return [self.texts[sid] for sid in self.of_phone.get(phone, [])]

    def newest_first(self, account: str, phones: tuple[str, ...] | None) -> list[Text]:
        """An account's texts; of some phones only, where named."""
        if phones is None:
            rows = list(self.texts.values())
        else:
            rows = [text for phone in phones for text in self.texts_of(phone)]
        return sorted(
            (text for text in rows if text.account == account and not text.by_carrier),
            key=lambda text: -text.seq,
        )

    def _apply_line(self, **said: Any) -> None:
        line = Line(**said)
        self.lines[line.number] = line

    def _apply_account(self, **said: Any) -> None:
        account = Account(**said)
        self.accounts[account.sid] = account

    def _apply_text(self, **said: Any) -> None:
        text = Text(**said)
        text.seq = len(self.texts) + 1
        self.texts[text.sid] = text
        self.of_phone.setdefault(text.phone, []).append(text.sid)

    def _apply_status(
        self, sid: str, status: str, code: int | None = None, sent_at: float | None = None
    ) -> None:
        text = self.texts[sid]
        text.status, text.code = status, code
        text.sent_at = sent_at if sent_at is not None else text.sent_at

    def _apply_redacted(self, sid: str) -> None:
        self.texts[sid].body = ""

    def _apply_customer(self, **said: Any) -> None:
        customer = Customer(**said)
        self.customers[customer.number] = customer

    def _apply_spoke(self, number: str) -> None:
        self.customers[number].said += 1

    def _apply_block(self, sender: str, phone: str) -> None:
        self.blocks.add((sender, phone))

    def _apply_unblock(self, sender: str, phone: str) -> None:
        self.blocks.discard((sender, phone))

    def _apply_life(self, on: bool) -> None:
        self.life_on = on

    def _apply_webhook(self, **said: Any) -> None:
        self.webhooks.append(said)

    def _as_changes(self) -> list[dict[str, Any]]:
        changes = [{"what": "account", **asdict(one)} for one in self.accounts.values()]
        changes += [{"what": "line", **asdict(one)} for one in self.lines.values()]
        changes += [{"what": "customer", **asdict(one)} for one in self.customers.values()]
        changes += [
            {"what": "block", "sender": sender, "phone": phone}
            for sender, phone in sorted(self.blocks)
        ]
        changes += [{"what": "text", **asdict(one)} for one in self.texts.values()]
        changes += [{"what": "webhook", **said} for said in self.webhooks]
        return [*changes, {"what": "life", "on": self.life_on}]


def open_world(data: Path | None) -> World:
    """The world as it was left, or a new one; without a folder it is forgotten at the end."""
    world = World(Journal(data / "simulator.jsonl" if data else None))
    world.replay()
    return world
