"""The workload: one seed is one life of a house, from its first text to its rest.

Customers write, stop, start again and are erased; members tap, tap again, take back and schedule;
two workers advance joint by joint and die at any of them; the carrier refuses, is busy, takes and
then times out, and tells late, twice and in any order; the clock jumps, and is put back. The seed
first switches whole kinds of acts off or makes them likely, then draws each moment.

One thread: the seed chooses every order, so it replays. What is drawn depends on what the house
answers, so the same seed tells the same story in both rings, or they differ.

Not here: what must hold (`auditor`), the houses (`memory`, `real`).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from lotline.core.carriers.port import (
    Found,
    ReceiptWord,
)
from tests.sim.hands import CLAIMED, IDLE, Hands, Worker
from tests.sim.house import Died, Name
from tests.sim.said import ANSWERS, OFFERS, PLAIN, STARTS, STOPS

# The evening before clocks are put back, the one before they are put on, a year's end, a Wednesday.
BEGINNINGS = (
    datetime(2026, 10, 31, 20, 0, tzinfo=UTC),
    datetime(2027, 3, 13, 20, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 12, 0, tzinfo=UTC),
    datetime(2026, 11, 18, 10, 0, tzinfo=UTC),
)
PHONES = ("+16145550141", "+16145550157", "+15135550199")
SPANS_S = (1, 1, 4, 11, 25, 70, 130, 310, 420, 3700, 5 * 3600, 13 * 3600, 25 * 3600)
WORDS = (ReceiptWord.QUEUED, ReceiptWord.SENT, ReceiptWord.DELIVERED, ReceiptWord.DELIVERED)
LOST = (ReceiptWord.UNDELIVERED, ReceiptWord.FAILED)
ROUNDS = 40
ROTATED = 0.15


def begins_at(seed: int) -> datetime:
    """When this life begins; a house is built a little before."""
    dice = random.Random(seed)
    return dice.choice(BEGINNINGS) + timedelta(minutes=dice.randrange(0, 20 * 60))


class Life(Hands):
    """One seed's story in one house."""

    # -- the course of it ------------------------------------------------------------------------

    def live(self, moments: int) -> None:
        """So many things happen, then everything comes to rest."""
        self.dice.random()
        for phone in self.house.phones[: self.dice.choice((1, 2, 2, 3))]:
            self.writes(phone, "Is the truck there?")
        acts = self._swarm()
        for _ in range(moments):
            self.dice.choice(acts)()
            self.auditor.look()
        self.come_to_rest()

    def _swarm(self) -> list[Callable[[], None]]:
        """Each kind of act is rare, usual or frequent in one life, and some never happen."""
        usual: list[tuple[Callable[[], None], int]] = [
            (self.customer_writes, 4),
            (self.customer_stops, 2),
            (self.customer_starts, 1),
            (self.call_again, 2),
            (self.member_taps, 6),
            (self.tap_again, 2),
            (self.member_undoes, 1),
            (self.member_records_a_stop, 1),
            (self.worker_moves, 12),
            (self.worker_dies, 1),
            (self.receipt_comes, 3),
            (self.receipt_again, 1),
            (self.look_for_the_unknown, 1),
            (self.person_settles, 1),
            (self.time_passes, 6),
            (self.clock_goes_back, 1),
            (self.leaves_are_placed, 1),
            (self.somebody_is_erased, 1),
            (self.outsiders_try, 1),
            (self.device_is_lost, 1),
        ]
        always = {self.member_taps, self.worker_moves, self.time_passes}
        acts: list[Callable[[], None]] = []
        for act, weight in usual:
            acts += [act] * (
                weight * self.dice.choice((1, 1, 2) if act in always else (0, 1, 1, 3))
            )
        return acts

    def come_to_rest(self) -> None:
        """Nothing new happens and nothing errs; every wait must end."""
        self.calm = True
        for worker in self.workers:
            self._die(worker)
        self.clock_is_right()
        while self.owed:
            self._call(*self.owed.pop())
        worker = self.workers[0]
        for _ in range(ROUNDS):
            self.look_for_the_unknown()
            due = self.house.next_due()
            if due is None and not any(state == "sending" for _, state in self.house.waiting()):
                break
            now = self.house.clock()
            self._pass(max(due or now, now) - now + timedelta(seconds=61))
            self._whole_step(worker)
            self.receipt_comes()
        self.leaves_are_placed()
        self.auditor.look()
        self.auditor.at_rest()
        self.house.check()

    def clock_is_right(self) -> None:
        """Whoever put the clock back puts it right again."""
        late = self.auditor.newest - self.house.clock()
        if late > timedelta(0):
            self._pass(late)

    def _whole_step(self, worker: Worker) -> None:
        for _ in range(60):
            self._advance(worker)
            if worker.phase == IDLE:
                return

    # -- customers -------------------------------------------------------------------------------

    def customer_writes(self) -> None:
        self.writes(self.dice.choice(self.house.phones), self.dice.choice(PLAIN))

    def customer_stops(self) -> None:
        """Best at the very moment when something to them is on its way."""
        phone, on_its_way = self.dice.choice(self.house.phones), self.offers_to()
        if on_its_way and self.dice.random() < 0.7:
            phone = self.dice.choice(on_its_way)
        self.writes(phone, self.dice.choice(STOPS))

    def customer_starts(self) -> None:
        self.writes(self.dice.choice(self.house.phones), self.dice.choice(STARTS))

    def writes(self, phone: str, body: str) -> None:
        self._call(phone, body, f"SMin{self.seed}-{len(self.calls)}")

    def call_again(self) -> None:
        """The carrier calls again: what nobody acknowledged, or simply twice."""
        if self.owed and self.dice.random() < 0.7:
            self._call(*self.owed.pop(0))
        elif self.calls:
            self._call(*self.dice.choice(self.calls))

    def _call(self, phone: str, body: str, sid: str) -> None:
        call = (phone, body, sid)
        if call not in self.calls:
            self.calls.append(call)
        self.auditor.says(phone, body)
        house, cut = self.house, self.cut

        def arrive() -> str:
            """Acknowledged at the very moment when it is, whoever is still busy with what."""
            heard: str = house.cut(lambda: house.arrive(phone, body, sid), cut)
            self.auditor.heard(phone, body, sid, repeated=heard == "repeated")
            return heard

        try:
            heard = self._at_the_gate(phone, arrive, lambda: house.shuts(phone, body))
        except Died:
            self.owed.append(call)  # no 2xx was given, so the carrier will come again
            self._tell("no answer", phone, body)
            return
        self._tell("arrived", phone, body, heard)

    # -- members ---------------------------------------------------------------------------------

    def member_taps(self) -> None:
        phone = self.dice.choice(self.house.phones)
        if not self.house.knows(phone):
            return
        kind = self.dice.random()
        body = self.dice.choice(OFFERS if kind < 0.15 else ANSWERS)
        purpose = "offer" if kind < 0.15 else self.dice.choice((None, "reply", "update"))
        send_at = None
        if self.dice.random() < 0.1:
            send_at = self.house.clock() + timedelta(hours=self.dice.choice((1, 9, 30)))
        tap = (phone, body, self.seed << 32 | len(self.taps), purpose, send_at)
        self.taps.append(tap)
        self._tap(*tap)

    def tap_again(self) -> None:
        if self.taps:
            self._tap(*self.dice.choice(self.taps))

    def _tap(
        self, phone: str, body: str, client: int, purpose: str | None, send_at: datetime | None
    ) -> None:
        house = self.house
        try:
            done = house.cut(lambda: house.tap(phone, body, client, purpose, send_at), self.cut)
        except Died:
            self._tell("tap without answer", phone, body)
            return
        if done is None:
            self._tell("not taken", phone, body)
            return
        self._tell("tapped", phone, body, self._name(done.name), done.state, done.repeated)
        self.auditor.tapped(client, done)
        self.sent.append(done.name)

    def member_undoes(self) -> None:
        if self.sent:
            name = self.dice.choice(self.sent[-6:])
            done = self.house.undo(name)
            self._tell("undone" if done else "too late", self._name(name))
            if done:
                self.auditor.undone.add(name)

    def member_records_a_stop(self) -> None:
        phone = self.dice.choice(self.house.phones)
        if self.house.knows(phone):
            done = self._at_the_gate(phone, lambda: self._staff_stop(phone), lambda: True)
            self._tell("stop on record" if done else "nobody to stop for", phone)

    def _staff_stop(self, phone: str) -> bool:
        done = self.house.staff_stop(phone)
        if done:
            self.auditor.heard(phone, "STOP", "", repeated=False)
        return done

    # -- the carrier's words ------------------------------------------------------------------

    def receipt_comes(self) -> None:
        if self.took:
            name, seen = self.dice.choice(self.took[-5:])
            chance = self.dice.random()
            word, code = self.dice.choice(WORDS), ""
            if chance < 0.1:
                word, code = self.dice.choice(LOST), "30003"
            elif chance < 0.15:
                word, code = ReceiptWord.UNDELIVERED, "21610"
            told = (name, seen.carrier_id, word, code)
            self.told.append(told)
            self._receipt(*told)

    def receipt_again(self) -> None:
        if self.told:
            self._receipt(*self.dice.choice(self.told))

    def _receipt(self, name: Name, carrier_id: str, word: ReceiptWord, code: str) -> None:
        house = self.house
        phone = next(seen.to for _, seen in self.took if seen.carrier_id == carrier_id)
        repeated = self._at_the_gate(
            phone,
            lambda: house.receipt(name, phone, carrier_id, word, code),
            lambda: code == "21610",
        )
        self._tell("receipt", self._name(name), word.value, code, repeated, house.state(name))
        if code == "21610" and not repeated:
            self.auditor.heard(phone, "STOP", "", repeated=False)

    def look_for_the_unknown(self) -> None:
        for name, to, handle in self.house.unsettled():
            found = Found(tuple(seen for _, seen in self.took if seen.to == to))
            if any(seen.code for seen in found.texts):
                self._look_in_a_list_of_stops(name, to, handle, found)
                continue
            done = self.house.settle(handle, found)
            self._tell("looked for", self._name(name), done, self.house.state(name))

    def _look_in_a_list_of_stops(self, name: Name, to: str, handle: Any, found: Found) -> None:
        """A stop that the carrier's list tells of waits for what is in hand, as any stop."""
        done = self._at_the_gate(to, lambda: self.house.settle(handle, found), lambda: True)
        state = self.house.state(name)
        self._tell("looked for", self._name(name), done, state)
        if done and state == "failed":
            self.auditor.heard(to, "STOP", "", repeated=False)

    def person_settles(self) -> None:
        for name in self.sent[-4:]:
            if self.house.state(name) == "unknown":
                done = self.house.by_hand(name, sent=self.dice.random() < 0.5)
                self._tell("settled by hand", self._name(name), done)
                return

    # -- everything else -------------------------------------------------------------------------

    def time_passes(self) -> None:
        self._pass(timedelta(seconds=self.dice.choice(SPANS_S)))

    def clock_goes_back(self) -> None:
        """And whoever has claimed something looks at it by that clock."""
        self._pass(-timedelta(seconds=self.dice.choice((20, 200, 4000, 90000))))
        for worker in self.workers:
            if worker.phase == CLAIMED:
                self._advance(worker)

    def leaves_are_placed(self) -> None:
        self.auditor.placed(self.house.sequence())

    def somebody_is_erased(self) -> None:
        phone = self.dice.choice(self.house.phones)
        if self.house.knows(phone) and self.dice.random() < 0.5:
            self._at_the_gate(phone, lambda: self.house.erase(phone), lambda: True)
            self._tell("erased", phone)

    def keys_are_rotated(self) -> None:
        self.house.rotate()

    def outsiders_try(self) -> None:
        phone = self.dice.choice(self.house.phones)
        if self.house.knows(phone):
            self.house.outsiders_try(phone, self.sent[-1] if self.sent else None)

    def device_is_lost(self) -> None:
        self.house.lose_device()
