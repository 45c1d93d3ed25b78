"""Restore: a backup is put back beside what is there, proved, and only then takes its place.

What was there stays under another name until somebody drops it; the swap is one transaction, so a
restore that is cut off has changed nothing. An older backup knows nothing of later stops and brings
back people who were erased since: what was there before is asked for both, and a list of erasures.

Not here: making a backup (`backup`), which is where its form is said.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hmac import compare_digest
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import psycopg
from psycopg import sql

from lotline.actions.context import Context
from lotline.actions.doubted import doubt_what_waited
from lotline.actions.erase import erase_again, list_erasures
from lotline.actions.restored import carry_stops_over, list_later_stops
from lotline.adapters.envelope import Envelope
from lotline.adapters.keys import KeyFile, KeyFileRefused
from lotline.cli.erase import read_erasures
from lotline.config.backup import (
    DUMP,
    FORM,
    MANIFEST,
    SEAL,
    BackupRefused,
    Server,
    count_rows,
    digest_of,
    opened_server,
    seal_of,
)
from lotline.config.settings import Settings, load_settings
from lotline.config.wiring import Names
from lotline.core.base.sealing import SealBroken
from lotline.core.gate.rulebook import load_rulebook
from lotline.store.access import record_act
from lotline.store.database import Database, Unavailable
from lotline.store.erasure import Erasure
from lotline.store.groups import load_group_ids
from lotline.store.keys import KeptKeys
from lotline.store.migrate import migrate
from lotline.store.restored import LaterStop

Erased = tuple[UUID, Erasure]


@dataclass(frozen=True, slots=True)
class Restored:
    """`kept`: the name of what was there before, or "". `erased` anew, `stops` carried over.

    `doubted`: texts that may have left since the backup. `asked`: whether what was there before
    could be asked at all.
    """

    kept: str
    erased: int = 0
    stops: int = 0
    doubted: int = 0
    asked: bool = True


def restore(words: list[str]) -> int:
    parser = argparse.ArgumentParser("lotline restore", description="put a backup back")
    parser.add_argument("file", type=Path)
    parser.add_argument("--replace", action="store_true", help="although there is data already")
    parser.add_argument(
        "--erasures", type=Path, metavar="FILE", help="what `lotline erase --list` wrote last"
    )
    asked = parser.parse_args(words)
    settings = load_settings()
    try:
        listed = read_erasures(asked.erasures) if asked.erasures else []
    except (OSError, ValueError, KeyError) as error:
        raise BackupRefused(f"{asked.erasures} is no list of erasures: {error}") from None
    with opened_server(settings) as server:
        done = read_backup(server, settings, asked.file, over_data=asked.replace, listed=listed)
    print(f"restored {asked.file}; every count matches and the root key opens it")
    print(f"{done.erased} contacts who were erased since are erased again")
    print(f"{done.stops} stops and doubts that were heard since are carried over")
    if done.doubted:
        print(f"{done.doubted} texts that waited may have left since: they are looked for first")
    if not done.asked:
        print(
            "what was there before could not be asked for later stops: compare with the carrier's"
        )
    if done.kept:
        print(f"what was there before is kept as the database {done.kept}")
    return 0


def read_backup(
    server: Server,
    settings: Settings,
    file: Path,
    *,
    over_data: bool,
    listed: Iterable[Erased] = (),
) -> Restored:
    """Restore beside, prove it, then swap."""
    with tempfile.TemporaryDirectory(prefix=".lotline-restore-", dir=file.parent) as place:
        told, seal, dump = _unpack(file, Path(place))
        manifest = _believed(settings, file, told, seal)
        if digest_of(dump) != manifest["sha256"]:
            raise BackupRefused(f"{file} was changed after it was made: its digest does not match")
        _refuse_in_use(server, over_data=over_data)
        fresh = f"{server.dbname}_restoring"
        _make_beside(server, fresh)
        try:
            server.run(
                "pg_restore", "--exit-on-error", f"--dbname={fresh}", str(dump), dbname=fresh
            )
            with server.link(fresh) as link:
                found = count_rows(link)
                _refuse_unreadable(link, settings)
            _refuse_other_counts(found, manifest["rows"])
            since = datetime.fromisoformat(manifest["made_at"])
            later = _ask_before(server, settings, since)
            again = {one for one in {*listed, *later.erased} if one[1].at >= since}
            done = _bring_up(server, settings, fresh, since, again, later.stops)
            return replace(done, kept=_swap(server, fresh), asked=later.asked)
        except BaseException:
            with server.link("postgres") as link:
                _drop(link, fresh)
            raise


def _make_beside(server: Server, fresh: str) -> None:
    """As the one it will replace: the same owner, and open to nobody else."""
    with server.link("postgres") as link:
        _drop(link, fresh)
        row = link.execute(
            "select coalesce((select pg_get_userbyid(datdba) from pg_database where datname = %s),"
            " current_user::text)",
            [server.dbname],
        ).fetchone()
        assert row is not None, "whoever asks exists"
        name, owner = sql.Identifier(fresh), sql.Identifier(row[0])
        link.execute(sql.SQL("create database {} owner {} template template0").format(name, owner))
        link.execute(sql.SQL("revoke all on database {} from public").format(name))


@dataclass(frozen=True, slots=True)
class _Later:
    """What the database that is replaced knows and the backup does not."""

    erased: frozenset[Erased] = frozenset()
    stops: dict[UUID, list[LaterStop]] = field(default_factory=dict)
    asked: bool = True


def _ask_before(server: Server, settings: Settings, since: datetime) -> _Later:
    """An empty one knows nothing; one that is broken cannot be asked, and that is said."""
    with server.link("postgres") as link:
        here = link.execute("select 1 from pg_database where datname = %s", [server.dbname])
        if here.fetchone() is None:
            return _Later()
    with server.link(server.dbname) as link:
        row = link.execute("select to_regclass('contacts') is null").fetchone()
        if row is None or row[0]:
            return _Later()
    try:
        with _context(server, settings, server.dbname) as ctx:
            return _Later(
                frozenset(list_erasures(ctx, since)), list_later_stops(ctx, since), asked=True
            )
    except (psycopg.Error, Unavailable, SealBroken):
        return _Later(asked=False)


def _bring_up(  # noqa: PLR0917  # one restore's worth of values
    server: Server,
    settings: Settings,
    fresh: str,
    since: datetime,
    erased: Iterable[Erased],
    stops: dict[UUID, list[LaterStop]],
) -> Restored:
    """To today's tables, with what holds since then, and with a word of it in the log."""
    migrate(server.at(fresh, as_owner=True))
    with _context(server, settings, fresh) as ctx:
        carried = carry_stops_over(ctx, stops)  # before the erased are: a stop outlives its person
        again = erase_again(ctx, erased)
        doubted = doubt_what_waited(ctx)
        for group_id in load_group_ids(ctx.db):
            with ctx.db.transaction(group_id) as tx:
                record_act(
                    tx,
                    ctx.new_id(),
                    "restored",
                    actor_id=None,
                    about_id=None,
                    at=ctx.now(),
                    detail={"made_at": since.isoformat(), "erased": again, "stops": carried},
                )
    return Restored("", again, carried, doubted)


