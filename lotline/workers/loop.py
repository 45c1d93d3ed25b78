"""The loop: steps one after another while there is work, then sleep until there is more.

The only place that sleeps. It is woken by a notification, by the next moment at which something
is due, or after a second at most, so a lost notification costs a second and nothing else.

Not here: any work (`sender`, `sequencer`, `reconciler`, `timers`).
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lotline.store.database import Crossed, Unavailable
from lotline.store.events import WORK_CHANNEL
from lotline.store.listen import Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LONGEST_SLEEP_S = 1.0
TROUBLE_SLEEP_S = 1.0

log = logging.getLogger("lotline.worker")


@dataclass(slots=True)
class Step:
    """One kind of work. `every_s` spaces out what need not be asked for all the time."""

    name: str
    do: Callable[[], bool]
    every_s: float = 0.0
    _next: float = field(default=0.0)

    def is_due(self, now: float) -> bool:
        return now >= self._next

    def run(self, now: float) -> bool:
        self._next = now + self.every_s
        return self.do()


class Loop:
    """Runs its steps until it is told to stop, and then finishes what is in hand."""

    def __init__(self, steps: Sequence[Step], direct_dsn: str, stopping: threading.Event) -> None:
        self._steps = steps
        self._dsn = direct_dsn
        self._stopping = stopping

    def run(self) -> None:
        """Until stopped. A step that fails is logged by its class and tried again later."""
        with Listener(self._dsn, WORK_CHANNEL) as listener:
            while not self._stopping.is_set():
                if not self.once():
                    self._sleep(listener)

    def once(self) -> bool:
        """Each step that is due, once. True while any of them did something."""
        worked = False
        for step in self._steps:
            if self._stopping.is_set():
                return False
            now = time.monotonic()
            if step.is_due(now):
                worked = self._attempt(step, now) or worked
        return worked

    def _attempt(self, step: Step, now: float) -> bool:
        try:
            return step.run(now)
        except (Unavailable, Crossed) as trouble:
            log.warning("%s waits for the database: %s", step.name, type(trouble).__name__)
        except Exception as trouble:  # noqa: BLE001  # a process boundary: one step's fault must not end the others; its words may hold a customer's, so only its class and place are said
            log.error("%s failed: %s at %s", step.name, type(trouble).__name__, _place(trouble))  # noqa: TRY400  # the message may quote a row
        self._stopping.wait(TROUBLE_SLEEP_S)
        return False

    def _sleep(self, listener: Listener) -> None:
        if listener.wait(LONGEST_SLEEP_S) is None:
            self._stopping.wait(LONGEST_SLEEP_S)


def _place(trouble: BaseException) -> str:
    """Where it happened, in our own words: file and line, never a value."""
    trace = trouble.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "nowhere"
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
