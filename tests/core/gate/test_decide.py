"""Properties of every decision, whatever the facts: what the rest of the product relies on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, find, given, settings
from hypothesis import strategies as st

from lotline.core.base.places import Place
from lotline.core.consent.entry import How, Kind, Scope, Source
from lotline.core.consent.standing import Standing
from lotline.core.gate.decision import Verdict, decision_from_json, decision_to_json
from lotline.core.gate.facts import (
    Facts,
    LineFacts,
    LineKind,
    MemberFacts,
    Registration,
    Sender,
    facts_from_json,
    facts_to_json,
)
from lotline.core.gate.gate import decide, replay
from lotline.core.gate.rules.book import clock
from lotline.core.messaging.purpose import Purpose
from tests.rules.specimens import BOOK, EXPRESS, LINE, WRITTEN, facts

SEVERITY = {Verdict.ALLOW: 0, Verdict.HOLD: 1, Verdict.BLOCK: 2}
STOP_AT = datetime(2026, 11, 1, tzinfo=UTC)

PLACES = [
    Place(("OH",), ("America/New_York",), "area_code"),
    Place(("PA",), ("America/New_York",), "zip"),
    Place(("FL",), ("America/New_York", "America/Chicago"), "area_code"),
    Place(("GA", "FL"), ("America/New_York",), "zip"),
    Place(("AZ",), ("America/Phoenix", "America/Denver"), "area_code"),
    Place(("MS",), ("America/Chicago",), "area_code"),
    Place(("RI", "TX"), ("America/New_York", "America/Chicago"), "area_code"),
    Place(("UT",), ("America/Denver",), "stated"),
    Place(("HI",), ("Pacific/Honolulu",), "area_code"),
    Place(("GU",), ("Pacific/Guam",), "area_code"),
    Place(("AK",), ("America/Anchorage", "America/Adak"), "area_code"),
    Place(("LA",), ("America/Chicago",), "area_code"),
    Place(("OR",), ("America/Los_Angeles", "America/Boise"), "area_code"),
    Place(),
]

NEW_LISTS = (("national_dnc", date(2028, 12, 31)), ("reassigned", date(2028, 12, 31)))
NEVER_LISTS = (("national_dnc", None), ("state_dnc:FL", None), ("reassigned", None))
OLD_LISTS = (("national_dnc", date(2025, 1, 1)), ("reassigned", date(2025, 1, 1)))
instants = st.datetimes(
    datetime(2025, 12, 30),
    datetime(2028, 12, 31),
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=0))
ages = st.integers(-600, 3 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
days = st.one_of(st.none(), st.dates(date(2024, 1, 1), date(2028, 12, 31)))
kinds = st.sampled_from([None, *Kind])


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    """As the fold makes them: what is stopped has no yes."""
    stopped = draw(st.sampled_from([None, None, None, *[Scope.ALL, Scope.OFFERS, Scope.UPDATES]]))
    updates, offers = draw(kinds), draw(st.sampled_from([None, Kind.EXPRESS, Kind.WRITTEN]))
    at = draw(instants) if stopped else None
    return Standing(
        stopped=stopped,
        stopped_at=at,
        stopped_how=draw(st.sampled_from(How)) if stopped else None,
        stopped_source=draw(st.sampled_from(Source)) if stopped else None,
        stopped_lines=frozenset({LINE}) if draw(st.integers(0, 9)) == 0 else frozenset(),
        updates=None if stopped in {Scope.ALL, Scope.UPDATES} else updates,
        offers=None if stopped in {Scope.ALL, Scope.OFFERS} else offers,
        doubted_at=STOP_AT if draw(st.integers(0, 9)) == 0 else None,
        wrong_number_at=at if draw(st.integers(0, 4)) == 0 else None,
    )


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    at = draw(instants)
    # Half of them have nothing wrong but the hour, or too few would ever be allowed or held.
    smooth = draw(st.booleans())
    rarely = st.just(value=False) if smooth else st.sampled_from([False] * 9 + [True])
    sender = draw(st.sampled_from(Sender))
    wrote = draw(st.one_of(st.none(), ages))
    sent = draw(st.lists(ages, max_size=5))
    return Facts(
        at=at,
        purpose=draw(st.sampled_from(Purpose)),
        sender=sender,
        place=draw(st.sampled_from(PLACES)),
        standing=draw(st.sampled_from([WRITTEN, EXPRESS]) if smooth else standings()),
        line=LineFacts(
            LINE,
            draw(st.sampled_from(LineKind)),
            Registration.NONE if draw(rarely) else Registration.APPROVED,
            paused=draw(rarely),
        ),
        member=MemberFacts(trained=not draw(rarely)) if sender is Sender.PERSON else None,
        last_in_at=at - wrote if wrote is not None else None,
        number_kind=draw(st.sampled_from(["mobile", "voip"] if smooth else ["landline"])),
        reassigned="no" if smooth else draw(st.sampled_from(["no", "yes", "unknown"])),
        offers_24h=tuple(at - age for age in sent),
        bought_on=draw(days),
        asked_on=draw(days),
        national_dnc=draw(rarely),
        own_dnc=draw(rarely),
        stop_heard_at=at - timedelta(seconds=draw(st.integers(0, 600))),
        stop_confirmed=draw(rarely),
        marks=frozenset({"state_of_emergency"} if draw(rarely) else ()),
        courtesy=draw(st.booleans()),
        answered=draw(rarely),
        litigator=draw(rarely),
        lists=draw(st.sampled_from([(), NEW_LISTS, NEW_LISTS, NEVER_LISTS, OLD_LISTS])),
    )


@given(any_facts())
def test_the_same_facts_are_decided_the_same_for_ever(given_facts: Facts) -> None:
    decision = decide(given_facts, BOOK)
    stored = json.loads(json.dumps(facts_to_json(given_facts)))

    assert facts_from_json(stored) == given_facts
    assert replay(stored, BOOK) == decision
    assert decision_from_json(json.loads(json.dumps(decision_to_json(decision)))) == decision


def _is(verdict: Verdict, one: Facts) -> bool:
    return decide(one, BOOK).verdict is verdict


def test_the_facts_asked_about_reach_every_verdict() -> None:
    """For the properties to mean anything."""
    for verdict in Verdict:
        find(any_facts(), partial(_is, verdict))


@given(any_facts())
def test_a_decision_is_well_made(given_facts: Facts) -> None:
    decision = decide(given_facts, BOOK)

    assert decision.binding.verdict is decision.verdict
    assert decision.rulebook == BOOK.digest
    assert (decision.hold_until is not None) is (decision.verdict is Verdict.HOLD)
    assert decision.hold_until is None or decision.hold_until > given_facts.at
    assert all(SEVERITY[f.verdict] <= SEVERITY[decision.verdict] for f in decision.findings)
    assert all(f.says and f.citation and f.rule in BOOK.rules for f in decision.findings)


@given(any_facts())
@settings(max_examples=150)
def test_a_held_text_goes_at_the_very_instant_that_was_promised(given_facts: Facts) -> None:
    decision = decide(given_facts, BOOK)
    if decision.hold_until is None:
        return

    assert decide(replace(given_facts, at=decision.hold_until), BOOK).verdict is Verdict.ALLOW


@given(any_facts(), st.integers(1, 86_400))
@settings(max_examples=150)
def test_no_earlier_instant_would_have_done(given_facts: Facts, before: int) -> None:
    decision = decide(given_facts, BOOK)
    if decision.hold_until is None:
        return
    earlier = max(given_facts.at, decision.hold_until - timedelta(seconds=before))

    assert decide(replace(given_facts, at=earlier), BOOK).verdict is not Verdict.ALLOW


@given(any_facts())
@settings(max_examples=150)
def test_no_offer_goes_in_any_candidate_zones_closed_time(given_facts: Facts) -> None:
    """Asked of the data by another way: each state's own window on the wall of each zone."""
    offer = replace(given_facts, purpose=Purpose.OFFER)
    if decide(offer, BOOK).verdict is not Verdict.ALLOW:
        return

    assert offer.place.zones
    for zone in offer.place.zones:
        local = offer.at.astimezone(ZoneInfo(zone))
        sort = {5: 1, 6: 2}.get(local.weekday(), 0)
        spans = [BOOK.floor[sort]]
        for state in offer.place.states:
            for window in BOOK.hours[state].windows:
                if window.since <= local.date() < window.until:
                    assert local.date() not in BOOK.holidays.get(window.holidays, {})
                    days = window.daylight if window.daylight and local.dst() else window.days
                    spans.append(days[sort] or (0, 0))
        for opens, closes in spans:
            assert opens < closes
            assert clock(opens) <= local.time() < clock(closes)


