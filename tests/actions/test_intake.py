"""Many texts at once: each once, in their order, and whatever one of them does to the others.

What a batch asks of the database does not grow with what is in it; a bad one fails alone; two
batches that cross neither lose a text nor keep one twice.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

import psycopg
import pytest

from lotline.actions.receive import Outcome, Verified, receive
from lotline.core.carriers.port import ReceiptWord
from lotline.core.gate.facts import Sender
from lotline.core.messaging.purpose import Purpose
from lotline.store import database
from lotline.store.facts import Asked, load_facts
from lotline.store.standing import find_by_numbers
from lotline.web.edge.batches import Batches
from tests.actions.house import House
from tests.actions.test_races import at_once
from tests.looping import run_alone

DALE, JO, KIM = "+16145550142", "+16145550143", "+16145550144"
NUMBERS = [f"+1614555{last:04d}" for last in range(110, 140)]


def said_by(house: House, number: str) -> list[tuple[str, str]]:
    """What is on record of a customer's consent, oldest first."""
    with house.ctx.db.transaction(house.town.group_id) as tx:
        contact = find_by_numbers(tx, [number])[number]
    return house.ask(
        "select says, scope from consent_entries where contact_id = %s order by said_at, id",
        contact.id,
    )


def heard(done: Sequence[Outcome]) -> list[str]:
    return [one.heard for one in done]


def test_a_stop_among_other_texts_of_a_batch_counts_from_where_it_stands(house: House) -> None:
    house.text_in(DALE, "is my truck ready?")
    house.tap(DALE, "It is ready.")
    done = receive(
        house.ctx,
        [
            house.arrival(DALE, "thanks a lot"),
            house.arrival(JO, "do you have the wagon in blue?"),
            house.arrival(DALE, "STOP"),
            house.arrival(DALE, "STOP"),
            house.arrival(DALE, "yes"),
            house.arrival(JO, "STOP"),
            house.arrival(JO, "START"),
        ],
    )
    assert heard(done) == ["none", "none", "block", "block", "none", "block", "start"]
    sent = [one.outgoing.body for one, _ in house.dispatch()]
    assert sum("opted out" in body for body in sent) <= 2
    assert "It is ready." not in sent, "what waited has left the queue"
    assert [says for says, _ in said_by(house, DALE)].count("stop") == 2
    assert said_by(house, JO)[-1] == ("yes", "all"), "the last word is the last"
    confirmed = house.ask(
        "select contact_id, count(*) from texts where purpose = 'stop_confirmation' group by 1"
    )
    assert all(count == 1 for _, count in confirmed), "one stop, one confirmation"


def test_a_doubt_that_is_repeated_in_one_batch_is_a_stop(house: House) -> None:
    house.text_in(KIM, "is the wagon there?")
    house.town.clock.pass_by(hours=1)
    together = receive(house.ctx, [house.arrival(KIM, "enough"), house.arrival(KIM, "enough")])
    house.text_in(JO, "is the wagon there?")
    house.town.clock.pass_by(hours=1)
    apart = [house.text_in(JO, "enough"), house.text_in(JO, "enough")]
    assert heard(together) == heard(apart)


def test_a_webhook_doubled_within_a_batch_is_one_text(house: House) -> None:
    one, two = house.arrival(DALE, "STOP", sid="SMa"), house.arrival(JO, "hello", sid="SMb")
    done = receive(house.ctx, [one, two, one, one])
    assert [one.repeated for one in done] == [False, False, True, True]
    assert [says for says, _ in said_by(house, DALE)] == ["stop"]
    assert house.ask("select count(*) from texts where direction = 'in'") == [(2,)]
    again = receive(house.ctx, [two, one])
    assert all(one.repeated for one in again)
    assert house.ask("select count(*) from arrivals") == [(2,)]


