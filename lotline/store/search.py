"""What a search finds among texts and notes within the viewer's reach, newest first.

First the candidates, by whatever is rarest in the search and has an index: words, a customer, a
rule, an author. Then every filter is asked of each. A page looks at no more than some thousands of
texts, so its cost is bounded however long the history is; where it stopped is said, and it goes on
from there.

Not here: reading a search (`core.messaging.search`), whom it names (`search_names`), writing down
that somebody searched (`actions.search`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from lotline.core.base.ids import ms_of, uuid7_from
from lotline.core.base.numbers import shown
from lotline.store.reach import Reach, reach_of
from lotline.store.sealed import contact_key, open_words
from lotline.store.search_names import Named, names_of
from lotline.store.watch import show_body
from lotline.store.words import Sought, sought

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from lotline.core.messaging.search import Search
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

WALKS = (200, 1000, 4000)  # texts looked at, one after the other, until a page is full
NOTES_MAX = 10
PEOPLE_MAX = 20  # authors, each followed through an index of their own
_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)
_MARKS_OF_TALKS = {"unread", "waiting", "done", "note"}
NONE = "none"


@dataclass(frozen=True, slots=True)
class Hit:
    """One text or note that was found."""

    id: UUID
    conversation_id: UUID
    contact_id: UUID
    name: str
    level: str
    at: datetime
    body: str
    direction: str = ""
    author_id: UUID | None = None
    author_name: str = ""
    state: str = ""
    purpose: str = ""
    has_media: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found. `next` goes on; `looked_to` when the page is not full and yet there
    is more history to look through.
    """

    texts: tuple[Hit, ...] = ()
    notes: tuple[Hit, ...] = ()
    next: str = ""
    looked_to: datetime | None = None
    unknown: tuple[str, ...] = ()  # names in the search that nobody has


class _Walked(NamedTuple):
    ids: list[UUID]
    through: bool  # nothing is left behind them


def load_search(
    tx: Tx,
    viewer: Viewer,
    search: Search,
    *,
    rules: dict[str, list[str]],
    zone: ZoneInfo,
    before: str = "",
    limit: int = 30,
) -> Found:
    """`rules`: the ids of the rules that each `rule:` of the search means."""
    reach = reach_of(viewer)
    if not reach.line_ids or not search:
        return Found()
    tx.run("contacts.custom_plans")
    named = names_of(tx, viewer, reach, search)
    if named.unknown:
        return Found(unknown=named.unknown)
    between = _place(before) if _is_of_none(search) else _between(search, zone, before)
    page = _Page(tx, reach, search, named=named, rules=rules, between=between)
    texts, after, through = page.texts(limit)
    full = len(texts) == limit
    return Found(
        texts=tuple(_hit(tx, row) for row in texts),
        notes=() if before else tuple(_hit(tx, row) for row in page.notes()),
        next="" if through or after is None else str(after),
        looked_to=None
        if full or through or after is None
        else datetime.fromtimestamp(ms_of(after) / 1000, UTC),
    )


