"""Backup and restore: everything the database keeps, in one file that is unreadable without the
root key.

The root key is never in a backup; it is kept elsewhere, or a stolen backup would open itself. A
restore is made beside what is there and proved before it takes its place; what was there stays
under another name until somebody drops it.

Not here: the root key (`lotline.adapters.keys`), a server's own replication (docs/operating).
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lotline.adapters.keys import KeyFile, KeyFileRefused
from lotline.config.cluster import Cluster
from lotline.config.processes import CannotStart
from lotline.config.settings import Settings, load_settings

FORM = "lotline-backup-1"
DUMP = "database.dump"
MANIFEST = "manifest.json"
COUNTED = ("groups", "contacts", "texts", "consent_entries", "decisions", "ledger_leaves")


class BackupRefused(CannotStart):
    """It cannot be done like that; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Server:
    """A way in that sees every tenant's rows, and the programs that dump and restore."""

    dsn: str
    bindir: Path | None

    def program(self, name: str) -> str:
        if self.bindir is not None and (self.bindir / name).exists():
            return str(self.bindir / name)
        found = shutil.which(name)
        if found is None:
            raise BackupRefused(f"{name} is missing: `apt-get install postgresql-client`")
        return found

    def run(self, program: str, *words: str, dbname: str) -> None:
        """The password goes by the environment: a command line can be read by everyone."""
        parts = conninfo_to_dict(self.dsn)
        env = {
            **os.environ,
            "PGHOST": str(parts.get("host", "")),
            "PGPORT": str(parts.get("port", "5432")),
            "PGUSER": str(parts.get("user", "")),
            "PGPASSWORD": str(parts.get("password", "")),
            "PGDATABASE": dbname,
        }
        done = subprocess.run(  # noqa: S603  # our own program, words made here
            [self.program(program), "--no-password", *words],
            env=env,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            # Row-level security is the usual reason; the program's own words name no rows.
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise BackupRefused(f"{program} failed: {said[0] if said else 'it did not say why'}")

    def link(self, dbname: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(make_conninfo(self.dsn, dbname=dbname), autocommit=True)

    @property
    def dbname(self) -> str:
        return str(conninfo_to_dict(self.dsn).get("dbname") or "lotline")


def backup(words: list[str]) -> int:
    parser = argparse.ArgumentParser("lotline backup", description="write everything to one file")
    parser.add_argument("file", type=Path)
    asked = parser.parse_args(words)
    if asked.file.exists():
        raise BackupRefused(f"{asked.file} is there already; choose another name")
    settings = load_settings()
    with _server(settings) as server:
        manifest = write_backup(server, settings, asked.file)
    counts = ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in manifest["rows"].items())
    print(f"wrote {asked.file} ({asked.file.stat().st_size:,} bytes): {counts}")
    print(f"It opens only with root key {', '.join(manifest['root_keys'])}. Keep that elsewhere:")
    print(f"  {settings.root_key_file}")
    return 0


def write_backup(server: Server, settings: Settings, file: Path) -> dict[str, Any]:
    """One file, complete or not there at all."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with tempfile.TemporaryDirectory(prefix="lotline-backup-") as place:
        dump = Path(place) / DUMP
        with server.link(server.dbname) as link:
            rows = _count(link)
        server.run("pg_dump", "--format=custom", f"--file={dump}", dbname=server.dbname)
        manifest = {
            "form": FORM,
            "made_at": _now().isoformat(timespec="seconds"),
            "sha256": _digest(dump),
            "rows": rows,
            "root_keys": list(KeyFile(settings.root_key_file).names),
        }
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as sink, tarfile.open(fileobj=sink, mode="w") as tar:
                _add(tar, MANIFEST, json.dumps(manifest, indent=2).encode())
                tar.add(dump, arcname=DUMP)
                sink.flush()
                os.fsync(sink.fileno())
            draft.rename(file)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    return manifest


def restore(words: list[str]) -> int:
    parser = argparse.ArgumentParser("lotline restore", description="put a backup back")
    parser.add_argument("file", type=Path)
    parser.add_argument("--replace", action="store_true", help="although there is data already")
    asked = parser.parse_args(words)
    settings = load_settings()
    with _server(settings) as server:
        kept = read_backup(server, settings, asked.file, replace=asked.replace)
    print(f"restored {asked.file}; every count matches and the root key opens it")
    if kept:
        print(f"what was there before is kept as the database {kept}")
    return 0


def read_backup(server: Server, settings: Settings, file: Path, *, replace: bool) -> str:
    """Restore beside, prove it, then swap. Returns the name under which the old one is kept."""
    with tempfile.TemporaryDirectory(prefix="lotline-restore-") as place:
        manifest, dump = _unpack(file, Path(place))
        _refuse_in_use(server, replace=replace)
        _refuse_without_key(settings, manifest)
        fresh = f"{server.dbname}_restoring"
        with server.link("postgres") as link:
            _drop(link, fresh)
            link.execute(sql.SQL("create database {}").format(sql.Identifier(fresh)))
        try:
            server.run(
                "pg_restore", "--exit-on-error", f"--dbname={fresh}", str(dump), dbname=fresh
            )
            with server.link(fresh) as link:
                found = _count(link)
                _refuse_unreadable(link, settings)
            _refuse_other_counts(found, manifest["rows"])
        except BaseException:
            with server.link("postgres") as link:
                _drop(link, fresh)
            raise
        return _swap(server, fresh)


def _swap(server: Server, fresh: str) -> str:
    kept = f"{server.dbname}_before_{_now():%Y%m%d%H%M%S}"
    rename = sql.SQL("alter database {} rename to {}")
    with server.link("postgres") as link:
        here = link.execute("select 1 from pg_database where datname = %s", [server.dbname])
        there = here.fetchone() is not None
        if there:
            link.execute(rename.format(sql.Identifier(server.dbname), sql.Identifier(kept)))
        link.execute(rename.format(sql.Identifier(fresh), sql.Identifier(server.dbname)))
        # Rights on the database itself are not part of a dump.
        for role in ("lotline_owner", "lotline_app", "lotline_reader"):
            grant = sql.SQL("grant connect on database {} to {}")
            link.execute(grant.format(sql.Identifier(server.dbname), sql.Identifier(role)))
    return kept if there else ""


def _unpack(file: Path, place: Path) -> tuple[dict[str, Any], Path]:
    try:
        with tarfile.open(file, mode="r:") as tar:
            manifest: dict[str, Any] = json.loads(_inside(tar, MANIFEST).read())
            with (place / DUMP).open("wb") as sink:
                shutil.copyfileobj(_inside(tar, DUMP), sink)
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise BackupRefused(f"{file} is not a backup of Lotline: {error}") from None
    if manifest.get("form") != FORM:
        raise BackupRefused(f"{file} has the form {manifest.get('form')!r}; this reads {FORM}")
    if _digest(place / DUMP) != manifest["sha256"]:
        raise BackupRefused(f"{file} was changed after it was made: its digest does not match")
    return manifest, place / DUMP


def _inside(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    found = tar.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found


def _refuse_in_use(server: Server, *, replace: bool) -> None:
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
        full = tables is not None and tables[0] and any(_count(link).values())
    if full and not replace:
        raise BackupRefused("there is data already: say --replace to put the backup in its place")


def _refuse_without_key(settings: Settings, manifest: dict[str, Any]) -> None:
    try:
        held = set(KeyFile(settings.root_key_file).names)
    except (KeyFileRefused, OSError) as error:
        raise BackupRefused(
            f"the root key is needed at {settings.root_key_file}: {error}"
        ) from None
    if not held & set(manifest["root_keys"]):
        raise BackupRefused(
            f"this backup opens with root key {', '.join(manifest['root_keys'])}; "
            f"{settings.root_key_file} holds {', '.join(sorted(held))}"
        )


def _refuse_other_counts(found: dict[str, int], told: dict[str, int]) -> None:
    if found != told:
        raise BackupRefused(f"the counts differ: {found} instead of {told}")


def _refuse_unreadable(link: psycopg.Connection[tuple[Any, ...]], settings: Settings) -> None:
    root = KeyFile(settings.root_key_file)
    for group_id, keyset in link.execute("select id, keyset_ct from groups"):
        root.unwrap(bytes(keyset), b"lotline group keyset\0" + group_id.bytes)


def _count(link: psycopg.Connection[tuple[Any, ...]]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for table in COUNTED:
        found = link.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table)))
        row = found.fetchone()
        rows[table] = int(row[0]) if row is not None else 0
    return rows


def _drop(link: psycopg.Connection[tuple[Any, ...]], dbname: str) -> None:
    link.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(dbname)))


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # a command of its own, without a Context


def _digest(path: Path) -> str:
    found = sha256()
    with path.open("rb") as source:
        while block := source.read(1 << 20):
            found.update(block)
    return found.hexdigest()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = 0o600
    tar.addfile(entry, io.BytesIO(content))


@contextmanager
def _server(settings: Settings) -> Iterator[Server]:
    """Row-level security holds for tables' owners too, so a dump is taken by one above it."""
    if settings.database_url:
        print(
            "DATABASE_URL's role must be allowed to see past row-level security for this",
            file=sys.stderr,
        )
        yield Server(settings.database_url, None)
        return
    cluster = Cluster.start(settings.data)
    try:
        yield Server(cluster.dsn("superuser"), cluster.bindir)
    finally:
        cluster.stop()
