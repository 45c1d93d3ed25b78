"""Whom and what a search names: members, customers, lines, by the beginnings of their names.

Everybody is looked up by what is kept to find them (keyed hashes, opened names); what is then found
is within the viewer's reach because the texts are.

Not here: the texts (`search`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.core.base.numbers import BadNumber, parse_number
from lotline.core.messaging.search import BadSearch
from lotline.store.sealed import (
    end_token,
    number_hashes,
    open_words,
    query_tokens,
    stock_tokens,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lotline.core.messaging.search import Search
    from lotline.store.database import Tx
    from lotline.store.reach import Reach
    from lotline.store.shown import Viewer

MOST = 500  # customers of one name, as a search follows them
ME = "me"


@dataclass(frozen=True, slots=True)
class Named:
    """Ids, as the statement takes them: None where nothing is asked."""

    authors: list[UUID] | None = None
    senders: list[UUID] = field(default_factory=list)
    receivers: list[UUID] | None = None
    to_lines: list[UUID] = field(default_factory=list)
    contacts: list[UUID] | None = None
    lines: list[UUID] | None = None
    no_authors: list[UUID] = field(default_factory=list)
    no_senders: list[UUID] = field(default_factory=list)
    no_receivers: list[UUID] = field(default_factory=list)
    no_to_lines: list[UUID] = field(default_factory=list)
    no_contacts: list[UUID] = field(default_factory=list)
    no_lines: list[UUID] = field(default_factory=list)
    unknown: tuple[str, ...] = ()

    def as_filters(self) -> dict[str, Any]:
        names = self.__slots__
        return {name: getattr(self, name) for name in names if name != "unknown"}


def names_of(tx: Tx, viewer: Viewer, reach: Reach, search: Search) -> Named:
    """Everybody and everything that it names; what it names and is not there is `unknown`."""
    finder = _Finder(tx, viewer, reach)
    named = Named()
    unknown = []
    for name in ("from", "to", "customer", "stock", "line"):
        for no in (False, True):
            values = search.values(name, no=no)
            if not values:
                continue
            found = finder.find(name, values)
            if not any(found) and not no:
                unknown += [f"{name}:{value}" for value in values]
            named = _with(named, name, found, no=no)
    return replace(named, unknown=tuple(unknown))


def _with(named: Named, name: str, found: tuple[list[UUID], list[UUID]], *, no: bool) -> Named:
    """`found`: members or lines, then contacts."""
    others, contacts = found
    if name == "line":
        return replace(named, no_lines=others) if no else replace(named, lines=others)
    if name == "from":
        if no:
            return replace(named, no_authors=others, no_senders=contacts)
        return replace(named, authors=others, senders=contacts)
    if name == "to":
        if no:
            return replace(named, no_receivers=contacts, no_to_lines=others)
        return replace(named, receivers=contacts, to_lines=others)
    if no:
        return replace(named, no_contacts=[*named.no_contacts, *contacts])
    if named.contacts is None:
        return replace(named, contacts=contacts)
    return replace(named, contacts=sorted(set(named.contacts) & set(contacts)))


class _Finder:
    """Opens what it needs once."""

    def __init__(self, tx: Tx, viewer: Viewer, reach: Reach) -> None:
        self._tx, self._viewer, self._reach = tx, viewer, reach
        self._members: list[tuple[UUID, list[str]]] | None = None
        self._lines: list[tuple[UUID, list[str], str]] | None = None

    def find(self, name: str, values: Iterable[str]) -> tuple[list[UUID], list[UUID]]:
        others: set[UUID] = set()
        contacts: set[UUID] = set()
        for value in values:
            if name == "from":
                others |= self._members_called(value)
            if name in {"to", "line"}:
                others |= self._lines_called(value)
            if name in {"from", "to", "customer"}:
                contacts |= self._contacts_called(value)
            if name == "stock":
                contacts |= self._by_tokens(stock_tokens(self._tx.keys, value), value)
        return sorted(others), sorted(contacts)

    def _members_called(self, value: str) -> set[UUID]:
        if value.lower() == ME:
            return {self._viewer.member_id}
        if self._members is None:
            group = self._tx.group_id
            self._members = [
                (
                    row.id,
                    words_of(
                        open_words(self._tx.keys, row.name_ct, "members", "name_ct", group, row.id)
                    ),
                )
                for row in self._tx.all("search.members")
            ]
        sought = words_of(value)
        return {one for one, words in self._members if _begin(words, sought)}

    def _lines_called(self, value: str) -> set[UUID]:
        if self._lines is None:
            keys, group = self._tx.keys, self._tx.group_id
            rows = self._tx.all("search.lines", line_ids=self._reach.line_ids)
            self._lines = [
                (
                    row.id,
                    words_of(open_words(keys, row.label_ct, "lines", "label_ct", group, row.id)),
                    open_words(keys, row.number_ct, "lines", "number_ct", group, row.id),
                )
                for row in rows
            ]
        sought = words_of(value)
        digits = "".join(letter for letter in value if letter.isdigit())
        return {
            one
            for one, words, number in self._lines
            if _begin(words, sought) or (len(digits) > 3 and number.endswith(digits))
        }

    def _contacts_called(self, value: str) -> set[UUID]:
        keys = self._tx.keys
        digits = "".join(letter for letter in value if letter.isdigit())
        if digits and not any(letter.isalpha() for letter in value):
            end = end_token(keys, digits)
            if end is not None:
                return self._by_tokens([end], value)
            try:
                hashes = number_hashes(keys, parse_number(value).e164)
            except BadNumber:
                return set()
            return {row.id for row in self._tx.all("search.contacts_by_number", hashes=hashes)}
        return self._by_tokens(query_tokens(keys, value), value)

    def _by_tokens(self, tokens: Sequence[bytes], value: str) -> set[UUID]:
        if not tokens:
            return set()
        rows = self._tx.all(
            "search.contacts_by_tokens",
            token=tokens[0],
            others=list(tokens[1:]),
            limit=MOST + 1,
        )
        if len(rows) > MOST:
            raise BadSearch(f"More than {MOST} customers match {value}. Say more of the name.")
        return {row.id for row in rows}


def _begin(words: Sequence[str], sought: Sequence[str]) -> bool:
    """Each word that is sought begins one of the name's."""
    return bool(sought) and all(any(word.startswith(one) for word in words) for one in sought)
