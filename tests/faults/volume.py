"""A small volume that a test may fill: a tmpfs of its own, where the system lets us mount one.

Not here: filling it (`strikes`).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE_MB = 420


@contextmanager
def small_volume(folder: Path) -> Iterator[bool]:
    """Whether `folder` is one now. It goes with the block."""
    options = f"size={SIZE_MB}m,mode=0711"
    command = ["mount", "-t", "tmpfs", "-o", options, "lotline-faults", str(folder)]
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(command, check=False, capture_output=True).returncode
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)
