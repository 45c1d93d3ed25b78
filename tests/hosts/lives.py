"""What is done to a house on several hosts, and what must hold of it.

Customers and members live as they do where anything may be killed (`tests.attack.life`), while
a host loses a part, its wire or all it had, and the pooler dies; two pages follow the live stream
through the balancer all the while. Then, in calm: a line's rate, texts and snoozes by the clock.

Not here: the hosts themselves (`house`).
"""

from __future__ import annotations

import http.client
import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings

from lotline.actions.audit import audit_log
from lotline.actions.conversations import snooze
from lotline.actions.outcome import BUSY_LONGEST_S
from lotline.actions.submit import submit
from lotline.actions.throughput import meter
from lotline.store.stream import load_cursor, read_cursor
from tests.attack.life import Life, come_to_rest
from tests.attack.promises import every_promise_holds
from tests.hosts.house import NAMES, Hosts

PER_S = 3  # what a toll-free line may send
MANY = 18
SLEEPERS = 5
WAITS = "select count(*) from texts where state in ('queued', 'held', 'sending')"
LEFT = "('accepted', 'sent', 'delivered')"


@dataclass
class Seen:
    """What was counted."""

    struck: list[str] = field(default_factory=list)
    taps: int = 0
    left: int = 0
    stops: int = 0
    unknown: int = 0
    claimed_by: dict[str, int] = field(default_factory=dict)  # moments at which a host held some
    taken_over: int = 0
    events_told: int = 0
    streams_opened: int = 0
    rate_s: float = 0.0
    ledger_leaves: int = 0


class Page:
    """An open page: follows the stream from where it was, whatever becomes of a connection."""

    def __init__(self, house: Hosts, who: str, since: str) -> None:
        self.house, self.who, self.last = house, who, since
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.opened = self.resets = 0
        self.over = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.over.set()
        self._thread.join(30)

    def _follow(self) -> None:
        while not self.over.is_set():
            try:
                self._read()
            except (OSError, http.client.HTTPException):
                time.sleep(0.2)

    def _read(self) -> None:
        link = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=20)
        key = self.house.cookies[self.who]
        cookie = f"{settings.SESSION_COOKIE_NAME}={key}"
        try:
            link.request("GET", f"/events?after={self.last}", headers={"Cookie": cookie})
            answer = link.getresponse()
            if answer.status != 200:
                time.sleep(0.3)
                return
            self.opened += 1
            while not self.over.is_set() and (line := answer.readline()):
                self._take(line.decode().strip())
        finally:
            link.close()

    def _take(self, line: str) -> None:
        if line.startswith("id: "):
            self.last = line[4:]
        elif line == "event: reset":
            self.resets += 1
        elif line.startswith("data: "):
            said = json.loads(line[6:])
            if said.get("name"):
                self.told.append((self.last, said))


class Trouble(Life):
    """A life in which hosts lose what they have."""

    def __init__(self, house: Hosts, seed: int) -> None:
        super().__init__(house, seed, enough=False)
        self.hosts = house

    def _kill(self, seconds: float) -> None:
        dice = random.Random(self.seed)
        strikes: list[Callable[[str], None]] = [
            self.lose_worker,
            self.lose_web,
            self.lose_pooler,
            self.lose_wire,
            self.lose_host,
        ]
        dice.shuffle(strikes)
        end = time.monotonic() + seconds
        for n, strike in enumerate(itertools.cycle(strikes)):
            if n >= len(strikes) and time.monotonic() > end:
                return
            time.sleep(dice.uniform(1.0, 2.5))
            host = dice.choice(NAMES)
            strike(host)
            self.killed.append(f"{strike.__name__.replace('_', ' ')} {host}")
            self.hosts.wait_ready()

    def lose_worker(self, host: str) -> None:
        self.hosts.kill(f"worker {host}")
        time.sleep(2.0)
        self.hosts.start(f"worker {host}")

    def lose_web(self, host: str) -> None:
        self.hosts.kill(f"web {host}")
        time.sleep(1.0)
        self.hosts.start(f"web {host}")

    def lose_pooler(self, _: str) -> None:
        self.hosts.pool()

    def lose_wire(self, host: str) -> None:
        """For longer than a lease lasts: what it had claimed is taken over."""
        self.hosts.pull(host)
        time.sleep(6.0)
        self.hosts.plug_in(host)

    def lose_host(self, host: str) -> None:
        self.hosts.kill(f"worker {host}")
        self.hosts.kill(f"web {host}")
        time.sleep(3.0)
        self.hosts.start(f"web {host}")
        self.hosts.start(f"worker {host}")


