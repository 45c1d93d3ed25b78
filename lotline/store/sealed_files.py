"""A file that is unreadable without the root key, written and read piece by piece.

Each file has a key of its own, wrapped by the root key and bound to the file's name, so that
whoever holds the root key opens it without a database. Pieces are numbered and the last one says
that it is: a file that is cut short, or whose pieces were moved, does not open.

Not here: what is in it (`actions.scheduled`), any cryptography (`lotline.adapters.envelope`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import IO

from lotline.core.base.sealing import Keyring, SealBroken

FORM = b"lotline-sealed/1\n"
SUFFIX = ".sealed"
PIECE = 1 << 20
_TEMPORARY = ".part"
_SIZE, _PLACE = Struct(">I"), Struct(">QB")
_BROKEN = "the file was changed or cut short, or is not the one of that name"


def write_sealed(ring: Keyring, folder: Path, name: str, source: IO[bytes]) -> Path:
    """The whole file is there under its name, or nothing is: written beside and renamed."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path, beside = folder / name, folder / f"{name}{_TEMPORARY}"
    with suppress(FileNotFoundError):
        beside.unlink()
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sink:
        for piece in _sealed(ring, name, source):
            sink.write(piece)
        sink.flush()
        os.fsync(sink.fileno())
    beside.replace(path)
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)  # else a power cut could take the name back
    finally:
        os.close(directory)
    return path


def forget_parts(folder: Path) -> None:
    """What a crash left half written."""
    for one in folder.glob(f"*{_TEMPORARY}"):
        with suppress(FileNotFoundError):
            one.unlink()


def read_sealed(ring: Keyring, path: Path) -> Iterator[bytes]:
    """What was sealed, piece by piece, or `SealBroken`."""
    with path.open("rb") as source:
        if source.read(len(FORM)) != FORM:
            raise SealBroken("not a sealed file")
        wrapped = source.read(_size(source))
        key = ring.open_file_key(path.name, wrapped)
        for place in range(1 << 40):
            (last,) = source.read(1) or b"\xff"
            sealed = source.read(_size(source))
            yield key.open(sealed, _PLACE.pack(place, last))
            if last:
                if source.read(1):
                    raise SealBroken(_BROKEN)
                return


def _sealed(ring: Keyring, name: str, source: IO[bytes]) -> Iterator[bytes]:
    made = ring.new_file_key(name)
    key, wrapped = made.key, made.wrapped
    yield FORM + _SIZE.pack(len(wrapped)) + wrapped
    piece, place = source.read(PIECE), 0
    while True:
        following = source.read(PIECE) if piece else b""
        last = int(not following)
        sealed = key.seal(piece, _PLACE.pack(place, last))
        yield bytes((last,)) + _SIZE.pack(len(sealed)) + sealed
        if last:
            return
        piece, place = following, place + 1


def _size(source: IO[bytes]) -> int:
    found = source.read(_SIZE.size)
    if len(found) != _SIZE.size:
        raise SealBroken(_BROKEN)
    size: int = _SIZE.unpack(found)[0]
    if size > 2 * PIECE:
        raise SealBroken(_BROKEN)
    return size
