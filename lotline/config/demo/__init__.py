"""The demo town: an invented dealer group to open on, made by the product's own acts.

Not here: the customers' phones, which are the simulator's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lotline.config.settings import Settings


def seed(settings: Settings) -> None:
    """The town, made once and kept."""
    from lotline.config.demo.seeding import seed as make

    make(settings)


def introduce(settings: Settings) -> bool:
    """The simulator is told of us; True when it was told everything."""
    from lotline.config.demo.introducing import introduce as tell

    return tell(settings)