class Claims:
    """Looks at the outbox often: whose claims are there, and whether one changed hands."""

    def __init__(self, house: Hosts) -> None:
        self.house = house
        self.by: Counter[str] = Counter()
        self.holders: dict[UUID, set[str]] = {}
        self.over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.over.set()
        self._thread.join(10)

    def _look(self) -> None:
        sql = b"select text_id, claimed_by from outbox where claimed_by is not null"
        with psycopg.connect(self.house.database.dsn("superuser"), autocommit=True) as link:
            while not self.over.wait(0.02):
                pids = {str(self.house.pid_of(f"worker {host}")): host for host in NAMES}
                found: set[str] = set()
                for text_id, name in link.execute(sql):
                    host = next((pids[part] for part in name.split("-") if part in pids), "gone")
                    self.holders.setdefault(text_id, set()).add(name.rpartition("-")[0])
                    found.add(host)
                self.by.update(found)

    @property
    def taken_over(self) -> int:
        return sum(len(names) > 1 for names in self.holders.values())


def live(house: Hosts, seconds: float, seed: int) -> Seen:
    """All of it; what does not hold is an `AssertionError`."""
    seen, life = Seen(), Trouble(house, seed)
    life.begin()
    with house.site.house.ctx.db.transaction(house.site.town.group_id) as tx:
        since = load_cursor(tx)
    with ExitStack() as still:
        claims = still.enter_context(closing(Claims(house)))
        pages = [still.enter_context(closing(Page(house, who, since))) for who in ("mo", "ben")]
        _until(lambda: all(page.opened for page in pages), "two open streams")
        life.live(seconds)
        try:
            seen.left = _everything_holds(life)
        except AssertionError as broken:
            waits = house.rows("select claimed_by, claimed_until, due_at, attempts from outbox")
            raise AssertionError(f"after {life.killed}, {waits} waits: {broken}") from broken
        _streams_saw_all(house, pages, since)
        seen.rate_s = a_line_keeps_its_rate_over_both_hosts(house, life)
        what_the_clock_does_is_done_once(house, life)
    audited = audit_log(house.site.house.ctx, house.site.town.group_id)
    assert audited.whole, f"P5: {audited.faults[:5]}"
    assert set(NAMES) <= set(claims.by), f"both hosts' workers claim: {claims.by}"
    seen.struck, seen.taps, seen.stops = life.killed, len(life.taps), life.stops
    seen.claimed_by, seen.taken_over = dict(claims.by), claims.taken_over
    seen.events_told = sum(len(page.told) for page in pages)
    seen.streams_opened = sum(page.opened for page in pages)
    seen.ledger_leaves = audited.size
    seen.unknown = house.rows("select count(*) from texts where state = 'unknown'")[0][0]
    return seen


def _everything_holds(life: Trouble) -> int:
    """All that must hold on one machine; how many texts left."""
    life.hosts.carrier("POST", "/sim/faults", {"clear": True})
    # Whoever could not reach the carrier comes back later and later: up to five minutes.
    _until(lambda: life.hosts.rows(WAITS) == [(0,)], "rest", BUSY_LONGEST_S + 30)
    come_to_rest(life.hosts)
    return len(every_promise_holds(life))


def _streams_saw_all(house: Hosts, pages: list[Page], since: str) -> None:
    """Each page was told of every text that came or left since it was opened, once, in order."""
    start = read_cursor(since)
    assert start is not None
    wanted = {
        row[0]
        for row in house.rows(
            "select subject_id from events where name in ('text.in', 'text.out')"
            " and (xid, n) > (%s::xid8, %s)",
            str(start[0]),
            start[1],
        )
    }
    assert wanted

    def missing() -> set[UUID]:
        return {
            one
            for page in pages
            for one in wanted - {UUID(said["subject_id"]) for _, said in _texts(page)}
        }

    _until(lambda: not missing(), "word of every text in both streams")
    for page in pages:
        assert page.resets == 0, "a page lost its place"
        twice = Counter(said["subject_id"] for _, said in _texts(page))
        assert max(twice.values()) == 1, "a page was told twice"
        places = [read_cursor(place) for place, _ in page.told]
        assert all(a <= b for a, b in itertools.pairwise(places) if a and b), "out of order"


