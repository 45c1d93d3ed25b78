"""Whether a data directory was made ready by this very version, so that a start need not ask again.

The stamp says what was prepared and from what; it is believed only while the program's files, the
libraries, the way we are called and the list of migrations in the database are all as it says, and
only for the embedded database. Anything else, and everything is prepared as at the first start.

Not here: preparing (`prepare`), starting (`up`).
"""

from __future__ import annotations

import hashlib
import json
import os
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from lotline.config.cluster import write_private

if TYPE_CHECKING:
    from lotline.config.settings import Settings

_STAMP = "prepared.json"
_SEEN = "select count(*) || ' ' || coalesce(max(applied)::text, '') from django_migrations"


def may_be_prepared(settings: Settings) -> bool:
    """Whether nothing in sight has changed; the database itself is asked by `still_prepared`."""
    told = _stamp_of(settings)
    return (
        told is not None
        and told.get("code") == _code(settings)
        and not (settings.data / "setup.json").exists()
        and settings.root_key_file.exists()
        and settings.secret_key_file.exists()
        and (settings.data / "static").is_dir()
        and (not settings.demo or (settings.data / "demo.json").exists())
    )


def still_prepared(settings: Settings, owner_dsn: str) -> bool:
    """Whether the database has the migrations that it had then."""
    told = _stamp_of(settings)
    return told is not None and told.get("migrations") == _migrations(owner_dsn)


def record_prepared(settings: Settings, owner_dsn: str) -> None:
    """All is ready, as of now."""
    said = {"code": _code(settings), "migrations": _migrations(owner_dsn)}
    write_private(settings.data / _STAMP, json.dumps(said))


def forget_prepared(data: Path) -> None:
    """The next start makes everything ready again."""
    (data / _STAMP).unlink(missing_ok=True)


def _stamp_of(settings: Settings) -> dict[str, str] | None:
    if settings.database_url:  # what somebody else may change is asked each time
        return None
    try:
        told = json.loads((settings.data / _STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _migrations(owner_dsn: str) -> str | None:
    try:
        with psycopg.connect(owner_dsn) as link:
            row = link.execute(_SEEN).fetchone()
    except psycopg.Error:
        return None
    return None if row is None else str(row[0])


def _code(settings: Settings) -> str:
    """Our files by size and time, the libraries by their versions, and how we are called."""
    digest = hashlib.sha256(f"{settings.url} {settings.demo} {settings.simulator_url}".encode())
    root = Path(__file__).resolve().parents[1]
    for line in sorted(_files(str(root))):
        digest.update(line.encode())
    try:
        libraries = sorted(one.name for one in Path(sysconfig.get_path("purelib")).iterdir())
    except OSError:
        libraries = []
    digest.update("\n".join(one for one in libraries if one.endswith("-info")).encode())
    return digest.hexdigest()


def _files(folder: str) -> list[str]:
    found = []
    with os.scandir(folder) as several:
        for one in several:
            if one.is_dir(follow_symlinks=False):
                if one.name != "__pycache__":
                    found += _files(one.path)
            else:
                told = one.stat()
                found.append(f"{one.path} {told.st_size} {told.st_mtime_ns}")
    return found
