"""A house on several hosts: each a network namespace with a web and a worker of its own.

They reach one PostgreSQL, for the pages through PgBouncer, and the carrier, by TCP over one bridge
and nothing else. In front stands a balancer that leads each connection to the next host. Customers,
members and the carrier use it as they would use one machine.

Not here: what is done to it (`lives`), the doors (`tests.faults.door`).
"""

from __future__ import annotations

import http.client
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tests.attack.mortal import READY_S, Mortal, mortal_house
from tests.browser.house import free_port
from tests.conftest import Database
from tests.faults.cut import PORT, ip, over_tcp, socket_of, why_no_namespaces
from tests.faults.door import Doors

NAMES = ("a", "b")
WEB_PORT = 8700
POOL_PORT = 6432
CARRIER_PORT = 8710
POOLER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
# Limits that a pooled connection can't ask for itself: docs/operating/scale.md.
LIMITS = ("lock_timeout = '15s'", "statement_timeout = '120s'")


def why_no_hosts() -> str:
    """Why there can be none here; empty when there can."""
    return why_no_namespaces() or ("" if POOLER else "there is no pgbouncer: apt install pgbouncer")


@dataclass
class Hosts(Mortal):
    """A part's name means it on every host, with a host's name on that one: "web", "web a"."""

    net: str = ""
    direct: dict[str, int] = field(default_factory=dict)  # a port for each host, past the balancer
    pooler: subprocess.Popen[bytes] | None = None

    @property
    def middle(self) -> str:
        """The bridge, where the database, its pooler and the carrier are."""
        return f"{self.net}.1"

    def address(self, host: str) -> str:
        return f"{self.net}.{11 + NAMES.index(host)}"

    def namespace(self, host: str) -> str:
        return f"lotline-{os.getpid()}-{host}"

    @property
    def carrier_url(self) -> str:
        """On each host, for only an address of its own may be without TLS."""
        return f"http://127.0.0.1:{CARRIER_PORT}"

    # -- living and dying -------------------------------------------------------------------------

    def start(self, name: str) -> None:
        for one in _each(name):
            super().start(one)

    def kill(self, name: str) -> None:
        for one in _each(name):
            super().kill(one)

    def command(self, name: str) -> list[str]:
        part, _, host = name.partition(" ")
        words = ["web", str(WEB_PORT), self.address(host)] if part == "web" else [part]
        inside = ["ip", "netns", "exec", self.namespace(host)]
        return [*inside, *super().command("worker")[:-1], *words]

    def environment(self, name: str) -> dict[str, str]:
        return super().environment(name) | {
            "DATABASE_URL": over_tcp(self.database.owner, self.middle),
            "DATABASE_APP_URL": over_tcp(self.database.app, self.middle, POOL_PORT),
            "DATABASE_READER_URL": over_tcp(self.database.reader, self.middle, POOL_PORT),
            "DATABASE_DIRECT_URL": over_tcp(self.database.app, self.middle),
        }

    def pull(self, host: str) -> None:
        """Its wire: the host goes on, and nobody reaches it nor it anybody."""
        ip("-n", self.namespace(host), "link", "set", "eth0", "down")

    def plug_in(self, host: str) -> None:
        ip("-n", self.namespace(host), "link", "set", "eth0", "up")

    def pool(self) -> None:
        """The pooler; one that was there is killed."""
        if self.pooler is not None:
            self.pooler.kill()
            self.pooler.wait()
        assert POOLER is not None
        with (self.folder / "pooler.log").open("ab") as log:
            self.pooler = subprocess.Popen(
                [POOLER, "-u", "nobody", str(self.folder / "pooler" / "pgbouncer.ini")],
                stdout=log,
                stderr=log,
            )

    def wait_ready(self) -> None:
        """Each host by itself."""
        end = time.monotonic() + READY_S
        for host in NAMES:
            while not self._is_ready(host):
                assert time.monotonic() < end, f"{host} does not come up: {self.log('web')}"
                self.mind()
                time.sleep(0.1)

    def _is_ready(self, host: str) -> bool:
        link = http.client.HTTPConnection("127.0.0.1", self.direct[host], timeout=5)
        try:
            link.request("GET", "/readyz")
            return link.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()

    def close(self) -> None:
        super().close()
        if self.pooler is not None:
            self.pooler.kill()
            self.pooler.wait()

    def log(self, name: str) -> str:
        return "\n".join(super(Hosts, self).log(one) for one in _each(name))

    def pid_of(self, name: str) -> int:
        return self._processes[name].pid


