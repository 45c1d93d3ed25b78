"""`kill -9` of the web, the worker and the database at any moment, while everybody goes on.

Customers write, stop and start again through the simulator; members press Send over real HTTP and
press again when no answer came. When all has come to rest, the carrier's own books and ours must
agree: nothing that was acknowledged is lost (P3), nothing left twice (P4), nothing left after a
stop that was acknowledged (P1), nothing without a verdict that can be repeated (P2).

`LOTLINE_KILL_SEEDS=3,4,5` and `LOTLINE_KILL_S=120` choose other lives; the seed decides who dies
and when, what is said and what the carrier does, so far as processes let themselves be decided.
"""

from __future__ import annotations

import http.client
import os
import random
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lotline.actions.replay import Replayed, replay
from tests.attack.mortal import Mortal, mortal_house
from tests.conftest import temporary_dir
from tests.town import LINES, NOON

pytestmark = pytest.mark.peers

SEEDS = [int(one) for one in os.environ.get("LOTLINE_KILL_SEEDS", "7").split(",")]
LONG_SEEDS = [int(one) for one in os.environ.get("LOTLINE_KILL_SEEDS", "1,2,3").split(",")]
SECONDS = float(os.environ.get("LOTLINE_KILL_S", "8"))
LONG_S = float(os.environ.get("LOTLINE_KILL_S", "90"))
VICTIMS = ("worker", "worker", "web", "server", "backend")
WORDS = ("Is it there?", "What does it cost?", "When are you open?", "Thank you!")
REST_S = 45.0
LONGEST_MORE_S = 60.0
SALES = LINES["sales"][2]
CONFIRMED = "opted out"


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


# -- what must hold -------------------------------------------------------------------------------


def nothing_acknowledged_is_lost(life: Life) -> None:
    """P3, by the carrier's book of calls and by what members were shown."""
    house = life.house
    calls = [one for one in house.carrier("GET", "/sim/webhooks") if _taken(one)]
    texts = {one["sid"] for one in calls if one["kind"] == "inbound"}
    stored = Counter(
        row[0] for row in house.rows("select carrier_id from texts where direction = 'in'")
    )
    arrived = Counter(
        (row[0], row[1]) for row in house.rows("select carrier_id, kind from arrivals")
    )
    assert len(texts) > len(life.phones) or not life.enough, "customers were heard"
    assert {sid for sid in texts if stored[sid] != 1} == set(), "acknowledged, and not kept once"
    assert max(stored.values()) == 1, "kept twice"
    assert max(arrived.values()) == 1
    assert {sid for sid in texts if arrived[sid, "arrival"] != 1} == set()
    words = {(one["sid"], f"receipt:{one['word']}") for one in calls if one["kind"] == "status"}
    assert {one for one in words if arrived[one] != 1} == set(), "a receipt was lost"
    by_client = Counter(
        row[0] for row in house.rows("select client_id from texts where client_id is not null")
    )
    assert [tap for tap in life.taps if tap.kept and by_client[tap.client_id] != 1] == []
    assert all(count == 1 for count in by_client.values()), "one tap is one text"


def _taken(call: dict[str, Any]) -> bool:
    return call["answer"] is not None and call["answer"] < 300


def nothing_left_twice(life: Life, left: list[dict[str, Any]]) -> None:
    """P4, by the carrier's outbox."""
    bodies = Counter(text["body"] for text in left if "open until six" in text["body"])
    assert {body: count for body, count in bodies.items() if count > 1} == {}
    rows = life.house.rows(
        "select carrier_id, count(*) from texts where direction = 'out' and carrier_id is not null"
        " group by 1 having count(*) > 1"
    )
    assert rows == []
    stops: Counter[int] = Counter()  # a stop is confirmed once, however often it is said
    for phone, spans in life.still.items():
        for since, until in spans:
            several = [
                text
                for text in left
                if text["to"] == phone
                and CONFIRMED in text["body"]
                and since <= _instant(text["at"]) < until
            ]
            stops[len(several)] += 1
    assert max(stops, default=0) <= 1, stops


def nothing_left_after_a_stop(life: Life, left: list[dict[str, Any]]) -> None:
    """P1: from the moment the stop was acknowledged until START was said."""
    late = [
        (text["to"], text["body"], _instant(text["at"]) - since)
        for text in left
        for since, until in life.still[text["to"]]
        if since < _instant(text["at"]) < until and CONFIRMED not in text["body"]
    ]
    assert late == []
    stopped = sum(len(spans) for spans in life.still.values())
    assert stopped > 1 or not life.enough, "some did stop"


def everything_left_by_verdict(life: Life, left: list[dict[str, Any]]) -> None:
    """P2: each text at the carrier has its allow of the second look, and replays to the same."""
    house = life.house
    by_client = {row[0]: row[1] for row in house.rows("select client_id, id from texts")}
    by_sid = {row[0]: row[1] for row in house.rows("select carrier_id, id from texts")}
    by_words = {tap.body: by_client.get(tap.client_id) for tap in life.taps}
    allowed = {
        row[0]
        for row in house.rows(
            "select text_id from decisions where verdict = 'allow'"
            " and stage in ('dispatch', 'release')"
        )
    }
    for text in left:
        found = by_sid.get(text["sid"])
        if found is None:  # its words are found in a tap, behind the company's name
            ends = [words for words in by_words if words in text["body"]]
            found = by_words[ends[0]] if ends else None
        assert found in allowed, text
    assert len(left) > 2 or not life.enough, "some did leave"
    done = Replayed()
    ctx = house.site.house.ctx
    replay(ctx, house.site.town.group_id, NOON.replace(year=2020), done)
    assert done.differing == []
    assert done.same > len(left) or not life.enough
    assert not done.other_books


def nothing_of_anyone_is_in_the_logs(life: Life) -> None:
    """P8, in the worst of times."""
    for name in ("web", "worker"):
        said = life.house.log(name)
        assert "open until six" not in said, name
        assert "+1614555" not in said, name
        assert "truck" not in said, name


def _instant(said: Any) -> float:
    return (
        float(said) if isinstance(said, int | float) else datetime.fromisoformat(said).timestamp()
    )


def one_life(folder: Path, seed: int, seconds: float) -> None:
    with mortal_house(folder, seed) as house:
        life = Life(house, seed)
        life.begin()
        life.live(seconds)
        come_to_rest(house)
        left = [text for phone in life.phones for text in house.outbox(phone)]
        states = Counter(
            row[0] for row in house.rows("select state from texts where direction = 'out'")
        )
        calls = Counter(
            (one["kind"], one["answer"]) for one in house.carrier("GET", "/sim/webhooks")
        )
        print(
            f"seed {seed}: killed {Counter(life.killed)}, {len(life.taps)} taps,"
            f" {len(left)} left, {dict(states)}, calls {calls}"
        )
        nothing_acknowledged_is_lost(life)
        nothing_left_twice(life, left)
        nothing_left_after_a_stop(life, left)
        everything_left_by_verdict(life, left)
        nothing_of_anyone_is_in_the_logs(life)


@pytest.mark.slow  # the short suite has `tests.peers.test_kills` and `tests.faults`
@pytest.mark.parametrize("seed", SEEDS)
def test_anything_may_die_at_any_moment(seed: int) -> None:
    with temporary_dir() as folder:
        one_life(folder, seed, SECONDS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", LONG_SEEDS)
def test_anything_may_die_at_any_moment_for_long(seed: int) -> None:
    with temporary_dir() as folder:
        one_life(folder, seed, LONG_S)
