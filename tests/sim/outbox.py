"""Ring one's worker side: the outbox with its leases, the second look, answers and receipts.

A model of `store.outbox` and of what `dispatch`, `outcome`, `receipts` and `reconcile` keep. Every
verdict, every state of a text and every match is the core's.

Not here: customers and members (`memory`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lotline.actions.context import Chosen
from lotline.actions.outcome import BUSY_LONGEST_S
from lotline.core.carriers.errors import meaning_of
from lotline.core.carriers.port import (
    Busy,
    Found,
    Outcome,
    Outgoing,
    ReceiptWord,
    RefusalKind,
    Refused,
    Sent,
    Unknown,
)
from lotline.core.carriers.receipts import fate_of, merge
from lotline.core.carriers.unknowns import Matched, decide_match
from lotline.core.gate.decision import Decision, Verdict
from lotline.core.gate.facts import Facts
from lotline.core.gate.gate import decide
from lotline.core.ledger.merkle import Frontier, append, hash_leaf
from lotline.core.messaging.text import TextState, state_of
from tests.sim.auditor import BOOK
from tests.sim.hands import LINE
from tests.sim.house import Name, Offer
from tests.sim.rows import Contact, Text, facts_of
from tests.town import ACCOUNT, Clock

CHOSEN = Chosen()
LEASE = timedelta(seconds=CHOSEN.lease_s)
SETTLE_AFTER = timedelta(seconds=CHOSEN.settle_after_s)
SLACK = timedelta(minutes=2)
NO_HOUR = timedelta(days=1)
WAITS = frozenset({"queued", "held"})
UNSURE = frozenset({"sending", "unknown"})
NOON = datetime(2026, 1, 1).astimezone()


class ClockWentBack(Exception):
    """As the product's: nothing is judged by this clock."""


@dataclass(slots=True, eq=False)
class Waiting:
    """One row of the outbox."""

    text: Text
    due_at: datetime
    kind: str
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    attempts: int = 0


