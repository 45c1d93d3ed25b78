"""Words for texts and notes that were kept before words were, or under an older hash key.

Stretch by stretch, each a transaction of its own, so that texting goes on beside it and a run that
was cut off goes on where nothing is written yet.

Not here: the words of what comes in and goes out now (written with the text itself).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from lotline.store.words import record_missing

if TYPE_CHECKING:
    from lotline.actions.context import Context

KINDS = ("text", "note")


class Stretch(NamedTuple):
    """Where the next one begins, None at the end, and how many this one wrote."""

    next: UUID | None
    done: int


def write_words(
    ctx: Context, group_id: UUID, kind: str, after: UUID | None = None, *, anew: bool = False
) -> Stretch:
    """One stretch of texts or notes. `anew`: also those that have their words."""
    assert kind in KINDS, "words are a text's or a note's"
    with ctx.db.transaction(group_id) as tx:
        return Stretch(*record_missing(tx, kind, after, anew=anew))
