"""Ring one: a house in memory. The product's core decides; this only remembers, as tables do.

Consent is folded, words are heard, the gate is asked, a text's life is folded from receipts and an
unknown one is matched by the product's own functions. The store around them is a model of the
outbox and its leases, of claims, gates and states; that it behaves as the real one is checked seed
by seed (`test_rings_agree`).

Not here: the rows (`rows`), the worker's side (`outbox`), keys and sessions, of which it has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from lotline.actions.entries import say_last
from lotline.actions.hearing import SHUTS, answers_to, entries_of
from lotline.core.carriers.port import Arrival
from lotline.core.consent.entry import Entry, How, Says, Scope, Source
from lotline.core.consent.standing import (
    Level,
    Standing,
    is_stopped_after_all,
    level,
    standing_on_record,
)
from lotline.core.gate.decision import Decision, Verdict
from lotline.core.gate.facts import Facts, Mark
from lotline.core.gate.facts import Sender as By
from lotline.core.gate.gate import decide
from lotline.core.messaging.footer import Added, added_to
from lotline.core.messaging.notices import Notice
from lotline.core.messaging.purpose import Purpose
from tests.sim.auditor import BOOK
from tests.sim.hands import LINE
from tests.sim.house import Cut, Died, Look, Name, Tapped
from tests.sim.life import PHONES, begins_at
from tests.sim.outbox import CHOSEN, SLACK, WAITS, ClockWentBack, Outbox, Waiting
from tests.sim.rows import Contact, Text, facts_of, guess, heard_in, straight, worded
from tests.town import ACCOUNT, COMPANY, Clock

CLOSING = frozenset({Says.STOP, Says.WRONG_NUMBER, Says.DOUBT})
HELP_AGAIN_AFTER = timedelta(minutes=2)
WHO = SimpleNamespace(contact_id=UUID(int=1), store_id=UUID(int=2))
WHERE: Any = SimpleNamespace(thread=WHO, id=UUID(int=3), heard={})


class Memory(Outbox):
    """The house of ring one."""

    def __init__(self, seed: int, phones: tuple[str, ...] = PHONES) -> None:
        super().__init__(Clock(begins_at(seed)))
        self.phones = phones
        self.digest = BOOK.digest
        self.by_phone: dict[str, Contact] = {}
        self.talks: dict[str, Contact] = {}
        self.arrivals: dict[str, int] = {}
        self.clients: dict[int, Text] = {}
        self.new: Any = SimpleNamespace(new_id=self.new_uuid)

    # -- customers -------------------------------------------------------------------------------

    def shuts(self, phone: str, body: str) -> bool:
        contact = self.by_phone.get(phone)
        out = contact is not None and contact.level is Level.OUT
        return heard_in(body, out=out).decision in SHUTS

    def arrive(self, phone: str, body: str, sid: str) -> str:
        now = self.clock()
        contact = self._known(phone)
        heard = heard_in(body, out=contact.level is Level.OUT)
        if sid in self.arrivals:
            return "repeated"
        self.arrivals[sid] = 1
        self.leaf("text", sid)
        name = self.new_id()
        if contact.last_in is None or name > contact.last_in[0]:
            contact.last_in = (name, body, now)
        contact.last_in_at = max(contact.last_in_at or now, now)
        before = standing_on_record(contact.entries, now)
        arrival = Arrival("twilio", ACCOUNT, sid, phone, LINE, body, now)
        rows = entries_of(self.new, arrival, heard, before=before, text=WHERE, now=now)
        self.take_entries(contact, [row.entry for row in rows])
        which = answers_to(arrival, heard, before)
        if which is not None:
            self._send_notice(contact, which)
        return heard.decision

    def _known(self, phone: str) -> Contact:
        contact = self.by_phone.get(phone)
        if contact is None:
            contact = Contact(self.new_uuid(), phone)
            self.by_phone[phone] = contact
            self.contacts.append(contact)
        contact.key = True
        self.talks[phone] = contact
        return contact

    def _send_notice(self, contact: Contact, which: Notice) -> None:
        now, purpose = self.clock(), which.purpose
        if which is Notice.HELP and any(
            text.purpose is Purpose.HELP and text.created_at > now - HELP_AGAIN_AFTER
            for text in contact.texts
        ):
            return
        facts = facts_of(contact, purpose, By.SOFTWARE, now)
        decision = decide(facts, BOOK)
        state = "queued" if decision.verdict is Verdict.ALLOW else "blocked"
        text = self._text(contact, By.SOFTWARE, purpose, (worded(which), Added()), state)
        self.keep(text, "submit", facts, decision)
        if state == "queued":
            self.rows[text.id] = Waiting(text, now, "notice")

    # -- consent ---------------------------------------------------------------------------------

    def take_entries(self, contact: Contact, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        now = self.clock()
        entries = [
            say_last(one, contact.entries, contact.last_in_at)
            if one.says in CLOSING and one.said_at == now
            else one
            for one in entries
        ]
        contact.entries += entries
        for entry in entries:
            self.leaf("consent", str(entry.id))
        contact.level = level(standing_on_record(contact.entries, self.clock()))
        if any(entry.says in CLOSING for entry in entries):
            self._stop_waiting(contact)

    def _stop_waiting(self, contact: Contact) -> None:
        """Ask again about all that waits for them; what is refused leaves the queue."""
        now = self.clock()
        for row in [row for row in self.rows.values() if row.text.contact is contact]:
            text = row.text
            if text.state not in WAITS:
                continue
            stage, facts, decision = self.ask_again(text, now)
            if decision.verdict is Verdict.BLOCK:
                self.keep(text, stage, facts, decision)
                text.state, text.state_at = "blocked", now
                del self.rows[text.id]

    def staff_stop(self, phone: str) -> bool:
        if not self.talks[phone].key:
            return False
        self.take_entries(self.talks[phone], [self._stop(Source.PHONE, How.WORDING)])
        return True

    def carrier_stop(self, text: Text) -> None:
        """Of the text's own contact, and of whom its number finds now, if that is another."""
        meant = text.contact
        holder = self.by_phone.setdefault(meant.phone, meant)
        self.talks[meant.phone] = holder
        for contact in dict.fromkeys((meant, holder)):
            if not is_stopped_after_all(contact.entries, contact.last_in_at, self.clock()):
                self.take_entries(contact, [self._stop(Source.CARRIER, How.KEYWORD)])

    def _stop(self, source: Source, how: How) -> Entry:
        now = self.clock()
        return Entry(self.new_uuid(), Says.STOP, Scope.ALL, now, now, source, how=how)

    def erase(self, phone: str) -> None:
        contact = self.talks[phone]
        if not contact.key:
            return
        contact.key = False
        now = self.clock()
        self._stop_waiting(contact)
        for row in [row for row in self.rows.values() if row.text.contact is contact]:
            row.text.state, row.text.state_at = "cancelled", now
            del self.rows[row.text.id]
        for text in contact.texts:
            text.body, text.added = "", Added()
        if contact.last_in is not None:
            contact.last_in = (contact.last_in[0], "", contact.last_in[2])
        self.leaf("erasure", str(contact.id))
        standing = standing_on_record(contact.entries, now)
        if not _keeps_number(standing):
            del self.by_phone[phone]

    # -- members ---------------------------------------------------------------------------------

    def knows(self, phone: str) -> bool:
        return phone in self.talks

    def contact(self, phone: str) -> UUID | None:
        found = self.by_phone.get(phone)
        return None if found is None else found.id

    def tap(
        self, phone: str, body: str, client: int, purpose: str | None, send_at: datetime | None
    ) -> Tapped | None:
        now, contact = self.clock(), self.talks[phone]
        earlier = self.clients.get(client)
        if earlier is not None:
            return Tapped(earlier.id, earlier.state, repeated=True)
        if not contact.key:
            return None
        at = max(now, send_at) if send_at else now
        try:
            made, added, chosen, facts = self._compose(contact, body, purpose, at)
        except ClockWentBack:
            return None
        decision = decide(facts, BOOK)
        state, kind, due_at = _fate(decision, now, send_at)
        text = self._text(contact, By.PERSON, chosen, (made, added), state)
        self.clients[client] = text
        self.keep(text, "submit", facts, decision)
        if due_at is not None:
            self.rows[text.id] = Waiting(text, due_at, kind)
        return Tapped(text.id, state, repeated=False)

    def _compose(
        self, contact: Contact, body: str, purpose: str | None, at: datetime
    ) -> tuple[str, Added, Purpose, Facts]:
        made = straight(body)
        last = contact.last_in
        handed = [text.handed_at for text in contact.texts if text.handed_at is not None]
        last_out_at = max(handed, default=None)
        stamps = (last[2] if last is not None else None, last_out_at)
        if any(one is not None and one - self.clock() > SLACK for one in stamps):
            raise ClockWentBack
        minutes = None if last is None else (at - last[2]) / timedelta(minutes=1)
        in_time = minutes is not None and 0 <= minutes <= ANSWERS_FOR
        guessed = guess(made, last[1] if last and in_time else None, in_time=in_time).purpose
        chosen = Purpose(purpose) if purpose else guessed
        inside = guessed is Purpose.OFFER and chosen is not Purpose.OFFER
        added = added_to(
            made, company=COMPANY, wording=BOOK.notices, last_out_at=last_out_at, at=at
        )
        marks = frozenset({Mark.OFFER_INSIDE.value}) if inside else frozenset[str]()
        return made, added, chosen, facts_of(contact, chosen, By.PERSON, at, marks=marks)

    def undo(self, name: Name) -> bool:
        text = self.texts[name]
        if text.state == "cancelled":
            return True
        if text.state not in WAITS or (text.state == "queued" and text.id not in self.rows):
            return False
        self.rows.pop(text.id, None)
        text.state, text.state_at = "cancelled", self.clock()
        return True

    def _text(
        self, contact: Contact, by: By, purpose: Purpose, words: tuple[str, Added], state: str
    ) -> Text:
        now = self.clock()
        text = Text(self.new_id(), contact, by, purpose, *words, state, now, now)
        self.texts[text.id] = text
        contact.texts.append(text)
        return text

    # -- what a life and its auditor ask ----------------------------------------------------------

    def meanwhile(
        self, act: Callable[[], Any], finish: Callable[[], None], shuts: Callable[[], bool]
    ) -> Any:
        """A stop waits at the gate; nothing else does."""
        if shuts():
            finish()
            return act()
        done = act()
        finish()
        return done

    def cut(self, act: Callable[[], Any], cut: Cut | None) -> Any:
        if cut is None:
            return act()
        if cut.where == "after":
            act()
        raise Died

    def look(self, name: Name) -> Look:
        text = self.texts[name]
        assert text.decided is not None, "P2: a text without a decision"
        stage, facts, decision = text.decided
        return Look(text.purpose.value, text.state, text.created_at, stage, facts, decision)

    def stored(self) -> list[str]:
        return list(self.arrivals)

    def rotate(self) -> None:
        """No keys are kept here."""

    def outsiders_try(self, phone: str, name: Name | None) -> None:
        """Nobody signs in here."""

    def lose_device(self) -> None:
        """Nor from anything."""


ANSWERS_FOR = 24 * 60


def _keeps_number(standing: Standing) -> bool:
    out = level(standing) in {Level.OUT, Level.CHECK}
    return out or standing.stopped is not None or bool(standing.stopped_lines)


def _fate(
    decision: Decision, now: datetime, send_at: datetime | None
) -> tuple[str, str, datetime | None]:
    if decision.verdict is Verdict.BLOCK:
        return "blocked", "", None
    if decision.verdict is Verdict.HOLD:
        return "held", "hold", decision.hold_until
    if send_at is not None and send_at > now:
        return "held", "schedule", send_at
    return "queued", "undo", now + timedelta(seconds=CHOSEN.undo_s)
