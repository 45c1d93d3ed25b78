"""What a program loads stays for its life: the collector need not look through it again.

A full collection of all that the web has loaded holds every thread for more than a tenth of a
second, whoever waits for an answer with them. What is there once loading is over is set aside; what
comes after is little, and looked through in no time.

Not here: how much is kept of what (each cache says so itself).
"""

from __future__ import annotations

import gc
import threading

LOADED_S = 60.0  # by then the first pages have loaded what only they need
YOUNG = 10_000  # containers made before the youngest are looked through; 700 is Python's own


def set_heap_aside() -> threading.Timer:
    """Now, and once more when the rest has been loaded, by the timer that is running then."""
    gc.set_threshold(YOUNG)
    _freeze()
    later = threading.Timer(LOADED_S, _freeze)
    later.daemon = True
    later.start()
    return later


def _freeze() -> None:
    gc.collect()
    gc.freeze()
