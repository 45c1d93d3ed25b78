"""The machinery of a life: two workers that advance joint by joint, and the carrier they meet.

What a worker does between its joints is the product's; where it stops, dies and is overtaken is the
seed's. The carrier refuses, is busy, takes and then times out.

Not here: customers and members, the course of a life (`life`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from lotline.core.carriers.port import (
    Busy,
    Outcome,
    ReceiptWord,
    RefusalKind,
    Refused,
    Seen,
    Sent,
    Unknown,
)
from lotline.store.barrier import FRESH_S
from lotline.workers.sender import LATE_S
from tests.sim.auditor import Auditor
from tests.sim.house import Cut, Died, House, Name, Offer

LINE = "+16145550101"
IDLE, CLAIMED, IN_HAND, ANSWERED = range(4)


@dataclass(slots=True)
class Worker:
    """One process, and how far it came with what it holds."""

    name: str
    phase: int = IDLE
    due: list[Any] = field(default_factory=list)
    gates: set[Hashable] = field(default_factory=set)
    offers: list[Offer] = field(default_factory=list)
    answered: list[tuple[Offer, Outcome]] = field(default_factory=list)
    at: datetime | None = None
    since: float = 0.0


class Hands:
    """Workers and a carrier under one seed."""

    def __init__(self, house: House, seed: int, *, within: bool = False) -> None:
        """`within`: processes may also end between two statements, where a house has any."""
        self.house = house
        self.seed = seed
        self.dice = random.Random(seed)
        self.auditor = Auditor(house)
        self.story: list[tuple[Any, ...]] = []
        self.workers = [Worker(f"w0-{seed}"), Worker(f"w1-{seed}")]
        self.births = 2
        self.ran_s = 0.0  # as a machine counts, whatever its clock is set to
        self.owed: list[tuple[str, str, str]] = []
        self.calls: list[tuple[str, str, str]] = []
        self.taps: list[tuple[str, str, int, str | None, datetime | None]] = []
        self.sent: list[Name] = []
        self.known: dict[Name, str] = {}
        self.took: list[tuple[Name, Seen]] = []
        self.told: list[tuple[Name, str, ReceiptWord, str]] = []
        self.calm = False
        self.within = within
        self.cuts = self.dice.random() < 0.7

    # -- workers ---------------------------------------------------------------------------------

    def worker_moves(self) -> None:
        self._advance(self.dice.choice(self.workers))

    def worker_dies(self) -> None:
        self._die(self.dice.choice(self.workers))

    def _advance(self, worker: Worker) -> None:
        """From one joint to the next."""
        house = self.house
        if worker.phase == IDLE:
            worker.due = house.claim(worker.name, 50 if self.calm else self.dice.choice((1, 2, 9)))
            worker.phase = CLAIMED if worker.due else IDLE
            if worker.due:
                self._tell("claimed", worker.name, len(worker.due))
        elif worker.phase == CLAIMED:
            self._prepare(worker)
        elif worker.phase == IN_HAND:
            if worker.offers and not self.calm and self.dice.random() < 0.5:
                self._offer(worker)
            else:
                self._finish(worker)
        else:
            self._record(worker)

    def offers_to(self) -> list[str]:
        """To whom something is in hand and not yet offered."""
        return [one.to for worker in self.workers for one in worker.offers]

    def _prepare(self, worker: Worker) -> None:
        house = self.house
        try:
            worker.offers = house.cut(lambda: house.prepare(worker.name, worker.due), self.cut)
        except Died:
            self._die(worker)
            return
        worker.gates, worker.at = house.holds(worker.due), house.clock()
        worker.since = self.ran_s
        worker.phase, worker.answered = IN_HAND, []
        self._tell("ready", worker.name, *(self._name(one.name) for one in worker.offers))

    def _finish(self, worker: Worker) -> None:
        while worker.offers:
            self._offer(worker)
        self.house.leave(worker.name)
        worker.gates = set()
        worker.phase = ANSWERED

    def _offer(self, worker: Worker) -> None:
        offer = worker.offers.pop(0)
        assert worker.at is not None, "nothing is offered that was not looked at"
        if self.ran_s - worker.since > FRESH_S:  # as the sender does: it waited too long
            worker.answered.append((offer, Busy(LATE_S, "late")))
            return
        self.auditor.watch(offer, worker.at)
        said = self._answer(offer)
        self._tell("offered", worker.name, self._name(offer.name), offer.to, type(said).__name__)
        worker.answered.append((offer, said))

    def _record(self, worker: Worker) -> None:
        house, answered = self.house, worker.answered
        for offer, said in answered:
            if isinstance(said, Refused) and said.kind is RefusalKind.OPTED_OUT:
                self._shut(offer.to, worker)
        try:
            house.cut(lambda: house.outcomes(answered), self.cut)
        except Died:
            self._die(worker)
            return
        for offer, said in answered:
            if isinstance(said, Refused) and said.kind is RefusalKind.OPTED_OUT:
                self.auditor.heard(offer.to, "STOP", "", repeated=False)
        worker.phase, worker.due, worker.answered = IDLE, [], []

    def _shut(self, phone: str, by: Worker) -> None:
        """What a carrier tells of a stop waits, as any stop, for what others have in hand."""
        contact = self.house.contact(phone)
        for worker in self.workers:
            if worker is not by and contact is not None and contact in worker.gates:
                self._finish(worker)

    def _die(self, worker: Worker) -> None:
        """`kill -9`: its connection goes and its gates with it; its claims run out."""
        self.house.leave(worker.name)
        self._tell("died", worker.name, worker.phase)
        self.births += 1
        reborn = Worker(f"w{self.births}-{self.seed}")
        self.workers[self.workers.index(worker)] = reborn

    def _at_the_gate(self, phone: str, act: Callable[[], Any], shuts: Callable[[], bool]) -> Any:
        """What comes in while texts to the same contact are in hand meets them at the gate."""
        contact = self.house.contact(phone)
        held = [one for one in self.workers if contact is not None and contact in one.gates]
        if not held:
            return act()

        def finish() -> None:
            for worker in held:
                self._finish(worker)

        return self.house.meanwhile(act, finish, shuts)

    # -- the carrier -----------------------------------------------------------------------------

    def _answer(self, offer: Offer) -> Outcome:
        chance = 1.0 if self.calm else self.dice.random()
        if chance < 0.10:
            self.auditor.not_taken(offer)
            return Busy(1.0)
        if chance < 0.14:
            self.auditor.not_taken(offer)
            return Refused("30007", "Filtered.", RefusalKind.FILTERED)
        if chance < 0.17:
            self.auditor.not_taken(offer)
            return Refused("21610", "They stopped.", RefusalKind.OPTED_OUT)
        if chance < 0.20:
            return Unknown("nothing left")  # it timed out, and took nothing
        carrier_id = f"SM{self.seed}-{len(self.took)}"
        at = self.house.clock()
        seen = Seen(carrier_id, ReceiptWord.SENT, offer.to, LINE, None, offer.body, at)
        if 0.28 <= chance < 0.30:  # nobody was told, and its list will say that they stopped
            seen = replace(seen, word=ReceiptWord.UNDELIVERED, code="21610")
        self.took.append((offer.name, seen))
        if chance < 0.30:
            return Unknown("timed out")  # it took it, and nobody was told
        return Sent(carrier_id, ReceiptWord.QUEUED, 1)

    # -- time and names ----------------------------------------------------------------------

    def _pass(self, span: timedelta) -> None:
        self.house.clock.at += span
        self.ran_s += max(span.total_seconds(), 0.0)
        self._tell("it is", self.house.clock().isoformat())

    @property
    def cut(self) -> Cut | None:
        """Where this act's process ends, if it does."""
        if self.calm or not self.cuts or self.dice.random() > 0.08:
            return None
        if self.within:
            return Cut("within", self.dice.randrange(1, 22))
        return Cut(self.dice.choice(("before", "after")))

    def _name(self, name: Name) -> str:
        return self.known.setdefault(name, f"t{len(self.known)}")

    def _tell(self, *words: Any) -> None:
        self.story.append(words)