class Outbox:
    """Texts, what waits of them, and the log."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.texts: dict[Any, Text] = {}
        self.rows: dict[int, Waiting] = {}
        self.contacts: list[Contact] = []
        self.words: set[tuple[str, str]] = set()
        self.leaves: list[bytes] = []
        self.tree = Frontier()
        self.decisions = 0
        self._count = 0

    # -- names and leaves ------------------------------------------------------------------------

    def new_id(self) -> int:
        """Grows with the clock, as the product's ids do."""
        self._count += 1
        return int(self.clock().timestamp() * 1000) << 24 | self._count

    def new_uuid(self) -> UUID:
        return UUID(int=self.new_id())

    def leaf(self, kind: str, subject: str) -> None:
        self.leaves.append(f"{kind} {subject}".encode())

    def keep(self, text: Text, stage: str, facts: Facts, decision: Decision) -> None:
        text.decided = (stage, facts, decision)
        self.decisions += 1
        self.leaf("decision", f"{text.id} {stage}")

    def sequence(self) -> int:
        waiting = self.leaves[self.tree.size :]
        self.tree = append(self.tree, map(hash_leaf, waiting)).frontier
        return self.tree.size

    # -- a worker ----------------------------------------------------------------------------------

    def claim(self, worker: str, limit: int) -> list[Waiting]:
        now = self.clock()
        rows = self.rows.values()
        held = [row for row in rows if row.claimed_until is not None]
        lapsed = sorted((row for row in held if _until(row) < now), key=_lapsed)[:limit]
        free = [row for row in rows if row.claimed_until is None and row.due_at <= now]
        free.sort(key=_turn)
        due = sorted([*lapsed, *free[: limit - len(lapsed)]], key=_order)
        for row in due:
            row.claimed_by, row.claimed_until = worker, now + LEASE
        return [replace(row) for row in due]

    def holds(self, due: Sequence[Waiting]) -> set[Any]:
        return {one.text.contact.id for one in due}

    def prepare(self, worker: str, due: Sequence[Waiting]) -> list[Offer]:
        now = self.clock()
        claimed = {}
        for one in due:
            row = self.rows.get(one.text.id)
            if row is not None and row.claimed_by == worker:
                claimed[row.text.id] = row
        first: dict[UUID, int] = {}
        for one in due:
            first.setdefault(one.text.contact.id, one.text.id)
        held = sorted(set(first.values()) & claimed.keys())
        if any(self.texts[one].created_at - now > SLACK for one in held):
            return []
        for name, row in claimed.items():
            if name not in held:
                row.claimed_by = row.claimed_until = None
        by_text = {one.text.id: one for one in due}
        said = []
        for name in held:
            text = self.texts[name]
            if text.state in WAITS and text.contact.key and text.body:
                said.append((text, *self.ask_again(text, now)))
            else:
                del self.rows[name]
                if text.state in WAITS:
                    text.state, text.state_at = "cancelled", now
        for text, stage, facts, decision in said:
            self.keep(text, stage, facts, decision)
        return [
            Offer(text.id, text.contact.phone, text.added.around(text.body), by_text[text.id])
            for text, _, _, decision in said
            if self._follow(text, decision, now)
        ]

    def ask_again(self, text: Text, now: datetime) -> tuple[str, Facts, Decision]:
        assert text.decided is not None, "P2: a text without a decision"
        first = text.decided[1]
        facts = facts_of(text.contact, text.purpose, text.sender, now, itself=text, first=first)
        return "release" if text.state == "held" else "dispatch", facts, decide(facts, BOOK)

    def _follow(self, text: Text, decision: Decision, now: datetime) -> bool:
        if decision.verdict is Verdict.ALLOW:
            text.state, text.state_at = "sending", now
            text.handed_at = text.handed_at or now
            del self.rows[text.id]
            return True
        if decision.verdict is Verdict.HOLD:
            row = self.rows[text.id]
            row.due_at, row.kind = decision.hold_until or now + NO_HOUR, "hold"
            row.claimed_by = row.claimed_until = None
            if text.state != "held":
                text.state, text.state_at = "held", now
        else:
            text.state, text.state_at = "blocked", now
            del self.rows[text.id]
        return False

    def leave(self, worker: str) -> None:
        """The gates are the life's own in this ring."""

    def outcomes(self, answered: Sequence[tuple[Offer, Outcome]]) -> None:
        now = self.clock()
        stopped = []
        for offer, said in answered:
            text = self.texts[offer.name]
            before = text.state
            if isinstance(said, Sent):
                text.state_at, text.carrier_id = now, text.carrier_id or said.carrier_id
                self._hear(text, before, said.word, "")
            elif isinstance(said, Refused):
                self._hear(text, before, ReceiptWord.FAILED, said.code)
                if said.kind is RefusalKind.OPTED_OUT:
                    stopped.append(text)
            elif isinstance(said, Busy) and before == "sending":
                self._return(text, offer.handle, said, now)
            elif isinstance(said, Unknown) and before == "sending":
                text.state, text.state_at = "unknown", now
            if not isinstance(said, Busy):
                self.leaf("text", str(text.id))
        for text in stopped:
            self.carrier_stop(text)

    def _return(self, text: Text, due: Waiting, said: Busy, now: datetime) -> None:
        attempts = due.attempts + 1
        wait_s = min(max(said.retry_after_s, 1.0) * 2 ** min(attempts - 1, 8), BUSY_LONGEST_S)
        text.state, text.state_at, text.handed_at = "queued", now, None
        due_at = now + timedelta(seconds=wait_s)
        self.rows[text.id] = Waiting(text, due_at, due.kind, attempts=attempts)

    def carrier_stop(self, text: Text) -> None:
        raise NotImplementedError

    def _hear(self, text: Text, before: str, word: ReceiptWord, code: str) -> None:
        """One more word, folded with all that was heard."""
        text.fate = merge(text.fate, fate_of(word, code))
        state = state_of(text.fate, TextState(before)).value
        said = text.fate.code or None
        if state != before or (said is not None and said != text.error_code):
            text.state, text.state_at = state, self.clock()
            text.error_code = said or text.error_code

    # -- the carrier's words -----------------------------------------------------------------------

    def receipt(
        self, name: Name, phone: str, carrier_id: str, word: ReceiptWord, code: str
    ) -> bool:
        key = (carrier_id, word.value)
        if key in self.words:
            return True
        self.words.add(key)
        text = self.texts[name]
        assert text.contact.phone == phone, "it is told of whom it was for"
        before = text.state
        if text.carrier_id is None:
            text.carrier_id, text.state_at = carrier_id, self.clock()
        self._hear(text, before, word, code)
        if code and meaning_of("twilio", code).kind is RefusalKind.OPTED_OUT:
            self.carrier_stop(text)
        return False

    def unsettled(self) -> list[tuple[Name, str, Any]]:
        now = self.clock()
        found = [
            text
            for text in self.texts.values()
            if text.state in UNSURE and text.state_at < now - SETTLE_AFTER
        ]
        for text in found:
            if text.state == "sending":
                text.state, text.state_at = "unknown", now
        found.sort(key=lambda text: text.id)
        return [(text.id, text.contact.phone if text.contact.key else "", text) for text in found]

    def settle(self, handle: Text, found: Found) -> bool:
        text = handle
        if text.state not in UNSURE:
            return True
        wanted = Outgoing(
            reference=str(text.id),
            account=ACCOUNT,
            to=text.contact.phone if text.contact.key else "",
            body=text.added.around(text.body) or "-",
            callback_url="",
            from_number=LINE,
        )
        taken = {one.carrier_id for one in self.texts.values() if one.carrier_id}
        match = decide_match(wanted, found, taken)
        if not isinstance(match, Matched):
            return False
        before = text.state
        text.carrier_id, text.state_at = text.carrier_id or match.text.carrier_id, self.clock()
        self._hear(text, before, match.text.word, match.text.code)
        if match.text.code:
            self.carrier_stop(text)
        return True

    def by_hand(self, name: Name, *, sent: bool) -> bool:
        text = self.texts[name]
        if text.state != "unknown":
            return False
        word, code = (ReceiptWord.SENT, "") if sent else (ReceiptWord.FAILED, "by_hand")
        self._hear(text, text.state, word, code)
        return True

    # -- what a life and its auditor ask -----------------------------------------------------------

    def state(self, name: Name) -> str:
        return self.texts[name].state

    def next_due(self) -> datetime | None:
        """As `store.outbox` asks: when there is something to do next."""
        free = [row.due_at for row in self.rows.values() if row.claimed_until is None]
        held = [row.claimed_until for row in self.rows.values() if row.claimed_until is not None]
        return min((min(several) for several in (free, held) if several), default=None)

    def grown(self) -> tuple[int, ...]:
        entries = sum(len(contact.entries) for contact in self.contacts)
        return (len(self.texts), entries, self.decisions, len(self.leaves), self.tree.size)

    def waiting(self) -> list[tuple[str, str]]:
        return [
            (text.purpose.value, text.state)
            for text in self.texts.values()
            if text.state in {"queued", "held", "sending"}
        ]

    def check(self) -> None:
        """The log is what its leaves add up to, read again from the first."""
        whole = append(Frontier(), map(hash_leaf, self.leaves)).frontier
        assert whole.root == self.tree.root, "P5: the log is not what its leaves add up to"
        orphans = [
            text
            for text in self.texts.values()
            if text.state in WAITS and text.id not in self.rows and text.purpose.value != "offer"
        ]
        assert orphans == [], "it waits, and nobody will come for it"


def _order(row: Waiting) -> tuple[datetime, int]:
    return (row.due_at, row.text.id)


def _turn(row: Waiting) -> tuple[bool, datetime, int]:
    """What answers a stop goes before what people wrote."""
    return (row.kind != "notice", row.due_at, row.text.id)


def _until(row: Waiting) -> datetime:
    assert row.claimed_until is not None, "somebody has it"
    return row.claimed_until


def _lapsed(row: Waiting) -> tuple[datetime, datetime, int]:
    return (_until(row), row.due_at, row.text.id)
