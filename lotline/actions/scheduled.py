"""Evidence by the clock: everything new since the last file, sealed into a folder, each once.

A file covers a stretch of the log, and the next begins where it ended, so nothing is left out and
nothing is in two. It is written beside its name and renamed when it is whole; what a crash left is
put away by the next run. A failure is kept where people look.

Not here: what is in a bundle (`evidence_many`), the seal (`store.sealed_files`).
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from lotline.actions.allowed import must
from lotline.actions.errors import Refused
from lotline.actions.evidence import Asked
from lotline.actions.evidence_many import ExportedMany, export_many_by_command
from lotline.actions.evidence_walk import About
from lotline.actions.retention import FILES, note_run
from lotline.core.oversight.retention import before_of, class_named, months_of
from lotline.core.people.roles import may_change_rules
from lotline.store.access import record_act
from lotline.store.exports import load_customers_of_places
from lotline.store.retention import load_choices
from lotline.store.scheduled import (
    File,
    is_recorded,
    load_condition,
    load_old_files,
    load_reached,
    record_choice,
    record_failure,
    record_file,
)
from lotline.store.sealed_files import SUFFIX, forget_parts, write_sealed
from lotline.store.walk import load_extent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from lotline.actions.context import Context
    from lotline.store.shown import Viewer

EVERY = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
NEVER = "never"
PURPOSE = "Scheduled export"
AGAIN_AFTER = timedelta(hours=1)
SLACK = timedelta(minutes=5)  # so that a nightly run does not creep round the clock
_STRETCH_MIN = 64


def choose(ctx: Context, viewer: Viewer, every: str, *, texts: bool) -> None:
    """The owner says how often."""
    must(viewer, may_change_rules)
    if every not in {NEVER, *EVERY}:
        raise Refused("Choose daily, weekly or never.")
    now = ctx.now()
    with ctx.db.transaction(viewer.group_id) as tx:
        record_choice(tx, ctx.new_id(), every, texts=texts, by=viewer.member_id, at=now)
        record_act(
            tx,
            ctx.new_id(),
            "export_scheduled",
            actor_id=viewer.member_id,
            about_id=None,
            at=now,
            detail={"every": every, "texts": texts},
        )


def export_if_due(ctx: Context, group_id: UUID) -> File | None:
    """The file that was made; None when none was due. What goes wrong is kept and said."""
    now = ctx.now()
    with ctx.db.transaction(group_id) as tx:
        condition = load_condition(tx, 1)
        chosen = condition.chosen
        reached, last = load_reached(tx)
        end = load_extent(tx).signed
    if chosen is None or chosen.every == NEVER:
        return None
    if last is not None and now - last < EVERY[chosen.every] - SLACK:
        return None
    failed = condition.failed_at
    if failed is not None and condition.failing and now - failed < AGAIN_AFTER:
        return None
    try:
        with _alone(_folder(ctx, group_id)) as mine:
            return _export(ctx, group_id, reached, end, texts=chosen.texts) if mine else None
    # Whatever the folder or the disk has against it is the owner's to see, not the worker's end.
    except (OSError, Refused) as error:
        why = f"{type(error).__name__}: {getattr(error, 'strerror', None) or error}"
        with ctx.db.transaction(group_id) as tx:
            record_failure(tx, ctx.new_id(), why, now)
        return None


def retire_files(ctx: Context, group_id: UUID) -> int:
    """Files that are older than they are kept go from the folder."""
    folder, now, gone = _folder(ctx, group_id), ctx.now(), 0
    with ctx.db.transaction(group_id) as tx:
        before = before_of(months_of(class_named(FILES), load_choices(tx)), now)
        if before is None:
            return 0
        for name in load_old_files(tx, before):
            with suppress(FileNotFoundError):
                (folder / name).unlink()
                gone += 1
        if gone:
            note_run(ctx, tx, FILES, before, gone)
    return gone


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """One process at a time in a folder: what another has not recorded yet is no leftover."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(lock)


def _folder(ctx: Context, group_id: UUID) -> Path:
    return Path(ctx.settings.exports) / str(group_id)


def _export(ctx: Context, group_id: UUID, first: int, end: int, *, texts: bool) -> File | None:
    folder = _folder(ctx, group_id)
    _put_away(ctx, group_id, folder)
    with ctx.db.transaction(group_id) as tx:
        anything = first < end and load_customers_of_places(tx, first, end)
    if not anything:
        return _record(ctx, group_id, File(first, end, "", 0, ctx.now()), None, b"")
    made, end = _made(ctx, group_id, first, end, texts=texts)
    name = f"evidence-{first}-{end}-{made.export_id}.zip{SUFFIX}"
    data = made.file.getbuffer()
    write_sealed(ctx.ring, folder, name, made.file)
    file = File(first, end, name, data.nbytes, ctx.now())
    kept = _record(ctx, group_id, file, made.export_id, sha256(data).digest())
    if kept is None:
        (folder / name).unlink()
    return kept


def _made(
    ctx: Context, group_id: UUID, first: int, end: int, *, texts: bool
) -> tuple[ExportedMany, int]:
    """As much of the stretch as one file holds; the rest is of the next."""
    while True:
        about = About("new", None, first, end)
        try:
            asked = Asked(PURPOSE, texts=texts)
            return export_many_by_command(ctx, group_id, about, asked, name="the clock"), end
        except Refused:
            if end - first <= _STRETCH_MIN:
                raise
            end = first + (end - first) // 2


def _record(
    ctx: Context, group_id: UUID, file: File, export_id: UUID | None, digest: bytes
) -> File | None:
    if file.first >= file.end:
        return None
    with ctx.db.transaction(group_id) as tx:
        kept = record_file(tx, ctx.new_id(), file, export_id=export_id, sha256=digest)
    return file if kept else None


def _put_away(ctx: Context, group_id: UUID, folder: Path) -> None:
    """Parts, and whole files that were never recorded: their stretch is made anew."""
    forget_parts(folder)
    with ctx.db.transaction(group_id) as tx:
        for one in folder.glob(f"evidence-*{SUFFIX}"):
            if not is_recorded(tx, one.name):
                one.unlink(missing_ok=True)
