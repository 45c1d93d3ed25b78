"""Words of texts and notes, kept as keyed hashes so that sealed words can be searched.

A hash is 64 bits under the group's own key: the same word of two groups has two hashes, and a dump
shows which texts share a word, never which word. A text's row is written in the statement that
writes the text, so there is none that cannot be found.

Not here: which words there are (`core.base.words`), what a search asks (`search`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from lotline.core.base.sealing import SealBroken
from lotline.core.base.words import words_in
from lotline.store.sealed import contact_key, open_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lotline.core.base.sealing import GroupKeys
    from lotline.store.database import Tx

AT_ONCE = 500
_FIRST = UUID(int=0)


def hashes_of(keys: GroupKeys, text: str) -> list[int]:
    """One for each word of a text, once."""
    return sorted({keys.word(word) for word in words_in(text)})


def written(keys: GroupKeys, text: str) -> str:
    """As a statement takes it for one row of many: an array of arrays would be one flat one."""
    return "{" + ",".join(map(str, hashes_of(keys, text))) + "}"


class Sought(NamedTuple):
    """Words to look for: under the newest version of the hash key, and under the one before."""

    now: list[int]
    before: list[int] | None


def sought(keys: GroupKeys, words: Iterable[str]) -> Sought:
    """A row's hashes are all of one version, so a search asks for one version or the other."""
    versions = [keys.words(word) for word in sorted(set(words))]
    older = [both[1] for both in versions if len(both) > 1]
    return Sought(
        [both[0] for both in versions], older if len(older) == len(versions) > 0 else None
    )


def forget_words(tx: Tx, contact_id: UUID) -> None:
    """Of everything that was said with somebody who is erased."""
    tx.run("words.forget", contact_id=contact_id)


class Behind(NamedTuple):
    """How far a walk came, and what it wrote."""

    last: UUID | None
    done: int


def record_missing(tx: Tx, kind: str, after: UUID | None, *, anew: bool = False) -> Behind:
    """A stretch of texts or notes, in order; `anew` writes also those that have a row.

    What an erased key sealed gets an empty row: there is nothing left to be found by.
    """
    rows = tx.all(f"words.{kind}s_behind", after=after or _FIRST, limit=AT_ONCE, anew=anew)
    if not rows:
        return Behind(None, 0)
    said = []
    for row in rows:
        key = contact_key(tx, row.contact_id, row.key_wrapped, row.erased_at)
        try:
            words = open_words(key, row.body_ct, f"{kind}s", "body_ct", tx.group_id, row.id)
        except SealBroken:
            words = ""
        said.append(written(tx.keys, words))
    tx.run(
        "words.record",
        ids=[row.id for row in rows],
        lines=[row.line_id for row in rows],
        kind=kind,
        words=said,
    )
    return Behind(rows[-1].id, len(rows))
