"""Noise: random bytes from the kernel, fetched a few thousand at a time.

Each fetch lets go of the interpreter, and under load a thread waits for milliseconds to get it
back: three fetches for each text cost more than all its cryptography. Every byte is given out once;
threads and forked children never share a piece. For what is no secret by itself: nonces, ids.

Not here: keys, which are drawn from the kernel each by itself (`envelope`).
"""

from __future__ import annotations

import os
import threading

_PIECE = 4096


class _Rest(threading.local):
    """What this thread fetched and has not given out."""

    def __init__(self) -> None:
        super().__init__()
        self.data = b""
        self.at = 0


_rest = _Rest()


def noise(size: int) -> bytes:
    """So many bytes that nobody had before and nobody can foresee."""
    at = _rest.at
    if at + size > len(_rest.data):
        _rest.data, at = os.urandom(max(_PIECE, size)), 0
    _rest.at = at + size
    return _rest.data[at : at + size]


def _forget() -> None:
    _rest.data, _rest.at = b"", 0


os.register_at_fork(after_in_child=_forget)
