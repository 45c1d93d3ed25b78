"""Counts agree with a full count: what came late, was taken back, held, erased, counted twice."""

from __future__ import annotations

import threading
from typing import Any

from lotline.actions.counting import count_more, counts_as_of, recount_all
from lotline.actions.erase import ERASE_REASONS, erase_by_command
from lotline.actions.undo import undo
from lotline.core.carriers.port import ReceiptWord
from lotline.store.counts import NOBODY, load_counts
from tests.actions.house import House

PRIYA, DALE, CURTIS = "+16145550142", "+16145550143", "+16145550144"
_KEPT = {
    "count_days": "conversation_id, line_id, day, author_id, sent, received, allowed, held,"
    " blocked",
    "count_texts": "text_id, what, conversation_id, line_id, author_id, at, day, why",
    "count_waits": "text_id, conversation_id, line_id, author_id, started_at, ended_at, day,"
    " hour, open_s",
    "count_moves": "entry_id, at, was, now, source, credited_id",
}


def kept(house: House) -> dict[str, list[Any]]:
    return {
        table: sorted(house.ask(f"select contact_id, {columns} from {table}"), key=str)
        for table, columns in _KEPT.items()
    }


def from_scratch(house: House) -> dict[str, list[Any]]:
    """Counted now from the rows on record, with nothing kept."""
    found: dict[str, list[Any]] = {table: [] for table in _KEPT}
    with house.ctx.db.transaction(house.town.group_id) as tx:
        ids = [row[0] for row in house.ask("select id from contacts")]
        for one, counts in load_counts(tx, ids).items():
            for key, day in counts.days.items():
                found["count_days"].append(
                    (one, key.conversation_id, key.line_id, key.day, key.author_id or NOBODY,
                     day.sent, day.received, day.allowed, day.held, day.blocked)
                )  # fmt: skip
            for table, rows in (
                ("count_texts", counts.marked), ("count_waits", counts.answered),
                ("count_moves", counts.moves),
            ):  # fmt: skip
                found[table] += [(one, *(NOBODY if v is None else v for v in row)) for row in rows]
    return {table: sorted(rows, key=str) for table, rows in found.items()}


def agree(house: House) -> None:
    while count_more(house.ctx, house.town.group_id):
        pass
    stored, counted = kept(house), from_scratch(house)
    for table, rows in counted.items():
        assert [tuple(map(str, one)) for one in stored[table]] == [
            tuple(map(str, one)) for one in rows
        ], table


def test_counts_follow_a_life_and_agree_with_a_full_count(house: House) -> None:
    town, clock = house.town, house.town.clock
    for number, name in ((PRIYA, "Priya Ramnath"), (DALE, "Dale Kerr"), (CURTIS, "Curtis Vale")):
        town.meet(number, name, by="ben", line="sales")
    house.text_in(PRIYA, "Is the Tacoma still there?")
    clock.pass_by(minutes=3)
    sent = house.tap(PRIYA, "It is, come and see it")
    agree(house)
    undone = house.tap(PRIYA, "Oops")
    undo(house.ctx, town.sign_in("ben"), undone.text_id)
    agree(house)
    clock.pass_by(seconds=11)
    house.dispatch()
    agree(house)
    waits = house.ask("select open_s, author_id from count_waits")
    assert waits == [(191, town.members["ben"])]
    house.receipt(sent.text_id, ReceiptWord.DELIVERED)
    house.receipt(sent.text_id, ReceiptWord.SENT)  # late, and out of order
    agree(house)
    clock.pass_by(hours=12)  # after ten at night
    held = house.tap(PRIYA, "It is washed and ready", purpose="reply")
    assert held.state == "held"
    agree(house)
    assert house.ask("select sum(held) from count_days") == [(1,)]
    clock.pass_by(hours=11)
    house.dispatch()
    agree(house)
    assert house.ask("select sum(held), sum(sent) from count_days") == [(1, 2)]
    house.text_in(DALE, "STOP")
    house.dispatch()
    agree(house)
    assert house.tap(DALE, "Are you sure?").state == "blocked"
    agree(house)
    assert house.ask("select why <> '' from count_texts where what = 'blocked'") == [(True,)]
    (priya,) = house.ask(
        "select contact_id from conversations where id = %s", house.conversation(PRIYA)
    )[0]
    erase_by_command(house.ctx, town.group_id, priya, min(ERASE_REASONS))
    agree(house)
    before = kept(house)
    recount_all(house.ctx, town.group_id)
    assert kept(house) == before, "counted twice is counted once"


def test_two_counters_race_and_nothing_counts_twice(house: House) -> None:
    house.town.meet(PRIYA, "Priya Ramnath", by="ben", line="sales")
    for n in range(8):
        house.text_in(PRIYA, f"Hello {n}")
    group = house.town.group_id

    def count() -> None:
        for _ in range(6):
            count_more(house.ctx, group)

    racing = [threading.Thread(target=count) for _ in range(2)]
    for one in racing:
        one.start()
    house.text_in(PRIYA, "And one more")
    for one in racing:
        one.join()
    agree(house)
    assert house.ask("select sum(received) from count_days") == [(9,)]


def test_after_a_long_rest_everything_is_counted_from_scratch(house: House) -> None:
    house.town.meet(PRIYA, "Priya Ramnath", by="ben", line="sales")
    agree(house)
    house.text_in(PRIYA, "Anybody there?")
    house.town.clock.pass_by(days=4)
    house.ask("delete from events returning 1")  # pruned while nobody counted
    assert counts_as_of(house.ctx, house.town.group_id, steps=1)[1] is False, "and says so"
    agree(house)
    assert house.ask("select sum(received) from count_days") == [(1,)]
