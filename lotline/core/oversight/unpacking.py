"""Opening a package from outside: a stranger's ZIP, refused unless it is what we hand out.

Everything is judged by its directory before a byte is unpacked, and the bundle is then read piece
by piece, so a package can swell no further than evidence ever does.

Not here: making one (`package`), judging the bundle (`verify`, `verify_many`).
"""

from __future__ import annotations

import stat
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from lotline.core.oversight.checking import Unreadable
from lotline.core.oversight.evidence import BUNDLE

LARGEST_BUNDLE = 1 << 30
# What we hand out shrinks to a tenth at most: hashes and salts hardly shrink. More is a bomb.
TIGHTEST = 100
MOST_FILES = 16
_CHUNK = 1 << 16
_ENCRYPTED = 0x1


def open_package(source: IO[bytes]) -> IO[bytes]:
    """The bundle of a package, to be read piece by piece; else `Unreadable` says why not."""
    try:
        zipped = ZipFile(source)
    # No end of a central directory, or one that does not add up: whoever made it, it is no ZIP.
    except BadZipFile as error:
        raise Unreadable("a package that is cut off, or no ZIP") from error
    listed = zipped.infolist()
    if len(listed) > MOST_FILES:
        raise Unreadable("a package with more files than one of ours")
    for entry in listed:
        _must_be_ours(entry)
    found = [entry for entry in listed if entry.filename == BUNDLE]
    if len(found) != 1:
        raise Unreadable(f"a package with {len(found)} files named {BUNDLE}; one of ours has one")
    try:
        return _Guarded(zipped.open(found[0]))
    # The entry's own header says otherwise than the directory did (another name, overlapping).
    except BadZipFile as error:
        raise Unreadable("a package whose parts contradict each other") from error


def _must_be_ours(entry: ZipInfo) -> None:
    """Whatever unpacks it, nothing may land outside a folder, swell, or be asked a password."""
    name, mode = entry.filename, entry.external_attr >> 16
    if name.startswith("/") or "/" in name or "\\" in name or ":" in name or "\0" in name:
        raise Unreadable("a package that names a file outside itself")
    if mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        raise Unreadable("a package with something in it that is no plain file")
    if entry.flag_bits & _ENCRYPTED:
        raise Unreadable("a package under a password; ours have none")
    if entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise Unreadable("a package that is packed in another way than ours")
    if entry.file_size > LARGEST_BUNDLE:
        raise Unreadable("larger than any bundle")
    if entry.file_size > TIGHTEST * entry.compress_size + _CHUNK:
        raise Unreadable("a package that swells beyond what evidence ever does")


class _Guarded(BytesIO):
    """An entry while it is read: what is wrong with its bytes makes it unreadable, nothing else."""

    def __init__(self, entry: IO[bytes]) -> None:
        super().__init__()
        self._entry = entry

    def read(self, size: int | None = -1, /) -> bytes:
        return self._asked(lambda: self._entry.read(-1 if size is None else size))

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._asked(lambda: self._entry.readline(-1 if size is None else size))

    def _asked(self, ask: Callable[[], bytes]) -> bytes:
        try:
            return ask()
        # Its sum is not that of its bytes, which were changed or cut off after it was packed.
        except BadZipFile as error:
            raise Unreadable("a package whose bundle was changed in it: its sum is off") from error
        # The packed bytes are no deflate stream, or end in the middle of one.
        except (zlib.error, EOFError) as error:
            raise Unreadable("a package whose bundle does not unpack") from error
