"""A network between a process and its database that can be cut: a wire into a network namespace.

At its far end stands the database's door, and whoever is to use it comes by TCP. Pull the wire, or
let no answer come back, and every connection over it hangs as it does between two hosts. Behind the
door the server's own socket is used.

Not here: when it is cut (`strikes`), whole hosts in namespaces (`tests.hosts`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.conftest import Database
from tests.faults.door import Doors

PORT = 5432
PULLED, UNANSWERED = HOW = ("pulled", "unanswered")


def why_no_namespaces() -> str:
    """Why no network can be made here; empty when it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root may make network namespaces"
    if shutil.which("ip") is None:
        return "there is no `ip` program"
    name = f"lotline-{os.getpid()}-try"
    tried = subprocess.run(["ip", "netns", "add", name], check=False, capture_output=True)
    subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
    return "network namespaces are refused here" if tried.returncode else ""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def socket_of(database: Database) -> str:
    """Where the server of this machine is reached."""
    return f"{conninfo_to_dict(database.app)['host']}/.s.PGSQL.{PORT}"


def over_tcp(dsn: str, host: str, port: int = PORT) -> str:
    """The same way in, but over a network."""
    far = {"host": host, "port": str(port), "sslmode": "disable"}
    return make_conninfo("", **{**conninfo_to_dict(dsn), **far})


@dataclass
class Way:
    """One process's way to the database, and the two ends of its wire."""

    name: str  # of the namespace
    here: str
    there: str
    socket_path: str
    _door: Doors | None = None

    def urls(self, database: Database) -> dict[str, str]:
        """What the environment says of a database at the far end."""
        return {
            "DATABASE_URL": over_tcp(database.owner, self.there),
            "DATABASE_APP_URL": over_tcp(database.app, self.there),
            "DATABASE_READER_URL": over_tcp(database.reader, self.there),
        }

    def cut(self, how: str) -> None:
        """`PULLED`: nothing gets through. `UNANSWERED`: what we say arrives, and no answer does."""
        if how == PULLED:
            ip("-n", self.name, "link", "set", "eth0", "down")
        else:
            ip("-n", self.name, "route", "add", "blackhole", f"{self.here}/32")

    def heal(self) -> None:
        with suppress(subprocess.CalledProcessError):
            ip("-n", self.name, "route", "del", "blackhole", f"{self.here}/32")
        ip("-n", self.name, "link", "set", "eth0", "up")

    def open(self) -> None:
        """The door; one that was there goes without a word, as behind a gateway that forgets."""
        self.close()
        inside = ("ip", "netns", "exec", self.name)
        self._door = Doors(f"{self.there}:{PORT}={self.socket_path}", inside=inside)

    def close(self) -> None:
        if self._door is not None:
            self._door.close()
            self._door = None


@contextmanager
def a_way(database: Database, number: int = 0) -> Iterator[Way]:
    """A wire and a door, until the block ends."""
    # Addresses of the range that is set aside for tests of networks.
    here, there = (f"198.18.{os.getpid() % 250}.{4 * number + end}" for end in (1, 2))
    name, wire = f"lotline-{os.getpid()}-{number}", f"ll{os.getpid()}x{number}"
    way = Way(name, here, there, socket_of(database))
    ip("netns", "add", name)
    try:
        ip("link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", name)
        ip("addr", "add", f"{here}/30", "dev", wire)
        ip("link", "set", wire, "up")
        ip("-n", name, "addr", "add", f"{there}/30", "dev", "eth0")
        ip("-n", name, "link", "set", "lo", "up")
        ip("-n", name, "link", "set", "eth0", "up")
        way.open()
        yield way
    finally:
        way.close()
        subprocess.run(["ip", "link", "del", wire], check=False, capture_output=True)
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
