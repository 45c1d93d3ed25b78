"""What every action is given: the database, the clock, names for new rows, the rulebook, carriers.

Nothing here is chosen here: the wiring chooses it once for the house, a test chooses its own.

Not here: who acts (a `Viewer`), what is done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from lotline.actions.errors import ClockWentBack, NotYours
from lotline.core.messaging.phone import BadExport, Export, OpenExport
from lotline.store.database import Crossed

if TYPE_CHECKING:
    from lotline.core.base.sealing import Keyring
    from lotline.core.carriers.port import Carrier
    from lotline.core.gate.rulebook import Rulebook
    from lotline.store.database import Database
    from lotline.store.shown import Viewer

CROSSED_MAX = 5
CLOCK_SLACK = timedelta(minutes=2)  # clocks are set by a moment now and then, and that is fine

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the installation's owner chose that actions need to know."""

    public_url: str = "http://127.0.0.1:8700"
    simulator_url: str = ""  # where an invented carrier runs beside us, if one does
    undo_s: int = 10
    lease_s: int = 20  # how long a claim holds until the text is marked; a killed worker costs that
    settle_after_s: int = 60  # a text in `sending` for longer was cut off by a crash
    recheck_s: int = 300  # how long an unknown text waits between looks at the carrier's list
    give_up_s: int = 3600  # then a person decides
    exports: str = "exports"  # the folder that scheduled evidence is sealed into
    private_webhooks: bool = False  # others inside the network may be told, and by plain HTTP


def no_export(_path: Path) -> Export:
    """A house that reads no phones."""
    raise BadExport("This house can’t read phone exports.")


@dataclass(frozen=True, slots=True)
class Context:
    """The house, as an action sees it. `carrier_for(group, account)` speaks to a carrier."""

    db: Database
    ring: Keyring
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]
    book: Rulebook
    carrier_for: Callable[[UUID, str], Carrier]
    settings: Chosen = field(default_factory=Chosen)
    open_export: OpenExport = no_export  # a phone's export, as a file
    # Rulebooks as houses read them, by the rulebook's digest and the house's choice.
    books: dict[tuple[str, UUID], Rulebook] = field(default_factory=dict)


def must_reach(viewer: Viewer, line_id: UUID) -> None:
    """What lies on a line outside the viewer's reach is not there for them."""
    if not viewer.active or viewer.locked or line_id not in viewer.line_ids:
        raise NotYours


def must_trust(now: datetime, *on_record: datetime | None) -> None:
    """Nothing is judged by a clock that stands before what it stamped itself (P9)."""
    if any(one is not None and one - now > CLOCK_SLACK for one in on_record):
        raise ClockWentBack


def again(act: Callable[[], T]) -> T:
    """Run an action's transaction, once more when it crossed another's and did nothing."""
    for _ in range(CROSSED_MAX - 1):
        try:
            return act()
        except Crossed:
            continue
    return act()
