"""What is read: each page by its name, as its statements alone and as its address.

Not here: how long it takes (`reads`), what there is to read (`past`).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from lotline.actions.dashboard import Asked as Days
from lotline.actions.dashboard import see, see_newest
from lotline.actions.search import search
from lotline.config.bench.sayings import RARE, Sayings
from lotline.core.messaging.search import read_search
from lotline.store.inbox import load_inbox

if TYPE_CHECKING:
    from lotline.config.bench.grown import Grown
    from lotline.store.shown import Viewer

ZONE = ZoneInfo("America/New_York")
DEEP = 40  # pages back
_COMMON = ("truck", "price", "you", "appointment", "still", "photo", "brakes")
_NARROWED = ("from:member", "purpose:offer", "is:flagged", "is:waiting", "consent:none", "has:note")


@dataclass(frozen=True, slots=True)
class Page:
    """`given` draws what is asked; `load` asks for it as the page does, `path` is its address."""

    name: str
    in_database: float  # p99, ms
    whole: float
    given: Callable[[Viewer, Grown, random.Random], str]
    load: Callable[[Any, Viewer, str], object]
    path: Callable[[str], str]
    leads: bool = False  # for those who look after others


class _Given(dict[str, str]):
    """A query string."""

    def dict(self) -> dict[str, str]:
        return dict(self)


def _request(ctx: Any, viewer: Viewer, **given: str) -> Any:
    return SimpleNamespace(lotline=ctx, viewer=viewer, GET=_Given(given))


def _box(viewer: Viewer, place: Grown, dice: random.Random) -> str:
    del viewer, place
    return dice.choice(("mine", "team"))


def _inbox(ctx: Any, viewer: Viewer, given: str) -> None:
    from lotline.web.conversations import load_desk
    from lotline.web.desk import Filter

    load_desk(_request(ctx, viewer), Filter(box=given))


def _far_back(viewer: Viewer, place: Grown, dice: random.Random) -> str:
    """Where a page far back begins, found once by turning pages."""
    known = place.deep.setdefault(viewer.member_id, [])
    if not known:
        ctx = place.house.ctx
        with ctx.db.transaction(viewer.group_id) as tx:
            before: str | None = None
            for _ in range(DEEP):
                _, more = load_inbox(tx, viewer, box="team", before=before, now=ctx.now())
                if more is None:
                    break
                before = more
                known.append(more)
    return dice.choice(known[len(known) // 2 :] or [""])  # a short past has one page


def _deep(ctx: Any, viewer: Viewer, given: str) -> None:
    from lotline.web.conversations import load_desk
    from lotline.web.desk import Filter

    load_desk(_request(ctx, viewer, before=given), Filter(box="team"))


def _talk(viewer: Viewer, place: Grown, dice: random.Random) -> str:
    """One within reach: of the busiest, one time in four, else any."""
    talks = place.past.talks_on(viewer.line_ids)
    most = max(1, len(talks) // 100) if dice.random() < 0.25 else len(talks)
    return str(UUID(hex=talks[dice.randrange(most)]))


def _conversation(ctx: Any, viewer: Viewer, given: str) -> None:
    from lotline.web.conversations import conversation_context, load_desk
    from lotline.web.desk import Filter

    request = _request(ctx, viewer)
    loaded = load_desk(request, Filter(), UUID(given))
    assert loaded.page is not None, "it is within reach"
    conversation_context(request, loaded.page, loaded.colleagues)


def _search(ctx: Any, viewer: Viewer, given: str) -> None:
    search(ctx, viewer, read_search(given), rules={}, zone=ZONE)


def _rare(dice: random.Random) -> str:
    return Sayings.rare(int(RARE ** (0.4 + 0.6 * dice.random())))


def _sought(kind: str) -> Callable[[Viewer, Grown, random.Random], str]:
    """Rare words are those of rank 70 to 40,000."""

    def given(viewer: Viewer, place: Grown, dice: random.Random) -> str:
        del viewer, place
        common = dice.sample(_COMMON, 3)
        return {
            "one rare": _rare(dice),
            "one frequent": common[0],
            "two": " ".join((common[0], dice.choice((_rare(dice), common[1])))),
            "three": " ".join((common[0], common[1], dice.choice((_rare(dice), common[2])))),
            "narrowed": f"{dice.choice((_rare(dice), common[0]))} {dice.choice(_NARROWED)}",
        }[kind]

    return given


def _searched(kind: str) -> Page:
    return Page(
        f"search, {kind}",
        40.0,
        90.0,
        _sought(kind),
        _search,
        lambda given: f"/search/?{urlencode({'q': given})}",
    )


def _looked(ctx: Any, viewer: Viewer, given: str) -> None:
    """As the page does: the numbers, and what is written right now."""
    days = Days(days=int(given))
    see(ctx, viewer, days)
    see_newest(ctx, viewer, days)


def _dashboard(days: int, in_database: float, whole: float) -> Page:
    return Page(
        f"dashboard, {days} days",
        in_database,
        whole,
        lambda _viewer, _place, _dice: str(days),
        _looked,
        lambda given: f"/dashboard/?range={given}",
        leads=True,
    )


PAGES = (
    Page("inbox", 2.0, 40.0, _box, _inbox, lambda given: f"/inbox/?box={given}"),
    Page(
        "inbox, far back",
        2.0,
        40.0,
        _far_back,
        _deep,
        lambda given: f"/inbox/?{urlencode({'box': 'team', 'before': given})}",
    ),
    Page("conversation", 2.0, 40.0, _talk, _conversation, lambda given: f"/c/{given}/"),
    *map(_searched, ("one rare", "one frequent", "two", "three", "narrowed")),
    _dashboard(7, 20.0, 60.0),
)
MONTH = _dashboard(30, 200.0, 200.0)
