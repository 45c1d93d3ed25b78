"""Opt-in pages: the wording that customers read, and the page of each line.

A wording that lacks an element of a written yes is refused here, so no page can show one. Links
and printed codes stay as they are: a page shows the newest wording, and each yes names its own.

Not here: the customer's yes on a page (`consent`), drawing it (`web.optin`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.context import must_reach
from lotline.actions.errors import Refused
from lotline.core.consent.wording import missing_from, wording_name
from lotline.core.people.roles import may_change_rules, may_record_consent
from lotline.store.access import record_act
from lotline.store.groups import load_group
from lotline.store.optin import (
    find_slug,
    load_newest_wording,
    record_page,
    record_wording,
    show_wording,
)

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.database import Tx
    from lotline.store.shown import Viewer

LONGEST = 4000
_SLUG_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # none is taken for another
_SLUG_LENGTH = 8


def write_wording(ctx: Context, viewer: Viewer, body: str) -> UUID:
    """The next version, shown by every page from now on."""
    must(viewer, may_change_rules)
    words = "\n".join(line.strip() for line in body.strip().splitlines())
    if not words or len(words) > LONGEST:
        raise Refused("Write what customers agree to.")
    with ctx.db.transaction(viewer.group_id) as tx:
        lacking = missing_from(words, load_group(tx).name)
        if lacking:
            raise Refused(" ".join(lacking.values()))
        newest = load_newest_wording(tx)
        if newest is not None and newest.body == words:
            return newest.id
        wording_id, at = ctx.new_id(), ctx.now()
        record_wording(tx, wording_id, wording_name(), words, at)
        show_wording(tx, wording_id)
        record_act(
            tx,
            ctx.new_id(),
            "wording",
            actor_id=viewer.member_id,
            about_id=wording_id,
            at=at,
        )
        return wording_id


def page_of(ctx: Context, viewer: Viewer, line_id: UUID) -> str:
    """The slug of the line's page, which is opened if it has none."""
    must(viewer, may_record_consent)
    must_reach(viewer, line_id)
    with ctx.db.transaction(viewer.group_id) as tx:
        slug = find_slug(tx, line_id)
        return slug if slug is not None else _open(ctx, tx, line_id)


def _open(ctx: Context, tx: Tx, line_id: UUID) -> str:
    wording = load_newest_wording(tx)
    if wording is None:
        raise Refused("An owner has to write the opt-in wording first.")
    place = tx.only("lines.one", line_id=line_id, line_ids=[line_id])
    slug = _slug_of(line_id)
    record_page(
        tx,
        slug=slug,
        store_id=place.store_id,
        line_id=line_id,
        wording_id=wording.id,
        at=ctx.now(),
    )
    return slug


def _slug_of(line_id: UUID) -> str:
    """Names nobody: it stands in clear in a table that is asked before any company is known."""
    number, letters = line_id.int & ((1 << 62) - 1), ""
    for _ in range(_SLUG_LENGTH):
        number, place = divmod(number, len(_SLUG_LETTERS))
        letters += _SLUG_LETTERS[place]
    return letters
