"""A list decided in classes is decided as each of its people would be, alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest

from lotline.actions.audience import decide_audience
from lotline.actions.lists import import_list_by_command
from lotline.config.bench.recipients import fill_recipients
from lotline.config.bench.town import customer_numbers
from lotline.core.gate.decision import Decision, Verdict
from lotline.core.gate.facts import Sender
from lotline.core.gate.gate import decide
from lotline.core.messaging.purpose import Purpose
from lotline.store.audience import Audience, load_crowd, packed, unpacked
from lotline.store.facts import Asked, load_facts
from lotline.store.standing import find_by_numbers, record_contacts
from tests.conftest import Database
from tests.town import Town

AT = datetime(2026, 12, 16, 15, 30, tzinfo=UTC)
PEOPLE = 260
ENTRY = (
    "insert into consent_entries (group_id, id, contact_id, says, scope, kind, source, how,"
    " line_id, corrects, seller_named, said_at, heard_at)"
    " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
PLACE = (
    "update contacts set states = %s, zones = %s, place_source = %s, number_kind = %s,"
    " reassigned = %s, bought_on = %s, asked_on = %s where id = %s"
)
THREAD = (
    "insert into conversations (group_id, id, contact_id, line_id, store_id, last_at, last_in_at,"
    " created_at) values (%s, %s, %s, %s, %s, %s, %s, %s)"
)
TEXT = (
    "insert into texts (group_id, id, conversation_id, contact_id, line_id, direction, sender,"
    " purpose, body_ct, state, state_at, created_at, handed_at)"
    " values (%s, %s, %s, %s, %s, 'out', 'person', %s, '', 'sent', %s, %s, %s)"
)
PLACES = [
    (["OH"], ["America/New_York"], "area_code"),
    (["FL"], ["America/New_York", "America/Chicago"], "area_code"),
    (["WA"], ["America/Los_Angeles"], "zip"),
    (["TX", "OK"], ["America/Chicago"], "zip"),
    (["NJ"], ["America/New_York"], "stated"),
    (["LA"], ["America/Chicago"], "area_code"),
    ([], [], "unknown"),
]
MOMENTS = [
    AT,
    datetime(2026, 12, 17, 3, tzinfo=UTC),  # night
    datetime(2026, 12, 25, 20, tzinfo=UTC),  # Christmas
]


class Crowd:
    """People of all kinds, drawn once from one seed."""

    def __init__(self, town: Town, link: psycopg.Connection[Any]) -> None:
        self.dice = random.Random(11)
        self.town, self.link = town, link
        ctx = town.ctx
        numbers = customer_numbers(PEOPLE)
        with ctx.db.transaction(town.group_id) as tx:
            record_contacts(tx, numbers, ctx.new_id, AT - timedelta(days=900))
            self.ids = [one.id for one in find_by_numbers(tx, numbers).values()]
        with link.transaction():
            link.execute("set local session_replication_role = replica")
            for one in self.ids:
                self._live(one)

    def _live(self, who: UUID) -> None:
        dice = self.dice
        place = dice.choice(PLACES)
        kind = dice.choice(["mobile"] * 8 + ["landline"])
        moved = dice.choice(["no"] * 8 + ["yes", "unknown"])
        self.link.execute(PLACE, [*place, kind, moved, self._day(), self._day(), who])
        self._agree(who)
        if dice.random() < 0.6:
            self._talk(who)

    def _day(self) -> date | None:
        dice = self.dice
        if dice.random() < 0.5:
            return None
        near = dice.choice([90, 183, 365, 548]) + dice.randint(-6, 6)
        return AT.date() - timedelta(days=dice.choice([near, dice.randint(-3, 900)]))

    def _agree(self, who: UUID) -> None:
        dice = self.dice
        yeses = [
            self._enter(
                who, "yes", self._ago(1000), dice.choice([None, *["written"] * 4, "express"])
            )
            for _ in range(dice.randint(0, 2))
        ]
        fate = dice.random()
        if fate < 0.25:
            self._enter(who, "stop", self._ago(dice.choice([14, 40, 2400])), scope="all")
        elif fate < 0.35:
            says = dice.choice(["stop", "wrong_number", "doubt", "confirmed", "yes"])
            self._enter(who, says, self._ago(30), scope=dice.choice(["offers", "updates", "line"]))
        elif fate < 0.4:
            self._enter(who, "stop", self._ago(900), scope="all")
            self._enter(who, dice.choice(["stop", "yes"]), self._ago(900), "written", scope="all")
        elif fate < 0.45 and yeses:
            self._enter(who, "yes", self._ago(900), "inquiry", corrects=yeses[0])
        elif fate < 0.5:
            self._enter(who, "yes", AT + timedelta(hours=5), "written", scope="all")

    def _ago(self, most: int) -> datetime:
        return AT - timedelta(days=self.dice.randint(0, most), seconds=self.dice.randint(0, 80_000))

    def _enter(
        self,
        who: UUID,
        says: str,
        at: datetime,
        kind: str | None = None,
        *,
        scope: str = "",
        corrects: UUID | None = None,
    ) -> UUID:
        dice, entry = self.dice, self.town.ctx.new_id()
        scope = scope or dice.choice(["all", "all", "offers", "updates", "line"])
        line = dice.choice(list(self.town.lines.values())) if scope == "line" else None
        source = dice.choice(["text", "web_form", "paper_form", "import", "phone", "carrier"])
        how = dice.choice(["keyword", "wording", "unanswered"]) if says == "stop" else "keyword"
        late = timedelta(days=dice.choice([0] * 5 + [2]))
        kind = kind if says == "yes" else None
        named = dice.random() < 0.9
        values = [self.town.group_id, entry, who, says, scope, kind, source, how]
        self.link.execute(ENTRY, [*values, line, corrects, named, at, at + late])
        return entry

    def _talk(self, who: UUID) -> None:
        dice, town = self.dice, self.town
        line = dice.choice([town.lines["sales"]] * 4 + list(town.lines.values()))
        thread, wrote = town.ctx.new_id(), dice.choice([self._ago(500), self._ago(2), None])
        ids = [town.group_id, thread, who, line, next(iter(town.stores.values()))]
        self.link.execute(THREAD, [*ids, AT, wrote, AT])
        if dice.random() < 0.5:
            sent = self._ago(dice.choice([0, 2, 400]))
            text = [town.group_id, town.ctx.new_id(), thread, who, line]
            self.link.execute(TEXT, [*text, dice.choice(["offer", "reply"]), sent, sent, sent])


def word(decision: Decision) -> tuple[Any, ...]:
    binding = decision.binding.rule
    return decision.verdict, binding, decision.hold_until, decision.without_offer


def alone(town: Town, audience: Audience, ids: Sequence[UUID]) -> dict[UUID, tuple[Any, ...]]:
    asked = [
        Asked(one, audience.line_id, audience.purpose, audience.sender, audience.at) for one in ids
    ]
    with town.ctx.db.transaction(town.group_id) as tx:
        told = load_facts(tx, asked)
    return {one: word(decide(facts, town.ctx.book)) for one, facts in zip(ids, told, strict=True)}


def together(town: Town, audience: Audience) -> dict[UUID, tuple[Any, ...]]:
    with town.ctx.db.transaction(town.group_id) as tx:
        rulings = decide_audience(tx, audience, town.ctx.book)
    pairs = [(who, word(one.decision)) for one in rulings for who in unpacked(one.members)]
    assert len(pairs) == len(dict(pairs)), "nobody is decided twice"
    return dict(pairs)


def import_lists(town: Town, numbers: Sequence[str]) -> None:
    """A ninth of the numbers on each; the state's copy is too old to clear anybody."""
    today = town.clock().date()
    for kind, region, first, age in (
        ("national_dnc", "", 0, 2),
        ("state_dnc", "FL", 1, 400),
        ("litigators", "", 2, 2),
        ("reassigned", "", 3, 2),
    ):
        listed = [one.encode() + b"\n" for one in numbers[first::9]]
        import_list_by_command(
            town.ctx,
            town.group_id,
            kind,
            partial(iter, listed),
            as_of=today - timedelta(days=age),
            region=region,
        )


