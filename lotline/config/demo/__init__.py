"""The demo town: an invented dealer group to open on, made by the product's own acts.

Not here: the customers' phones, which are the simulator's.
"""

from __future__ import annotations

from lotline.config.demo.introducing import introduce
from lotline.config.demo.seeding import seed

__all__ = ["introduce", "seed"]