@contextmanager
def _context(server: Server, settings: Settings, dbname: str) -> Iterator[Context]:
    """The house over the restored database, which speaks to no carrier."""

    def no_carrier(group_id: UUID, account: str) -> Any:
        raise BackupRefused(f"a restore sends nothing ({group_id} {account})")

    ring = Envelope(KeyFile(settings.root_key_file))
    db = Database(server.at(dbname), KeptKeys(ring), max_size=2).open()
    try:
        yield Context(
            db=db,
            ring=ring,
            now=lambda: datetime.now(UTC),  # noqa: TID251  # a wiring of its own
            new_id=Names(),
            book=load_rulebook(),
            carrier_for=no_carrier,
        )
    finally:
        db.close()


def _swap(server: Server, fresh: str) -> str:
    """Both names change or neither does."""
    now = datetime.now(UTC)  # noqa: TID251  # a name that sorts by time
    kept = f"{server.dbname}_before_{now:%Y%m%d%H%M%S%f}"
    rename = sql.SQL("alter database {} rename to {}")
    here, before, new = (sql.Identifier(name) for name in (server.dbname, kept, fresh))
    try:
        with server.link("postgres") as link, link.transaction():
            row = link.execute("select 1 from pg_database where datname = %s", [server.dbname])
            there = row.fetchone() is not None
            if there:
                link.execute(rename.format(here, before))
            link.execute(rename.format(new, here))
            # Rights on the database itself are not part of a dump.
            for role in ("lotline_owner", "lotline_app", "lotline_reader"):
                grant = sql.SQL("grant connect on database {} to {}")
                link.execute(grant.format(here, sql.Identifier(role)))
    except psycopg.errors.ObjectInUse:
        raise BackupRefused(
            "somebody has just begun to use the database; nothing changed"
        ) from None
    return kept if there else ""


