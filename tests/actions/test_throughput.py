"""How fast texts leave: never more than the buckets hold, whoever claims; and nobody starves.

Rows are put into the outbox as they would lie there; what is claimed is what may be offered.
"""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime
from functools import partial

import pytest

from lotline.actions.dispatch import claim
from lotline.actions.throughput import meter, say_approved
from lotline.core.carriers.port import Busy
from lotline.store.outbox import Due
from tests.actions.house import House
from tests.actions.test_races import at_once
from tests.town import NOON

_names = itertools.count(1)


def approve(house: House, **lines: str) -> None:
    """These lines are no longer the simulator's: a carrier counts their texts."""
    for name, kind in lines.items():
        house.ask(
            "update lines set registration = 'approved', kind = %s where id = %s returning 1",
            kind,
            house.town.lines[name],
        )
    meter(house.ctx)


def put(house: House, line: str, count: int, *, segments: int = 1, rank: int = 1) -> None:
    """So many texts wait on a line, each for a customer of its own."""
    start = next(_names) * 1_000_000
    house.ask(
        "insert into outbox (group_id, text_id, contact_id, line_id, due_at, kind, segments, rank)"
        " select %s, lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(n), 32, 'f')::uuid, %s,"
        " %s::timestamptz - interval '1 hour' + n %% 1000000 * interval '1 microsecond',"
        " 'undo', %s, %s from generate_series(%s::bigint, %s) n returning 1",
        house.town.group_id,
        house.town.lines[line],
        house.town.clock(),
        segments,
        rank,
        start,
        start + count - 1,
    )


def taken(house: House, limit: int = 50, worker: str = "w1") -> list[Due]:
    due = claim(house.ctx, worker, limit)
    if due:  # they left
        gone = [one.text_id for one in due]
        house.ask("delete from outbox where text_id = any(%s) returning 1", gone)
    return due


def of_line(house: House, due: list[Due]) -> dict[str, int]:
    names = {line_id: name for name, line_id in house.town.lines.items()}
    return dict(Counter(names[one.line_id] for one in due))


def test_a_line_of_the_simulator_is_not_counted(house: House) -> None:
    meter(house.ctx)
    put(house, "sales", 60)
    assert len(taken(house, 50)) == 50
    assert len(taken(house, 50)) == 10


def test_what_is_over_the_rate_waits_and_none_is_lost(house: House) -> None:
    """Three a second: three now, three a second later, and the last as late as it must be."""
    approve(house, sales="toll_free")
    put(house, "sales", 8)
    said = []
    for _ in range(4):
        said.append(len(taken(house)))
        assert taken(house) == []
        house.town.clock.pass_by(seconds=1)
    assert said == [3, 3, 2, 0]
    assert house.ask("select count(*) from outbox") == [(0,)]


@pytest.mark.parametrize(
    "segments, gaps",
    [(1, [0, 0, 0, 1]), (2, [0, 1, 1, 1]), (3, [0, 1, 1, 1]), (9, [0, 3, 3, 3])],
)
def test_segments_are_what_is_counted(house: House, segments: int, gaps: list[int]) -> None:
    """Two segments draw twice; one of more than a bucket holds leaves when it is full, on debt."""
    approve(house, sales="toll_free")
    put(house, "sales", 4, segments=segments)
    waited: list[int] = []
    for second in range(10):
        while due := taken(house, 1):
            waited += [second] * len(due)
        house.town.clock.pass_by(seconds=1)
    assert [b - a for a, b in itertools.pairwise([0, *waited])] == gaps


def test_lines_of_one_campaign_share_it(house: House) -> None:
    """Class T: 75 in the first minute for both lines together, not each."""
    approve(house, sales="local", service="local")
    ada = house.town.sign_in("ada")
    say_approved(house.ctx, ada, house.town.lines["sales"], "t", "low")
    put(house, "sales", 200)
    put(house, "service", 200)
    count: Counter[str] = Counter()
    for _ in range(60):
        count.update(of_line(house, taken(house)))
        house.town.clock.pass_by(seconds=1)
    assert 73 <= count.total() <= 75
    assert min(count.values()) > 15, "by turns"


