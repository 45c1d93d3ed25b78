"""Names of rows as a browser hands them over, in an address or a form: read, never believed.

That it is a name at all says nothing of who may see what it names: that is asked where it is used.

Not here: names in a route (the router reads those), those of programs (`edge.api`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable


def read_id(given: str) -> UUID | None:
    """None where it is no name."""
    try:
        return UUID(given)
    except ValueError:
        return None


def need_id(given: str, problem: str) -> UUID:
    """Whoever filled the form in is told `problem` where it is no name."""
    return need_ids([given], problem)[0]


def need_ids(given: Iterable[str], problem: str) -> list[UUID]:
    """The same for several, of which one that is no name spoils all."""
    try:
        return [UUID(one) for one in given]
    except ValueError:
        raise Refused(problem) from None
