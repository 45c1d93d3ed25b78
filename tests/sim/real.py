"""Ring two: the product itself. Real actions, real PostgreSQL, an invented clock and carrier.

Each life is a company of its own in a database that many share. What ring one has not is tried
here as well: keys that are rotated, devices that are ended, outsiders, words at rest, the ledger.

Not here: what happens (`life`), what must hold (`auditor`), ends of processes (`mortal`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from threading import Thread
from typing import Any
from uuid import UUID

from lotline.actions.consent import record_stop
from lotline.actions.context import Context
from lotline.actions.devices import end_device, open_device
from lotline.actions.dispatch import claim, prepare
from lotline.actions.erase import erase_by_command
from lotline.actions.errors import ClockWentBack, NotYours, Refused
from lotline.actions.outcome import record_outcomes
from lotline.actions.receipts import Heard, take_receipts
from lotline.actions.receive import Verified, receive
from lotline.actions.reconcile import settle, settle_by_hand, unsettled_of
from lotline.actions.rotation import rotate_group
from lotline.actions.sequence import sequence
from lotline.actions.submit import submit
from lotline.actions.undo import undo
from lotline.core.carriers.port import Arrival, Found, Outcome, Receipt, ReceiptWord, RefusalKind
from lotline.core.carriers.port import Refused as NotTaken
from lotline.core.gate.decision import decision_from_json
from lotline.core.gate.facts import facts_from_json
from lotline.store.barrier import handing_over
from lotline.store.sealed import number_hashes
from lotline.store.shown import Viewer
from lotline.store.viewer import load_viewer
from tests.sim.auditor import BOOK
from tests.sim.ground import Firm
from tests.sim.hands import LINE
from tests.sim.house import Cut, Died, Look, Name, Offer, Tapped
from tests.town import ACCOUNT, Clock

GATES_WAITED_FOR = (
    "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    " and database = (select oid from pg_database where datname = current_database())"
)
LOOK = (
    "select t.purpose, t.state, t.created_at, d.stage, d.facts, d.verdict, d.findings,"
    " d.without_offer, d.rulebook, d.hold_until, d.decided_at from texts t"
    " join decisions d on d.group_id = t.group_id and d.text_id = t.id"
    " where t.group_id = %s and t.id = %s order by d.id desc limit 1"
)
GROWN = "select " + ", ".join(
    f"(select count(*) from {table} where group_id = %(group)s)"
    for table in ("texts", "consent_entries", "decisions", "ledger_leaves", "ledger_places")
)
ENDED = (
    "delete from outbox where group_id = %s",
    """update texts set state = 'failed' where group_id = %s
    and state in ('unknown', 'queued', 'held', 'sending')""",
)


class Real:
    """The house of ring two."""

    def __init__(self, firm: Firm, ctx: Context, clock: Clock, phones: tuple[str, ...]) -> None:
        self.firm, self.ctx, self.clock, self.phones = firm, ctx, clock, phones
        self.ground, self.ask = firm.ground, firm.ground.ask
        self.town, self.group = firm.town, firm.group
        self.line = self.town.lines["sales"]
        self.digest = BOOK.digest
        self.talks: dict[str, UUID] = {}
        self.found: dict[str, UUID] = {}
        self.gates: dict[str, ExitStack] = {}

    def viewer(self, who: str) -> Viewer:
        session = self.firm.sessions[who]
        found = load_viewer(self.ctx.db, self.town.accounts[who], session, self.clock())
        assert found is not None, "who is signed in is somebody"
        return replace(found, locked=False)

    # -- customers -------------------------------------------------------------------------------

    def arrive(self, phone: str, body: str, sid: str) -> str:
        self.firm.words |= {body, phone.removeprefix("+1")}
        arrival = Arrival("twilio", ACCOUNT, sid, phone, LINE, body, self.clock())
        (done,) = receive(self.ctx, [Verified(self.group, self.line, arrival, f"Body={body}")])
        if phone not in self.found:
            self._find(phone)
        return "repeated" if done.repeated else done.heard

    def _find(self, phone: str) -> None:
        with self.ctx.db.transaction(self.group) as tx:
            known = tx.all("standing.by_number", hashes=number_hashes(tx.keys, phone))
            self.found.pop(phone, None)
            if known:
                self.found[phone] = known[0].id
                pair = {"contacts": [known[0].id], "lines": [self.line]}
                self.talks[phone] = tx.all("arrivals.conversations", **pair)[0].id

    def shuts(self, phone: str, body: str) -> bool:
        return True

    def meanwhile(
        self, act: Callable[[], Any], finish: Callable[[], None], shuts: Callable[[], bool]
    ) -> Any:
        """Whoever waits at a gate waits on a connection of their own, until `finish`."""
        done: list[Any] = []

        def run() -> None:
            try:
                done.append(act())
            except BaseException as trouble:  # noqa: BLE001  # raised again in the life's thread
                done.append(trouble)

        thread = Thread(target=run)
        thread.start()
        while thread.is_alive() and not self.ask(GATES_WAITED_FOR)[0][0]:
            time.sleep(0.0005)
        finish()
        thread.join()
        if isinstance(done[0], BaseException):
            raise done[0]
        return done[0]

    def cut(self, act: Callable[[], Any], cut: Cut | None) -> Any:
        if cut is None:
            return act()
        if cut.where == "within":
            self.ground.db.left = cut.statement
            try:
                return act()
            finally:
                self.ground.db.left = 0
        if cut.where == "after":
            act()
        raise Died

    # -- members ---------------------------------------------------------------------------------

    def knows(self, phone: str) -> bool:
        return phone in self.talks

    def contact(self, phone: str) -> UUID | None:
        return self.found.get(phone)

    def tap(
        self, phone: str, body: str, client: int, purpose: str | None, send_at: datetime | None
    ) -> Tapped | None:
        self.firm.words.add(body)
        try:
            done = submit(
                self.ctx,
                self.viewer("ben"),
                self.talks[phone],
                body,
                client_id=UUID(int=client),
                purpose=purpose,
                why="They asked for it.",
                send_at=send_at,
            )
        except (Refused, ClockWentBack):
            return None
        return Tapped(done.text_id, done.state, done.repeated)

    def undo(self, name: Name) -> bool:
        assert isinstance(name, UUID)
        return undo(self.ctx, self.viewer("ben"), name).ok

    def staff_stop(self, phone: str) -> bool:
        talk = self.talks[phone]
        (contact,) = self.ask("select contact_id from conversations where id = %s", talk)[0]
        try:
            record_stop(self.ctx, self.viewer("ada"), contact, how="phone")
        except NotYours:
            return False
        return True

    def erase(self, phone: str) -> None:
        talk = self.talks[phone]
        (contact,) = self.ask("select contact_id from conversations where id = %s", talk)[0]
        erase_by_command(self.ctx, self.group, contact, "asked")
        self._find(phone)

    # -- who must get nothing --------------------------------------------------------------------

    def outsiders_try(self, phone: str, name: Name | None) -> None:
        for session in self.firm.ended:
            gone = load_viewer(self.ctx.db, self.town.accounts["ben"], session, self.clock())
            assert gone is None, "P6: an ended session is somebody"
        cy, talk = self.viewer("cy"), self.talks[phone]
        try:
            client = UUID(int=self.ctx.new_id().int)
            submit(self.ctx, cy, talk, "It is mine.", client_id=client, purpose="reply", why="-")
        except NotYours:
            pass
        else:
            raise AssertionError("P7: a stranger to the line texted from it")
        if name is not None:
            assert isinstance(name, UUID)
            try:
                undo(self.ctx, cy, name)
            except NotYours:
                pass
            else:
                raise AssertionError("P7: a stranger to the line read and took back its text")

    def lose_device(self) -> None:
        end_device(self.ctx, self.viewer("ada"), self._device(), "lost")
        self.firm.ended.append(self.firm.sessions["ben"])
        self.firm.sessions["ben"] = f"ben-{len(self.firm.ended)}"
        open_device(self.ctx, self.town.accounts["ben"], self.firm.sessions["ben"])

    def _device(self) -> UUID:
        return self.viewer("ben").device_id

    def rotate(self) -> None:
        """Every process learns the keys as it would after half a minute."""
        keys = self.ground.db.keys
        assert keys is not None
        rotate_group(self.ctx, self.group, lambda _: keys.forget(self.group), lambda _: None)
        keys.forget(self.group)

    # -- a worker ----------------------------------------------------------------------------------

    def claim(self, worker: str, limit: int) -> list[Any]:
        return list(claim(self.ctx, worker, limit))

    def holds(self, due: Sequence[Any]) -> set[Any]:
        return {one.contact_id for one in due}

    def prepare(self, worker: str, due: Sequence[Any]) -> list[Offer]:
        stack = ExitStack()
        stack.enter_context(handing_over(self.ctx.db, [one.contact_id for one in due]))
        self.gates[worker] = stack
        try:
            ready = prepare(self.ctx, worker, due)
        except ClockWentBack:
            self.leave(worker)
            return []
        return [
            Offer(UUID(one.outgoing.reference), one.outgoing.to, one.outgoing.body, one)
            for one in ready
        ]

    def leave(self, worker: str) -> None:
        stack = self.gates.pop(worker, None)
        if stack is not None:
            stack.close()

    def outcomes(self, answered: Sequence[tuple[Offer, Outcome]]) -> None:
        record_outcomes(self.ctx, [(offer.handle, said) for offer, said in answered])
        for offer, said in answered:
            if isinstance(said, NotTaken) and said.kind is RefusalKind.OPTED_OUT:
                self._find(offer.to)

    # -- the carrier's words -----------------------------------------------------------------------

    def receipt(
        self, name: Name, phone: str, carrier_id: str, word: ReceiptWord, code: str
    ) -> bool:
        heard = Receipt("twilio", ACCOUNT, carrier_id, word, self.clock(), str(name), code, phone)
        (done,) = take_receipts(self.ctx, [Heard(self.group, heard, "MessageStatus=x")])
        if code == "21610":
            self._find(phone)
        return done.repeated

    def unsettled(self) -> list[tuple[Name, str, Any]]:
        found = unsettled_of(self.ctx, self.group)
        return [(one.text_id, one.search.to, one) for one in found]

    def settle(self, handle: Any, found: Found) -> bool:
        done = settle(self.ctx, handle, found)
        if any(seen.code for seen in found.texts):
            self._find(handle.search.to)
        return done

    def by_hand(self, name: Name, *, sent: bool) -> bool:
        assert isinstance(name, UUID)
        try:
            settle_by_hand(self.ctx, self.viewer("ben"), name, sent=sent)
        except Refused:
            return False
        return True

    def sequence(self) -> int:
        sequence(self.ctx, self.group)
        sql = "select count(*) from ledger_places where group_id = %s"
        count: int = self.ask(sql, self.group)[0][0]
        return count

    # -- what a life and its auditor ask -----------------------------------------------------------

    def look(self, name: Name) -> Look:
        row = self.ask(LOOK, self.group, name)[0]
        kept = ("verdict", "findings", "without_offer", "rulebook", "hold_until", "decided_at")
        plain = dict(zip(kept, row[5:], strict=True))
        purpose, state, created_at, stage, facts = row[:5]
        decision = decision_from_json(plain)
        return Look(purpose, state, created_at, stage, facts_from_json(facts), decision)

    def state(self, name: Name) -> str:
        sql = "select state from texts where group_id = %s and id = %s"
        state: str = self.ask(sql, self.group, name)[0][0]
        return state

    def next_due(self) -> datetime | None:
        sql = (
            "select least((select min(due_at) from outbox where claimed_until is null and"
            " group_id = %(g)s), (select min(claimed_until) from outbox where group_id = %(g)s))"
        )
        due: datetime | None = self.ask(sql, g=self.group)[0][0]
        return due

    def grown(self) -> Sequence[int]:
        counts: Sequence[int] = self.ask(GROWN, group=self.group)[0]
        return counts

    def waiting(self) -> list[tuple[str, str]]:
        sql = (
            "select purpose, state from texts where group_id = %s"
            " and state in ('queued', 'held', 'sending')"
        )
        return self.ask(sql, self.group)

    def stored(self) -> list[str]:
        sql = "select carrier_id from texts where group_id = %s and direction = 'in'"
        return [row[0] for row in self.ask(sql, self.group)]

    def check(self) -> None:
        """Nothing waits for nobody, and nothing is left to the next life."""
        orphans = self.ask(
            "select 1 from texts t where group_id = %s and state in ('queued', 'held')"
            " and purpose <> 'offer' and not exists (select from outbox o where o.text_id = t.id)",
            self.group,
        )
        assert orphans == [], "it waits, and nobody will come for it"
        self.forget()

    def forget(self) -> None:
        """What is left of this life is no business of the next."""
        for worker in list(self.gates):
            self.leave(worker)
        for sql in ENDED:
            self.ground.link.execute(sql.encode(), [self.group])
