"""The product's own processes under a clock that a test moves.

A moved clock is no setting of the product. This entry stands where `python -m lotline.config...`
stands in an installation: the context that the composition root builds gets another `now`, read
from a file that the test writes, and the very same app, worker or preparation is started with it.

Not here: what is started (`house`), anything that the product does differently: there is nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lotline.config import wiring
from lotline.config.demo.past import PastNames

CLOCK_FILE = "LOTLINE_TEST_CLOCK"


class ShiftedClock:
    """Goes on like the real one, by so many seconds away from it as the file says."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self._path.read_text()))


def shift(build: Callable[..., Any]) -> Callable[..., Any]:
    """The composition root's `build_context`, with the clock and the names that grow with it."""
    clock: Any = ShiftedClock(Path(os.environ[CLOCK_FILE]))

    def built(*args: Any, **kwargs: Any) -> Any:
        return replace(build(*args, **kwargs), now=clock, new_id=PastNames(clock))

    return built


def main(words: list[str]) -> int:
    """`web PORT [ADDRESS]`, `worker`, or a word of the `lotline` command."""
    wiring.build_context = shift(wiring.build_context)
    if words[0] == "web":
        import uvicorn

        from lotline.config.asgi import app

        uvicorn.run(
            app,
            host=words[2] if len(words) > 2 else "127.0.0.1",
            port=int(words[1]),
            access_log=False,
            server_header=False,
            log_level="warning",
            timeout_graceful_shutdown=1,
        )
        return 0
    if words[0] == "worker":
        from lotline.config import worker

        return worker.main()
    from lotline.config.entry import main as lotline

    return lotline(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
