"""Checking a bundle about many customers, one customer at a time, in the memory of one.

What holds for one customer's bundle holds for each run: linked without a gap from its first leaf,
its last leaf in the signed log, every shown part what was committed to, no text after a stop and
none without a decision. And the export names every run, whom it is about and what it shows.

Not here: one customer's bundle (`verify`), the form of it (`many`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from lotline.core.ledger.canonical import NotCanonical, canonical, instant, parse, read_instant
from lotline.core.ledger.checkpoint import PublicKey
from lotline.core.ledger.leaf import Leaf, LeafKind, commit, from_base64
from lotline.core.ledger.merkle import HASH_SIZE
from lotline.core.oversight.checking import (
    Broken,
    Checking,
    Unreadable,
    a_list,
    a_text,
    an_object,
    only,
)
from lotline.core.oversight.content import EXPORT, TEXT
from lotline.core.oversight.many import (
    FORMAT,
    WHOM,
    Digest,
    is_many,
    read_head,
    read_lines,
)
from lotline.core.oversight.story import Problem, Shown, judge_beside, judge_run

PROBLEMS_MAX = 1000  # then it is broken enough


@dataclass(slots=True)
class ManyReport:
    """What came of it. Whole only without problems."""

    origin: str = ""
    size: int = 0
    keys: tuple[PublicKey, ...] = ()
    key_was_known: bool = False
    problems: list[Problem] = field(default_factory=list)
    export: dict[str, Any] | None = None
    made_at: datetime | None = None
    customers: int = 0
    leaves: int = 0
    withheld: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def whole(self) -> bool:
        """Nothing in the bundle contradicts the signed log."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Told:
    """A checked run, for whoever tells it on."""

    whom: dict[str, Any]
    leaves: tuple[Shown, ...]


Teller = Callable[[Told], None]


def verify_many(
    source: IO[bytes],
    trusted: Sequence[PublicKey] = (),
    *,
    tell: Teller | None = None,
    opens: Callable[[dict[str, Any], Sequence[Shown]], None] | None = None,
) -> ManyReport:
    """Check everything, once through. `opens` is handed the export and what stands beside before
    any run is read, `tell` each run. Raises `Unreadable`.
    """
    first = source.readline(1 << 28)
    if not is_many(first):
        raise Unreadable("not a bundle about many, or not laid out as one")
    try:
        head = read_head(first)
    except NotCanonical as error:
        raise Unreadable(f"not a bundle: {error}") from error
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise Unreadable(f"not a bundle in the form {FORMAT}")
    return _Check(trusted, tell).run(head, read_lines(source), opens)