def _each(name: str) -> list[str]:
    return [f"{name} {host}" for host in NAMES] if name in {"web", "worker"} else [name]


@contextmanager
def several_hosts(folder: Path, seed: int, carrier: Path | None = None) -> Iterator[Hosts]:
    """All of it runs until the block ends."""
    with ExitStack() as kept:

        def built(folder: Path, database: Database, *more: Any) -> Hosts:
            house = Hosts(folder, database, *more)
            house.net = f"198.19.{os.getpid() % 250}"
            house.direct = {host: free_port() for host in NAMES}
            kept.enter_context(_bridge(house))
            _write_pooler(house)
            _limit(database)
            doors = [
                f"{house.middle}:{PORT}={socket_of(database)}",
                f"{house.middle}:{CARRIER_PORT}={house.simulator.url.removeprefix('http://')}",
                f"127.0.0.1:{house.port}="
                + ",".join(f"{house.address(host)}:{WEB_PORT}" for host in NAMES),
                *(
                    f"127.0.0.1:{port}={house.address(host)}:{WEB_PORT}"
                    for host, port in house.direct.items()
                ),
            ]
            kept.callback(Doors(*doors).close)
            for host in NAMES:
                inside = ["ip", "netns", "exec", house.namespace(host)]
                to_carrier = f"127.0.0.1:{CARRIER_PORT}={house.middle}:{CARRIER_PORT}"
                kept.callback(Doors(to_carrier, inside=inside).close)
            house.pool()
            _wait_for_pooler(house)
            return house

        house = kept.enter_context(mortal_house(folder, seed, carrier, built))
        assert isinstance(house, Hosts)
        yield house


def _wait_for_pooler(house: Hosts) -> None:
    end = time.monotonic() + 10
    dsn = over_tcp(house.database.app, house.middle, POOL_PORT)
    while True:
        try:
            psycopg.connect(dsn, connect_timeout=2).close()
        except psycopg.OperationalError:
            assert time.monotonic() < end, (house.folder / "pooler.log").read_text()
            time.sleep(0.1)
        else:
            return


@contextmanager
def _bridge(house: Hosts) -> Iterator[None]:
    """A bridge, and a namespace for each host that hangs on it by a wire."""
    bridge = f"ll{os.getpid()}"
    with ExitStack() as gone:
        ip("link", "add", bridge, "type", "bridge")
        gone.callback(subprocess.run, ["ip", "link", "del", bridge], check=False)
        ip("addr", "add", f"{house.middle}/24", "dev", bridge)
        ip("link", "set", bridge, "up")
        for host in NAMES:
            name, wire = house.namespace(host), f"{bridge}{host}"
            ip("netns", "add", name)
            gone.callback(subprocess.run, ["ip", "netns", "del", name], check=False)
            ip("link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", wire, "master", bridge, "up")
            ip("-n", name, "addr", "add", f"{house.address(host)}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", name, "link", "set", "eth0", "up")
        yield


def _write_pooler(house: Hosts) -> None:
    """Transaction pooling, each role by its own password, and nothing that is ignored."""
    folder = house.folder / "pooler"
    folder.mkdir(mode=0o700, exist_ok=True)
    parts = [conninfo_to_dict(dsn) for dsn in (house.database.app, house.database.reader)]
    users = "".join(f'"{one["user"]}" "{one["password"]}"\n' for one in parts)
    (folder / "users.txt").write_text(users, encoding="utf-8")
    (folder / "pgbouncer.ini").write_text(
        "[databases]\n"
        f"* = host={house.middle} port={PORT}\n"
        "[pgbouncer]\n"
        f"listen_addr = {house.middle}\nlisten_port = {POOL_PORT}\nunix_socket_dir =\n"
        f"auth_type = scram-sha-256\nauth_file = {folder / 'users.txt'}\n"
        "pool_mode = transaction\ndefault_pool_size = 8\nmax_client_conn = 200\n"
        "server_login_retry = 1\n",
        encoding="utf-8",
    )
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.iterdir()):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _limit(database: Database) -> None:
    role = conninfo_to_dict(database.app)["user"]
    with psycopg.connect(database.dsn("superuser"), autocommit=True) as link:
        for limit in LIMITS:
            link.execute(f'alter role "{role}" set {limit}'.encode())
