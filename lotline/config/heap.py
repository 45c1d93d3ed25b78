"""What a program loads stays for its life: the collector need not look through it again.

A full collection of all that the web has loaded holds every thread for more than a tenth of a
second, whoever waits for an answer with them. What is there once loading is over is set aside; what
comes after is little, and looked through in no time.

Not here: how much is kept of what (each cache says so itself).
"""

from __future__ import annotations

import gc
import threading

AFTER_S = (5.0, 60.0)  # nobody waits for it at the start; later all that pages need is there too
YOUNG = 10_000  # containers made before the youngest are looked through; 700 is Python's own


def set_heap_aside() -> list[threading.Timer]:
    """Soon, and once more when the rest has been loaded, by the timers that run until then."""
    gc.set_threshold(YOUNG)
    timers = [threading.Timer(seconds, _freeze) for seconds in AFTER_S]
    for timer in timers:
        timer.daemon = True
        timer.start()
    return timers


def _freeze() -> None:
    gc.collect()
    gc.freeze()
