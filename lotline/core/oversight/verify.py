"""Checking an evidence bundle with nothing but the bundle: is each thing in it what was recorded?

Every value in a bundle is held by something: shown content by its commitment, the commitment by
its leaf, the leaf by its chain and the tree, the tree by the signed checkpoint, the key by its
name or by the reader, who may hold it already. A value that nothing holds is itself a fault.

Not here: proofs and signatures (`checking`), whether the history keeps the promises (`story`),
files and exit codes (`cli.verify`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lotline.core.ledger.canonical import NotCanonical, parse
from lotline.core.ledger.checkpoint import PublicKey
from lotline.core.ledger.leaf import LeafKind
from lotline.core.oversight.checking import Broken, Checking, Unreadable, an_object, only
from lotline.core.oversight.content import EXPORT
from lotline.core.oversight.evidence import FORMAT, shown_digest
from lotline.core.oversight.story import Problem, Shown, Story, judge


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it. Whole only without problems; the rest says what the bundle is about."""

    problems: tuple[Problem, ...]
    origin: str
    size: int
    keys: tuple[PublicKey, ...]  # who signed the newest checkpoint
    key_was_known: bool
    story: Story | None

    @property
    def whole(self) -> bool:
        """Nothing in the bundle contradicts the signed log."""
        return not self.problems


def verify_bundle(data: bytes, trusted: Sequence[PublicKey] = ()) -> Report:
    """Check everything. `trusted` are keys the reader has from elsewhere; without one the bundle's
    own key is believed, and the report says so. Raises `Unreadable`.
    """
    try:
        bundle = parse(data)
    except NotCanonical as error:
        raise Unreadable(f"not a bundle: {error}") from error
    if not isinstance(bundle, dict) or bundle.get("format") != FORMAT:
        raise Unreadable(f"not a bundle in the form {FORMAT}")
    return _Check(trusted).run(bundle)


class _Check(Checking):
    """One verification of one customer's bundle."""

    def run(self, bundle: dict[str, Any]) -> Report:
        story = None
        try:
            only(bundle, "bundle", {"format", "log", "chain", "beside"})
            self.check_log(an_object(bundle["log"], "log"))
            chain = self.read_exhibits(bundle["chain"], "chain")
            beside = self.read_exhibits(bundle["beside"], "beside")
            if len(chain) == len(bundle["chain"]) and len(beside) == len(bundle["beside"]):
                self._chain(chain)
                self._beside(chain, beside)
                self._export(chain, beside)
                story, found = judge(chain, beside)
                self.problems += found
        except Broken as broken:
            self.problems.append(broken.problem)
        return Report(
            problems=tuple(self.problems),
            origin=self.origin,
            size=self.newest.size if self.newest else 0,
            keys=self.signed_by,
            key_was_known=self.key_was_known,
            story=story,
        )

    # --- that nothing is left out ------------------------------------------------------------

    def _chain(self, chain: list[Shown]) -> None:
        previous: Shown | None = None
        for number, shown in enumerate(chain, 1):
            link = shown.leaf.link
            if link is None:
                self.fail(shown.where, "a leaf of no chain stands in the chain")
            elif link.of != (chain[0].leaf.link and chain[0].leaf.link.of):
                self.fail(shown.where, "a leaf of another contact's chain")
            elif link.seq != number:
                self.fail(shown.where, f"leaf {link.seq} of the chain stands where {number} must")
            elif link.prev != (previous and previous.leaf.hash):
                self.fail(shown.where, "it does not follow the leaf before it")
            if shown.leaf.group != chain[0].leaf.group:
                self.fail(shown.where, "a leaf of another company")
            previous = shown

    def _beside(self, chain: list[Shown], beside: list[Shown]) -> None:
        for shown in beside:
            if shown.leaf.link is not None:
                self.fail(shown.where, "a leaf of a chain stands beside the chain")
            if chain and shown.leaf.group != chain[0].leaf.group:
                self.fail(shown.where, "a leaf of another company")
        places = [shown.index for shown in (*chain, *beside)]
        if len(set(places)) != len(places):
            self.fail("chain", "two leaves are said to stand in one place of the log")

    def _export(self, chain: list[Shown], beside: list[Shown]) -> None:
        if not chain or chain[-1].leaf.kind is not LeafKind.EXPORT:
            self.fail("chain", "its end is missing: the last leaf of a bundle is its own export")
            return
        last = chain[-1]
        export = last.parts.get(EXPORT)
        if export is None or len(last.parts) != 1:
            self.fail(last.where, "the export must show what it exports, and nothing beside")
            return
        listed = [(shown.leaf, shown.parts) for shown in (*chain[:-1], *beside)]
        if export.get("shown") != shown_digest(listed):
            self.fail(last.where, "the bundle does not show what its export says it shows")