class _Page:
    """One page of one search."""

    def __init__(
        self,
        tx: Tx,
        reach: Reach,
        search: Search,
        *,
        named: Named,
        rules: dict[str, list[str]],
        between: tuple[UUID, UUID],
    ) -> None:
        self._tx, self._reach, self._search, self._named = tx, reach, search, named
        self._after, self._before = between
        self._rules = [one for value in search.values("rule") for one in rules.get(value, ())]
        self._no_rules = [
            one for value in search.values("rule", no=True) for one in rules.get(value, ())
        ]
        self._has = sought(tx.keys, search.words())
        lacks = sought(tx.keys, search.words(no=True))
        self._lacks = lacks.now + (lacks.before or [])

    def texts(self, limit: int) -> tuple[list[Any], UUID | None, bool]:
        """Rows, where the next page begins, and whether there is nothing behind it."""
        found: list[Any] = []
        last: UUID | None = None
        ways = self._ways()
        for n, many in enumerate(WALKS):
            way = ways[min(n, len(ways) - 1)]
            # Where words are all that is asked, every candidate is a hit: a short list is planned
            # as a walk back from the newest, which a long one is not.
            alone = way == "said" and not self._search.filters and n == 0
            walked = self._walk(way, min(many, limit + 1) if alone else many)
            last = walked.ids[-1] if walked.ids else last
            found += self._sift(walked.ids, limit + 1 - len(found), words=way != "said")
            if len(found) > limit:
                return found[:limit], found[limit - 1].id, False
            if walked.through:
                return found, None, True
            self._before = walked.ids[-1]
        return found, last, False

    def notes(self) -> list[Any]:
        """Notes are found by their words alone, and by whom, with whom and when."""
        asked = {term.name for term in self._search.filters}
        if not self._has.now or asked - {"from", "customer", "stock", "line", "before", "after"}:
            return []
        ids = self._said("note", 10 * NOTES_MAX)
        named = self._named
        return self._tx.all(
            "search.notes",
            ids=ids,
            line_ids=self._reach.line_ids,
            lines=named.lines,
            contacts=named.contacts,
            authors=named.authors,
            limit=NOTES_MAX,
        )

    def _ways(self) -> list[str]:
        """By what candidates are found: the first alone, unless its words prove to be common."""
        search, named = self._search, self._named
        marks = {*search.values("is"), *search.values("has")}
        rare = [
            way
            for way, asked in (
                ("near", search.values("near")),
                ("without", _is_of_none(search)),
                ("by_contact", named.contacts is not None),
                ("by_rule", self._rules),
                ("held", "held" in marks),
                ("waiting", "waiting" in marks),
                ("people", self._few_people()),
                ("blocked", "blocked" in marks),
                ("flagged", "flagged" in marks),
                ("photos", "photo" in marks),
            )
            if asked
        ]
        if not self._has.now:
            return rare[:1] or ["said" if self._lacks else "newest"]
        if rare[:1] and rare[0] in {"near", "without", "by_contact", "by_rule", "held"}:
            return rare[:1]
        return ["said", *rare[:1]]

    def _few_people(self) -> bool:
        """A search from half the company is no rarer than the company's own texts."""
        named = self._named
        if named.authors is None and named.receivers is None:
            return False
        return len(named.authors or ()) <= PEOPLE_MAX

    def _walk(self, way: str, many: int) -> _Walked:
        if way == "said":
            ids = self._said("text", many)
        elif way == "people":
            ids = self._people(many)
        else:
            ids = [
                row.id
                for row in self._tx.all(
                    f"search.{way}",
                    **self._ends(many),
                    **self._more(way),
                )
            ]
        return _Walked(ids, len(ids) < many)

    def _more(self, way: str) -> dict[str, Any]:
        """What a way of finding is told beside where to begin."""
        given: dict[str, dict[str, Any]] = {
            "near": {
                "near": next(iter(self._search.values("near")), None),
                "line_ids": self._reach.line_ids,
            },
            "without": {"lines": self._lines(), **_days(self._search)},
            "by_contact": {"contacts": self._named.contacts},
            "by_rule": {"rules": self._rules},
            "waiting": {"line_ids": self._reach.line_ids},
            "newest": {"line_ids": self._lines()},
        }
        return given.get(way, {})

    def _lines(self) -> list[UUID]:
        """The lines in reach that are asked for; the whole reach is asked again of each hit."""
        if self._named.lines is None:
            return self._reach.line_ids
        return sorted(set(self._reach.line_ids) & set(self._named.lines))

    def _said(self, kind: str, many: int) -> list[UUID]:
        asked: Sought = self._has
        rows = self._tx.all(
            "search.said",
            kind=kind,
            has=asked.now,
            had=asked.before,
            lacks=self._lacks,
            line_ids=self._lines(),
            **self._ends(many),
        )
        return [row.id for row in rows]

    def _people(self, many: int) -> list[UUID]:
        """Of whom it is from, else of whom it is to; both lists in one order."""
        named, ends = self._named, self._ends(many)
        by_from = named.authors is not None
        contacts = named.senders if by_from else named.receivers
        ids = [
            row.id for row in self._tx.all("search.by_author", authors=named.authors or [], **ends)
        ]
        if contacts:
            rows = self._tx.all("search.by_contact", contacts=contacts, **ends)
            ids += [row.id for row in rows]
        if not by_from and named.to_lines:
            ids += [
                row.id for row in self._tx.all("search.newest", line_ids=named.to_lines, **ends)
            ]
        return sorted(set(ids), reverse=True)[:many]

    def _ends(self, many: int) -> dict[str, Any]:
        return {"after": self._after, "before": self._before, "limit": many}

    def _sift(self, ids: Sequence[UUID], limit: int, *, words: bool) -> list[Any]:
        if not ids:
            return []
        search, named, reach = self._search, self._named, self._reach
        marks = [*search.values("is"), *search.values("has")]
        no_marks = [*search.values("is", no=True), *search.values("has", no=True)]
        asked = words and bool(self._has.now or self._lacks)
        return self._tx.all(
            "search.sift",
            ids=list(ids),
            line_ids=reach.line_ids,
            member_id=reach.member_id,
            sees_attempts=reach.sees_attempts,
            since=reach.since,
            reading="unread" in {*marks, *no_marks},
            noting="note" in {*marks, *no_marks},
            flagging="flagged" in {*marks, *no_marks},
            marks=marks,
            no_marks=no_marks,
            leveling=any(term.name == "consent" for term in search.terms),
            levels=search.values("consent") or None,
            no_levels=search.values("consent", no=True),
            purposes=search.values("purpose") or None,
            no_purposes=search.values("purpose", no=True),
            rules=self._rules or None,
            no_rules=self._no_rules,
            has=self._has.now if asked else None,
            had=self._has.before or self._has.now,
            lacks=self._lacks,
            limit=limit,
            **named.as_filters(),
        )