STRICTER = {
    "a stop": lambda f: replace(
        f,
        standing=replace(
            f.standing,
            stopped=Scope.ALL,
            stopped_at=f.at,
            stopped_how=How.KEYWORD,
            updates=None,
            offers=None,
        ),
    ),
    "a stop of this line": lambda f: replace(
        f,
        standing=replace(
            f.standing, stopped_lines=frozenset({LINE}), lines_stopped_at=f.standing.stopped_at
        ),
    ),
    "a wrong number": lambda f: replace(f, standing=replace(f.standing, wrong_number_at=f.at)),
    "a doubt": lambda f: replace(f, standing=replace(f.standing, doubted_at=f.at, doubted=None)),
    "a listed number": lambda f: replace(f, national_dnc=True),
    "a state's list": lambda f: replace(f, state_dnc=True),
    "our own list": lambda f: replace(f, own_dnc=True),
    "a new owner": lambda f: replace(f, reassigned="yes"),
    "an unasked database": lambda f: replace(
        f, reassigned="unknown" if f.reassigned == "no" else f.reassigned
    ),
    "one more offer": lambda f: replace(f, offers_24h=(*f.offers_24h, f.at)),
    "an emergency": lambda f: replace(f, marks=f.marks | {"state_of_emergency"}),
    "refused content": lambda f: replace(f, marks=f.marks | {"shaft_tobacco"}),
    "a paused line": lambda f: replace(f, line=replace(f.line, paused=True)),
    "an unapproved line": lambda f: replace(
        f, line=replace(f.line, registration=Registration.WAITING)
    ),
    "a member without training": lambda f: replace(
        f, member=replace(f.member, trained=False) if f.member else None
    ),
    "no written yes": lambda f: replace(
        f, standing=replace(f.standing, offers=f.standing.offers and Kind.EXPRESS)
    ),
    "no yes to offers": lambda f: replace(f, standing=replace(f.standing, offers=None)),
    "no purchase": lambda f: replace(f, bought_on=None),
    "no question": lambda f: replace(f, asked_on=None),
    "an offer found inside": lambda f: replace(
        f, purpose=Purpose.OFFER, marks=f.marks | {"offer_inside"}
    ),
    "a list instead of a person": lambda f: replace(f, sender=Sender.BROADCAST),
    "another zone": lambda f: (
        replace(f, place=replace(f.place, zones=(*f.place.zones, "Pacific/Honolulu")))
        if f.place.zones
        else f
    ),
    "another state": lambda f: (
        replace(f, place=replace(f.place, states=(*f.place.states, "RI"))) if f.place.states else f
    ),
    "a known litigator": lambda f: replace(f, litigator=True),
    "a list that grew old": lambda f: replace(f, lists=OLD_LISTS),
    "a confirmed stop": lambda f: replace(f, stop_confirmed=True),
    "an answer given": lambda f: replace(f, answered=True),
}


