"""May this text go to this person now? Every rule is asked, and each that speaks is kept.

Invariant: the same facts under the same rulebook give the same decision, now and years later. The
first block wins; otherwise the text waits until the earliest instant that satisfies every rule,
and at that instant the same facts decide to allow; or it waits, without an hour, for a person. A
stricter fact never loosens a verdict.

Not here: gathering facts (`store`), recording a decision (`actions`), any legal value (`rulebook`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lotline.core.gate.decision import (
    Decision,
    Finding,
    Remedy,
    Verdict,
    decision_from_json,
    decision_to_json,
)
from lotline.core.gate.facts import (
    Facts,
    Mark,
    MemberFacts,
    Sender,
    facts_from_json,
    facts_to_json,
)
from lotline.core.gate.rulebook import BASIS, CHECKS, Rulebook
from lotline.core.gate.rules.book import ALWAYS, Book
from lotline.core.gate.rules.case import Case
from lotline.core.gate.rules.house.screened import warned
from lotline.core.messaging.purpose import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "decide",
    "decision_from_json",
    "decision_to_json",
    "facts_from_json",
    "facts_to_json",
    "replay",
]

_ALWAYS = tuple((check.RULE.id, check.check) for check in CHECKS)
_SINCE = {check.RULE.id: check.RULE.since for check in CHECKS if check.RULE.since is not ALWAYS}
_BASIS = {check.RULE.id: place for place, check in enumerate(BASIS)}
_HOLDS_TRIED = 12

Spoken = list[tuple[str, Finding]]


def decide(facts: Facts, book: Rulebook) -> Decision:
    """The verdict on these facts, with every rule's word, the binding one first."""
    assert facts.at.tzinfo is not None, "an instant carries its zone"
    verdict, findings, hold_until = _judge(facts, book)
    without_offer = None
    if verdict is not Verdict.ALLOW and facts.purpose is Purpose.OFFER:
        without_offer = _verdict(
            _spoken(Case(facts, facts.at, book, instead_of_offer=_rest(facts)))
        )
    if any(Remedy.BY_HAND in found.remedies for found in findings) and not _by_hand(facts, book):
        findings = tuple(_without_a_hand(found) for found in findings)
    if book.loosened:
        findings = (*findings, *_loosened(facts, book, (verdict, hold_until)))
    if facts.marks:
        findings = (*findings, *warned(facts.marks, book))
    return Decision(verdict, findings, book.digest, facts.at, hold_until, without_offer)


def replay(plain: dict[str, Any], book: Rulebook) -> Decision:
    """Decide again from stored facts."""
    return decide(facts_from_json(plain), book)


def _judge(facts: Facts, book: Book) -> tuple[Verdict, tuple[Finding, ...], datetime | None]:
    spoken = list(_spoken(Case(facts, facts.at, book)))
    verdict = _verdict(spoken)
    if verdict is Verdict.ALLOW:
        return verdict, _first(_basis(spoken), spoken), None
    binding = next(found for _, found in spoken if found.verdict is verdict)
    if verdict is Verdict.BLOCK:
        return verdict, _first(binding, spoken), None
    person = next((found for _, found in spoken if _asks_a_person(found)), None)
    if person is not None:
        return _for_a_person(facts, person, book)
    until, refusal = _released(facts, spoken, book)
    if refusal is not None:
        return Verdict.BLOCK, (refusal, *_first(binding, spoken)), None
    return verdict, _first(binding, spoken), until


def _for_a_person(
    facts: Facts, binding: Finding, book: Book
) -> tuple[Verdict, tuple[Finding, ...], None]:
    """A person is asked only about what could go, now or later, once they have let it go."""
    released = replace(facts, marks=facts.marks | {Mark.RELEASED.value})
    verdict, findings, _ = _judge(released, book)
    if verdict is Verdict.BLOCK:
        return verdict, (*findings, binding), None
    return Verdict.HOLD, (binding, *findings), None


