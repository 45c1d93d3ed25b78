"""The product's own processes in a hurry: a second to undo, seconds to free what a dead one held.

The very same app and worker under the clock that a test moves (`tests.browser.shifted`); what an
installation's owner may choose is chosen short, so that a test sees the end of every wait.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lotline.config import wiring
from tests.browser import shifted

CHOSEN = {"undo_s": 1, "lease_s": 4, "settle_after_s": 3, "recheck_s": 1}


def hurry(build: Callable[..., Any]) -> Callable[..., Any]:
    def built(*args: Any, **kwargs: Any) -> Any:
        ctx = build(*args, **kwargs)
        return replace(ctx, settings=replace(ctx.settings, **CHOSEN))

    return built


if __name__ == "__main__":
    wiring.build_context = hurry(wiring.build_context)
    sys.exit(shifted.main(sys.argv[1:]))
