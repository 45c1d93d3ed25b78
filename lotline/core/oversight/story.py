"""What a bundle tells, and whether it keeps the promises: no text after a stop, none without a
verdict.

The chain's own order is the order of things: each leaf was recorded under the contact's lock. So
whatever stands before a text was known when the text was handed over.

Not here: whether the leaves are genuine (`verify`), what standing follows from entries (`consent`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lotline.core.consent.entry import Entry, Says, Scope
from lotline.core.consent.standing import Standing, standing_at
from lotline.core.gate.decision import Verdict
from lotline.core.ledger.canonical import NotCanonical, read_instant
from lotline.core.ledger.leaf import Leaf, LeafKind
from lotline.core.messaging.purpose import Purpose
from lotline.core.oversight.content import DECISION, ENTRY, EXPORT, FACTS, TEXT, WORDING, entry_of

_STOPS = frozenset({Says.STOP, Says.WRONG_NUMBER})
# A text carries the decision of its dispatch, a decision the text it was made on.
_OTHERS = frozenset({(LeafKind.TEXT, DECISION), (LeafKind.DECISION, TEXT)})


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it must be, and where in the bundle it is."""

    where: str
    says: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A leaf of the bundle and the parts of it that are shown. `where` names it to the reader."""

    where: str
    leaf: Leaf
    index: int
    parts: Mapping[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Story:
    """A summary for whoever reads the report."""

    company: str
    contact: str
    number: str
    exporter: str
    purpose: str
    made_at: datetime
    leaves: int
    kinds: Mapping[str, int]
    withheld: int  # parts that are committed to and not shown
    standing: Standing


@dataclass(slots=True)
class Known:
    """What was known at a point of the chain."""

    entries: list[Entry] = field(default_factory=list)
    latest: datetime | None = None  # of anything in `entries`
    allowed: dict[str, tuple[str, ...]] = field(default_factory=dict)  # text: verdicts so far
    confirmed: set[str] = field(default_factory=set)  # stops whose confirmation has gone
    heard_in: set[str] = field(default_factory=set)  # texts that were themselves consent acts
    asked: bool = False  # the customer wrote something else after the stop: one answer may go

    def standing(self, at: datetime) -> Standing:
        """A stop stands before the text in the chain: it counts, whatever its clock says."""
        return standing_at(self.entries, max(at, self.latest or at))


def judge(chain: Sequence[Shown], beside: Sequence[Shown]) -> tuple[Story | None, list[Problem]]:
    """The story of a chain, and every promise that it breaks."""
    known, problems = judge_run(chain)
    problems += judge_beside(beside)
    return _story(chain, beside, known, problems), problems


def judge_run(chain: Sequence[Shown]) -> tuple[Known, list[Problem]]:
    """What is known at the end of a customer's chain, and every promise that it breaks."""
    problems: list[Problem] = []
    known = Known()
    for shown in chain:
        try:
            _same_row(shown)
            _take(shown, known, problems)
        except NotCanonical as error:
            problems.append(Problem(shown.where, f"what it shows cannot be read: {error}"))
    return known, problems


def judge_beside(beside: Sequence[Shown]) -> list[Problem]:
    """Whether what stands beside is about what it says."""
    problems = []
    for shown in beside:
        try:
            _same_row(shown)
        except NotCanonical as error:
            problems.append(Problem(shown.where, str(error)))
    return problems


def _take(shown: Shown, known: Known, problems: list[Problem]) -> None:
    kind, parts = shown.leaf.kind, shown.parts
    if kind is LeafKind.CONSENT and ENTRY in parts:
        entry = entry_of(parts[ENTRY])
        known.entries.append(entry)
        known.latest = max(known.latest or entry.heard_at, entry.said_at, entry.heard_at)
        known.heard_in.add(str(parts[ENTRY].get("text")))
        if entry.says in _STOPS:
            known.asked = False
    if DECISION in parts:
        text, verdict = _words(parts[DECISION], "text", "verdict")
        known.allowed[text] = (*known.allowed.get(text, ()), verdict)
    if kind is LeafKind.TEXT and TEXT not in parts:
        known.asked = True  # what is not shown may have been a question
    if kind is LeafKind.TEXT and TEXT in parts:
        text, direction = _words(parts[TEXT], "id", "direction")
        if direction == "out":
            _sent(shown, parts[TEXT], known, problems)
        elif direction == "in":
            known.asked = known.asked or text not in known.heard_in
        else:
            raise NotCanonical("a text goes in or out")


