"""Programs ask for texts: many requests become one transaction, each text with its own decision.

The rules are those of a person's tap: the same facts, the same gate, the same queue. A text that is
refused is kept as a try and said to be so. What a program asks for is due at once, without undo: a
program that changes its mind should not have asked.

A request with an idempotency key is done once, and so is a text that its program has named.

Not here: what one person does (`submit`), what one request costs (`programs.take`), HTTP.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import msgspec

from lotline.actions.composing import LONGEST, Composed, Draft, compose_all, find_gaps
from lotline.actions.context import again
from lotline.actions.keeping import (
    Keeping,
    keep_decided,
    keep_words,
    place_of,
    reasons_of,
    text_of,
)
from lotline.actions.notes import Note, keep_notes
from lotline.actions.programs import Denied, denial
from lotline.actions.screening import flag_of
from lotline.actions.submit import fate_of
from lotline.actions.submit_whom import Item, Refusal, find_contacts, find_lines
from lotline.core.gate.decision import Decision
from lotline.core.messaging.segments import count
from lotline.core.people.programs import Scope
from lotline.store.arrivals import Thread, open_threads
from lotline.store.database import Crossed
from lotline.store.decisions import load_newest_decisions
from lotline.store.events import Happened, record_events
from lotline.store.ledger import Leaves
from lotline.store.programs import (
    Answered,
    Asked,
    Program,
    load_answers,
    load_programs,
    record_answers,
    record_requests,
)
from lotline.store.review import Flag, record_flags
from lotline.store.sealed import open_words
from lotline.store.standing import Contact, lock_contacts
from lotline.store.texts import (
    Named,
    find_by_clients,
    touch_conversations,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lotline.actions.context import Context
    from lotline.actions.submit_whom import Wanted
    from lotline.store.database import Tx

MOST = 1000


@dataclass(frozen=True, slots=True)
class Posted:
    """One request of a program. `key_hash` is empty without an idempotency key."""

    group_id: UUID
    program_id: UUID
    address: str
    texts: tuple[Wanted, ...] = field(repr=False)
    key_hash: bytes = b""
    body_hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one text. `code` and `says` where it was not even a try."""

    state: str  # queued | held | blocked | refused | conflict, or what an earlier one is by now
    text_id: UUID | None = None
    decision: Decision | None = None
    due_at: datetime | None = None
    code: str = ""
    says: str = ""
    repeated: bool = False  # this very text was asked for before


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is told. `denied`: nothing was looked at. `reused`: its key is another's."""

    results: tuple[Result, ...] = ()
    repeated: bool = False
    reused: bool = False
    denied: Denied | None = None


def submit_batch(ctx: Context, posted: Sequence[Posted]) -> list[Answer]:
    """All of them or none: one transaction for each group. Answers come in the order asked."""
    by_group: dict[UUID, list[int]] = defaultdict(list)
    for n, one in enumerate(posted):
        by_group[one.group_id].append(n)
    answers: dict[int, Answer] = {}
    for group_id, places in by_group.items():
        several = [posted[n] for n in places]
        done = again(partial(_submit_batch, ctx, group_id, several))
        answers.update(zip(places, done, strict=True))
    return [answers[n] for n in range(len(posted))]


def _submit_batch(ctx: Context, group_id: UUID, posted: Sequence[Posted]) -> list[Answer]:
    now = ctx.now()
    with ctx.db.transaction(group_id) as tx:
        programs = load_programs(tx, (one.program_id for one in posted), now)
        answers: dict[int, Answer] = {}
        for n, one in enumerate(posted):
            denied = denial(programs.get(one.program_id), one.address, Scope.TEXTS_WRITE)
            if denied is not None:
                answers[n] = Answer(denied=denied)
        twins = _asked_before(tx, posted, answers, now)
        items = [
            Item(n, programs[one.program_id], wanted)
            for n, one in enumerate(posted)
            if n not in answers and n not in twins
            for wanted in one.texts
        ]
        mine: dict[int, list[Result]] = defaultdict(list)
        for item, result in zip(items, _take(ctx, tx, items, now), strict=True):
            mine[item.request].append(result)
        answers |= {n: Answer(tuple(results)) for n, results in mine.items()}
        _keep_answers(tx, posted, answers)
        for n, first in twins.items():
            same = posted[n].body_hash == posted[first].body_hash
            answers[n] = Answer(answers[first].results, repeated=True) if same else _REUSED
    return [answers[n] for n in range(len(posted))]


_REUSED = Answer(reused=True)


