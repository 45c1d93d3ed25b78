"""The dashboard's numbers in words and pictures, as its template takes them.

Not here: the numbers themselves (`store.dashboard`), drawing (`charts`), addresses (`dashboard`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest

from lotline.core.people.roles import may_text
from lotline.store.dashboard import Replies, Texts
from lotline.web import charts
from lotline.web.charts import Bar, Row
from lotline.web.clock import month_day
from lotline.web.current import state_of
from lotline.web.dashboard_needs import needs
from lotline.web.dashboard_rows import SOURCES, parts_of, took
from lotline.web.verdict import SCREENS
from lotline.web.words import fate, level, purpose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lotline.actions.dashboard import Seen
    from lotline.store.dashboard import Newest, Scope
    from lotline.web.clock import Clock
    from lotline.web.dashboard_query import Query

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FEW = 5  # waits; an hour with fewer says little
_LEVELS = (
    ("offers", "Offers OK", "f-ok", ""),
    ("replies", "Replies and updates only", "f-allow", ""),
    ("none", "No opt-in on record", "f-none", "dots-consent"),
    ("out", "Opted out", "f-stop", ""),
)
PEOPLE = 60  # shown at once, the busiest; everybody when asked
_HREFS = {"offers": "offers", "replies": "replies-only", "none": "no-record", "out": "opted-out"}


def share(part: int, whole: int) -> str:
    """Says "77.8%"."""
    return f"{100 * part / whole:.1f}%" if whole else "0%"


def days_said(scope: Scope, clock: Clock) -> str:
    """Says "Nov 13 to Nov 19"."""
    first, last = (month_day(day, clock.today) for day in (scope.first, scope.last))
    return first if first == last else f"{first} to {last}"


def target_of(scope: Scope) -> int:
    """Seconds: the strictest of the lines shown."""
    return min((line.target_s for line in scope.lines), default=300)


def page_of(request: HttpRequest, seen: Seen, query: Query, clock: Clock) -> dict[str, Any]:
    """Everything the template names."""
    board, scope = seen.board, seen.scope
    days = days_said(scope, clock)
    totals = _levels(board.levels)
    may = totals["offers"] + totals["replies"]
    everybody = sum(totals.values())
    opted = sum(n for _, _, n in board.opted_in)
    people = _people(request, seen, clock)
    every = bool(request.GET.get("everyone")) or len(people) <= PEOPLE
    return {
        "clock": clock,
        "as_of": seen.as_of,
        "whole": seen.whole,
        "days": days,
        "place": _place(seen),
        "lines": _choices(seen, query),
        "board": board,
        "empty": not board.texts.tries and not board.texts.received,
        "never": not everybody and not board.texts.tries,
        "needs": needs(seen, query, clock, people),
        "may": may,
        "everybody": everybody,
        "may_share": share(may, everybody),
        "opted": opted,
        "sources": _sources(board.opted_in),
        "reply": parts_of(board.replies.median_s) if board.replies.n else [],
        "ninth": took(board.replies.ninth_s),
        "inside": share(board.replies.five, board.replies.n),
        "stop_share": share(board.stopped, board.texted),
        "gate_share": share(board.texts.held + board.texts.blocked, board.texts.tries),
        "href": {
            name: query.address(f"/dashboard/{name}/")
            for name in ("blocked", "sent", "received", "allowed", "replies", "opt-ins", "stops")
        }
        | {"held": query.address("/dashboard/blocked/", what="held"),
           "opted": query.address("/dashboard/offers/"),
           "csv": query.address("/dashboard/", **{"as": "csv"})},
        "gate": _gate(seen, days),
        "consent": _consent(totals, query),
        "people": [_linked(one, query) for one in (people if every else people[:PEOPLE])],
        "people_left": 0 if every else len(people) - PEOPLE,
        "everyone": query.address("/dashboard/", everyone="1") + "#h-people",
        "hours": _hours(seen, days, query),
        "weeks": _weeks(seen),
        "shares": _shares(board.replies),
        "opted_by": _opted_by(seen, None if every else PEOPLE),
    }  # fmt: skip


def _levels(found: dict[str, int]) -> dict[str, int]:
    """Whoever has to be checked may not be texted, and stands with who opted out."""
    out = found.get("out", 0) + found.get("check", 0)
    return {name: found.get(name, 0) for name in ("offers", "replies", "none")} | {"out": out}


def _place(seen: Seen) -> str:
    scope = seen.scope
    if len(scope.lines) == len(seen.lines):
        stores = {line.store for line in scope.lines}
        return f"{stores.pop()}, all lines" if len(stores) == 1 else "All stores, all lines"
    if len(scope.lines) == 1:
        return f"{scope.lines[0].store}, {scope.lines[0].label}"
    return f"{scope.lines[0].store}, all lines"


def _choices(seen: Seen, query: Query) -> list[tuple[str, str, bool]]:
    """Every line, every store where there are several, or all."""
    asked = query.asked
    everything = (
        "All lines",
        query.address("/dashboard/", line=None, store=None),
        asked.line_id is None and asked.store_id is None,
    )
    stores = {line.store_id: line.store for line in seen.lines}
    of_stores = [
        (name, query.address("/dashboard/", line=None, store=str(one)), asked.store_id == one)
        for one, name in stores.items()
        if len(stores) > 1
    ]
    of_lines = [
        (
            line.label,
            query.address("/dashboard/", line=str(line.id), store=None),
            asked.line_id == line.id,
        )
        for line in seen.lines
    ]
    return [everything, *of_stores, *of_lines]


def _sources(found: Sequence[tuple[str, UUID, int]]) -> str:
    by: dict[str, int] = {}
    for source, _, n in found:
        by[source] = by.get(source, 0) + n
    ordered = sorted(by.items(), key=lambda one: -one[1])
    return ", ".join(f"{SOURCES.get(source, source)} {n}" for source, n in ordered)


def _gate(seen: Seen, days: str) -> dict[str, Any]:
    board, scope = seen.board, seen.scope
    every = [
        scope.first.fromordinal(n)
        for n in range(scope.first.toordinal(), scope.last.toordinal() + 1)
    ]
    by_day = [(day, board.by_day.get(day, Texts())) for day in every]

    def bars(name: str, kind: str, fill: str = "") -> list[Bar]:
        return [
            Bar(f"{_DAYS[day.weekday()]} {day.day}", value, f"{value:,}", kind, fill)
            for day, texts in by_day
            for value in [getattr(texts, name)]
        ]

    texts = board.texts
    said = (
        f"What the gate decided, {days}",
        f"Sent {texts.allowed:,}. Held {texts.held:,}. Blocked {texts.blocked:,}.",
    )
    rows = [
        Row("Sent", f"{texts.allowed:,} in all", 64, bars("allowed", "f-allow"), "v-ok", "ok"),
        Row(
            "Held",
            f"{texts.held:,} in all",
            30,
            bars("held", "f-hold", "hatch-gate"),
            "v-hold",
            "hold",
        ),
        Row(
            "Blocked", f"{texts.blocked:,} in all", 26, bars("blocked", "f-stop"), "v-stop", "stop"
        ),
    ]
    table = [(f"{_DAYS[day.weekday()]} {day:%-d}", one) for day, one in by_day]
    return {"chart": charts.multiples("gate", said, rows), "table": table}


def _consent(totals: dict[str, int], query: Query) -> dict[str, Any]:
    everybody = sum(totals.values())
    said = ". ".join(f"{word} {totals[key]:,}" for key, word, _, _ in _LEVELS) + "."
    bars = [Bar("", totals[key], "", kind, fill) for key, _, kind, fill in _LEVELS]
    return {
        "chart": charts.stacked("consent", ("Who you may text", said), bars),
        "rows": [
            (
                replace(level(key), word=word),
                totals[key],
                share(totals[key], everybody),
                query.address(f"/dashboard/{_HREFS[key]}/"),
            )
            for key, word, _, _ in _LEVELS
        ],
    }


def _linked(one: dict[str, Any], query: Query) -> dict[str, Any]:
    """With the ways to the rows behind their numbers."""
    by = str(one["id"])
    kinds = ("sent", "replies", "opt-ins", "blocked", "no-opt-in")
    href = {name: query.address(f"/dashboard/{name}/", by=by) for name in kinds}
    href["held"] = query.address("/dashboard/blocked/", by=by, what="held")
    return {**one, "href": href}


def _people(request: HttpRequest, seen: Seen, clock: Clock) -> list[dict[str, Any]]:
    """Everybody who may text, and whoever did; the busiest first."""
    board, target = seen.board, target_of(seen.scope)
    opted: dict[UUID, int] = {}
    for _, credited, n in board.opted_in:
        opted[credited] = opted.get(credited, 0) + n
    found = []
    for one in seen.people:
        texts = board.by_author.get(one.id, Texts())
        reply = board.replies_by_author.get(one.id)
        if not may_text(one.role) and not texts.tries:
            continue
        state = state_of(request, one, seen.policy, clock.now)
        if one.id in board.left:
            day = month_day(clock.local(board.left[one.id]).date(), clock.today)
            state = (f"Left {day}", "")
        elif one.role == "owner" and not texts.tries:
            continue
        found.append(
            {
                "id": one.id, "name": one.name, "hue": one.hue, "texts": texts,
                "reply": took(reply.median_s) if reply else "–",
                "slow": reply is not None and reply.median_s > target,
                "opted": opted.get(one.id, 0), "state": state,
                "without": board.without_by_author.get(one.id, 0),
                "flags": board.flags_by_author.get(one.id, 0),
            }
        )  # fmt: skip
    return sorted(found, key=lambda one: (-one["texts"].sent, one["name"].casefold()))


def hour_word(hour: int) -> str:
    """Says "8a", "12p"."""
    return f"{hour % 12 or 12}{'a' if hour < 12 else 'p'}"  # noon


def _hours(seen: Seen, days: str, query: Query) -> dict[str, Any]:
    found, target = seen.board.replies_by_hour, target_of(seen.scope)
    if not found:
        return {"chart": "", "table": []}
    bars, table = [], []
    for hour in range(min(found), max(found) + 1):
        one = found.get(hour, Replies())
        minutes = one.median_s / 60
        slow = one.median_s > target
        kind = "hollow" if one.n < FEW else "f-allow"
        fill = "hatch-hours" if slow and one.n >= FEW else ""
        bars.append(Bar(hour_word(hour), minutes, f"{minutes:.1f}" if slow else "", kind, fill))
        href = query.address("/dashboard/replies/", hour=str(hour))
        table.append((hour_word(hour), took(one.median_s) if one.n else "–", one.n, href))
    slowest = max(found, key=lambda hour: found[hour].median_s)
    said = (
        f"First reply by hour, {days}",
        f"Slowest {hour_word(slowest)}: {took(found[slowest].median_s)}. Target {target // 60}.",
    )
    chart = charts.columns("hours", said, bars, (target / 60, f"Target {target // 60} min"))
    return {"chart": chart, "table": table}


def _weeks(seen: Seen) -> dict[str, Any]:
    weeks = seen.board.weeks
    last = seen.scope.last
    table = [(month_day(one.monday, last), one.opted_in, one.stopped) for one in weeks]
    opted, stopped = sum(one.opted_in for one in weeks), sum(one.stopped for one in weeks)
    said = (
        "Opt-ins and stops by week, 12 weeks",
        f"{opted} opted in and {stopped} stopped. Each week is in the table below.",
    )
    return {"chart": charts.up_and_down("weeks", said, table), "table": table}


def _shares(replies: Replies) -> list[tuple[str, int, str]]:
    spans = (
        ("0 to 5 min", replies.five),
        ("5 to 15 min", replies.fifteen),
        ("15 to 60 min", replies.sixty),
        ("Over 60 min", replies.longer),
    )
    return [(word, n, share(n, replies.n)) for word, n in spans]


def _opted_by(seen: Seen, most: int | None) -> list[tuple[str, list[tuple[str, int]]]]:
    names: dict[UUID | None, str] = {one.id: one.name for one in seen.people}
    stores: dict[UUID | None, str] = {line.store_id: line.store for line in seen.lines}
    found: dict[str, list[tuple[str, int]]] = {"person": [], "store": [], "source": []}
    for one in sorted(seen.board.opted_by, key=lambda row: -row.n):
        word = {
            "person": names.get(one.id, "Somebody else" if one.id else "Nobody in particular"),
            "store": stores.get(one.id, ""),
            "source": SOURCES.get(one.source, one.source).capitalize(),
        }[one.by]
        found[one.by].append((word, one.n))
    titles = (("person", "By person"), ("store", "By store"), ("source", "By source"))
    return [(title, found[key][:most]) for key, title in titles]


def newest_shown(newest: Sequence[Newest], clock: Clock) -> list[dict[str, Any]]:
    """The newest texts, in words."""
    found = []
    for one in newest:
        mark = fate(one.state)
        note = purpose(one.purpose).word if one.purpose else ""
        if one.incoming:
            note, mark = "", fate("received")
            mark = replace(mark, word="Received", glyph="")
        elif one.state == "held" and one.hold_until:
            mark = replace(mark, word=f"Held to {clock.until(one.hold_until)}")
        elif one.state == "held" and one.rule == SCREENS:
            mark = replace(mark, word="Waits for a manager")
        elif one.state == "blocked":
            mark, note = replace(mark, word="Blocked"), ""
        found.append({"one": one, "mark": mark, "note": note})
    return found


def sheet_of(seen: Seen) -> list[tuple[object, ...]]:
    """Every number of the page, a row each: what, by whom or when, how many."""
    board = seen.board
    names = {one.id: one.name for one in seen.people}
    texts = ("sent", "received", "allowed", "held", "blocked")
    lines: list[tuple[object, ...]] = [("number", "of", "value")]
    lines += [(name, "all", getattr(board.texts, name)) for name in (*texts, "tries")]
    lines += [("customers texted", "all", board.texted), ("stop requests", "all", board.stopped)]
    lines += [("customers", level(key).word, n) for key, n in _levels(board.levels).items()]
    lines += [("texted without opt-in", "all", board.without)]
    lines += [
        (f"first reply {word}, seconds", "all", value)
        for word, value in (("median", board.replies.median_s), ("p90", board.replies.ninth_s))
    ]
    lines += [("waits", word, n) for word, n, _ in _shares(board.replies)]
    for day, one in sorted(board.by_day.items()):
        lines += [(name, day.isoformat(), getattr(one, name)) for name in texts]
    for who, one in board.by_author.items():
        said = names.get(who, "Somebody else")
        lines += [(name, said, getattr(one, name)) for name in texts if name != "received"]
    for who, reply in board.replies_by_author.items():
        lines.append(
            ("first reply median, seconds", names.get(who, "Somebody else"), reply.median_s)
        )
    for hour, reply in sorted(board.replies_by_hour.items()):
        lines.append(("first reply median, seconds", f"{hour}:00", reply.median_s))
    for who, n in board.without_by_author.items():
        lines.append(("texted without opt-in", names.get(who, "Nobody"), n))
    for source, credited, n in board.opted_in:
        lines.append(
            (f"new opt-ins, {SOURCES.get(source, source)}", names.get(credited, "Nobody"), n)
        )
    for week in board.weeks:
        lines.append(("opted in, week of", week.monday.isoformat(), week.opted_in))
        lines.append(("stopped, week of", week.monday.isoformat(), week.stopped))
    return lines