def test_batches_that_cross_keep_each_text_once_and_every_chain_whole(house: House) -> None:
    """Four at once, with the same customers in other orders, strangers and doubled calls."""
    dice = random.Random(4)
    calls = [
        house.arrival(number, dice.choice(["hi", "STOP", "is it there?", "START"]))
        for number in NUMBERS[:8]
        for _ in range(5)
    ]
    batches = [dice.sample(calls, len(calls)) for _ in range(4)]

    done = at_once(*(partial(receive, house.ctx, one) for one in batches))
    assert all(isinstance(one, list) for one in done), done
    fresh = Counter(
        call.arrival.carrier_id
        for batch, outcomes in zip(batches, done, strict=True)
        for call, outcome in zip(batch, outcomes, strict=True)
        if not outcome.repeated
    )
    assert fresh == {call.arrival.carrier_id: 1 for call in calls}
    assert house.ask("select count(*) from texts where direction = 'in'") == [(len(calls),)]
    assert house.ask("select count(*) from contacts") == [(8,)]
    broken = house.ask(
        "select contact_id from ledger_leaves group by contact_id, group_id"
        " having count(*) <> max(chain_seq) or count(distinct chain_seq) <> count(*)"
    )
    assert broken == []
    ends = house.ask(
        "select count(*) from contacts c where chain_seq <> (select max(chain_seq)"
        " from ledger_leaves l where l.contact_id = c.id)"
    )
    assert ends == [(0,)]


def test_a_bad_one_fails_alone_and_what_it_was_is_not_hidden(house: House) -> None:
    """Its fault comes up only when others were asked after it."""
    calls = [house.arrival(number, "hello") for number in NUMBERS[:6]]
    calls.insert(3, house.arrival(DALE, "STOP", segments=70_000))  # no column holds so many

    async def run() -> list[Any]:
        batches = Batches[Verified, Outcome](lambda items: receive(house.ctx, items))
        said = await asyncio.gather(*map(batches.put, calls), return_exceptions=True)
        await batches.close()
        return said

    said = run_alone(run())
    assert [isinstance(one, Outcome) for one in said] == [True] * 3 + [False] + [True] * 3
    assert isinstance(said[3], psycopg.errors.NumericValueOutOfRange)
    assert house.ask("select count(*) from texts where direction = 'in'") == [(6,)]


def test_what_a_batch_asks_does_not_grow_with_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in NUMBERS[:24]:
        house.text_in(number, "START")
    asked: Counter[str] = Counter()
    ask = database.Tx._ask

    def counted(tx: database.Tx, name: str, params: dict[str, Any]) -> Any:
        asked[name] += 1
        return ask(tx, name, params)

    monkeypatch.setattr(database.Tx, "_ask", counted)

    def of(numbers: list[str]) -> Counter[str]:
        asked.clear()
        bodies = [("is it there?", number) for number in numbers]
        bodies += [("STOP", number) for number in numbers[::2]]
        receive(house.ctx, [house.arrival(number, body) for body, number in bodies])
        return Counter(asked)

    few, many = of(NUMBERS[:2]), of(NUMBERS[2:24])
    assert many == few
    assert sum(few.values()) <= 45


def test_what_the_gate_is_told_is_planned_once(house: House) -> None:
    texted = house.text_in(DALE, "is it there?")
    house.receipt(texted.text_id or house.town.group_id, ReceiptWord.DELIVERED)
    with house.ctx.db.transaction(house.town.group_id) as tx:
        contact = find_by_numbers(tx, [DALE])[DALE]
        asked = Asked(
            contact.id, house.town.lines["sales"], Purpose.REPLY, Sender.SOFTWARE, house.ctx.now()
        )
        for _ in range(9):
            load_facts(tx, [asked])
        planned = tx._conn.execute(
            "select custom_plans, generic_plans > 0 from pg_prepared_statements"
            " where statement like '%offers_24h%' order by generic_plans desc limit 1"
        ).fetchone()
    assert planned is not None
    assert tuple(planned) == (0, True)