def test_each_is_decided_as_alone(town: Town, module_db: Database) -> None:
    with psycopg.connect(module_db.dsn("superuser"), autocommit=True) as link:
        crowd = Crowd(town, link)
    line = town.lines["sales"]
    numbers = customer_numbers(PEOPLE)
    verdicts = set()
    for lists in (False, True):
        if lists:
            import_lists(town, numbers)
        for at in MOMENTS:
            for purpose in (Purpose.OFFER, Purpose.UPDATE):
                audience = Audience(line, purpose, Sender.BROADCAST, at)
                expected = alone(town, audience, crowd.ids)
                assert together(town, audience) == expected
                verdicts |= set(expected.values())
    assert len({one[0] for one in verdicts}) == 3
    assert len({one[1] for one in verdicts}) > 12


def test_a_list_of_ids_is_that_list(town: Town, module_db: Database) -> None:
    with psycopg.connect(module_db.dsn("superuser"), autocommit=True) as link:
        crowd = Crowd(town, link)
    some = crowd.ids[::7]
    line = town.lines["sales"]
    audience = Audience(line, Purpose.OFFER, Sender.SOFTWARE, AT, contacts=some)
    assert together(town, audience) == alone(town, audience, some)
    assert together(town, Audience(line, Purpose.OFFER, Sender.SOFTWARE, AT, contacts=[])) == {}


def test_the_list_that_is_measured(town: Town, module_db: Database) -> None:
    """In small: 2,000 of them, all decided, and a twentieth asked again, each alone."""
    line = town.lines["sales"]
    fill_recipients(module_db.dsn("superuser"), town.group_id, line, 2000, AT)
    audience = Audience(line, Purpose.OFFER, Sender.BROADCAST, AT)
    found = together(town, audience)
    assert len(found) == 2000
    some = list(found)[::20]
    assert alone(town, audience, some) == {one: found[one] for one in some}
    assert {one[0] for one in found.values()} == set(Verdict)


def test_most_are_in_classes_and_the_erased_in_none(town: Town, module_db: Database) -> None:
    with psycopg.connect(module_db.dsn("superuser"), autocommit=True) as link:
        crowd = Crowd(town, link)
        gone = crowd.ids[0]
        link.execute("update contacts set key_wrapped = null where id = %s", [gone])
    audience = Audience(town.lines["sales"], Purpose.OFFER, Sender.BROADCAST, AT)
    with town.ctx.db.transaction(town.group_id) as tx:
        read = load_crowd(tx, audience, town.ctx.book)
    classed = [who for one in read.classes for who in unpacked(one.members)]
    assert {*classed, *unpacked(read.apart)} == set(crowd.ids) - {gone}
    assert len(classed) > PEOPLE / 2
    assert sum(one.size for one in read.classes) == len(classed)


@pytest.mark.parametrize("purpose", [Purpose.REPLY, Purpose.HELP, Purpose.STOP_CONFIRMATION])
def test_an_answer_is_nobodys_in_particular(purpose: Purpose) -> None:
    with pytest.raises(AssertionError):
        Audience(UUID(int=1), purpose, Sender.BROADCAST, AT)


def test_packing_keeps_ids() -> None:
    ids = [UUID(int=1), UUID(int=2**128 - 1)]
    assert unpacked(packed(ids)) == ids
    assert unpacked(b"") == []
