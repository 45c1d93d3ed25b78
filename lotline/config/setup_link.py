"""The one link by which a fresh installation gets its first owner.

It is written for whoever can read the data directory, works for a week, and is spent as soon as
there is a company; the next start of a house without one writes another.

Not here: the page behind it (`web.first_run`).
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from django.core import signing

from lotline.config.wiring import build_context
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from pathlib import Path

    from lotline.config.settings import Settings

SALT = "lotline.setup"  # as `web.first_run` reads it


def setup_file(data: Path) -> Path:
    return data / "setup.json"


def offer_setup(settings: Settings) -> None:
    """Write the link, or take it away once it is spent."""
    told = setup_file(settings.data)
    ctx = build_context(settings, connections=1)
    try:
        founded = bool(load_group_ids(ctx.db))
    finally:
        ctx.db.close()
    if founded:
        told.unlink(missing_ok=True)
        return
    secret = settings.secret_key_file.read_text(encoding="utf-8").strip()
    key = signing.dumps("setup", key=secret, salt=SALT)
    beside = told.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"url": f"{settings.url}/start/owner/?key={key}"}, file)
    beside.replace(told)
