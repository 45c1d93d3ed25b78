"""The answer: what a bundle says of its customer, in the first sentence of its paper.

How it stood on the last day that was asked about, by what act, and what left after a stop.

Not here: the rest of the paper (`exhibits`), what entries add up to (`consent.standing`).
"""

from __future__ import annotations

from datetime import timedelta

from lotline.core.consent.entry import Entry, Kind, Scope, Source
from lotline.core.consent.standing import standing_at
from lotline.core.messaging.purpose import Purpose
from lotline.core.oversight import content
from lotline.core.oversight.brought import said_after
from lotline.core.oversight.told import Told

BY = {
    Source.TEXT: "by text",
    Source.WEB_FORM: "on a web form",
    Source.PAPER_FORM: "on a paper form",
    Source.IN_PERSON: "in person",
    Source.PHONE: "by phone",
    Source.EMAIL: "by e-mail",
    Source.CARRIER: "through the carrier",
    Source.IMPORT: "in records that were imported",
}
COVERS = {
    Scope.ALL: "all texts",
    Scope.OFFERS: "offers",
    Scope.UPDATES: "updates",
    Scope.LINE: "texts from one line",
}


def answer(told: Told) -> str:
    """One sentence for whoever reads nothing else: how it stood on the last day; then what left."""
    until = told.span[1]
    as_of = min(until, told.made_at) if until else told.made_at
    day = told.day(as_of - timedelta(seconds=1) if until else as_of)
    entries = [entry for _, entry in told.entries]
    standing = standing_at(entries, as_of)
    said = {entry.id: entry for entry in entries}
    name = told.export["contact"]["name"] or "this customer"
    wrong = standing.wrong_number_at
    if wrong is not None and wrong == standing.stopped_at:
        return (
            f"On {day}, this number was known not to be that of {name}, since {told.time(wrong)}."
        )
    if standing.stopped is not None and standing.stopped_by is not None:
        stop = said[standing.stopped_by]
        what = COVERS[standing.stopped]
        return (
            f"On {day}, {name} had asked to stop {what} at {told.time(stop.said_at)} "
            f"{_by(told, stop)}. {_left_after(told, stop)}"
        )
    if standing.offers_by is not None:
        return _agreed(told, day, name, said[standing.offers_by], "offers")
    if standing.updates_by is not None:
        yes = said[standing.updates_by]
        return f"{_agreed(told, day, name, yes, 'updates and replies')} No offers were agreed to."
    return f"On {day}, nothing on record said that {name} had agreed to texts."


def _agreed(told: Told, day: str, name: str, yes: Entry, what: str) -> str:
    how = "in writing " if yes.kind is Kind.WRITTEN else ""
    if yes.kind is Kind.INQUIRY:
        return f"On {day}, {name} had written to us first, at {told.time(yes.said_at)}."
    return (
        f"On {day}, {name} had agreed {how}to {what} {_by(told, yes)} at {told.time(yes.said_at)}."
    )


def _by(told: Told, entry: Entry) -> str:
    part = next(row.parts[content.ENTRY] for row, one in told.entries if one.id == entry.id)
    words = told.bodies.get(part.get("text") or "")
    return BY[entry.source] + (f" (“{words}”)" if words else "")


def _left_after(told: Told, stop: Entry) -> str:
    """What was handed to a carrier after it, in words."""
    if not told.has_texts:
        return "This export shows consent only, not the texts."
    after = [
        row.parts[content.TEXT]
        for row in told.chain
        if row.kind == "text"
        and row.parts.get(content.TEXT, {}).get("direction") == "out"
        and row.at > stop.said_at
    ]
    confirmed = sum(text["purpose"] == Purpose.STOP_CONFIRMATION.value for text in after)
    others = len(after) - confirmed
    says = "One confirmation was sent." if confirmed else "No confirmation is shown."
    brought = said_after(told, stop.said_at)
    private = f" {brought} from a private phone did, and came over later." if brought else ""
    if not others:
        return f"{says} No other text shown here was sent by the company after it.{private}"
    texts = f"{others} other text{'s' if others > 1 else ''}"
    return f"{says} {texts} shown here went out after it.{private}"
