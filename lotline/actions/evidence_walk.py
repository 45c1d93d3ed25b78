"""The walk through the customers of an export about many, a handful at a time.

It is the same walk each time: who is in it, which of their leaves, and what is shown of each follow
from what was asked and from the rows alone.

Not here: who may ask, and the writing (`evidence_many`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.errors import NotYours, Refused
from lotline.actions.evidence import (
    NOBODY,
    TEXT_KINDS,
    Asked,
    Exporter,
    is_fault,
    says_of,
    when_of,
)
from lotline.core.ledger.leaf import LeafKind
from lotline.core.oversight.content import ACT, EXPORT, TEXT, act_part, many_part
from lotline.core.oversight.evidence import Exhibit
from lotline.core.oversight.many import (
    Digest,
    Run,
    whom_salt,
)
from lotline.store.audit import load_check
from lotline.store.evidence import (
    EXPORTED,
    Checked,
    Fit,
    check_rows,
    load_names,
    load_numbers,
    load_signature_leaves,
    load_training_leaves,
    seal_export,
)
from lotline.store.exports import (
    Customer,
    History,
    in_handfuls,
    load_customers_of_line,
    load_customers_of_member,
    load_customers_of_places,
    load_devices,
    load_histories,
)
from lotline.store.groups import load_group
from lotline.store.ledger import Leaves

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from lotline.actions.context import Context
    from lotline.store.database import Tx

LEAVES_MAX = 150_000  # some 40,000 texts: what one machine writes in a few minutes
_SHOWN = frozenset({LeafKind.CONSENT, *TEXT_KINDS})


@dataclass(frozen=True, slots=True)
class About:
    """A member, a line, or everything that is new in a stretch of the log."""

    kind: str
    id: UUID | None = None
    first: int = 0
    end: int = 0


@dataclass(slots=True)
class Said:
    """What was found on the first walk, and said in the ledger."""

    export_id: UUID
    customers: list[Customer] = field(default_factory=list)
    leaves: int = 0
    authors: set[UUID] = field(default_factory=set)
    lines: set[UUID] = field(default_factory=set)
    changed: list[str] = field(default_factory=list)
    shown: str = ""
    export: Exhibit | None = None
    beside: tuple[Exhibit, ...] = ()
    made_at: datetime | None = None


class Walk:
    """One way through the customers, the same both times."""

    def __init__(
        self, ctx: Context, group_id: UUID, about: About, who: Exporter, asked: Asked
    ) -> None:
        self.ctx, self.group_id = ctx, group_id
        self.about, self.who, self.asked = about, who, asked

    # --- first: say what leaves -----------------------------------------------------------

    def say(self) -> Said:
        said = Said(self.ctx.new_id())
        with self.ctx.db.transaction(self.group_id) as tx:
            name = self._name(tx)
            found = self._customers(tx)
        if sum(one.chain for one in found) > LEAVES_MAX:
            raise Refused("That is more than one file should hold. Choose fewer days.")
        digest = Digest()
        for run, checked in self.runs(found, said.export_id):
            digest.take_run(run)
            said.customers.append(Customer(UUID(str(run.whom["id"])), len(run.leaves)))
            said.leaves += len(run.leaves)
            said.changed += [says_of(one) for one in checked if is_fault(one)]
            for one, exhibit in zip(checked, run.leaves, strict=True):
                if exhibit.parts:
                    said.authors |= one.members
                    said.lines |= one.lines | ({one.line_id} if one.line_id else set())
        with self.ctx.db.transaction(self.group_id) as tx:
            self._record(tx, said, digest, name)
        return said

    def _name(self, tx: Tx) -> str:
        """What it is about, in words; it must be there."""
        if self.about.kind == "new":
            return load_group(tx).name
        assert self.about.id is not None, "a member or a line has an id"
        load = load_names if self.about.kind == "member" else load_numbers
        name = load(tx, [self.about.id]).get(self.about.id)
        if name is None:
            raise NotYours
        return name

    def _customers(self, tx: Tx) -> list[Customer]:
        about, asked = self.about, self.asked
        if about.kind == "new":
            return load_customers_of_places(tx, about.first, about.end)
        assert about.id is not None, "a member or a line has an id"
        if about.kind == "line":
            return load_customers_of_line(tx, about.id, asked.since, asked.until)
        return load_customers_of_member(tx, about.id, self.who.lines, asked.since, asked.until)

    def _record(self, tx: Tx, said: Said, digest: Digest, name: str) -> None:
        """The papers of the authors, then the act and its leaf."""
        authors = set(said.authors)
        if self.about.kind == "member" and self.about.id is not None:
            authors.add(self.about.id)
        papers = [*load_signature_leaves(tx, authors), *load_training_leaves(tx, authors)]
        beside = check_rows(tx, [leaf for leaf, _ in papers])
        said.changed += [says_of(one) for one in beside if is_fault(one)]
        said.beside = tuple(
            Exhibit(one.leaf, 0, one.salt, one.parts if one.fit is Fit.WHOLE else {})
            for one in beside
        )
        last = load_check(tx)
        torn = [] if last is None or last.whole else [f"the whole ledger: {last.first_fault}"]
        said.made_at = now = self.ctx.now()
        group = load_group(tx)
        about_id = str(self.about.id or self.group_id)
        part = many_part(
            said.export_id,
            group=self.group_id,
            group_name=group.name,
            about={"kind": self.about.kind, "id": about_id, "name": name},
            exporter=self.who.id or NOBODY,
            exporter_name=self.who.name,
            purpose=self.asked.purpose,
            made_at=now,
            includes=["consent", "texts"] if self.asked.texts else ["consent"],
            people=load_names(tx, authors),
            lines=load_numbers(tx, said.lines),
            shown=digest.end((one.leaf.hash, one.parts) for one in said.beside),
            span=(self.asked.since, self.asked.until),
            zone=str(group.settings.get("zone", "UTC")),
            faults=[*said.changed, *torn],
        )
        detail = seal_export(tx, tx.keys, said.export_id, part)
        tx.run(
            "access.record",
            id=said.export_id,
            what=EXPORTED,
            actor_id=self.who.id,
            about_id=self.about.id,
            detail=detail,
            at=now,
        )
        act = act_part(
            said.export_id, EXPORTED, actor=self.who.id, about=self.about.id, detail=detail
        )
        leaves = Leaves(tx)
        parts = {EXPORT: part, ACT: act}
        leaf = leaves.add_unchained(LeafKind.EXPORT, said.export_id, parts, now)
        leaves.write()
        said.export = Exhibit(leaf, 0, tx.keys.salt(said.export_id), {EXPORT: part})

    # --- the walk itself ------------------------------------------------------------------

    def runs(
        self, customers: Sequence[Customer], export_id: UUID
    ) -> Iterator[tuple[Run, tuple[Checked, ...]]]:
        """Each customer that has something to show, in the order of their ids."""
        for handful in in_handfuls(customers):
            with self.ctx.db.transaction(self.group_id) as tx:
                found = load_histories(tx, handful)
                opened = {one.customer.id: self._open(one) for one in found}
                texts = {text for one in opened.values() for text in one}
                devices = load_devices(tx, texts if self.asked.texts else ())
            for one in found:
                shown = opened[one.customer.id]
                if shown or self._by_hand(one):
                    yield self._run(one, shown, devices, export_id), one.checked

    def _run(
        self, one: History, shown: frozenset[UUID], devices: dict[UUID, str], export_id: UUID
    ) -> Run:
        whom = {
            "id": str(one.customer.id),
            "name": one.name,
            "number": one.number,
            "devices": {str(text): devices[text] for text in sorted(shown) if text in devices},
        }
        leaves = tuple(
            Exhibit(placed.leaf, placed.place or 0, seen.salt, self._parts(seen, shown))
            for placed, seen in zip(one.placed, one.checked, strict=True)
        )
        return Run(whom, whom_salt(one.key.salt(export_id)), leaves)

    def _parts(self, seen: Checked, shown: frozenset[UUID]) -> dict[str, object]:
        if seen.fit is not Fit.WHOLE or seen.leaf.kind not in _SHOWN:
            return {}
        if seen.leaf.kind in TEXT_KINDS and (not self.asked.texts or seen.text_id not in shown):
            return {}
        return dict(seen.parts)

    def _by_hand(self, one: History) -> bool:
        """Whether the member wrote down an act of consent of theirs in these days."""
        return self.about.kind != "line" and any(
            seen.leaf.kind is LeafKind.CONSENT and self._concerns(placed.place, seen)
            for placed, seen in zip(one.placed, one.checked, strict=True)
        )

    def _concerns(self, place: int | None, seen: Checked) -> bool:
        about, asked, at = self.about, self.asked, when_of(seen)
        if about.kind == "new":
            return place is not None and about.first <= place < about.end
        if (asked.since is not None and at < asked.since) or (
            asked.until is not None and at >= asked.until
        ):
            return False
        if self.who.lines is not None and seen.line_id not in self.who.lines:
            return False
        return seen.line_id == about.id if about.kind == "line" else about.id in seen.members

    def _open(self, one: History) -> frozenset[UUID]:
        """The texts that are shown, each with its decisions or not at all. With what a member
        wrote goes what the customer wrote on the same line: an answer says little alone.
        """
        wrote = {
            seen.text_id: seen.line_id
            for placed, seen in zip(one.placed, one.checked, strict=True)
            if seen.leaf.kind in TEXT_KINDS
            and seen.text_id is not None
            and self._concerns(placed.place, seen)
        }
        if self.about.kind != "member":
            return frozenset(wrote)
        talks = {line for line in wrote.values() if line is not None}
        heard = {
            seen.text_id
            for seen in one.checked
            if seen.text_id is not None
            and seen.line_id in talks
            and seen.parts.get(TEXT, {}).get("direction") == "in"
            and (self.asked.since is None or seen.leaf.at >= self.asked.since)
            and (self.asked.until is None or seen.leaf.at < self.asked.until)
        }
        return frozenset(wrote) | heard
