"""Try it: a text, a customer and a moment, and every rule's answer in the order of checks.

All of it stands in the address, so that it can be opened again; of a real customer there is only
an id. Nothing is kept and nothing is sent.

Not here: what an invented customer's words mean (`core.oversight.invented`), any verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lotline.actions.submit import preview
from lotline.core.gate.decision import Decision, Verdict
from lotline.core.gate.facts import Facts
from lotline.core.gate.gate import decide
from lotline.core.gate.rulebook import Rulebook
from lotline.core.messaging.purpose import Purpose, guess_purpose
from lotline.core.oversight.explained import answers, plain
from lotline.core.oversight.invented import Odd, facts_of, place_of_given
from lotline.store.conversations import load_conversation
from lotline.store.inbox import load_inbox
from lotline.web.clock import Clock, said_zone, zone_named
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.rulebook import VERDICTS, head_of, house_rules, states_of
from lotline.web.says import loosened_said, sentence, ways_said, words_for
from lotline.web.words import Mark, purpose

# Each field's own choices; an address may hold others, which are then shown beside them.
CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "yes": (
        ("written", "A written yes to offers"),
        ("express", "A yes aloud"),
        ("wrote", "Only wrote to us"),
        ("none", "None"),
    ),
    "stop": (
        ("", "Never said stop"),
        ("all", "Stop to everything"),
        ("offers", "Stop to offers"),
        ("wrong", "Wrong number"),
    ),
    "wrote": (
        ("", "Not lately"),
        ("10m", "10 minutes before"),
        ("3h", "3 hours before"),
        ("2d", "2 days before"),
    ),
    "bought": (("", "No"), ("90d", "3 months before"), ("420d", "14 months before")),
    "sent": (("", "None"), ("1", "One"), ("2", "Two"), ("3", "Three")),
    "listed": (
        ("", "On none"),
        ("national", "National list"),
        ("state", "State list"),
        ("own", "Our own list"),
    ),
    "reassigned": (("no", "Still theirs"), ("unknown", "Never checked"), ("yes", "New owner")),
    "by": (("person", "A person by hand"), ("list", "A list"), ("software", "Software")),
    "purpose": (
        ("", "As the words say"),
        ("reply", "Reply"),
        ("update", "Update"),
        ("offer", "Offer"),
    ),
}
_LABELS = {
    "yes": "Consent",
    "stop": "Stop request",
    "wrote": "Their last text",
    "bought": "Bought from us",
    "sent": "Offers in the day before",
    "listed": "Do-not-call",
    "reassigned": "The number",
    "by": "Who sends",
    "purpose": "Purpose",
}
_OF_THE_TEXT = ("purpose", "by")
_SHOWN = {"c", "state", "zip", "area", "when", "text", *CHOICES}
_QUIET = Mark("v-none", "Nothing against it")
_CUSTOMERS_MAX = 60


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it."""

    facts: Facts
    decision: Decision
    words: dict[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    loosened: str = ""


@members("all")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The form, and below it the answer when something was asked."""
    ctx, viewer = context_of(request), viewer_of(request)
    given = {name: request.GET[name][:2000] for name in request.GET}
    house = house_rules(request)
    book = house.book
    tried, problem = None, ""
    if given:
        try:
            tried = (
                _of_customer(request, given) if given.get("c") else invented(given, book, ctx.now())
            )
        except (ValueError, OverflowError) as odd:  # whoever writes an address by hand may err
            problem = str(odd) if isinstance(odd, Odd) else "This address makes no sense."
    if tried is not None:
        tried = replace(tried, loosened=loosened_said(tried.decision, house.chosen))
    with ctx.db.transaction(viewer.group_id) as tx:
        rows, _ = load_inbox(
            tx, viewer, box="team", is_="open", line_id=None, now=ctx.now(), limit=_CUSTOMERS_MAX
        )
    context = {
        **head_of(house),
        "given": given,
        "problem": problem,
        "customers": sorted(
            {(str(row.conversation_id), row.name) for row in rows}, key=lambda r: r[1]
        ),
        "states": states_of(book),
        "fields": [_field(name, given) for name in CHOICES if name not in _OF_THE_TEXT],
        "text_fields": [_field(name, given) for name in _OF_THE_TEXT],
        "kept": [(name, said) for name, said in given.items() if name not in _SHOWN],
        "result": _result(tried, book) if tried else None,
    }
    return render(request, "rules/try.html", context)


def invented(given: Mapping[str, str], book: Rulebook, now: datetime) -> Tried:
    """An invented customer, decided by this rulebook. The clock is theirs."""
    place = place_of_given(given)
    at = moment(given.get("when", ""), place.zones[0] if place.zones else "UTC", now)
    kind, reasons = given.get("purpose", ""), tuple[str, ...]()
    if not kind:
        guess = guess_purpose(given.get("text", ""), last_in=None, minutes_since=None)
        kind, reasons = guess.purpose.value, guess.reasons
    facts = facts_of({**given, "purpose": kind}, at, place)
    return Tried(facts, decide(facts, book), {"name": "This customer"}, reasons)


def moment(said: str, zone: str, now: datetime) -> datetime:
    """A moment as written: with its offset, or by the customer's own clock; nothing is now."""
    if not said:
        return now
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise Odd(f"“{said[:40]}” is no time.") from None
    at = at if at.tzinfo else at.replace(tzinfo=zone_named(zone))
    return at.astimezone(UTC)


def _of_customer(request: HttpRequest, given: Mapping[str, str]) -> Tried:
    ctx, viewer = context_of(request), viewer_of(request)
    try:
        conversation_id = UUID(given["c"])
    except ValueError:
        raise Odd("Nobody knows this customer.") from None
    body = given.get("text", "")
    kind = (
        Purpose(given["purpose"]) if given.get("purpose") in {"reply", "update", "offer"} else None
    )
    with ctx.db.transaction(viewer.group_id) as tx:
        shown = load_conversation(tx, viewer, conversation_id, now=ctx.now())
    if shown is None:
        raise Odd("Nobody knows this customer.")
    first = preview(ctx, viewer, conversation_id, body, kind)
    zones = first.facts.place.zones
    at = moment(given.get("when", ""), zones[0] if zones else "UTC", ctx.now())
    found = preview(ctx, viewer, conversation_id, body, kind, at=at) if given.get("when") else first
    words = words_for(shown.contact.name, zones=zones)
    return Tried(found.facts, found.decision, words, found.guess.reasons)


def _field(name: str, given: Mapping[str, str]) -> dict[str, Any]:
    choices = CHOICES[name]
    chosen = given.get(name, choices[0][0])
    if chosen not in {value for value, _ in choices}:
        choices = (*choices, (chosen, chosen))
    return {"name": name, "label": _LABELS[name], "choices": choices, "chosen": chosen}


def _result(tried: Tried, book: Rulebook) -> dict[str, Any]:
    facts, decision = tried.facts, tried.decision
    zone = facts.place.zones[0] if facts.place.zones else "UTC"
    there = Clock(facts.at, zone)
    until = decision.hold_until
    until_said = f"{there.full(until)}, {said_zone(zone)} time" if until else ""
    mark = VERDICTS[decision.verdict]
    return {
        "mark": mark,
        "said": f"Held until {until_said}" if until else mark.word,
        "until": until.isoformat() if until else "",
        "until_said": until_said,
        "why": sentence(decision.binding, tried.words),
        "rule": decision.binding.rule,
        "title": book.rules[decision.binding.rule].title,
        "citation": decision.binding.citation,
        "contested": decision.binding.contested,
        "ways": ways_said(decision.remedies) if decision.verdict is not Verdict.ALLOW else (),
        "loosened": tried.loosened,
        "without_offer": decision.without_offer is not None
        and decision.without_offer.value == "allow",
        "purpose": purpose(facts.purpose.value).word,
        "reasons": tried.reasons,
        "at": f"{there.local(facts.at):%A}, {there.full(facts.at)}",
        "zones": [said_zone(one) for one in facts.place.zones],
        "states": [book.states[code].name for code in facts.place.states if code in book.states],
        "answers": [
            {
                "name": plain()["names"][one.kind],
                "mark": VERDICTS[one.finding.verdict] if one.finding else _QUIET,
                "word": _WORDS[one.finding.verdict.value] if one.finding else "Pass",
                "says": sentence(one.finding, tried.words) if one.finding else "",
                "rule": one.finding.rule if one.finding else "",
                "until": there.full(one.finding.hold_until)
                if one.finding and one.finding.hold_until
                else "",
            }
            for one in answers(facts, book)
        ],
    }


_WORDS = {"allow": "Pass", "hold": "Hold", "block": "Block"}