def _texts(page: Page) -> list[tuple[str, dict[str, Any]]]:
    return [one for one in page.told if one[1]["name"] in {"text.in", "text.out"}]


def a_line_keeps_its_rate_over_both_hosts(house: Hosts, life: Life) -> float:
    """So many answers at once, over a line that may send three a second; how long they took."""
    ctx, town = house.site.house.ctx, house.site.town
    phones = _who_may_be_answered(house, life)
    with psycopg.connect(house.database.dsn("superuser"), autocommit=True) as link:
        link.execute(
            "update lines set registration = 'approved', kind = 'toll_free' where id = %s",
            [town.lines["sales"]],
        )
    meter(ctx)
    sent = [
        submit(ctx, town.sign_in("ben"), life.talks[phone], f"Number {n}.", client_id=ctx.new_id())
        for n, phone in zip(range(MANY), itertools.cycle(phones), strict=False)
    ]
    ids = [one.text_id for one in sent if one.state == "queued"]
    assert len(ids) > MANY // 2
    _leave(house, ids)
    times = house.rows(
        "select extract(epoch from handed_at)::float8 from texts where id = any(%s) order by 1", ids
    )
    handed = [row[0] for row in times]
    for first, last in itertools.combinations(range(len(handed)), 2):
        span = handed[last] - handed[first]
        assert last - first + 1 <= PER_S * (span + 2), "over the line's rate, both hosts together"
    took: float = handed[-1] - handed[0]
    return round(took, 1)


def what_the_clock_does_is_done_once(house: Hosts, life: Life) -> None:
    """Scheduled texts and snoozes, with every host's timers running."""
    ctx, town = house.site.house.ctx, house.site.town
    phones = _who_may_be_answered(house, life)[:SLEEPERS]
    ben = town.sign_in("ben")
    later = ctx.now() + timedelta(seconds=3)
    ids = [
        submit(
            ctx, ben, life.talks[phone], "As promised.", client_id=ctx.new_id(), send_at=later
        ).text_id
        for phone in phones
    ]
    talks = [life.talks[phone] for phone in phones]
    assert snooze(ctx, ben, talks, later) == len(phones)
    newest = house.rows("select max(n) from events")[0][0]
    _leave(house, ids)
    _until(
        lambda: (
            house.rows(
                "select count(*) from conversations where id = any(%s)"
                " and snoozed_until is not null",
                talks,
            )
            == [(0,)]
        ),
        "the end of every snooze",
    )
    time.sleep(6.0)  # whoever would wake them again has looked by now
    woken = house.rows(
        "select conversation_id, count(*) from events where n > %s and name = 'conversation'"
        " and conversation_id = any(%s) group by 1",
        newest,
        talks,
    )
    assert sorted(count for _, count in woken) == [1] * len(talks), woken
    for phone in phones:
        promised = [one for one in house.outbox(phone) if "As promised." in one["body"]]
        assert len(promised) == 1, "a scheduled text left once"


def _who_may_be_answered(house: Hosts, life: Life) -> list[str]:
    """Who did not stop; they write again, so that they may be answered."""
    out = {row[0] for row in house.rows("select contact_id from consent_entries where says='stop'")}
    found = []
    for phone, talk in life.talks.items():
        (contact,) = house.rows("select contact_id from conversations where id = %s", talk)[0]
        if contact not in out:
            found.append(phone)
    assert len(found) >= 2, "some never stopped"
    return found


def _leave(house: Hosts, ids: list[UUID]) -> None:
    sql = f"select count(*) from texts where id = any(%s) and state in {LEFT}"
    _until(lambda: house.rows(sql, ids) == [(len(ids),)], "every answer at the carrier")


def _until(true: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"no {what} within {seconds} s"
        time.sleep(0.1)
