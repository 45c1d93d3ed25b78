"""The bench names what it measures, and the hot path has not lost an order of magnitude.

What is compared is measured in the same breath, so that a busy machine is busy for both.
"""

from __future__ import annotations

import json
import random
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lotline.actions.receive import Verified, receive
from lotline.config.bench import benches, run
from lotline.config.bench.figures import Bench, Goal, Measured, latencies, shown
from lotline.config.bench.streams import allow_files
from lotline.config.bench.table import BEGIN, END, write_page
from lotline.config.bench.town import customer_numbers, words
from lotline.config.bench.wire import Load
from lotline.config.processes import CannotStart
from lotline.core.carriers.port import Arrival
from lotline.core.consent.hearing.hear import hear
from tests.conftest import Database
from tests.town import ACCOUNT, LINES, Town, build_town, make_context

THE_NAMES = {
    "inbound",
    "inbound-open",
    "inbound-slow-disk",
    "outbound",
    "sender",
    "stop",
    "gate",
    "live",
}
HEARD_MAX = 400  # of a fixed piece of Python; 40 to 50 when it was written
RECEIVED_MAX = 1000  # single-row commits without a disk; about 110 when it was written


def test_every_bench_has_a_name_a_place_and_goals() -> None:
    assert THE_NAMES | {"start"} <= benches().keys()
    places = [one.place for one in benches().values()]
    assert places == sorted(places)
    assert all(one.goals and one.says for one in benches().values())


def test_an_unknown_bench_is_refused_with_the_names_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        run(["speed"])
    assert left.value.code == 2
    assert "inbound-slow-disk" in capsys.readouterr().err


def test_too_few_open_files_are_said_before_anything_starts() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard == resource.RLIM_INFINITY:
        pytest.skip("this machine allows any number of open files")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with pytest.raises(CannotStart, match=f"{hard} are allowed here"):
        allow_files(hard)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before
    allow_files(20)


def test_medians_goals_and_nulls() -> None:
    rounds = [
        {"value": 3.0, "ratio": 0.4},
        {"value": 1.0, "ratio": 0.6},
        {"value": 2.0, "ratio": 1},
    ]
    bench = Bench("x", 1, "x", "texts/s", (Goal("ratio", at_least=0.5),), lambda _: rounds)
    measured = Measured(bench, rounds)
    told = json.loads(json.dumps(measured.to_json()))
    assert (told["value"], told["ratio"], told["rounds"]) == (2.0, 0.6, 3)
    assert told["p99_ms"] is None
    assert told["limit"] is None
    assert told["spread"]["ratio"] == [0.4, 1]
    assert not measured.misses()
    strict = Measured(
        replace(bench, goals=(Goal("ratio", at_least=0.7), Goal("p99_ms", at_most=1))), rounds
    )
    assert [str(goal) for goal in strict.misses()] == ["ratio ≥ 0.7", "p99_ms ≤ 1"]


@pytest.mark.parametrize("value, text", [(1234.5, "1,230"), (12.34, "12.3"), (0.0049, "0.0049")])
def test_figures_are_rounded_to_what_they_can_mean(value: float, text: str) -> None:
    assert shown(value) == text


def test_latencies_are_of_the_sorted_values() -> None:
    assert latencies([0.003, 0.001, 0.002]) == {"p50_ms": 2.0, "p99_ms": 3.0}
    assert Load(seconds=2.0, answered=10).rate == 5.0


def test_the_page_keeps_the_rows_of_others(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n\n{BEGIN}\n\n| `other` | 1 |\n\n{END}\nafter\n", encoding="utf-8")
    rounds = [{"value": 3.0, "limit": 6.0, "ratio": 0.5}]
    bench = Bench("x", 1, "x", "texts/s", (Goal("ratio", at_least=0.5),), lambda _: rounds)
    for _ in range(2):
        write_page(page, [Measured(bench, rounds)])
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert text.count("| `x` |") == 1
    assert "| `other` | 1 |" in text
    assert "met" in text


def test_hearing_has_not_lost_an_order_of_magnitude() -> None:
    dice = random.Random(1)
    texts = [words(dice, stops=0.02) for _ in range(60)]
    _spent(lambda: [hear(text) for text in texts])  # tables are read, spellings are kept
    heard = min(_spent(lambda: [hear(text) for text in texts]) for _ in range(3))
    fixed = min(_spent(lambda: [_fixed() for _ in texts]) for _ in range(3))
    assert heard < HEARD_MAX * fixed, f"a text costs {heard / fixed:.0f} pieces"


def test_receiving_has_not_lost_an_order_of_magnitude(db: Database, tmp_path: Path) -> None:
    ctx = make_context(db.app, tmp_path)
    town = build_town(ctx, {"policy_required": False})
    numbers = customer_numbers(60)

    def batch(which: int) -> list[Verified]:
        return [
            _verified(town, number, f"SM{which:08x}{n:024x}") for n, number in enumerate(numbers)
        ]

    for which in range(2):
        receive(ctx, batch(which))
    batches = [batch(which) for which in (2, 3, 4)]
    took = min(_spent(partial(receive, ctx, one)) for one in batches) / len(numbers)
    with psycopg.connect(db.owner, autocommit=True) as link:
        link.execute("create table bench_rows (id int primary key, words text)")
        single = min(_spent(partial(_insert, link, n)) for n in range(50))
    ctx.db.close()
    assert took < RECEIVED_MAX * single, f"a text costs {took / single:.0f} single inserts"


def _verified(town: Town, number: str, sid: str) -> Verified:
    line = LINES["sales"][2]
    body = "Is the red wagon still there? I could come by tomorrow at 5."
    arrival = Arrival(
        carrier="twilio",
        account=ACCOUNT,
        carrier_id=sid,
        from_number=number,
        to_number=line,
        body=body,
        at=town.clock(),
    )
    return Verified(town.group_id, town.lines["sales"], arrival, f"Body={body}")


def _insert(link: psycopg.Connection[Any], n: int) -> None:
    link.execute("insert into bench_rows values (%s, %s)", [n, "words"])


def _fixed() -> int:
    """About ten microseconds of Python on an ordinary machine."""
    return sum(len(str(n)) for n in range(100))


def _spent(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