def test_a_number_whose_class_nobody_said_has_the_least(house: House) -> None:
    approve(house, sales="local")
    put(house, "sales", 100)
    count = 0
    for _ in range(60):
        count += len(taken(house))
        house.town.clock.pass_by(seconds=1)
    assert count == 60


def test_the_days_cap_ends_at_the_carriers_midnight(house: House) -> None:
    """1,000 a day for a sole proprietor's company, over all its lines; the rest is not touched."""
    approve(house, sales="local", service="local")
    ada = house.town.sign_in("ada")
    say_approved(house.ctx, ada, house.town.lines["sales"], "a", "sole")
    put(house, "sales", 700)
    put(house, "service", 700)
    assert house.town.clock() == NOON

    def all_now() -> int:
        count = 0
        for _ in range(30):
            count += len(taken(house, 200))
            house.town.clock.pass_by(seconds=2)
        return count

    assert all_now() == 1000
    house.town.clock.at = datetime(2026, 11, 19, 7, 59, tzinfo=UTC)
    assert taken(house) == [], "a minute to midnight in California"
    house.town.clock.at = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)
    assert all_now() == 400


def test_5000_on_one_line_do_not_keep_5_on_another(house: House) -> None:
    """The five are newer than all of the others, and leave in the first round."""
    put(house, "sales", 5000)
    house.town.clock.pass_by(minutes=1)
    put(house, "dock", 5)
    first = of_line(house, taken(house, 16))
    assert first == {"sales": 11, "dock": 5}


def test_what_answers_a_stop_goes_before_the_many(house: House) -> None:
    approve(house, sales="toll_free")
    put(house, "sales", 50, rank=2)
    put(house, "sales", 2)
    put(house, "sales", 1, rank=0)
    ranks = house.ask("select text_id, rank from outbox")
    rank = dict(ranks)
    assert sorted(rank[one.text_id] for one in taken(house)) == [0, 1, 1]


def test_many_who_claim_at_once_draw_from_one_bucket(house: House) -> None:
    """Six workers within one moment: 150 of the campaign and 3 of the other line, no more."""
    approve(house, sales="local", service="local", dock="toll_free")
    ada = house.town.sign_in("ada")
    say_approved(house.ctx, ada, house.town.lines["sales"], "a", "top")
    for line in ("sales", "service", "dock"):
        put(house, line, 300)
    said = at_once(*[partial(_claim_often, house, f"w{n}") for n in range(6)])
    got = [one for due in said for one in due]
    count = of_line(house, got)
    assert len({one.text_id for one in got}) == len(got)
    assert count["dock"] == 3
    assert count["sales"] + count["service"] == 150
    assert house.ask("select min(tokens) >= 0 from buckets where kind <> 'brand'") == [(True,)]


def _claim_often(house: House, worker: str) -> list[Due]:
    return [one for _ in range(8) for one in claim(house.ctx, worker, 16)]


def test_what_did_not_leave_is_given_back(house: House) -> None:
    """The gate held it, or the carrier was busy: neither cost the day or the line anything."""
    house.text_in("+16145550142", "Is it there?")
    house.tap("+16145550142", "It is.")
    approve(house, sales="local")
    house.town.clock.pass_by(seconds=11)
    house.carrier.says = lambda text: Busy(30.0, "full")
    assert len(house.dispatch()) == 1
    used = house.ask("select day_used from buckets where kind = 'brand'")
    assert used == [(0,)]
    house.carrier.says = lambda text: None
    house.town.clock.pass_by(minutes=2)
    assert len(house.dispatch()) == 1
    assert house.ask("select day_used from buckets where kind = 'brand'") == [(1,)]