def _asked_before(
    tx: Tx, posted: Sequence[Posted], answers: dict[int, Answer], now: datetime
) -> dict[int, int]:
    """Answers those whose key was used before; returns twins within this batch, by their first."""
    firsts: dict[tuple[UUID, bytes], int] = {}
    twins: dict[int, int] = {}
    for n, one in enumerate(posted):
        if one.key_hash and n not in answers:
            first = firsts.setdefault((one.program_id, one.key_hash), n)
            if first != n:
                twins[n] = first
    asked = [Asked(key[0], key[1], posted[n].body_hash) for key, n in firsts.items()]
    new = record_requests(tx, asked, now)
    old = load_answers(tx, [key for key in firsts if key not in new])
    for key, earlier in old.items():
        answers[firsts[key]] = _as_before(earlier, posted[firsts[key]])
    return twins


def _as_before(earlier: Answered, one: Posted) -> Answer:
    if earlier.body_hash != one.body_hash:
        return _REUSED
    assert earlier.answer is not None, "a request is kept with its answer"
    return Answer(tuple(msgspec.convert(earlier.answer, list[Result])), repeated=True)


def _keep_answers(tx: Tx, posted: Sequence[Posted], answers: dict[int, Answer]) -> None:
    kept: dict[tuple[UUID, bytes], str] = {}
    for n, one in enumerate(posted):
        answer = answers.get(n)
        if not one.key_hash or answer is None:
            continue
        if not (answer.repeated or answer.reused or answer.denied):
            plain: Any = msgspec.to_builtins(answer.results)
            kept[one.program_id, one.key_hash] = json.dumps(plain)
    record_answers(tx, kept)


def _take(ctx: Context, tx: Tx, items: Sequence[Item], now: datetime) -> list[Result]:
    """What becomes of each text, in order."""
    for item in items:
        item.refusal = _at_first_sight(item.wanted)
    find_lines(tx, items)
    find_contacts(ctx, tx, items, now)
    asked = [item for item in items if item.refusal is None]
    contacts = lock_contacts(tx, (item.contact_id for item in asked))
    results: dict[int, Result] = {}
    _named_before(tx, asked, contacts, results)
    fresh = [item for item in asked if id(item) not in results]
    for item in fresh:
        if item.refusal is None and contacts[item.contact_id].key is None:
            item.refusal = Refusal("erased", "This customer's data was erased.")
    fresh = [item for item in fresh if item.refusal is None]
    _write(ctx, tx, fresh, contacts, results, now=now)
    for item in items:
        if item.refusal is not None:
            state = "conflict" if item.refusal.conflict else "refused"
            results[id(item)] = Result(state, code=item.refusal.code, says=item.refusal.says)
    _follow_twins(items, results)
    return [results[id(item)] for item in items]


def _at_first_sight(wanted: Wanted) -> Refusal | None:
    """What can be said of the words alone, as the page says it of a person's."""
    if not wanted.body.strip():
        return Refusal("empty", "Write a text first.")
    if len(wanted.body) > LONGEST:
        return Refusal("too_long", f"A text can be {LONGEST} characters at most.")
    gaps = find_gaps(wanted.body)
    if gaps:
        return Refusal("gaps", f"Fill in: {', '.join(gaps)}.")
    return None


def name_of(program_id: UUID, client_id: str) -> UUID | None:
    """How a program's own name for a text is kept."""
    return uuid5(program_id, client_id) if client_id else None


def _named_before(
    tx: Tx, items: Iterable[Item], contacts: dict[UUID, Contact], results: dict[int, Result]
) -> None:
    """Texts whose names were used before: the same again is answered, another is refused."""
    by_program: dict[UUID, list[Item]] = defaultdict(list)
    for item in items:
        if item.wanted.client_id:
            by_program[item.program.id].append(item)
    found: list[tuple[Item, Named]] = []
    for program_id, mine in by_program.items():
        names = {id(item): uuid5(program_id, item.wanted.client_id) for item in mine}
        known = find_by_clients(tx, program_id, names.values())
        firsts: dict[UUID, Item] = {}
        for item in mine:
            name = names[id(item)]
            if name in known:
                found.append((item, known[name]))
            else:
                first = firsts.setdefault(name, item)
                item.twin_of = first if first is not item else None
    decisions = load_newest_decisions(tx, [named.id for _, named in found]) if found else {}
    for item, named in found:
        if not _is_same(tx, item, named, contacts[item.contact_id]):
            item.refusal = _named_already()
            continue
        decision = decisions[named.id].decision
        results[id(item)] = Result(named.state, named.id, decision, named.due_at, repeated=True)