def _is_of_none(search: Search) -> bool:
    """It asks for what the dashboard counts as texted without an opt-in, and for nothing else."""
    return search.values("consent") == [NONE] and not search.values("near")


def _days(search: Search) -> dict[str, date]:
    """From which day and until which, of the store's clock, as the dashboard counts them."""
    on = {
        (name, no): [date.fromisoformat(one) for one in search.values(name, no=no)]
        for name in ("after", "before")
        for no in (False, True)
    }
    return {
        "first": max(on["after", False] + on["before", True], default=date.min),
        "until": min(on["before", False] + on["after", True], default=date.max),
    }


def _place(before: str) -> tuple[UUID, UUID]:
    """From where a page goes on, wherever its days are."""
    with suppress(ValueError):  # a place that nobody gave out is none
        return _FIRST, UUID(before) if before else _LAST
    return _FIRST, _LAST


def _between(search: Search, zone: ZoneInfo, before: str) -> tuple[UUID, UUID]:
    """Ids grow with time: a day is a place among them. Days are those of the viewer's clock."""
    starts = [_at(value, zone) for value in search.values("after")]
    ends = [_at(value, zone) for value in search.values("before")]
    # Not after a day is before it, and the other way round.
    ends += [_at(value, zone) for value in search.values("after", no=True)]
    starts += [_at(value, zone) for value in search.values("before", no=True)]
    first = max((_id_of(at) for at in starts), default=_FIRST)
    last = min((_id_of(at) for at in ends), default=_LAST)
    return first, min(last, _place(before)[1])


def _at(day: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), zone)


def _id_of(at: datetime) -> UUID:
    """Before every id of that moment."""
    ms = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return uuid7_from(min(max(ms, 0), 2**48 - 1), bytes(10))


def _hit(tx: Tx, row: Any) -> Hit:
    group = tx.group_id
    key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
    table = "texts" if hasattr(row, "direction") else "notes"
    number = open_words(key, row.number_ct, "contacts", "number_ct", group, row.contact_id)
    author = ""
    if row.author_id is not None:
        ident = ("members", "name_ct", group, row.author_id)
        author = open_words(tx.keys, row.author_ct, *ident)
    return Hit(
        id=row.id,
        conversation_id=row.conversation_id,
        contact_id=row.contact_id,
        name=open_words(key, row.name_ct, "contacts", "name_ct", group, row.contact_id)
        or shown(number),
        level=row.level,
        at=row.created_at,
        body=show_body(tx, open_words(key, row.body_ct, table, "body_ct", group, row.id)),
        direction=getattr(row, "direction", ""),
        author_id=row.author_id,
        author_name=author,
        state=getattr(row, "state", ""),
        purpose=getattr(row, "purpose", "") or "",
        has_media=getattr(row, "has_media", False),
    )
