"""By when something is owed: business days, counted by the rulebook's own calendars.

Two counts, each the stricter for its use. The law's outer limit counts weekdays that are no federal
holiday. The house's own answer to a doubt counts every day but Sundays and those holidays, so that
silence becomes a stop sooner rather than later.

Not here: what happens then (`actions`), the days themselves (`rulebook`).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from lotline.core.gate.rules.book import Book

_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6
_LIST = "federal"


def honour_by(book: Book, said_at: datetime, zone: str) -> date:
    """The last day on which the law lets a stop by any door be carried out."""
    on = said_at.astimezone(ZoneInfo(zone)).date()
    left: int = book.law["stop"]["business_days"]
    while left:
        on += _DAY
        left -= on.weekday() < _SATURDAY and on not in book.holidays[_LIST]
    return on


def answer_by(book: Book, asked_at: datetime, zone: str) -> datetime:
    """When a doubt that nobody answered becomes a stop: the same hour, one business day later."""
    place = ZoneInfo(zone)
    local = asked_at.astimezone(place)
    on = local.date() + _DAY
    while on.weekday() == _SUNDAY or on in book.holidays[_LIST]:
        on += _DAY
    # An hour that the clocks leave out is the one after it; of one that comes twice, the first.
    return datetime.combine(on, local.timetz().replace(fold=0)).astimezone(asked_at.tzinfo)
