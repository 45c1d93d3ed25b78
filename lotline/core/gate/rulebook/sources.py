"""What the rulebook itself is unsure of: sources nobody opened, rules in dispute, data at odds.

Everything here is read from the data, so that a document made from it is never older than it.

Not here: what a house makes of a dispute (`profile`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lotline.core.gate.rulebook import Rulebook
from lotline.core.gate.rules.book import Entry, Hours, Window, clock

_READ = "text read"  # how `evidence` says that the source itself was opened


class Doubt(NamedTuple):
    """A rule whose source was not opened, or that is disputed, and what counts meanwhile."""

    rule: str
    citation: str
    opened: str  # why it counts as not opened; empty: it was
    contested: str
    default: str
    looser: str  # the choices that counsel may take; empty: none


class Odds(NamedTuple):
    """Two places of the data that don't say the same."""

    where: str
    says: str


def find_doubts(book: Rulebook) -> list[Doubt]:
    """Every rule that is disputed, or whose source nobody opened."""
    found = []
    for name in sorted(book.rules):
        entry = book.rules[name]
        opened = _not_opened(book, entry)
        if entry.basis != "house" and (entry.contested or opened):
            default = entry.default or ("apply" if entry.contested else "apply as quoted")
            found.append(
                Doubt(name, entry.citation, opened, entry.contested, default, _looser(book, name))
            )
    return found


def find_odds(book: Rulebook) -> list[Odds]:
    """Where the data contradicts or repeats itself. Each is known; the stricter reading holds."""
    return [*_texts(book), *_named(book), *_twice(book), *_hours(book), *_relations(book)]


def _not_opened(book: Rulebook, entry: Entry) -> str:
    state = book.told.get(entry.id.partition("-")[0])
    if state is None:
        evidence = entry.evidence or "source named, not opened in this pass"
    else:
        evidence = str(state.get("evidence", "nothing is recorded of how it was read"))
    return "" if _READ in evidence else evidence


def _looser(book: Rulebook, name: str) -> str:
    point = book.points.get(name)
    if point is None:
        return ""
    return ", ".join(one.name for one in point.choices if point.looser(one.name))


def _texts(book: Rulebook) -> Iterator[Odds]:
    """A state whose hours may not reach texts, and a rule that says so; or only one of the two."""
    for code, state in book.told.items():
        entry = book.rules[f"{code}-HOURS"]
        unclear = state.get("applies_to_text") == "unclear" and book.hours[code].own
        if unclear and not entry.contested:
            yield Odds(
                entry.id, "the state's reach to texts is unclear, yet the rule is uncontested"
            )
        if entry.contested and state.get("applies_to_text") == "yes":
            yield Odds(entry.id, "the rule is contested, yet the state reaches texts")


def _named(book: Rulebook) -> Iterator[Odds]:
    for code, state in book.told.items():
        listed = set(state.get("rule_ids", ()))
        held = {name for name in book.rules if name.startswith(f"{code}-") and len(code) == 2}
        if listed != held:
            odd = ", ".join(sorted(listed ^ held))
            yield Odds(code, f"rule_ids and rules.toml name different rules: {odd}")
        named = f"{code}-CONSENT" in book.rules
        if named and book.states[code].consent == "federal":
            yield Odds(
                f"{code}-CONSENT", "names a demand of consent; the state's consent is federal"
            )
        for name in sorted(held):
            if book.rules[name].citation != state.get("citation"):
                yield Odds(name, "cites another source than its state does")


def _twice(book: Rulebook) -> Iterator[Odds]:
    said: dict[str, str] = {}
    for name, entry in sorted(book.rules.items()):
        if entry.summary in said:
            yield Odds(name, f"says word for word what {said[entry.summary]} says")
        said.setdefault(entry.summary, name)


def _hours(book: Rulebook) -> Iterator[Odds]:
    """The sentence of a state's hours against the hours themselves."""
    for code, hours in book.hours.items():
        entry = book.rules[f"{code}-HOURS"]
        spoken = _spoken(hours, hours.windows[-1])
        if entry.summary != spoken:
            yield Odds(entry.id, f"the sentence is not what the hours are: {spoken}")
        none = entry.status.startswith("no state rule found")
        if none and hours.own:
            yield Odds(entry.id, "no state rule was found, yet the hours are the state's own")


def _relations(book: Rulebook) -> Iterator[Odds]:
    law = book.law["relationship"]
    for code, state in book.states.items():
        own = (state.purchase_months, state.inquiry_months)
        federal = (law["purchase_months"], law["inquiry_months"])
        if own[0] > federal[0] or own[1] > federal[1]:
            yield Odds(
                code, f"{own[0]} and {own[1]} months are longer than the federal; shorter holds"
            )
        if own != federal and f"{code}-EBR" not in book.rules:
            yield Odds(
                code, f"{own[0]} and {own[1]} months, and no rule of its own to name them by"
            )


def _spoken(hours: Hours, window: Window) -> str:
    shown = []
    for name, span in zip(("Mon-Fri", "Sat", "Sun"), window.days, strict=True):
        if span is None:
            shown.append(f"{name} closed")
        else:
            shown.append(f"{name} {clock(span[0]):%H:%M}-{clock(span[1]):%H:%M}")
    return f"{hours.name}: {', '.join(shown)}."


def render_sources(book: Rulebook) -> str:
    """Both lists as they stand in the documents."""
    doubts, odds = find_doubts(book), find_odds(book)
    disputed = sum(bool(one.contested) for one in doubts)
    unopened = sum(bool(one.opened) for one in doubts)
    lines = [
        f"Rulebook {book.version}: {len(book.rules)} rules. {disputed} are contested;",
        f"of {unopened} the source itself was not opened.",
        "",
        "| Rule | Contested | Source not opened | Default | Counsel may choose |",
        "|---|---|---|---|---|",
        *(
            f"| {one.rule} | {one.contested} | {one.opened} | {one.default} | {one.looser} |"
            for one in doubts
        ),
        "",
        "Where the data is at odds with itself:",
        "",
        *(f"- {one.where}: {one.says}." for one in odds),
    ]
    return "\n".join(lines)
