"""What must hold once all has come to rest: the carrier's own books and ours agree.

Nothing that was acknowledged is lost (P3), nothing left twice (P4), nothing left after a stop that
was acknowledged (P1), nothing without a verdict that can be repeated (P2), and nobody's words are
in the logs.

Not here: the lives that are asked about (`life`).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from lotline.actions.replay import Replayed, replay
from tests.attack.life import Life
from tests.town import NOON

CONFIRMED = "opted out"


def every_promise_holds(life: Life) -> list[dict[str, Any]]:
    """Raises where one is broken; else all texts that left, as the carrier has them."""
    left = [text for phone in life.phones for text in life.house.outbox(phone)]
    nothing_acknowledged_is_lost(life)
    nothing_left_twice(life, left)
    nothing_left_after_a_stop(life, left)
    everything_left_by_verdict(life, left)
    nothing_of_anyone_is_in_the_logs(life)
    return left


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
