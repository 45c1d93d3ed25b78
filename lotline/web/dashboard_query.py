"""What an address of the dashboard asks for, and how to write it again with something else in it.

Not here: whether the lines are within reach (`actions.dashboard`).
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest

from lotline.actions.dashboard import Asked


class Query(NamedTuple):
    """What an address asks for, and how to write it again with something else in it."""

    asked: Asked
    given: dict[str, str]

    def address(self, to: str, **more: str | None) -> str:
        given = {**self.given, **more}
        kept = {name: value for name, value in given.items() if value}
        return f"{to}?{urlencode(kept)}" if kept else to


def read_query(request: HttpRequest) -> Query:
    """Nonsense is a page that is not there."""
    given = {
        name: request.GET[name] for name in ("range", "line", "store") if request.GET.get(name)
    }
    try:
        days, last = _days(given.get("range", "7"))
        asked = Asked(
            days,
            UUID(given["line"]) if "line" in given else None,
            UUID(given["store"]) if "store" in given else None,
            last,
        )
    except ValueError as error:
        raise Http404 from error
    return Query(asked, given)


def _days(said: str) -> tuple[int, date | None]:
    first, two, last = said.partition("..")
    if two:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
        return (end - begin).days + 1, end
    return 1 if said == "today" else int(said), None
