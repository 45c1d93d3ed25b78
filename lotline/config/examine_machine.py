"""The machine: what was chosen, the data directory, the key files, the disk.

Needs no database, so it says something even when nothing else can be asked.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from lotline.adapters.keys import KeyFile, KeyFileRefused
from lotline.config.examined import Examined, bad, fine, odd
from lotline.config.settings import Settings

_HERE = {"127.0.0.1", "localhost", "::1"}
DISK_FAIL = 200_000_000
DISK_WARN = 2_000_000_000
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def examine_machine(settings: Settings) -> Iterator[Examined]:
    """In the order in which a person would look."""
    yield _address(settings)
    yield from _data(settings.data)
    yield _root_key(settings.root_key_file)
    yield _secret_key(settings.secret_key_file)
    yield _disk(settings.data)


def _address(settings: Settings) -> Examined:
    if settings.secure:
        return fine("address", f"people reach us at {settings.url}")
    if settings.host in _HERE:
        return odd(
            "address",
            f"people reach us at {settings.url}, from this machine alone",
            "set LOTLINE_URL to the https address that others use",
        )
    return bad(
        "address",
        f"{settings.url} is not encrypted: passwords and texts could be read on the way",
        "put a proxy with TLS in front, and set LOTLINE_URL to its https address",
    )


def _data(data: Path) -> Iterator[Examined]:
    if not data.is_dir():
        yield bad(
            "data directory", f"{data} is not there", "`lotline up` makes it; or LOTLINE_DATA"
        )
        return
    seen = data.stat()
    if seen.st_uid != os.geteuid():
        yield bad(
            "data directory",
            f"{data} belongs to user {seen.st_uid}, this program runs as {os.geteuid()}",
            f"run this as that user, or: chown -R {os.geteuid()} {data}",
        )
        return
    if seen.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield bad("data directory", f"others may write in {data}", f"chmod go-w {data}")
        return
    for name in ("keys", "log", "roles"):
        place = data / name
        if place.is_dir() and place.stat().st_mode & _OTHERS & ~stat.S_IXOTH & ~stat.S_IXGRP:
            yield bad("data directory", f"others may look into {place}", f"chmod 700 {place}")
            return
    yield fine("data directory", str(data))


def _root_key(path: Path) -> Examined:
    try:
        names = KeyFile(path).names
    except KeyFileRefused as error:
        return bad("root key", str(error), "see docs/keys.md; without it nothing can be read")
    if path.with_name(path.name + ".new").exists():
        return odd(
            "root key",
            f"a rotation of {path} was cut short",
            f"if none runs now: rm {path}.new, then `lotline keys rotate-root`",
        )
    if len(names) > 1:
        return odd(
            "root key",
            f"{len(names)} root keys are in {path}",
            "once no backup needs the older ones: lotline keys retire",
        )
    return fine("root key", f"{names[0]} in {path}; keep a copy apart from the backups")


def _secret_key(path: Path) -> Examined:
    try:
        seen = path.stat()
    except OSError:
        return bad(
            "secret key",
            f"{path} is missing: every restart signs everybody out",
            "`lotline prepare` makes it",
        )
    if seen.st_mode & _OTHERS:
        return bad(
            "secret key", f"others may read {path}", f"chmod 600 {path}, then make a new one"
        )
    return fine("secret key", str(path))


def _disk(data: Path) -> Examined:
    try:
        usage = shutil.disk_usage(data)
    except OSError as error:
        return bad("disk", f"it cannot be asked: {error.strerror}", "look at the data directory")
    free = f"{usage.free / 1e9:.1f} GB free of {usage.total / 1e9:.0f}"
    if usage.free < DISK_FAIL:
        return bad("disk", free, "make room now: a full disk stops texts from being taken")
    if usage.free < DISK_WARN:
        return odd("disk", free, "make room soon")
    return fine("disk", free)