def _unpack(file: Path, place: Path) -> tuple[str, bytes, Path]:
    try:
        with tarfile.open(file, mode="r:") as tar:
            told = _inside(tar, MANIFEST).read().decode()
            seal = _inside(tar, SEAL).read()
            with (place / DUMP).open("wb") as sink:
                shutil.copyfileobj(_inside(tar, DUMP), sink)
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise BackupRefused(f"{file} is not a backup of Lotline: {error}") from None
    return told, seal, place / DUMP


def _believed(settings: Settings, file: Path, told: str, seal: bytes) -> dict[str, Any]:
    """The manifest, once its seal shows that this root key's file wrote it."""
    try:
        manifest: dict[str, Any] = json.loads(told)
        form, wanted = manifest["form"], ", ".join(manifest["root_keys"])
    except (ValueError, KeyError, TypeError) as error:
        raise BackupRefused(f"{file} is not a backup of Lotline: {error}") from None
    if form != FORM:
        raise BackupRefused(f"{file} has the form {form!r}; this reads {FORM}")
    try:
        root = KeyFile(settings.root_key_file)
    except KeyFileRefused as error:
        raise BackupRefused(
            f"the root key is needed at {settings.root_key_file}: {error}"
        ) from None
    if not set(root.names) & set(manifest["root_keys"]):
        raise BackupRefused(
            f"this backup opens with root key {wanted}; "
            f"{settings.root_key_file} holds {', '.join(sorted(root.names))}"
        )
    if not compare_digest(seal_of(root, told), seal):
        raise BackupRefused(f"{file} was changed after it was made: its seal does not fit")
    return manifest


def _inside(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    found = tar.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found


def _refuse_in_use(server: Server, *, over_data: bool) -> None:
    with server.link("postgres") as link:
        here = link.execute("select 1 from pg_database where datname = %s", [server.dbname])
        if here.fetchone() is None:
            return
        busy = link.execute(
            "select count(*) from pg_stat_activity where datname = %s", [server.dbname]
        ).fetchone()
    if busy is not None and busy[0]:
        raise BackupRefused("the database is in use: stop `./dev up` (or the services) first")
    with server.link(server.dbname) as link:
        tables = link.execute("select to_regclass('groups') is not null").fetchone()
        full = tables is not None and tables[0] and count_rows(link)["groups"]
    if full and not over_data:
        raise BackupRefused("there is data already: say --replace to put the backup in its place")


def _refuse_other_counts(found: dict[str, int], told: dict[str, int]) -> None:
    if found != told:
        names = sorted(
            name for name in found.keys() | told.keys() if found.get(name) != told.get(name)
        )
        raise BackupRefused(f"the counts of {', '.join(names)} are not what the backup says")


def _refuse_unreadable(link: psycopg.Connection[tuple[Any, ...]], settings: Settings) -> None:
    """Every company's keys open, so every word that was readable is."""
    root = KeyFile(settings.root_key_file)
    for group_id, keyset in link.execute("select id, keyset_ct from groups"):
        root.unwrap(bytes(keyset), b"lotline group keyset\0" + group_id.bytes)


def _drop(link: psycopg.Connection[tuple[Any, ...]], dbname: str) -> None:
    link.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(dbname)))
