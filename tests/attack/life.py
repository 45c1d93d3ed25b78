"""Lives of customers and members while anything may be killed, and what they were told.

Customers write, stop and start again through the simulator; members press Send over real HTTP and
press again when no answer came.

Not here: what must hold of it afterwards (`promises`), other strikes (`tests.faults`).
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.attack.mortal import Mortal
from tests.town import LINES

VICTIMS = ("worker", "worker", "web", "server", "backend")
WORDS = ("Is it there?", "What does it cost?", "When are you open?", "Thank you!")
REST_S = 45.0
LONGEST_MORE_S = 60.0
SALES = LINES["sales"][2]


@dataclass
class Tap:
    """One press of Send, with every answer that it got."""

    phone: str
    body: str
    client_id: UUID
    answers: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        return any(one in {"queued", "held", "page"} for one in self.answers)


@dataclass
class Life:
    """What customers and members do, and what they were told."""

    house: Mortal
    seed: int
    phones: list[str] = field(default_factory=list)
    talks: dict[str, UUID] = field(default_factory=dict)
    taps: list[Tap] = field(default_factory=list)
    still: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    killed: list[str] = field(default_factory=list)
    stops: int = 0
    trouble: list[BaseException] = field(default_factory=list)
    first: int = 1700  # the end of the first phone's number
    enough: bool = True  # whether too little to ask about is a fault of the test
    over: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        """Everybody has written once, so that everybody may be answered."""
        for n in range(12):
            phone = f"+1614555{self.first + n:04d}"
            said = {"from": phone, "to": SALES, "body": "Is the truck there?"}
            assert self.house.carrier("POST", "/sim/inbound", said)["webhook_status"] == 200
            self.phones.append(phone)
            self.talks[phone] = self.house.site.house.conversation(phone)
        self.house.carrier(
            "POST",
            "/sim/faults",
            [
                {"name": "doubled", "count": None, "chance": 0.15},
                {"name": "late", "count": None, "chance": 0.1, "delay_s": 0.4},
                {"name": "reordered", "count": None, "chance": 0.05, "delay_s": 0.3},
                {"name": "drop_callbacks", "count": None, "chance": 0.05},
                {"name": "5xx_after_accept", "count": None, "chance": 0.05},
                {"name": "5xx_before", "count": None, "chance": 0.03},
                {"name": "429", "count": None, "chance": 0.05},
            ],
        )

    def live(self, seconds: float) -> None:
        hands = [
            *(threading.Thread(target=self._guarded, args=(self._write, n)) for n in range(3)),
            *(threading.Thread(target=self._guarded, args=(self._press, n)) for n in range(3)),
        ]
        for hand in hands:
            hand.start()
        try:
            self._kill(seconds)
        finally:
            self.over.set()
            for hand in hands:
                hand.join(60)
        assert not self.trouble, self.trouble

    def _guarded(self, act: Any, n: int) -> None:
        try:
            act(n, random.Random(f"{self.seed}-{act.__name__}-{n}"))
        except BaseException as trouble:  # noqa: BLE001  # a hand's fault is the test's
            self.trouble.append(trouble)

    def _kill(self, seconds: float) -> None:
        dice = random.Random(self.seed)
        end = time.monotonic() + seconds
        order: list[str] = []
        while time.monotonic() < end or not self._enough(end):
            time.sleep(dice.uniform(0.5, 2.0))
            self.house.mind()
            order = order or dice.sample(VICTIMS, len(VICTIMS))  # nobody is spared
            victim = order.pop()
            self.killed.append(victim)
            self.house.kill(victim)
            time.sleep(dice.choice([0.0, 0.2, 0.8]))
            self.house.revive(victim)
            if dice.random() < 0.8:  # else the next dies before this one is up
                self.house.wait_ready()

    def _enough(self, end: float) -> bool:
        """On a slow machine it takes longer until there is something to ask about."""
        if time.monotonic() > end + LONGEST_MORE_S:
            return True
        all_died = set(self.killed) == set(VICTIMS)
        return all_died and self.stops > 2 and sum(tap.kept for tap in self.taps) > 8

    # -- customers ------------------------------------------------------------------------------

    def _write(self, n: int, dice: random.Random) -> None:
        """Each phone is in one hand only, so what was acknowledged first was said first."""
        mine = self.phones[n::3]
        stopped: dict[str, float | None] = {}  # None: a stop that nobody acknowledged yet
        while not self.over.is_set():
            phone = dice.choice(mine)
            if phone in stopped:
                body = "START" if stopped[phone] and dice.random() < 0.4 else "STOP"
            else:
                body = "STOP" if dice.random() < 0.12 else dice.choice(WORDS)
            began = time.time()
            said = {"from": phone, "to": SALES, "body": body}
            answer = self.house.carrier("POST", "/sim/inbound", said)["webhook_status"]
            taken = answer is not None and answer < 300
            since = stopped.get(phone)
            if body == "STOP":
                stopped[phone] = since or (time.time() if taken else None)
                self.stops += taken and since is None
            elif body == "START":
                assert since is not None
                self.still[phone].append((since, began))
                del stopped[phone]
            time.sleep(dice.uniform(0.02, 0.3) if taken else 0.4)
        for phone, began_at in stopped.items():
            if began_at is not None:
                self.still[phone].append((began_at, float("inf")))

    # -- members --------------------------------------------------------------------------------

    def _press(self, n: int, dice: random.Random) -> None:
        who = ("ada", "mo", "ben")[n]
        count = 0
        while not self.over.is_set():
            count += 1
            tap = Tap(
                dice.choice(self.phones),
                f"We are open until six, number {n}x{count}.",
                UUID(int=dice.getrandbits(128), version=4),
            )
            self.taps.append(tap)
            again = dice.random() < 0.15
            for _ in range(12):
                script = dice.random() < 0.5
                answer = self._send(who, tap, script=script)
                tap.answers.append(answer)
                if answer != "none" and not again:
                    break
                again = False
                time.sleep(dice.uniform(0.05, 0.6))
                if self.over.is_set():
                    break
            time.sleep(dice.uniform(0.0, 0.2))

    def _send(self, who: str, tap: Tap, *, script: bool) -> str:
        """What the screen learned: a state, "page" for a redirect, "none" when nobody knows."""
        form = {"body": tap.body, "client_id": str(tap.client_id), "anyway": "1"}
        headers = {"X-Lotline": "1"} if script else {}
        path = f"/c/{self.talks[tap.phone]}/send"
        try:
            status, head, said = self.house.ask("POST", path, form, who=who, headers=headers)
        except (OSError, http.client.HTTPException):
            return "none"
        if status >= 500:
            return "none"
        if status == 302 and head.get("location", "").startswith("/c/"):
            return "page"
        assert status in {200, 422}, (status, head, said[:300])
        return head.get("x-state", "blocked") if status == 200 else "refused"


def come_to_rest(house: Mortal) -> None:
    """Nothing errs any more; every wait must end."""
    house.carrier("POST", "/sim/faults", {"clear": True})
    house.wait_ready()
    waits = "select state, purpose, sender from texts where state in ('queued', 'held', 'sending')"
    end = time.monotonic() + REST_S
    while left := house.rows(waits):
        assert time.monotonic() < end, (left, house.log("worker")[-2000:])
        house.mind()
        time.sleep(0.3)
    time.sleep(2.0)  # the carrier's last words
