"""The embedded PostgreSQL: one server, ours, in one data directory, reached by a unix socket.

It lives and dies with the process that started it: a clean stop, Ctrl-C and `kill -9` of us all
end it, and it never listens on a network. Ready means that `select 1` was answered; a pid file is
never believed. Passwords are random, in files of mode 0600, and nothing is open by trust.

Not here: which programs and as whom (`binaries`), a PostgreSQL that runs elsewhere (`databases`).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from lotline.config.binaries import (
    NoPostgres,
    RunAs,
    find_bindir,
    known_state_dir,
    reachable_bindir,
    run_as,
    state_dir,
)
from lotline.config.processes import CannotStart, die_with, is_postgres

Role = Literal["superuser", "owner", "app", "reader"]
ROLES: dict[Role, str] = {
    "superuser": "lotline_super",
    "owner": "lotline_owner",
    "app": "lotline_app",
    "reader": "lotline_reader",
}
THREE: tuple[Role, ...] = ("owner", "app", "reader")
DATABASE = "lotline"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_MAX = 107  # bytes; the kernel's limit for a unix socket's address
RECOVERY_MAX_S = 600  # a crash recovery of a large database may take minutes
STOP_MAX_S = 30

# No statement, parameter or row ever reaches the server's log: it may hold a customer's words.
_QUIET = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "log_min_messages": "log",  # not errors: their text quotes values; who asked is told anyway
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
}
# For many short statements on a solid-state disk. Nothing here trades durability for speed.
_BRISK = {
    "jit": "off",  # a plan of milliseconds is not worth compiling
    "random_page_cost": "1.1",
    "max_wal_size": "4GB",  # a checkpoint by the clock, seldom by volume
    "checkpoint_timeout": "15min",
}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _by_memory() -> dict[str, str]:
    """An eighth of the machine for pages of the database, and what the system keeps of files."""
    if "SC_PHYS_PAGES" not in os.sysconf_names:
        return {}  # a system that does not tell keeps the server's own choice
    whole_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    return {
        "shared_buffers": f"{min(max(whole_mb // 8, 128), 2048)}MB",
        "effective_cache_size": f"{max(whole_mb // 2, 256)}MB",
    }


class ClusterFailed(CannotStart):
    """The server did not start; the message holds the end of its own log."""


class Cluster:
    """A running embedded PostgreSQL. Make one with `Cluster.start`."""

    def __init__(self, data: Path, state: Path, *, durable: bool) -> None:
        self._data = data
        self._state = state
        self._durable = durable
        self._user: RunAs | None = run_as()
        self._socket_dir = _socket_dir(state)
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(cls, data: Path, *, durable: bool = True, take_over: bool = False) -> Self:
        """The server of this directory: attached to when it answers, else started.

        `take_over` restarts one that runs already, so that it lives and dies with us.
        `durable=False` is for tests that never ask what survives a power cut.
        """
        data = data.resolve()
        cluster = cls(data, state_dir(data, run_as()), durable=durable)
        _private_dir(cluster._socket_dir, cluster._user)
        with cluster._alone():
            running = cluster.answers()
            if running and take_over:
                cluster._stop_orphan()
            if not running or take_over:
                cluster._boot()
            cluster._make_roles()
        return cluster

    @classmethod
    def locate(cls, data: Path) -> Self:
        """The server of this directory, for its DSNs alone: nothing is made or started."""
        data = data.resolve()
        state = known_state_dir(data)
        if not (state / "run").exists() and not _socket_dir(state).exists():
            raise NoPostgres(f"there is no database in {data} yet: `lotline up` makes one")
        return cls(data, state, durable=True)

    def dsn(self, role: Role, dbname: str = DATABASE) -> str:
        password = quote(self._password(role), safe="")
        host = quote(str(self._socket_dir), safe="")
        return f"postgresql://{ROLES[role]}:{password}@/{dbname}?host={host}"

    @property
    def bindir(self) -> Path:
        """Where `postgres`, `pg_dump` and their kin are, within reach of the server's user."""
        return reachable_bindir(find_bindir(), self._state, self._user)

    @property
    def pid(self) -> int | None:
        """The server's process, when it is our child."""
        return self._process.pid if self._process else None

    @property
    def owned(self) -> bool:
        """Whether the server is our child, so that `stop` stops it."""
        return self._process is not None

    def exited(self) -> bool:
        """Whether our server has ended without being asked to."""
        return self._process is not None and self._process.poll() is not None

    def revive(self) -> None:
        """Start it again after it died under us; the database recovers by itself."""
        assert self.exited(), "only a server that ended can be revived"
        with self._alone():
            self._boot()

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.dsn("superuser", "postgres"), connect_timeout=2) as link:
                link.execute("select 1")
        except (psycopg.OperationalError, OSError):
            return False
        return True

    def stop(self) -> None:
        """A clean stop of our own child; a server we only attached to is left alone."""
        if self._process is None:
            return
        process, self._process = self._process, None
        for farewell, wait_s in ((signal.SIGINT, STOP_MAX_S), (signal.SIGQUIT, 10)):
            if process.poll() is None:
                process.send_signal(farewell)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(wait_s)
        if process.poll() is None:
            process.kill()
            process.wait()

    # -- starting ---------------------------------------------------------------------------

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One starter at a time; the lock falls when its holder dies."""
        with (self._data / "database" / "starting.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _boot(self) -> None:
        if not (self._state / "pgdata").exists():
            self._initialise()
        deadline = time.monotonic() + RECOVERY_MAX_S
        while True:
            self._forget_stale_pid(deadline)
            self._spawn()
            try:
                if self._ready_before(deadline):
                    return
            except BaseException:
                self.stop()  # whoever gave up waiting wants no server either
                raise
            # Backends of a killed server may still be leaving; their shared memory goes with them.
            if "still in use" not in self._log_end() or time.monotonic() > deadline:
                raise ClusterFailed(f"PostgreSQL did not start. Its log ends:\n{self._log_end()}")
            time.sleep(0.2)

    def _ready_before(self, deadline: float) -> bool:
        assert self._process is not None
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                self._process = None
                return False
            if (self._socket_dir / SOCKET_NAME).exists() and self.answers():
                return True
            time.sleep(0.02)
        self.stop()
        return False

    def _initialise(self) -> None:
        """Made aside and renamed, so that a half-made directory is never taken for a database."""
        draft = self._state / "pgdata.draft"
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        handed = self._state / "initdb.password"
        write_private(handed, self._password("superuser"))
        if self._user:
            for path in (draft, handed):
                os.chown(path, self._user.uid, self._user.gid)
        command = [
            str(self.bindir / "initdb"),
            *("-D", str(draft), "-U", ROLES["superuser"], "-E", "UTF8", "--locale=C.UTF-8"),
            *("--data-checksums", "--auth=scram-sha-256", f"--pwfile={handed}"),
            *(() if self._durable else ("--no-sync",)),
        ]
        try:
            done = subprocess.run(
                command,
                check=False,
                capture_output=True,
                cwd=self._state,
                user=self._user.uid if self._user else None,
                group=self._user.gid if self._user else None,
                extra_groups=[] if self._user else None,
            )
        finally:
            handed.unlink(missing_ok=True)
        if done.returncode != 0:
            raise ClusterFailed(f"initdb failed:\n{done.stderr.decode(errors='replace')[-2000:]}")
        draft.rename(self._state / "pgdata")

    def _spawn(self) -> None:
        assert threading.current_thread() is threading.main_thread(), (
            "the server's life hangs on the thread that starts it: start it from the main one"
        )
        settings = _QUIET | _BRISK | _by_memory() | ({} if self._durable else _FORGETFUL)
        command = [
            str(self.bindir / "postgres"),
            *("-D", str(self._state / "pgdata"), "-k", str(self._socket_dir)),
            *(part for key, value in settings.items() for part in ("-c", f"{key}={value}")),
        ]
        log = self._state / "postgres.log"
        if log.exists() and log.stat().st_size > 10_000_000:
            log.replace(log.with_suffix(".log.old"))
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as sink:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd=self._state,
                start_new_session=True,  # a Ctrl-C in the terminal is for us to hand on
                preexec_fn=die_with(os.getpid(), signal.SIGINT),
                user=self._user.uid if self._user else None,
                group=self._user.gid if self._user else None,
                extra_groups=[] if self._user else None,
            )

    # -- what an earlier life left ------------------------------------------------------------

    def _pid_on_file(self) -> int | None:
        try:
            return int((self._state / "pgdata" / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _forget_stale_pid(self, deadline: float) -> None:
        """Wait for a server that is going down; remove the file of one that is gone.

        PostgreSQL itself refuses to start while the pid on file belongs to any live process of its
        user: a zombie that nobody reaps, or a stranger who got the number after a reboot.
        """
        pid = self._pid_on_file()
        while pid is not None and is_postgres(pid):
            if time.monotonic() > deadline:
                raise ClusterFailed(f"another PostgreSQL (process {pid}) holds {self._state}")
            time.sleep(0.05)
            if self._pid_on_file() is None:
                return
        if pid is not None:
            (self._state / "pgdata" / "postmaster.pid").unlink(missing_ok=True)
            (self._socket_dir / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _stop_orphan(self) -> None:
        """A server whose parent died where the kernel could not tell it."""
        pid = self._pid_on_file()
        if pid is not None and is_postgres(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)

    def _log_end(self) -> str:
        try:
            return (self._state / "postgres.log").read_text(errors="replace")[-2000:]
        except OSError:
            return "(no log)"

    # -- roles ----------------------------------------------------------------------------------

    def _password(self, role: Role) -> str:
        path = self._data / "database" / f"{ROLES[role]}.password"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24))
        return path.read_text()

    def _make_roles(self) -> None:
        """Three who may sign in: none is a superuser, none may look past row-level security."""
        with psycopg.connect(self.dsn("superuser", "postgres"), autocommit=True) as link:
            have = {row[0] for row in link.execute("select rolname from pg_roles")}
            for role in THREE:
                kept = (self._data / "database" / f"{ROLES[role]}.password").exists()
                if ROLES[role] in have and kept:
                    continue
                verb: Literal["alter", "create"] = "alter" if ROLES[role] in have else "create"
                link.execute(role_statement(verb, ROLES[role], self._password(role)))
            if link.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                return
            make_database(link, DATABASE)


def role_statement(verb: Literal["alter", "create"], name: str, password: str) -> sql.Composed:
    """A role that may sign in and nothing more: what it may touch is granted by migrations."""
    plain = "login nosuperuser nocreatedb nocreaterole nobypassrls noreplication"
    statement = sql.SQL("{} role {} with " + plain + " password {}")
    return statement.format(sql.SQL(verb), sql.Identifier(name), sql.Literal(password))


def make_database(
    link: psycopg.Connection[tuple[object, ...]], name: str, template: str = "template1"
) -> None:
    """A database that the owner owns and only our roles may connect to."""
    database = sql.Identifier(name)
    owner, app, reader = (sql.Identifier(ROLES[role]) for role in THREE)
    create = sql.SQL("create database {} owner {} template {}")
    link.execute(create.format(database, owner, sql.Identifier(template)))
    link.execute(sql.SQL("revoke all on database {} from public").format(database))
    link.execute(sql.SQL("grant connect on database {} to {}, {}").format(database, app, reader))


def _socket_dir(state: Path) -> Path:
    """Beside the data, or in a private directory of a short name when that address is too long."""
    near = state / "run"
    if len(os.fsencode(near / SOCKET_NAME)) <= SOCKET_PATH_MAX:
        return near
    name = hashlib.sha256(os.fsencode(state)).hexdigest()[:12]
    temp = Path(tempfile.gettempdir())
    if len(os.fsencode(temp / f"lotline-{name}" / SOCKET_NAME)) > SOCKET_PATH_MAX:
        temp = Path("/tmp")  # noqa: S108 - a private directory is made in it, and checked below
    return temp / f"lotline-{name}"


def _private_dir(path: Path, user: RunAs | None) -> None:
    """A directory of mode 0700 that belongs to the database's user and to nobody else."""
    uid = user.uid if user else os.geteuid()
    try:
        path.mkdir(mode=0o700)
        if user:
            os.chown(path, user.uid, user.gid)
    except FileExistsError:
        seen = path.lstat()
        if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != uid or seen.st_mode & 0o077:
            raise NoPostgres(
                f"{path} is not a private directory of this database; remove it, or set TMPDIR"
            ) from None


def write_private(path: Path, text: str) -> None:
    """A file that only its owner reads, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as sink:
        sink.write(text)
