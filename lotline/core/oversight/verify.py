"""Checking an evidence bundle with nothing but the bundle: is each thing in it what was recorded?

Every value in a bundle is held by something: shown content by its commitment, the commitment by
its leaf, the leaf by its chain and the tree, the tree by the signed checkpoint, the key by its
name or by the reader, who may hold it already. A value that nothing holds is itself a fault.

Not here: whether the history keeps the promises (`story`), files and exit codes (`cli.verify`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lotline.core.ledger.canonical import NotCanonical, canonical, parse
from lotline.core.ledger.checkpoint import (
    BadCheckpoint,
    BadNote,
    Checkpoint,
    PublicKey,
    open_note,
    read_checkpoint,
    read_public_key,
)
from lotline.core.ledger.leaf import BadLeaf, Leaf, LeafKind, commit, from_base64, read_leaf
from lotline.core.ledger.merkle import HASH_SIZE, consistent, includes
from lotline.core.oversight.content import EXPORT
from lotline.core.oversight.evidence import FORMAT, shown_digest
from lotline.core.oversight.story import Problem, Shown, Story, judge


class Unreadable(Exception):
    """The bytes are no evidence bundle of a form known here."""


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


class _Broken(Exception):
    """A check failed so that what depends on it cannot be made."""

    def __init__(self, where: str, says: str) -> None:
        super().__init__(says)
        self.problem = Problem(where, says)


class _Check:
    """One verification. Goes on after a problem wherever the rest can still be judged."""

    def __init__(self, trusted: Sequence[PublicKey]) -> None:
        self.trusted = trusted
        self.problems: list[Problem] = []
        self.origin = ""
        self.newest: Checkpoint | None = None
        self.signed_by: tuple[PublicKey, ...] = ()
        self.used: set[PublicKey] = set()

    def run(self, bundle: dict[str, Any]) -> Report:
        story = None
        try:
            _only(bundle, "bundle", {"format", "log", "chain", "beside"})
            self._log(_object(bundle["log"], "log"))
            chain = self._exhibits(bundle["chain"], "chain")
            beside = self._exhibits(bundle["beside"], "beside")
            if len(chain) == len(bundle["chain"]) and len(beside) == len(bundle["beside"]):
                self._chain(chain)
                self._beside(chain, beside)
                self._export(chain, beside)
                story, found = judge(chain, beside)
                self.problems += found
        except _Broken as broken:
            self.problems.append(broken.problem)
        return Report(
            problems=tuple(self.problems),
            origin=self.origin,
            size=self.newest.size if self.newest else 0,
            keys=self.signed_by,
            key_was_known=any(key in self.trusted for key in self.signed_by),
            story=story,
        )

    def _fail(self, where: str, says: str) -> None:
        self.problems.append(Problem(where, says))

    # --- who vouches -------------------------------------------------------------------------

    def _log(self, log: dict[str, Any]) -> None:
        _only(log, "log", {"origin", "keys", "checkpoint", "earlier"})
        self.origin = _text(log["origin"], "log.origin")
        keys = self._keys(_list(log["keys"], "log.keys"))
        self.newest, self.signed_by = self._checkpoint(log["checkpoint"], "log.checkpoint", keys)
        if self.trusted and not any(key in self.trusted for key in self.signed_by):
            self._fail("log.checkpoint", "not signed by the key you gave")
        for at, older in enumerate(_list(log["earlier"], "log.earlier")):
            try:
                self._earlier(older, f"log.earlier[{at}]", keys)
            except _Broken as broken:
                self.problems.append(broken.problem)
        for at, key in enumerate(keys):
            if key not in self.used:
                self._fail(f"log.keys[{at}]", "a key that signed nothing here")

    def _keys(self, listed: list[Any]) -> list[PublicKey]:
        keys: list[PublicKey] = []
        for at, text in enumerate(listed):
            where = f"log.keys[{at}]"
            try:
                key = read_public_key(_text(text, where))
            except BadNote as error:
                raise _Broken(where, str(error)) from error
            if key.name != self.origin or key in keys:
                raise _Broken(where, "a key of another log, or one given twice")
            keys.append(key)
        return keys

    def _checkpoint(
        self, note: Any, where: str, keys: Sequence[PublicKey]
    ) -> tuple[Checkpoint, tuple[PublicKey, ...]]:
        try:
            text, signed_by = open_note(_text(note, where), keys)
            checkpoint = read_checkpoint(text)
        except (BadNote, BadCheckpoint) as error:
            raise _Broken(where, f"the checkpoint cannot be believed: {error}") from error
        if checkpoint.origin != self.origin or text != checkpoint.text:
            raise _Broken(where, "a checkpoint of another log, or one that says more than it may")
        if note.count("\n") != text.count("\n") + 1 + len(signed_by):
            raise _Broken(where, "a signature that no listed key can check")
        self.used.update(signed_by)
        return checkpoint, signed_by

    def _earlier(self, older: Any, where: str, keys: Sequence[PublicKey]) -> None:
        _only(_object(older, where), where, {"checkpoint", "proof"})
        checkpoint, _ = self._checkpoint(older["checkpoint"], f"{where}.checkpoint", keys)
        assert self.newest is not None, "the newest is read first"
        grew = consistent(
            first=checkpoint.size,
            first_root=checkpoint.root,
            second=self.newest.size,
            second_root=self.newest.root,
            proof=_hashes(older["proof"], f"{where}.proof"),
        )
        if not grew:
            raise _Broken(where, "the log did not grow from this checkpoint: its past was changed")

    # --- what is shown -----------------------------------------------------------------------

    def _exhibits(self, listed: Any, where: str) -> list[Shown]:
        found = []
        for at, exhibit in enumerate(_list(listed, where)):
            try:
                found.append(self._exhibit(exhibit, f"{where}[{at}]"))
            except _Broken as broken:
                self.problems.append(broken.problem)
        return found

    def _exhibit(self, exhibit: Any, where: str) -> Shown:
        _only(_object(exhibit, where), where, {"index", "leaf", "proof", "shown"})
        try:
            leaf = read_leaf(canonical(exhibit["leaf"]))
        except (BadLeaf, NotCanonical) as error:
            raise _Broken(f"{where}.leaf", str(error)) from error
        index = exhibit["index"]
        if type(index) is not int:
            raise _Broken(f"{where}.index", "a place in the log is a number")
        assert self.newest is not None, "the checkpoint is read first"
        held = includes(
            leaf=leaf.hash,
            index=index,
            size=self.newest.size,
            proof=_hashes(exhibit["proof"], f"{where}.proof"),
            root=self.newest.root,
        )
        if not held:
            self._fail(where, f"leaf {index} is not in the signed log as it stands here")
        shown = _object(exhibit["shown"], f"{where}.shown")
        parts = {
            name: content
            for name, part in shown.items()
            if (content := self._part(leaf, name, part, f"{where}.shown.{name}")) is not None
        }
        return Shown(where, leaf, index, parts)

    def _part(self, leaf: Leaf, name: str, part: Any, where: str) -> Any:
        _only(_object(part, where), where, {"salt", "content"})
        try:
            digest = commit(part["content"], from_base64(_text(part["salt"], where), HASH_SIZE))
        except NotCanonical as error:
            raise _Broken(where, str(error)) from error
        if leaf.commitments.get(name) != digest:
            self._fail(where, "the content is not what the ledger committed to: it was changed")
        return _object(part["content"], f"{where}.content")

    # --- that nothing is left out ------------------------------------------------------------

    def _chain(self, chain: list[Shown]) -> None:
        previous: Shown | None = None
        for number, shown in enumerate(chain, 1):
            link = shown.leaf.link
            if link is None:
                self._fail(shown.where, "a leaf of no chain stands in the chain")
            elif link.of != (chain[0].leaf.link and chain[0].leaf.link.of):
                self._fail(shown.where, "a leaf of another contact's chain")
            elif link.seq != number:
                self._fail(shown.where, f"leaf {link.seq} of the chain stands where {number} must")
            elif link.prev != (previous and previous.leaf.hash):
                self._fail(shown.where, "it does not follow the leaf before it")
            if shown.leaf.group != chain[0].leaf.group:
                self._fail(shown.where, "a leaf of another company")
            previous = shown

    def _beside(self, chain: list[Shown], beside: list[Shown]) -> None:
        for shown in beside:
            if shown.leaf.link is not None:
                self._fail(shown.where, "a leaf of a chain stands beside the chain")
            if chain and shown.leaf.group != chain[0].leaf.group:
                self._fail(shown.where, "a leaf of another company")
        places = [shown.index for shown in (*chain, *beside)]
        if len(set(places)) != len(places):
            self._fail("chain", "two leaves are said to stand in one place of the log")

    def _export(self, chain: list[Shown], beside: list[Shown]) -> None:
        if not chain or chain[-1].leaf.kind is not LeafKind.EXPORT:
            self._fail("chain", "its end is missing: the last leaf of a bundle is its own export")
            return
        last = chain[-1]
        export = last.parts.get(EXPORT)
        if export is None or len(last.parts) != 1:
            self._fail(last.where, "the export must show what it exports, and nothing beside")
            return
        listed = [(shown.leaf, shown.parts) for shown in (*chain[:-1], *beside)]
        if export.get("shown") != shown_digest(listed):
            self._fail(last.where, "the bundle does not show what its export says it shows")


def _only(found: dict[str, Any], where: str, names: set[str]) -> None:
    if found.keys() != names:
        raise _Broken(where, f"it holds {', '.join(sorted(names))} and nothing else")


def _object(found: Any, where: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise _Broken(where, "not an object")
    return found


def _list(found: Any, where: str) -> list[Any]:
    if not isinstance(found, list):
        raise _Broken(where, "not a list")
    return found


def _text(found: Any, where: str) -> str:
    if not isinstance(found, str):
        raise _Broken(where, "not a text")
    return found


def _hashes(found: Any, where: str) -> list[bytes]:
    try:
        return [from_base64(_text(step, where), HASH_SIZE) for step in _list(found, where)]
    except NotCanonical as error:
        raise _Broken(where, str(error)) from error
