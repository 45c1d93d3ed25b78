"""Backup: everything the database keeps, in one file that is unreadable without the root key.

The root key is never in a backup; it is kept elsewhere, or a stolen backup would open itself. What
is counted and what is dumped is one instant of a database that goes on being used.

Not here: putting one back (`restoring`), the root key (`lotline.adapters.keys`), a server's own
replication (docs/operating).
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
from typing import Any

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
SEAL = "manifest.seal"


class BackupRefused(CannotStart):
    """It cannot be done like that; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Server:
    """A way in that sees every tenant's rows, and the programs that dump and restore."""

    dsn: str
    bindir: Path | None = None
    owner: str = ""  # as who tables are changed; "" when `dsn` is theirs

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
        return psycopg.connect(self.at(dbname), autocommit=True)

    def at(self, dbname: str, *, as_owner: bool = False) -> str:
        """The way into another database of this server."""
        return make_conninfo(self.owner or self.dsn if as_owner else self.dsn, dbname=dbname)

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
    with opened_server(settings) as server:
        manifest = write_backup(server, settings, asked.file)
    size = asked.file.stat().st_size
    many = sum(manifest["rows"].values())
    print(f"wrote {asked.file}: {size:,} bytes, {many} rows of {len(manifest['rows'])} tables")
    print(f"It opens only with root key {', '.join(manifest['root_keys'])}. Keep that elsewhere:")
    print(f"  {settings.root_key_file}")
    return 0


def write_backup(server: Server, settings: Settings, file: Path) -> dict[str, Any]:
    """One file, complete or not there at all."""
    try:
        root = KeyFile(settings.root_key_file)
    except KeyFileRefused as error:
        raise BackupRefused(f"a backup that nobody can open is none: {error}") from None
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with tempfile.TemporaryDirectory(prefix=".lotline-backup-", dir=file.parent) as place:
        dump = Path(place) / DUMP
        made_at = datetime.now(UTC)  # noqa: TID251  # a command of its own, without a Context
        rows = _dump(server, dump)
        manifest = {
            "form": FORM,
            "made_at": made_at.isoformat(timespec="seconds"),
            "sha256": digest_of(dump),
            "rows": rows,
            "root_keys": list(root.names),
        }
        told = json.dumps(manifest, indent=2)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as sink, tarfile.open(fileobj=sink, mode="w") as tar:
                _add(tar, MANIFEST, told.encode())
                _add(tar, SEAL, seal_of(root, told))
                tar.add(dump, arcname=DUMP)
                sink.flush()
                os.fsync(sink.fileno())
            draft.rename(file)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    return manifest


def _dump(server: Server, dump: Path) -> dict[str, int]:
    """Counted and dumped in one snapshot, or a busy house would never be counted right."""
    with server.link(server.dbname) as link, link.transaction():
        link.execute("set transaction isolation level repeatable read read only")
        snapshot = link.execute("select pg_export_snapshot()").fetchone()
        assert snapshot is not None, "a snapshot has a name"
        rows = count_rows(link)
        server.run(
            "pg_dump",
            "--format=custom",
            f"--snapshot={snapshot[0]}",
            f"--file={dump}",
            dbname=server.dbname,
        )
    return rows


def count_rows(link: psycopg.Connection[tuple[Any, ...]]) -> dict[str, int]:
    """Every table of ours and how many rows it has."""
    names = link.execute(
        "select tablename from pg_tables where schemaname = 'public' order by tablename"
    ).fetchall()
    counted: dict[str, int] = {}
    for (table,) in names:
        found = link.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table)))
        row = found.fetchone()
        counted[table] = int(row[0]) if row is not None else 0
    return counted


def seal_of(root: KeyFile, manifest: str) -> bytes:
    """What only a holder of the root key's file can write beside a manifest."""
    return root.blind("backup manifest", manifest, 32).hex().encode()


def digest_of(path: Path) -> str:
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
def opened_server(settings: Settings) -> Iterator[Server]:
    """Row-level security holds for tables' owners too, so a dump is taken by one above it."""
    if settings.database_url:
        print(
            "DATABASE_URL's role must be allowed to see past row-level security for this",
            file=sys.stderr,
        )
        yield Server(settings.database_url)
        return
    cluster = Cluster.start(settings.data)
    try:
        yield Server(cluster.dsn("superuser"), cluster.bindir, cluster.dsn("owner"))
    finally:
        cluster.stop()