def _sent(shown: Shown, text: Mapping[str, Any], known: Known, problems: list[Problem]) -> None:
    """P1 and P2, for one text that was handed to a carrier."""
    text_id, purpose, line = _words(text, "id", "purpose", "line")
    verdicts = known.allowed.get(text_id, ())
    if not verdicts or verdicts[-1] != Verdict.ALLOW.value:
        problems.append(Problem(shown.where, "a text was sent without a decision that allows it"))
    standing = known.standing(shown.leaf.at)
    if purpose == Purpose.HELP.value or not _covers(standing, purpose, line):
        return
    if purpose == Purpose.STOP_CONFIRMATION.value:
        stop = str(standing.stopped_by or standing.lines_stopped_at)
        if stop in known.confirmed:
            problems.append(Problem(shown.where, "one stop was confirmed twice"))
        known.confirmed.add(stop)
    elif purpose == Purpose.REPLY.value and known.asked:
        known.asked = False
    else:
        problems.append(Problem(shown.where, "a text was sent after a stop that covers it"))


def _covers(standing: Standing, purpose: str, line: str) -> bool:
    if line in {str(stopped) for stopped in standing.stopped_lines}:
        return True
    if standing.stopped is Scope.OFFERS:
        return purpose == Purpose.OFFER.value
    if standing.stopped is Scope.UPDATES:
        return purpose in {Purpose.UPDATE.value, Purpose.REPLY.value}
    return standing.stopped is not None


def _same_row(shown: Shown) -> None:
    """What a part says it is about must be what its leaf is about."""
    leaf = shown.leaf
    for name, part in shown.parts.items():
        if name == FACTS or (leaf.kind, name) in _OTHERS:
            continue  # facts name no row
        if name == WORDING:
            named = shown.parts.get(ENTRY, {}).get("wording", part.get("id"))
            if part.get("id") != named:
                raise NotCanonical("the wording is not the one that the entry names")
        elif part.get("id") != str(leaf.id):
            raise NotCanonical(f"its {name} is about something else")
        subject = part.get("contact")
        if name == EXPORT and isinstance(subject, dict):
            subject = subject.get("id")
        if leaf.link is not None and subject not in {None, str(leaf.link.of)}:
            raise NotCanonical(f"its {name} is about another contact")


def _story(
    chain: Sequence[Shown], beside: Sequence[Shown], known: Known, problems: list[Problem]
) -> Story | None:
    export = chain[-1].parts.get(EXPORT) if chain else None
    if export is None:
        return None
    try:
        company, company_id = _words(_inner(export, "group"), "name", "id")
        contact, number = _words(_inner(export, "contact"), "name", "number")
        (exporter,) = _words(_inner(export, "exporter"), "name")
        purpose, made_at = _words(export, "purpose", "made_at")
        at = read_instant(made_at)
    except NotCanonical as error:
        problems.append(Problem(chain[-1].where, f"the export cannot be read: {error}"))
        return None
    if company_id != str(chain[-1].leaf.group):
        problems.append(Problem(chain[-1].where, "the export is of another company"))
    everything = (*chain, *beside)
    return Story(
        company=company,
        contact=contact,
        number=number,
        exporter=exporter,
        purpose=purpose,
        made_at=at,
        leaves=len(everything),
        kinds=Counter(shown.leaf.kind.value for shown in everything),
        withheld=sum(len(shown.leaf.commitments) - len(shown.parts) for shown in everything),
        standing=known.standing(at),
    )


def _inner(part: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = part.get(name)
    if not isinstance(found, dict):
        raise NotCanonical(f"it lacks {name}")
    return found


def _words(part: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    found = tuple(part.get(name) for name in names)
    if not all(isinstance(word, str) for word in found):
        raise NotCanonical(f"it lacks {' or '.join(names)}")
    return tuple(str(word) for word in found)
