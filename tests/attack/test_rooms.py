"""Many streams, one reader: what a room tells, under attack.

Nobody hears of a line out of reach, also when reach changes while they listen; each event comes
once and in order; the database is asked as often for forty streams as for three; whoever reads
slowly loses their own place and nobody else's; companies in one process hear nothing of each other.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg
import pytest

from lotline.actions.devices import end_all, lock
from lotline.actions.members import set_reach, suspend
from lotline.config.bench.timed import TimedDatabase
from lotline.store.events import record_event
from lotline.store.stream import cursor_at, load_cursor, read_cursor
from lotline.store.stream_reach import earshot_of, load_hearers
from lotline.store.viewer import load_viewer
from lotline.web.edge import room as rooms
from lotline.web.edge.listen import Hub
from lotline.web.edge.live import Seat, catch_up
from lotline.web.edge.looking import look
from lotline.web.edge.room import Waiting
from tests.attack.rooms import Place, ids, in_room, read, told
from tests.conftest import Database
from tests.looping import run_alone
from tests.town import Town, build_town, make_context

_lanes = itertools.count(7000)


@pytest.fixture
def town(module_db: Database, tmp_path: Path) -> Iterator[Town]:
    ctx = make_context(module_db.app, tmp_path, lane=next(_lanes))
    try:
        yield build_town(ctx)
    finally:
        ctx.db.close()


PEOPLE = ("ada", "mo", "ben", "bea", "cy", "noor")


@pytest.mark.parametrize("state", ["in", "locked", "left alone", "ended", "suspended"])
def test_the_room_knows_of_each_what_they_know_of_themselves(town: Town, state: str) -> None:
    viewers = {who: town.sign_in(who, f"the {state} one of {who}") for who in PEOPLE}
    ada = town.sign_in("ada")
    for who, one in viewers.items():
        if state == "locked":
            lock(town.ctx, one)
        elif state == "ended":
            end_all(town.ctx, ada, town.members[who], "lost")
        elif state == "suspended" and who != "ada":
            suspend(town.ctx, ada, town.members[who], "left")
    if state == "left alone":
        town.clock.pass_by(minutes=15)
    accounts = {one.device_id: town.accounts[who] for who, one in viewers.items()}
    with town.ctx.db.transaction(town.group_id) as tx:
        hearers = load_hearers(tx, accounts, town.clock())
        crossed = load_hearers(tx, {one: town.ctx.new_id() for one in accounts}, town.clock())
    assert crossed == {}, "a device is its own account's"
    for who, one in viewers.items():
        known = load_viewer(
            town.ctx.db, town.accounts[who], f"the {state} one of {who}", town.clock()
        )
        found = hearers.get(one.device_id)
        assert (found is None) == (known is None or not known.active), who
        if found is not None and known is not None:
            assert (found.member_id, found.locked) == (known.member_id, known.locked)
            assert found.earshot == earshot_of(known)


def test_each_hears_of_what_they_reach_and_of_nothing_else(town: Town) -> None:
    """The same events and the same answers as for one who reads by themselves."""
    viewers = {who: town.sign_in(who) for who in PEOPLE}
    priya = town.meet("+16145550142", "Priya", by="ben", line="sales")
    with town.ctx.db.transaction(town.group_id) as tx:
        contact = tx.only(
            "conversations.glance", ids=[priya], line_ids=list(town.lines.values())
        ).contact_id

    async def play(place: Place) -> None:
        streams = {who: place.open(one, who) for who, one in viewers.items()}
        await place.settled()
        place.tell("line", line_id=town.lines["sales"], store_id=town.stores["elm"])
        place.tell("store", store_id=town.stores["elm"])
        place.tell("talk", conversation_id=priya)
        place.tell("customer", contact_id=contact)
        place.tell("to.ben", member_id=town.members["ben"], line_id=town.lines["dock"])
        place.tell("house")
        await place.settled()
        everything = ["line", "store", "talk", "customer", "house"]
        assert {who: place.heard[one] for who, one in streams.items()} == {
            "ada": everything,
            "noor": everything,
            "mo": ["line", "store", "talk", "customer"],
            "ben": ["line", "talk", "customer", "to.ben"],
            "bea": [],
            "cy": [],
        }

    in_room(town, play)


@pytest.mark.parametrize("seed", [3, 4])
def test_reach_that_changes_while_they_listen_is_kept_to(town: Town, seed: int) -> None:
    """Events and changes of reach in any order, nobody waiting for the room in between: nothing is
    told that was out of reach from when it happened until it was told, and everything that was in
    reach all the time.
    """
    dice = random.Random(seed)
    ada = town.sign_in("ada")
    places = {who: town.sign_in(who) for who in ("ben", "bea", "cy")}
    lines = list(town.lines)

    async def play(place: Place) -> None:
        streams = {who: place.open(one, who) for who, one in places.items()}
        reach = {"ben": {"sales"}, "bea": {"service"}, "cy": {"dock"}}
        may: dict[str, list[str]] = {who: [] for who in streams}
        must: dict[str, list[str]] = {who: [] for who in streams}
        untold: list[tuple[str, str]] = []
        await place.settled()
        for n in range(60):
            who = dice.choice(list(streams))
            if dice.random() < 0.3:
                reach[who] = set(dice.sample(lines, dice.randrange(3)))
                ids = [town.lines[one] for one in reach[who]]
                set_reach(town.ctx, ada, town.members[who], line_ids=ids)
                place.room.wake()
                may[who] += [name for name, line in untold if line in reach[who]]
            else:
                line = dice.choice(lines)
                still = dice.random() < 0.5
                if still:
                    await place.settled()
                place.tell(f"text.{n}", line_id=town.lines[line])
                untold.append((f"text.{n}", line))
                if still:
                    await place.settled()
                    untold.clear()
                for one, reached in reach.items():
                    if line in reached:
                        may[one].append(f"text.{n}")
                        must[one] += [f"text.{n}"] if still else []
        await place.settled()
        for one, stream in streams.items():
            heard = [name for name in place.heard[stream] if name.startswith("text.")]
            assert set(heard) <= set(may[one]), "of a line out of reach"
            assert set(must[one]) <= set(heard), "missing"
            assert heard == sorted(set(heard), key=lambda name: int(name[5:])), "once, in order"

    in_room(town, play)


def test_an_end_of_access_does_not_wait_for_its_turn(town: Town, module_db: Database) -> None:
    """A long transaction holds every event back; who is out is out at once all the same."""
    ada, ben = town.sign_in("ada"), town.sign_in("ben")

    async def play(place: Place) -> None:
        stream, other = place.open(ben, "ben"), place.open(ada, "ada")
        await place.settled()
        with psycopg.connect(module_db.app) as slow:
            slow.execute("select pg_current_xact_id()")
            place.tell("text.in", line_id=town.lines["sales"])
            began = time.monotonic()
            end_all(town.ctx, ada, town.members["ben"], "lost")
            place.room.wake()
            while not stream.over:
                assert time.monotonic() - began < 1.0, "out means out"
                await asyncio.sleep(0.005)
            assert other.parts == [], "held back"
        await place.settled()
        assert (stream.over, place.heard[stream]) == ("signed-out", [])
        assert place.heard[other][:1] == ["text.in"]

    in_room(town, play)


def test_a_change_that_no_event_tells_is_seen_within_a_second(
    town: Town, module_db: Database
) -> None:
    noor = town.sign_in("noor")

    async def play(place: Place) -> None:
        stream = place.open(noor, "noor")
        await place.settled()
        with psycopg.connect(module_db.dsn("superuser")) as link:
            link.execute("update devices set ended_at = now() where id = %s", [noor.device_id])
        await asyncio.sleep(rooms.ACCESS_S)
        place.tell("text.in", line_id=town.lines["sales"])
        await place.settled()
        assert (stream.over, place.heard[stream]) == ("signed-out", [])

    in_room(town, play)


@pytest.mark.parametrize("seed", range(3))
def test_over_reconnects_each_event_comes_once_and_in_order(town: Town, seed: int) -> None:
    """A page that is cut off at any moment and comes back with the last id it read."""
    dice, ben = random.Random(seed), town.sign_in("ben")
    seat = Seat(town.accounts["ben"], "session-of-ben")

    async def play(place: Place) -> None:
        anchor = place.open(town.sign_in("ada"), "ada")  # so that the room goes on
        cursor, heard = place.now(), list[str]()
        stream = place.open(ben, "ben", cursor)
        for n in range(80):
            place.tell(f"text.{n}", line_id=town.lines["sales" if n % 4 else "dock"])
            if dice.random() < 0.3:
                await asyncio.sleep(dice.random() * 0.02)
            if dice.random() < 0.2:
                lines = b"".join(stream.parts[: dice.randrange(len(stream.parts) + 1)]).decode()
                cursor = ([cursor, *ids(lines)])[-1]
                heard += told(lines)
                place.room.leave(stream)
                start = read_cursor(cursor)
                assert start is not None
                if not place.room.covers(start) or dice.random() < 0.5:
                    caught = catch_up(town.ctx, seat, ben, cursor)
                    heard += told(b"".join(caught.parts).decode())
                    cursor = cursor_at(caught.after)
                place.heard.pop(stream)
                stream = place.open(ben, "ben", cursor)
        await place.settled()
        heard += place.heard[stream]
        assert heard == [f"text.{n}" for n in range(80) if n % 4]
        assert place.heard[anchor] == [f"text.{n}" for n in range(80)]

    in_room(town, play)


def test_the_database_is_asked_as_often_for_forty_streams_as_for_three(town: Town) -> None:
    asked: dict[int, list[str]] = {}
    timed = TimedDatabase(town.ctx.db.dsn, town.ctx.db.keys, every_thread=True)
    timed.open()
    viewers = {who: town.sign_in(who) for who in PEOPLE}

    async def play(place: Place, count: int) -> None:
        everybody = itertools.islice(itertools.cycle(viewers.items()), count)
        streams = [place.open(one, who) for who, one in everybody]
        await place.settled()
        await asyncio.sleep(0.2)  # whatever was woken has looked
        timed.asked.clear()
        with town.ctx.db.transaction(town.group_id) as tx:
            for n in range(30):
                record_event(tx, f"text.{n}", at=town.clock(), line_id=town.lines["sales"])
            record_event(tx, "member", at=town.clock(), subject_id=town.members["ben"])
        await place.settled()
        asked[count] = sorted({one.name for one in timed.asked})
        looks = sum(one.name == "stream.news" for one in timed.asked)
        assert len(timed.asked) <= 4 * looks <= 12
        assert sum(len(place.heard[one]) for one in streams) >= count // 6 * 30

    with ExitStack() as over:
        over.callback(timed.close)
        counted = replace(town.ctx, db=timed)
        for count in (3, 40):
            in_room(town, partial(play, count=count), partial(look, counted))
    assert asked[3] == asked[40]


def test_whoever_reads_slowly_loses_their_own_place_and_nobody_elses(town: Town) -> None:
    ada, noor = town.sign_in("ada"), town.sign_in("noor")

    async def play(place: Place) -> None:
        quick, slow = place.open(ada, "ada"), place.open(noor, "noor")
        await place.settled()
        place.heard.pop(slow)
        for n in range(0, rooms.QUEUE_MAX + 100, 100):
            with town.ctx.db.transaction(town.group_id) as tx:
                for m in range(n, n + 100):
                    record_event(tx, f"text.{m}", at=town.clock(), line_id=town.lines["sales"])
            await place.settled()
        assert len(place.heard[quick]) == rooms.QUEUE_MAX + 100, "held by nobody"
        assert slow.reset
        assert slow.parts == []
        assert read(slow) == ["reset"]
        place.tell("text.next", line_id=town.lines["sales"])
        await place.settled()
        assert read(slow) == ["text.next"], "it goes on from there"
        assert place.room.cursor_of(slow) == cursor_at(place.room.cursor or (0, 0))

    in_room(town, play)


def test_a_database_of_before_is_a_reset_and_not_silence(town: Town) -> None:
    """After a restore transactions are counted from an earlier number than a page has read."""

    async def play(place: Place) -> None:
        stream = place.open(town.sign_in("ada"), "ada", f"{2**40}-7")
        limit = time.monotonic() + 10
        while not stream.reset:
            assert time.monotonic() < limit, "silence"
            await asyncio.sleep(0.01)
        assert read(stream) == ["reset"]
        place.tell("text.in", line_id=town.lines["sales"])
        await place.settled()
        assert place.heard[stream] == ["text.in"]

    in_room(town, play)


def test_companies_in_one_process_hear_nothing_of_each_other(
    town: Town, module_db: Database, tmp_path: Path
) -> None:
    ctx = make_context(module_db.app, tmp_path, lane=next(_lanes))
    other = build_town(ctx)
    hub = Hub(module_db.app, partial(look, town.ctx))

    async def play() -> None:
        streams: dict[str, Waiting] = {}
        for name, one in (("ours", town), ("theirs", other)):
            viewer = one.sign_in("ada")
            with one.ctx.db.transaction(one.group_id) as tx:
                start = read_cursor(load_cursor(tx))
            assert start is not None
            joining = Waiting(one.group_id, viewer.device_id, one.accounts["ada"], start)
            streams[name] = joining
            hub.join(joining)
        await asyncio.sleep(0.5)
        for _ in range(3):
            with other.ctx.db.transaction(other.group_id) as tx:
                record_event(tx, "text.in", at=other.clock(), line_id=town.lines["sales"])
        end = time.monotonic() + 10
        while len(streams["theirs"].parts) < 3:  # woken by what PostgreSQL says, not by the test
            assert time.monotonic() < end, "it was never told"
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        assert streams["ours"].parts == []
        for stream in streams.values():
            hub.leave(stream)
        assert hub.room(town.group_id) is None
        await hub.close()

    with ExitStack() as over:
        over.callback(ctx.db.close)
        run_alone(play())