def _asks_a_person(found: Finding) -> bool:
    return found.verdict is Verdict.HOLD and found.hold_until is None


def _by_hand(facts: Facts, book: Book) -> bool:
    """Whether the same text would go, now or later, if an entitled person sent it."""
    if facts.sender is Sender.PERSON:
        return False
    person = replace(facts, sender=Sender.PERSON, member=MemberFacts())
    return _judge(person, book)[0] is not Verdict.BLOCK


def _without_a_hand(found: Finding) -> Finding:
    ways = tuple(way for way in found.remedies if way is not Remedy.BY_HAND)
    return found if ways == found.remedies else replace(found, remedies=ways)


def _loosened(facts: Facts, book: Rulebook, came: tuple[Verdict, datetime | None]) -> list[Finding]:
    """Which loosened points made this come out as it did: it is decided again without each."""
    assert book.careful is not None, "a book with something loosened keeps the careful one"
    strict, _, until = _judge(facts, book.careful)
    if (strict, until) == came:
        return []
    alone = []
    for one in book.loosened:
        verdict, _, until = _judge(facts, one.without)
        if (verdict, until) != came:
            alone.append(one)
    return [
        book.finding(
            one.point,
            "loosened.otherwise",
            params=(
                ("on", one.on.isoformat()),
                ("by", str(one.by)),
                ("setting", str(one.setting)),
                ("choice", one.choice),
            ),
        )
        for one in alone or book.loosened
    ]


def _spoken(case: Case) -> Iterator[tuple[str, Finding]]:
    """What each rule says, asked one after the other for as long as anybody listens."""
    book = case.book
    for rule, check in _ALWAYS:
        found = check(case, book)
        if found is not None and (rule not in _SINCE or case.on >= _SINCE[rule]):
            yield rule, found


def _verdict(spoken: Iterable[tuple[str, Finding]]) -> Verdict:
    """The severest word; after a block nobody else needs to be asked. Silence is no permission: a
    text that may go has a rule that says so.
    """
    worst = None
    for _, found in spoken:
        said = found.verdict
        if said is Verdict.BLOCK:
            return said
        if worst is None or said is Verdict.HOLD:
            worst = said
    return worst or Verdict.BLOCK


def _released(facts: Facts, spoken: Spoken, book: Book) -> tuple[datetime | None, Finding | None]:
    """The earliest instant at which every rule allows, found by asking them all again there.

    A rule may speak only then: a relationship runs out overnight, a new law comes into force.
    """
    for _ in range(_HOLDS_TRIED):
        until = max(found.hold_until for _, found in spoken if found.hold_until is not None)
        spoken = list(_spoken(Case(facts, until, book)))
        verdict = _verdict(spoken)
        if verdict is Verdict.ALLOW:
            return until, None
        if verdict is Verdict.BLOCK:
            return None, next(found for _, found in spoken if found.verdict is Verdict.BLOCK)
    return None, book.finding("TZ-ALL", "hours.never")


def _basis(spoken: Spoken) -> Finding:
    """The permitting finding most worth saying."""
    return min(spoken, key=lambda said: _BASIS.get(said[0], len(_BASIS)))[1]


def _first(binding: Finding, spoken: Spoken) -> tuple[Finding, ...]:
    """All that was said, the binding word first, then by severity and the order of checks."""
    rest = [found for _, found in spoken if found is not binding]
    if len(rest) > 1:
        rest.sort(key=_severity)
    return (binding, *rest)


def _severity(found: Finding) -> int:
    return _SEVERITY[found.verdict]


_SEVERITY = {Verdict.BLOCK: 0, Verdict.HOLD: 1, Verdict.ALLOW: 2}


def _rest(facts: Facts) -> Purpose:
    """What the text is once its offer is taken out: an answer while one is due, else an update."""
    if facts.rest is not None:
        return facts.rest
    asked = facts.last_in_at
    answers = asked is not None and facts.at - asked <= timedelta(hours=24)
    return Purpose.REPLY if answers else Purpose.UPDATE
