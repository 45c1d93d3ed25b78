"""Somebody searches: what is found within their reach, and for those who look after others, that
they searched.

The entry holds which filters were used and how much was found; what was looked for is sealed in it,
since it may name a customer.

Not here: reading a search (`core.messaging.search`), finding (`store.search`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lotline.actions.allowed import must_be_here
from lotline.actions.counting import follow_counts
from lotline.store.access import record_act
from lotline.store.contacts import load_contacts
from lotline.store.sealed import seal_words
from lotline.store.search import Found, load_search

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from lotline.actions.context import Context
    from lotline.core.messaging.search import Search
    from lotline.store.shown import ContactRow, Viewer

SEARCHED = "searched"
CUSTOMERS_MAX = 6


class Answer(NamedTuple):
    """Customers whose name or number it is, and texts and notes; `whole` unless it asks for what
    is not counted yet.
    """

    customers: list[ContactRow]
    found: Found
    whole: bool = True


def search(
    ctx: Context,
    viewer: Viewer,
    asked: Search,
    *,
    rules: dict[str, list[str]],
    zone: ZoneInfo,
    before: str = "",
) -> Answer:
    """One page. A page further on is the same search, and is not written down again."""
    must_be_here(viewer)
    whole = True
    if any(term.name == "consent" for term in asked.terms):
        # How a customer stood then is known from what is counted, as the dashboard's numbers are.
        whole = follow_counts(ctx, viewer.group_id)
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_search(tx, viewer, asked, rules=rules, zone=zone, before=before)
        customers: list[ContactRow] = []
        if not before and (called := _called(asked)):
            customers, _ = load_contacts(tx, viewer, q=called, limit=CUSTOMERS_MAX)
        if viewer.sees_attempts and not before:
            act_id = ctx.new_id()
            sealed = seal_words(tx.keys, str(asked), "access_acts", "detail", tx.group_id, act_id)
            record_act(
                tx,
                act_id,
                SEARCHED,
                actor_id=viewer.member_id,
                about_id=None,
                at=ctx.now(),
                detail={
                    "filters": sorted({term.name for term in asked.filters}),
                    "texts": len(found.texts),
                    "sealed": sealed.hex(),
                },
            )
    return Answer(customers, found, whole)


def _called(asked: Search) -> str:
    """What may be somebody's name or number: the words, or whom the search names as customer."""
    if asked.filters and not asked.values("customer"):
        return ""
    plain = [term.value for term in asked.terms if not term.name and not term.no]
    return " ".join(asked.values("customer") or plain)