@pytest.mark.parametrize("stricter", STRICTER, ids=STRICTER)
@given(given_facts=any_facts())
@example(given_facts=facts())
@settings(max_examples=25)
def test_a_stricter_fact_never_loosens_a_verdict(stricter: str, given_facts: Facts) -> None:
    if stricter == "an offer found inside":
        assume(given_facts.purpose in {Purpose.REPLY, Purpose.UPDATE, Purpose.OFFER})
    before = decide(given_facts, BOOK)
    after = decide(STRICTER[stricter](given_facts), BOOK)

    assert SEVERITY[after.verdict] >= SEVERITY[before.verdict]
    if before.hold_until is not None and after.hold_until is not None:
        assert after.hold_until >= before.hold_until


@given(any_facts(), st.sampled_from(PLACES), st.sampled_from(Sender))
@settings(max_examples=150)
def test_nothing_but_one_answer_follows_a_stop(
    given_facts: Facts, place: Place, sender: Sender
) -> None:
    """Promise P1, on the gate's side: for any facts, with a stop of all in force."""
    stopped = STRICTER["a stop"](replace(given_facts, place=place, sender=sender))
    stopped = replace(stopped, standing=replace(stopped.standing, stopped_at=STOP_AT))
    decision = decide(stopped, BOOK)
    if decision.verdict is Verdict.BLOCK:
        return

    owed = stopped.purpose in {Purpose.STOP_CONFIRMATION, Purpose.HELP}
    one_answer = (
        stopped.purpose is Purpose.REPLY
        and stopped.sender is Sender.PERSON
        and not stopped.answered
        and stopped.last_in_at is not None
        and stopped.last_in_at > STOP_AT
    )
    assert owed or one_answer


@given(any_facts())
def test_without_its_offer_is_what_the_same_text_would_be(given_facts: Facts) -> None:
    offer = replace(given_facts, purpose=Purpose.OFFER, rest=Purpose.UPDATE)
    decision = decide(offer, BOOK)
    plain = replace(offer, purpose=Purpose.UPDATE, marks=offer.marks - {"offer_inside"})

    if decision.verdict is Verdict.ALLOW:
        assert decision.without_offer is None
    else:
        assert decision.without_offer is decide(plain, BOOK).verdict


def test_an_instant_without_a_zone_is_our_mistake() -> None:
    with pytest.raises(AssertionError):
        decide(replace(facts(), at=datetime(2026, 11, 24, 12)), BOOK)


def test_what_is_not_a_fact_is_refused() -> None:
    plain = facts_to_json(facts())

    with pytest.raises(ValueError, match="favourite_colour"):
        facts_from_json(plain | {"favourite_colour": "red"})


def test_an_unknown_zone_decides_nothing() -> None:
    """Closed when in doubt: a place that cannot be told the time is an error, never an allow."""
    nowhere = facts(place=Place(("OH",), ("America/Nowhere",), "zip"))

    with pytest.raises(KeyError):
        decide(nowhere, BOOK)


def test_facts_name_nobody() -> None:
    """They are kept in clear for ever, so nothing in them may be a name, a number or a word."""
    fields = set(facts_to_json(facts()))

    assert not {"name", "number", "body", "text", "contact"} & fields
    assert UUID(int=1) == facts().line.id
