"""Journal: one JSON object a line, written before the change is made.

A line that was cut short by a crash is the last one, and is dropped. The file holds the
simulated accounts' tokens and invented customers' words, so only its owner reads it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec


class Journal:
    """A file of changes; without a path, nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        """Make its folder, if there is to be one."""
        self._path = path
        self._file: int | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)

    def read(self) -> Iterator[dict[str, Any]]:
        """Each whole line, in order."""
        if self._path is None or not self._path.exists():
            return
        for line in self._path.read_bytes().splitlines():
            try:
                yield msgspec.json.decode(line, type=dict[str, Any])
            except msgspec.DecodeError:
                return

    def rewrite(self, changes: Iterable[dict[str, Any]]) -> None:
        """Replace the file at one stroke, then go on at its end."""
        if self._path is None:
            return
        fresh = self._path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in changes))
        fresh.replace(self._path)
        self.close()
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND)

    def write(self, change: dict[str, Any]) -> None:
        """Append one line; the system has it when this returns, so `kill -9` loses nothing."""
        if self._file is not None:
            os.write(self._file, msgspec.json.encode(change) + b"\n")

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
