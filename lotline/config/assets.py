"""Collecting what pages link: each file under a name that changes with its content, compressed.

Done when an installation is prepared. Until then, and in tests, files are served as they lie.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

# htmx comes in more forms than the one that pages link.
_UNUSED = ("htmax*", "htmx-4*", "htmx-2.js", "ext")


def collect(to: Path) -> None:
    """Everything afresh, beside what is there, and then in its place."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")
    import django

    django.setup()
    from django.contrib.staticfiles.finders import get_finders
    from whitenoise.storage import CompressedManifestStaticFilesStorage

    fresh = to.with_name(f"{to.name}.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    store = CompressedManifestStaticFilesStorage(location=str(fresh), base_url="/static/")
    found = {}
    for finder in get_finders():
        for path, source in finder.list(list(_UNUSED)):
            if path not in found:
                found[path] = (source, path)
                with source.open(path) as content:
                    store.save(path, content)
    for name, _, outcome in store.post_process(found):
        if isinstance(outcome, Exception):
            raise OSError(f"{name} could not be collected: {outcome}") from outcome
    shutil.rmtree(to, ignore_errors=True)
    fresh.rename(to)