def _named_already() -> Refusal:
    return Refusal("client_id", "This client_id was used for another text.", conflict=True)


def _is_same(tx: Tx, item: Item, named: Named, contact: Contact) -> bool:
    if (named.contact_id, named.line_id) != (item.contact_id, item.line_id):
        return False
    wanted = item.wanted
    if wanted.purpose is not None and wanted.purpose.value != named.purpose:
        return False
    place = ("texts", "body_ct", tx.group_id, named.id)
    kept = open_words(contact.key, named.body_ct, *place)
    return kept == count(wanted.body).straightened


def _follow_twins(items: Iterable[Item], results: dict[int, Result]) -> None:
    """Those that named a text of this very batch again."""
    for item in items:
        first = item.twin_of
        if first is None or item.refusal is not None:
            continue
        if item.wanted == first.wanted:
            of = results[id(first)]
            results[id(item)] = Result(
                of.state, of.text_id, of.decision, of.due_at, of.code, of.says, repeated=True
            )
        else:
            results[id(item)] = Result(
                "conflict", code=_named_already().code, says=_named_already().says
            )


def _write(
    ctx: Context,
    tx: Tx,
    fresh: Sequence[Item],
    contacts: dict[UUID, Contact],
    results: dict[int, Result],
    *,
    now: datetime,
) -> None:
    items = [item for item in fresh if item.twin_of is None]
    if not items:
        return
    pairs = ((item.contact_id, item.line_id) for item in items)
    threads = open_threads(tx, pairs, ctx.new_id, now)
    drafts = [_draft(item, threads, contacts, now) for item in items]
    keeping: list[Keeping] = []
    flags: list[Flag] = []
    notes: dict[UUID, tuple[Program, list[Note]]] = {}
    for item, draft, made in zip(items, drafts, compose_all(ctx, tx, drafts), strict=True):
        if made.laxer and not item.wanted.why.strip():
            item.refusal = Refusal("say_why", "Say why this is not what it looks like.")
            continue
        one = _keeping(ctx, item, draft, made, contacts[item.contact_id], now=now)
        keeping.append(one)
        text = one.text
        store_id = draft.where.store_id
        flag = flag_of(ctx, text, one.facts, one.decision, store_id=store_id, one_in=made.sample)
        flags += [flag] if flag is not None else []
        _, mine = notes.setdefault(item.program.id, (item.program, []))
        mine += reasons_of(draft, made, item.wanted.why.strip())
        results[id(item)] = Result(text.state, text.id, one.decision, one.due_at)
    leaves = Leaves(tx)
    if keep_words(tx, keeping, now) < len(keeping):
        raise Crossed("another transaction took the same name at this moment")
    with tx.together():
        keep_decided(ctx, tx, keeping, leaves)
        record_flags(tx, flags, now)
        for program, mine in notes.values():
            keep_notes(ctx, tx, program.viewer, mine)
        touch_conversations(tx, [one.text for one in keeping], now)
        leaves.write()
        record_events(tx, _happened(keeping, threads), now)


def _draft(
    item: Item,
    threads: dict[tuple[UUID, UUID], Thread],
    contacts: dict[UUID, Contact],
    now: datetime,
) -> Draft:
    wanted = item.wanted
    at = max(now, wanted.send_at) if wanted.send_at is not None else now
    return Draft(
        threads[item.contact_id, item.line_id],
        contacts[item.contact_id].key,
        wanted.body,
        wanted.purpose,
        at,
        item.program.viewer,
    )


def _keeping(
    ctx: Context, item: Item, draft: Draft, made: Composed, contact: Contact, *, now: datetime
) -> Keeping:
    fate = fate_of(made.decision, send_at=item.wanted.send_at, now=now)
    state, kind, due_at = fate or ("queued", "schedule", now)
    name = name_of(item.program.id, item.wanted.client_id)
    text = text_of(ctx, draft, made, state, client_id=name)
    return Keeping(text, contact, made.facts, made.decision, kind, due_at)


def _happened(
    keeping: Sequence[Keeping], threads: dict[tuple[UUID, UUID], Thread]
) -> list[Happened]:
    happened = []
    moved: dict[UUID, Happened] = {}
    for one in keeping:
        thread = threads[one.text.contact_id, one.text.line_id]
        place = place_of(thread)
        happened.append(Happened("text.out", *place, one.text.id))
        moved[thread.id] = Happened("conversation", *place)
    return [*happened, *moved.values()]
