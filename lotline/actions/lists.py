"""Importing a list: the whole file in one transaction, which replaces the copy before it.

The file is read twice and never kept: once to see that it is a list at all, once to keep its
numbers as hashes. The same file for the same day changes nothing; a file older than the copy in
force is refused. Each import is an act in the ledger.

Not here: how old a copy may be (`core.gate.rulebook`), what it means for a text (`core.gate`).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from lotline.actions.allowed import must
from lotline.actions.errors import Refused
from lotline.core.base.lists import Listed, read_line
from lotline.core.gate.facts import ListKind
from lotline.core.people.roles import may_change_rules
from lotline.store.access import record_act
from lotline.store.lists import (
    Copy,
    add_numbers,
    drop_older,
    find_in_force,
    load_copies,
    lock_list,
    record_copy,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.shown import Viewer

AT_ONCE = 5_000
BAD_NAMED = 20


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it. `bad_lines` are the numbers of the first lines that held no number."""

    copy: Copy
    bad_lines: tuple[int, ...]
    new: bool  # False: this very file was imported for this day before


@dataclass(frozen=True, slots=True)
class ListShown:
    """A list that the rules ask, its copy if there is one, and whether that is too old today."""

    kind: str
    region: str
    copy: Copy | None
    max_days: int
    too_old: bool


class _Which(NamedTuple):
    kind: str
    region: str
    as_of: date


@dataclass(slots=True)
class _Read:
    digest: bytes
    good: int = 0
    bad: int = 0
    bad_lines: tuple[int, ...] = ()


def import_list(
    ctx: Context,
    viewer: Viewer,
    kind: str,
    lines: Callable[[], Iterable[bytes]],
    *,
    as_of: date,
    region: str = "",
) -> Imported:
    """An owner's import from a page; `lines` gives the file's lines anew each time it is asked."""
    must(viewer, may_change_rules)
    which = _Which(kind, region, as_of)
    return _import(ctx, viewer.group_id, viewer.member_id, which, lines)


def import_list_by_command(
    ctx: Context,
    group_id: UUID,
    kind: str,
    lines: Callable[[], Iterable[bytes]],
    *,
    as_of: date,
    region: str = "",
) -> Imported:
    """The same by whoever runs the house."""
    return _import(ctx, group_id, None, _Which(kind, region, as_of), lines)


def load_lists(ctx: Context, viewer: Viewer, states: Iterable[str]) -> list[ListShown]:
    """Every list that the rules ask where the house does business, imported or not."""
    must(viewer, may_change_rules)
    with ctx.db.transaction(viewer.group_id) as tx:
        copies = {(copy.kind, copy.region): copy for copy in load_copies(tx)}
    wanted = [(kind.value, "") for kind in ListKind if kind is not ListKind.STATE_DNC]
    keeps = [code for code in sorted(set(states)) if ctx.book.list_max_days(f"x:{code}")]
    wanted[1:1] = [(ListKind.STATE_DNC.value, code) for code in keeps]
    return [_shown(ctx, kind, region, copies.get((kind, region))) for kind, region in wanted]


def _shown(ctx: Context, kind: str, region: str, copy: Copy | None) -> ListShown:
    most = ctx.book.list_max_days(f"{kind}:{region}" if region else kind) or 0
    old = copy is not None and (ctx.now().date() - copy.as_of).days > most
    return ListShown(kind, region, copy, most, old)


def _import(
    ctx: Context,
    group_id: UUID,
    by: UUID | None,
    which: _Which,
    lines: Callable[[], Iterable[bytes]],
) -> Imported:
    kind, region, as_of = which
    _must_be_known(ctx, kind, region)
    if as_of > ctx.now().date():
        raise Refused("The list's date is still to come.")
    read = _look_over(lines())
    with ctx.db.transaction(group_id) as tx:
        lock_list(tx, kind, region)
        last = find_in_force(tx, kind, region)
        if last is not None and last[0].as_of > as_of:
            raise Refused(f"A newer copy, of {last[0].as_of.isoformat()}, is already in force.")
        if last is not None and last[0].as_of == as_of and last[1] == read.digest:
            return Imported(last[0], read.bad_lines, new=False)
        at = ctx.now()
        copy = Copy(ctx.new_id(), kind, region, as_of, read.good, read.bad, at)
        record_copy(tx, copy, file_sha256=read.digest, by=by)
        listed = _listed(lines())
        while some := list(islice(listed, AT_ONCE)):
            add_numbers(tx, copy.id, some)
        drop_older(tx, copy)
        record_act(
            tx,
            ctx.new_id(),
            "list_imported",
            actor_id=by,
            about_id=None,
            at=at,
            detail={
                "list": str(copy.id),
                "kind": kind,
                "region": region,
                "as_of": as_of.isoformat(),
                "numbers": read.good,
                "bad": read.bad,
                "sha256": read.digest.hex(),
            },
        )
    return Imported(copy, read.bad_lines, new=True)


def _must_be_known(ctx: Context, kind: str, region: str) -> None:
    if kind not in {one.value for one in ListKind}:
        raise Refused(f"There is no list of that kind; there are {', '.join(ListKind)}.")
    if kind != ListKind.STATE_DNC.value:
        if region:
            raise Refused("Only a state's do-not-call list is of a state.")
        return
    if region not in ctx.book.states:
        raise Refused("Say which state keeps this list.")
    if ctx.book.list_max_days(f"{kind}:{region}") is None:
        raise Refused(f"{ctx.book.states[region].name} keeps no list apart from the national one.")


def _look_over(lines: Iterable[bytes]) -> _Read:
    """Whether it is a list at all, before anything is changed by it."""
    digest = sha256()
    read = _Read(b"")
    named: list[int] = []
    for number, raw in enumerate(lines, start=1):
        digest.update(raw)
        try:
            read.good += read_line(raw) is not None
        except ValueError:
            read.bad += 1
            if len(named) < BAD_NAMED:
                named.append(number)
    if not read.good:
        raise Refused("There is no telephone number in this file.")
    if read.bad > read.good:
        raise Refused("Most lines of this file hold no telephone number. Is it the right one?")
    read.digest, read.bad_lines = digest.digest(), tuple(named)
    return read


def _listed(lines: Iterable[bytes]) -> Iterator[Listed]:
    for raw in lines:
        try:
            found = read_line(raw)
        except ValueError:
            continue
        if found is not None:
            yield found
