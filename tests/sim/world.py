"""A seeded life of one town: customers, members, a worker that may die, a carrier that errs.

One thread; the seed chooses every order, every crash and every answer, so a failure is repeated by
its seed. The actions, the worker's parts and PostgreSQL are real; clock and carrier are not.

Not here: what must hold (`auditor`).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lotline.actions.consent import record_stop
from lotline.actions.dispatch import Ready, claim, prepare
from lotline.actions.outcome import record_outcomes
from lotline.actions.reconcile import settle, unsettled
from lotline.actions.sequence import sequence
from lotline.actions.submit import Submitted
from lotline.actions.undo import undo
from lotline.core.carriers.port import (
    Busy,
    Found,
    Outcome,
    Outgoing,
    ReceiptWord,
    RefusalKind,
    Refused,
    Unknown,
)
from lotline.store.barrier import handing_over
from tests.actions.house import House
from tests.sim.auditor import Auditor

SAYINGS = ("Is it there?", "Thanks!", "When are you open?", "What does it cost?")
ANSWERS = ("It is.", "Come by at ten.", "Ask for Ben.", "Your car is ready for pickup.")
OFFERS = ("Save 500 dollars this weekend only!", "New deals on trucks, come in today!")
STOPS = ("STOP", "stop", "Unsubscribe", "STOP texting me")


@dataclass
class World:
    """One town under one seed."""

    house: House
    seed: int
    dice: random.Random = field(init=False)
    auditor: Auditor = field(init=False)
    taps: list[tuple[str, str, UUID]] = field(default_factory=list)
    sent: list[Submitted] = field(default_factory=list)
    lives: int = 0
    webhooks: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.auditor = Auditor(self.house)
        self.house.carrier.says = self.answer
        self.numbers = [f"+1614555{1500 + n:04d}" for n in range(4)]
        for number in self.numbers:
            self.customer_says(number, "Is the truck there?")

    def live(self, moments: int) -> None:
        """So many things happen, then everything comes to rest."""
        acts = (
            [self.customer_writes] * 6
            + [self.customer_stops] * 2
            + [self.customer_starts] * 2
            + [self.webhook_again] * 2
            + [self.member_taps] * 8
            + [self.tap_again] * 2
            + [self.member_undoes] * 2
            + [self.member_records_a_stop]
            + [self.worker_steps] * 8
            + [self.receipts_come] * 4
            + [self.look_for_the_unknown]
            + [self.time_passes] * 8
            + [self.place_leaves]
        )
        for _ in range(moments):
            self.dice.choice(acts)()
            self.auditor.look()
        self.come_to_rest()

    def come_to_rest(self) -> None:
        """Nothing new happens and nothing errs; every wait must end."""
        self.house.carrier.says = self.auditor.watch
        for _ in range(14):
            self.house.town.clock.pass_by(hours=2)
            for _ in range(3):
                self.worker_steps(may_die=False)
            self.look_for_the_unknown()
        self.place_leaves()
        self.auditor.look()
        self.auditor.at_rest()

    # -- customers -------------------------------------------------------------------------------

    def customer_says(self, number: str, body: str) -> None:
        sid = f"SMsim{self.seed}-{len(self.webhooks)}"
        self.webhooks.append((number, body, sid))
        self.house.text_in(number, body, sid=sid)
        self.auditor.heard(number, body)

    def customer_writes(self) -> None:
        self.customer_says(self.dice.choice(self.numbers), self.dice.choice(SAYINGS))

    def customer_stops(self) -> None:
        self.customer_says(self.dice.choice(self.numbers), self.dice.choice(STOPS))

    def customer_starts(self) -> None:
        self.customer_says(self.dice.choice(self.numbers), "START")

    def webhook_again(self) -> None:
        number, body, sid = self.dice.choice(self.webhooks)
        assert self.house.text_in(number, body, sid=sid).repeated

    # -- members ---------------------------------------------------------------------------------

    def member_taps(self) -> None:
        number = self.dice.choice(self.numbers)
        body = self.dice.choice(ANSWERS if self.dice.random() < 0.8 else OFFERS)
        self._tap(number, body, self.house.ctx.new_id())

    def tap_again(self) -> None:
        if self.taps:
            self._tap(*self.dice.choice(self.taps))

    def _tap(self, number: str, body: str, client_id: UUID) -> None:
        done = self.house.tap(number, body, client_id=client_id)
        self.taps.append((number, body, client_id))
        self.auditor.tapped(client_id, done)
        self.sent.append(done)

    def member_undoes(self) -> None:
        if self.sent:
            one = self.dice.choice(self.sent[-6:])
            done = undo(self.house.ctx, self.house.town.sign_in("ben"), one.text_id)
            if done.ok:
                self.auditor.undone.add(one.text_id)

    def member_records_a_stop(self) -> None:
        number = self.dice.choice(self.numbers)
        ada = self.house.town.sign_in("ada")
        record_stop(self.house.ctx, ada, self.auditor.contact_of(number), how="phone")
        self.auditor.heard(number, "STOP")

    # -- the worker ------------------------------------------------------------------------------

    def worker_steps(self, *, may_die: bool = True) -> None:
        """One step, which may end at any of its joints; then another life begins."""
        house, name = self.house, f"worker-{self.seed}-{self.lives}"
        dies_after = self.dice.choice([None, None, None, 0, 1, 2]) if may_die else None
        due = claim(house.ctx, name, self.dice.choice([1, 3, 10]))
        if dies_after == 0:
            self.lives += 1
            return
        answered: list[tuple[Ready, Outcome]] = []
        with handing_over(house.ctx.db, [one.contact_id for one in due]):
            ready = prepare(house.ctx, name, due)
            offered = ready[: self.dice.randint(0, len(ready))] if dies_after == 1 else ready
            answered = [(one, house.carrier.send(one.outgoing)) for one in offered]
        if dies_after is not None:
            self.lives += 1
            return
        record_outcomes(house.ctx, answered)

    def answer(self, text: Outgoing) -> Outcome | None:
        """What the carrier does with an offer; None: it takes it."""
        self.auditor.watch(text)
        chance = self.dice.random()
        if chance < 0.1:
            return self.auditor.did_not_take(text, Busy(1.0))
        if chance < 0.15:
            filtered = Refused("30007", "Filtered.", RefusalKind.FILTERED)
            return self.auditor.did_not_take(text, filtered)
        return Unknown("timed out") if chance < 0.25 else None

    def look_for_the_unknown(self) -> None:
        for one in unsettled(self.house.ctx):
            found = self.house.carrier.find(one.search)
            assert isinstance(found, Found)
            settle(self.house.ctx, one, found)

    def receipts_come(self) -> None:
        if self.house.carrier.reached:
            text = self.dice.choice(self.house.carrier.reached)
            word = self.dice.choice([ReceiptWord.SENT, ReceiptWord.DELIVERED, ReceiptWord.QUEUED])
            self.house.receipt(UUID(text.reference), word, sid=f"R{text.reference}")

    def place_leaves(self) -> None:
        sequence(self.house.ctx, self.house.town.group_id)

    def time_passes(self) -> None:
        span: dict[str, Any] = self.dice.choice(
            [{"seconds": 3}, {"seconds": 12}, {"minutes": 2}, {"minutes": 7}, {"hours": 5}]
        )
        self.house.town.clock.pass_by(**span)