class _Check(Checking):
    """One verification."""

    def __init__(self, trusted: Sequence[PublicKey], tell: Teller | None) -> None:
        super().__init__(trusted)
        self.tell = tell
        self.digest = Digest()
        self.report = ManyReport(problems=self.problems)
        self.group: Any = None
        self.before = ""

    def run(
        self,
        head: dict[str, Any],
        lines: Iterable[bytes],
        opens: Callable[[dict[str, Any], Sequence[Shown]], None] | None,
    ) -> ManyReport:
        try:
            only(head, "bundle", {"format", "log", "export", "beside"})
            self.check_log(an_object(head["log"], "log"))
            export = self.read_exhibit(head["export"], "export")
            self.group = export.leaf.group
            beside = self.read_exhibits(head["beside"], "beside")
            self._export(export)
            self._beside(export, beside)
            if opens is not None and self.report.export is not None:
                opens(self.report.export, beside)
            for at, line in enumerate(lines):
                self._line(line, f"runs[{at}]")
                if len(self.problems) >= PROBLEMS_MAX:
                    self.fail("bundle", "so much is broken that the rest was not looked at")
                    break
            shown = self.digest.end((one.leaf.hash, one.parts) for one in beside)
            if self.report.export is not None and self.report.export.get("shown") != shown:
                self.fail("export", "the bundle does not show what its export says it shows")
        except Broken as broken:
            self.problems.append(broken.problem)
        self.report.origin = self.origin
        self.report.size = self.newest.size if self.newest else 0
        self.report.keys = self.signed_by
        self.report.key_was_known = self.key_was_known
        return self.report

    def _export(self, shown: Shown) -> None:
        part = shown.parts.get(EXPORT)
        if shown.leaf.kind is not LeafKind.EXPORT or shown.leaf.link is not None:
            raise Broken("export", "not the leaf of an export of many")
        if part is None or len(shown.parts) != 1 or part.get("id") != str(shown.leaf.id):
            raise Broken("export", "the export must show what it exports, and nothing beside")
        company = part.get("group")
        if not isinstance(company, dict) or company.get("id") != str(self.group):
            self.fail("export", "the export is of another company")
        try:
            self.report.made_at = read_instant(a_text(part.get("made_at"), "export"))
        except NotCanonical as error:
            raise Broken("export", str(error)) from error
        self.report.export = part
        self._count([shown])

    def _beside(self, export: Shown, beside: Sequence[Shown]) -> None:
        for shown in beside:
            if shown.leaf.link is not None or shown.leaf.group != self.group:
                self.fail(shown.where, "a leaf of a chain, or of another company")
        places = [shown.index for shown in (export, *beside)]
        if len(set(places)) != len(places):
            self.fail("beside", "two leaves are said to stand in one place of the log")
        self.problems += judge_beside(beside)
        self._count(beside)

    def _line(self, line: bytes, where: str) -> None:
        try:
            run = parse(line)
        except NotCanonical as error:
            raise Broken(where, "the file is cut off or its form is broken here") from error
        only(an_object(run, where), where, {"index", "leaves", "proof", WHOM})
        assert isinstance(run, dict), "just seen"
        if canonical(run) != line:
            self.fail(where, "it was written anew: not laid out as the ledger writes it")
        whom, committed = self._whom(run[WHOM], f"{where}.{WHOM}")
        leaves = self._leaves(a_list(run["leaves"], where), where)
        if not leaves:
            raise Broken(where, "a customer without a leaf")
        self._linked(leaves, whom)
        self.check_place(leaves[-1].leaf, run, where)
        self.digest.take(committed, ((one.leaf.hash, one.parts) for one in leaves))
        _, problems = judge_run(leaves)
        self.problems += problems
        self.report.customers += 1
        self._count(leaves)
        if self.tell is not None:
            self.tell(Told(whom, tuple(leaves)))

    def _whom(self, given: Any, where: str) -> tuple[dict[str, Any], bytes]:
        only(an_object(given, where), where, {"salt", "content"})
        try:
            digest = commit(given["content"], from_base64(a_text(given["salt"], where), HASH_SIZE))
        except NotCanonical as error:
            raise Broken(where, str(error)) from error
        whom = an_object(given["content"], where)
        only(whom, where, {"id", "name", "number", "devices"})
        if a_text(whom["id"], where) <= self.before:
            self.fail(where, "customers stand in the order of their ids, each once")
        self.before = whom["id"]
        return whom, digest

    def _leaves(self, listed: list[Any], where: str) -> list[Shown]:
        found = []
        for at, one in enumerate(listed):
            here = f"{where}.leaves[{at}]"
            only(an_object(one, here), here, {"leaf", "shown"})
            leaf = self.read_the_leaf(one["leaf"], here)
            here = f"{here}, {leaf.kind.value} {leaf.id} of {instant(leaf.at)}"
            found.append(Shown(here, leaf, -1, self.read_parts(leaf, one["shown"], here)))
        return found

    def _linked(self, leaves: Sequence[Shown], whom: dict[str, Any]) -> None:
        previous: Leaf | None = None
        for number, shown in enumerate(leaves, 1):
            link = shown.leaf.link
            if link is None or str(link.of) != whom["id"] or shown.leaf.group != self.group:
                self.fail(shown.where, "a leaf of another chain or company")
            elif link.seq != number:
                self.fail(shown.where, f"leaf {link.seq} of the chain stands where {number} must")
            elif link.prev != (previous and previous.hash):
                self.fail(shown.where, "it does not follow the leaf before it")
            previous = shown.leaf

    def _count(self, shown: Sequence[Shown]) -> None:
        self.report.leaves += len(shown)
        for one in shown:
            self.report.withheld += len(one.leaf.commitments) - len(one.parts)
            if one.parts:
                self.report.kinds[one.leaf.kind.value] += 1
            if one.leaf.kind is LeafKind.TEXT and TEXT in one.parts:
                self.report.kinds["text " + str(one.parts[TEXT].get("direction"))] += 1
