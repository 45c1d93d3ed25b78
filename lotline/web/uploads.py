"""Files that people send: for whom they are taken at all, how large they may be, where they lie.

A file is looked at only once it is here, so this stands before all parsing: nobody who is not
signed in leaves one, none is larger than its page takes, and the folder is private. Whatever is
left in it when the process starts was cut off, and is removed.

Not here: what is in a file (`bring`, `profiles`).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

MB = 1 << 20
LARGEST = 256 * MB
LARGEST_AT = {"/me/bring/": 2048 * MB, "/rules/lists/": 4096 * MB}
_SPARE = 256 * MB  # of the disk, which the database needs


class Bounded(FileUploadHandler):
    """The first of the handlers: it takes no file itself, it only says no."""

    request: HttpRequest

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._length = self._got = 0

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],  # noqa: N803 - the library's own name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> Any:
        del input_data, META, boundary, encoding
        self._length = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        viewer = getattr(self.request, "viewer", None)
        if viewer is None or not viewer.active or viewer.locked:
            raise StopUpload(connection_reset=True)
        incoming = folder()
        if self._length > self._most or shutil.disk_usage(incoming).free < self._length + _SPARE:
            self._refuse()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        del start
        self._got += len(raw_data)
        if self._got > self._most:
            self._refuse()
        return raw_data

    def file_complete(self, file_size: int) -> None:
        del file_size

    @property
    def _most(self) -> int:
        return LARGEST_AT.get(self.request.path, LARGEST)

    def _refuse(self) -> None:
        self.request.upload_refused = True  # type: ignore[attr-defined]  # for the page to say so
        raise StopUpload(connection_reset=True)


def folder() -> Path:
    """Private, and there."""
    path = Path(settings.FILE_UPLOAD_TEMP_DIR or "")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def sweep(path: Path) -> int:
    """What an earlier process was cut off with is removed; how many files that were."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    left = [one for one in path.iterdir() if one.is_file() or one.is_symlink()]
    for one in left:
        one.unlink(missing_ok=True)
    return len(left)
