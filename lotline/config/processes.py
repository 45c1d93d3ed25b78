"""What we ask of the system about processes: that children end with us, and who a number is.

Not here: which processes there are (`up`, `cluster`).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1


class CannotStart(RuntimeError):
    """Something of ours cannot run here; the message says why, and what would help."""


def die_with(parent: int, farewell: signal.Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: ask the kernel to send the child `farewell` when its parent dies.

    The signal follows the thread that forked. Other systems than Linux have no such thing; there
    an orphan is attached to, or taken over, at the next start.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)  # loaded before the fork: after it, only calls are safe

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, farewell)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def is_postgres(pid: int) -> bool:
    """Whether this number is a live postgres; a zombie and a stranger are not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    proc = Path(f"/proc/{pid}/stat")
    if not proc.exists():
        return sys.platform != "linux"
    try:
        name, _, rest = proc.read_text().partition("(")[2].rpartition(")")
    except OSError:
        return False
    return name.startswith("postgres") and rest.split()[0] not in {"Z", "X"}
