"""Collecting what pages link: each file under a name that changes with its content, compressed.

Done when an installation is prepared; our own scripts and sheets lose their comments and margins
then. Until then, and in tests, files are served as they lie.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rjsmin import jsmin

# htmx comes in more forms than the one that pages link.
_UNUSED = ("htmax*", "htmx-4*", "htmx-2.js", "ext")


_STAMP = "collected-from"
_REMARKS = re.compile(rb"/\*.*?\*/", re.DOTALL)
_AROUND_SIGNS = re.compile(rb"\s*([{};])\s*")


def collect(to: Path) -> None:
    """Everything afresh, beside what is there and then in its place, unless nothing changed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")
    import django

    django.setup()
    from django.contrib.staticfiles.finders import get_finders
    from django.core.files.base import ContentFile
    from whitenoise.storage import CompressedManifestStaticFilesStorage

    found = {
        path: (source, path)
        for finder in reversed(list(get_finders()))
        for path, source in finder.list(list(_UNUSED))
    }
    made_from = _digest(found)
    stamp = to / _STAMP
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == made_from:
        return
    fresh = to.with_name(f"{to.name}.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    store = CompressedManifestStaticFilesStorage(location=str(fresh), base_url="/static/")
    for path, (source, _) in found.items():
        with source.open(path) as content:
            store.save(path, ContentFile(shrink(path, content.read())))
    for name, _, outcome in store.post_process({path: (store, path) for path in found}):
        if isinstance(outcome, Exception):
            raise OSError(f"{name} could not be collected: {outcome}") from outcome
    (fresh / _STAMP).write_text(made_from, encoding="utf-8")
    shutil.rmtree(to, ignore_errors=True)
    fresh.rename(to)


def shrink(path: str, content: bytes) -> bytes:
    """What a browser is sent of a file of ours: the same without what only people read."""
    least: dict[str, Callable[[bytes], bytes]] = {"js": jsmin, "css": _shrink_sheet}
    folder = path.partition("/")[0]
    return least[folder](content) if folder in least else content


def _shrink_sheet(sheet: bytes) -> bytes:
    """Only what can never mean anything: in a selector a space does ("a :is(b)")."""
    return _AROUND_SIGNS.sub(rb"\1", _REMARKS.sub(b"", sheet))


def _digest(found: dict[str, tuple[Any, str]]) -> str:
    """Of every name and every content."""
    sum_ = hashlib.sha256()
    for path, (source, _) in sorted(found.items()):
        with source.open(path) as content:
            sum_.update(path.encode() + b"\0" + content.read())
    return sum_.hexdigest()
