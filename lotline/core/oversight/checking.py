"""Checking what a bundle holds against the log that it shows: the signed checkpoint, older ones,
each leaf with its proof, each shown part against its commitment.

Goes on after a problem wherever the rest can still be judged.

Not here: that nothing is left out of one customer's chain (`verify`), of many (`verify_many`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lotline.core.ledger.canonical import NotCanonical, canonical
from lotline.core.ledger.checkpoint import (
    BadCheckpoint,
    BadNote,
    Checkpoint,
    PublicKey,
    open_note,
    read_checkpoint,
    read_public_key,
)
from lotline.core.ledger.leaf import BadLeaf, Leaf, commit, from_base64, read_leaf
from lotline.core.ledger.merkle import HASH_SIZE, consistent, includes
from lotline.core.oversight.story import Problem, Shown


class Unreadable(Exception):
    """The bytes are no evidence bundle of a form known here."""


class Broken(Exception):
    """A check failed so that what depends on it cannot be made."""

    def __init__(self, where: str, says: str) -> None:
        super().__init__(says)
        self.problem = Problem(where, says)


class Checking:
    """What every form of bundle is held to."""

    def __init__(self, trusted: Sequence[PublicKey]) -> None:
        self.trusted = trusted
        self.problems: list[Problem] = []
        self.origin = ""
        self.newest: Checkpoint | None = None
        self.signed_by: tuple[PublicKey, ...] = ()
        self.used: set[PublicKey] = set()

    @property
    def key_was_known(self) -> bool:
        """Whether one of the reader's own keys signed."""
        return any(key in self.trusted for key in self.signed_by)

    def fail(self, where: str, says: str) -> None:
        self.problems.append(Problem(where, says))

    # --- who vouches -------------------------------------------------------------------------

    def check_log(self, log: dict[str, Any]) -> None:
        only(log, "log", {"origin", "keys", "checkpoint", "earlier"})
        self.origin = a_text(log["origin"], "log.origin")
        keys = self._keys(a_list(log["keys"], "log.keys"))
        self.newest, self.signed_by = self._checkpoint(log["checkpoint"], "log.checkpoint", keys)
        if self.trusted and not any(key in self.trusted for key in self.signed_by):
            self.fail("log.checkpoint", "not signed by the key you gave")
        for at, older in enumerate(a_list(log["earlier"], "log.earlier")):
            try:
                self._earlier(older, f"log.earlier[{at}]", keys)
            except Broken as broken:
                self.problems.append(broken.problem)
        for at, key in enumerate(keys):
            if key not in self.used:
                self.fail(f"log.keys[{at}]", "a key that signed nothing here")

    def _keys(self, listed: list[Any]) -> list[PublicKey]:
        keys: list[PublicKey] = []
        for at, text in enumerate(listed):
            where = f"log.keys[{at}]"
            try:
                key = read_public_key(a_text(text, where))
            except BadNote as error:
                raise Broken(where, str(error)) from error
            if key.name != self.origin or key in keys:
                raise Broken(where, "a key of another log, or one given twice")
            keys.append(key)
        return keys

    def _checkpoint(
        self, note: Any, where: str, keys: Sequence[PublicKey]
    ) -> tuple[Checkpoint, tuple[PublicKey, ...]]:
        try:
            text, signed_by = open_note(a_text(note, where), keys)
            checkpoint = read_checkpoint(text)
        except (BadNote, BadCheckpoint) as error:
            raise Broken(where, f"the checkpoint cannot be believed: {error}") from error
        if checkpoint.origin != self.origin or text != checkpoint.text:
            raise Broken(where, "a checkpoint of another log, or one that says more than it may")
        if note.count("\n") != text.count("\n") + 1 + len(signed_by):
            raise Broken(where, "a signature that no listed key can check")
        self.used.update(signed_by)
        return checkpoint, signed_by

    def _earlier(self, older: Any, where: str, keys: Sequence[PublicKey]) -> None:
        only(an_object(older, where), where, {"checkpoint", "proof"})
        checkpoint, _ = self._checkpoint(older["checkpoint"], f"{where}.checkpoint", keys)
        assert self.newest is not None, "the newest is read first"
        grew = consistent(
            first=checkpoint.size,
            first_root=checkpoint.root,
            second=self.newest.size,
            second_root=self.newest.root,
            proof=hashes(older["proof"], f"{where}.proof"),
        )
        if not grew:
            raise Broken(where, "the log did not grow from this checkpoint: its past was changed")

    # --- what is shown -----------------------------------------------------------------------

    def read_exhibits(self, listed: Any, where: str) -> list[Shown]:
        found = []
        for at, exhibit in enumerate(a_list(listed, where)):
            try:
                found.append(self.read_exhibit(exhibit, f"{where}[{at}]"))
            except Broken as broken:
                self.problems.append(broken.problem)
        return found

    def read_exhibit(self, exhibit: Any, where: str) -> Shown:
        only(an_object(exhibit, where), where, {"index", "leaf", "proof", "shown"})
        leaf = self.read_the_leaf(exhibit["leaf"], where)
        index = self.check_place(leaf, exhibit, where)
        return Shown(where, leaf, index, self.read_parts(leaf, exhibit["shown"], where))

    def read_the_leaf(self, leaf: Any, where: str) -> Leaf:
        try:
            return read_leaf(canonical(leaf))
        except (BadLeaf, NotCanonical) as error:
            raise Broken(f"{where}.leaf", str(error)) from error

    def check_place(self, leaf: Leaf, given: dict[str, Any], where: str) -> int:
        """Where the leaf stands, by its proof."""
        index = given["index"]
        if type(index) is not int:
            raise Broken(f"{where}.index", "a place in the log is a number")
        assert self.newest is not None, "the checkpoint is read first"
        held = includes(
            leaf=leaf.hash,
            index=index,
            size=self.newest.size,
            proof=hashes(given["proof"], f"{where}.proof"),
            root=self.newest.root,
        )
        if not held:
            self.fail(where, f"leaf {index} is not in the signed log as it stands here")
        return index

    def read_parts(self, leaf: Leaf, given: Any, where: str) -> dict[str, Any]:
        shown = an_object(given, f"{where}.shown")
        return {
            name: content
            for name, part in shown.items()
            if (content := self.read_part(leaf, name, part, f"{where}.shown.{name}")) is not None
        }

    def read_part(self, leaf: Leaf, name: str, part: Any, where: str) -> Any:
        only(an_object(part, where), where, {"salt", "content"})
        try:
            digest = commit(part["content"], from_base64(a_text(part["salt"], where), HASH_SIZE))
        except NotCanonical as error:
            raise Broken(where, str(error)) from error
        if leaf.commitments.get(name) != digest:
            self.fail(where, "the content is not what the ledger committed to: it was changed")
        return an_object(part["content"], f"{where}.content")


def only(found: dict[str, Any], where: str, names: set[str]) -> None:
    if found.keys() != names:
        raise Broken(where, f"it holds {', '.join(sorted(names))} and nothing else")


def an_object(found: Any, where: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise Broken(where, "not an object")
    return found


def a_list(found: Any, where: str) -> list[Any]:
    if not isinstance(found, list):
        raise Broken(where, "not a list")
    return found


def a_text(found: Any, where: str) -> str:
    if not isinstance(found, str):
        raise Broken(where, "not a text")
    return found


def hashes(found: Any, where: str) -> list[bytes]:
    try:
        return [from_base64(a_text(step, where), HASH_SIZE) for step in a_list(found, where)]
    except NotCanonical as error:
        raise Broken(where, str(error)) from error
