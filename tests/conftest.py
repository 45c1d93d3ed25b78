"""What every test stands on: a PostgreSQL of its own, no way out to the network, a browser.

A test asks for `db` and gets a fresh, migrated database with a DSN per role; it may commit,
kill connections or break tables, for nobody else uses it. `module_db` is the same, shared by
one file's tests where making one per test would cost more than it proves.

Not here: the invented business the tests speak of (`town`), servers and pages (`web/`, `browser/`).
"""

from __future__ import annotations

import ipaddress
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from lotline.config.cluster import Cluster, Role, make_database

TEMPLATE = "lotline_template"
# The browser's driver keeps a loop on the tests' thread; nothing of ours runs in it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"
_numbers = itertools.count(1)

# One example list for everybody in CI, fresh examples at a desk; our machines are shared, so a
# slow example is not a failed one.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


# -- no way out ---------------------------------------------------------------------------------


class NoNetworkInTests(RuntimeError):
    """A test reached for a machine other than this one."""


def _is_here(host: object) -> bool:
    if host in {None, "", "localhost", b"localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def _refuse_outside(event: str, args: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = args[1]
        if isinstance(address, tuple) and not _is_here(address[0]):
            raise NoNetworkInTests(f"{event} to {address[0]}")
    elif event == "socket.getaddrinfo" and not _is_here(args[0]):
        raise NoNetworkInTests(f"looking up {args[0]!r}")


sys.addaudithook(_refuse_outside)


# -- databases ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Database:
    """One migrated database and the ways into it."""

    cluster: Cluster
    name: str

    def dsn(self, role: Role) -> str:
        return self.cluster.dsn(role, self.name)

    @property
    def owner(self) -> str:
        return self.dsn("owner")

    @property
    def app(self) -> str:
        return self.dsn("app")

    @property
    def reader(self) -> str:
        return self.dsn("reader")


@contextmanager
def temporary_dir() -> Iterator[Path]:
    """Short, so that a socket's address fits; others may walk through it, as root's server must."""
    place = Path(tempfile.mkdtemp(prefix="lotline-test-"))
    place.chmod(0o711)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


# What takes minutes comes first, so that no worker begins it when the others are done.
_FIRST = ("test_every_page.py", "browser", "test_outsiders.py", "test_up.py", "peers", "screens")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        parts = item.path.parts
        return next((n for n, name in enumerate(_FIRST) if name in parts), len(_FIRST))

    items.sort(key=place)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A server for this worker alone. It forgets at a power cut; a test of that makes its own."""
    with temporary_dir() as data:
        running = Cluster.start(data, durable=False)
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The migrated database that every test's own is a copy of."""
    from lotline.store.migrate import migrate

    with psycopg.connect(cluster.dsn("superuser", "postgres"), autocommit=True) as link:
        make_database(link, TEMPLATE)
    migrate(cluster.dsn("owner", TEMPLATE))
    return TEMPLATE


@contextmanager
def _copy_of(cluster: Cluster, template: str) -> Iterator[Database]:
    name = f"test_{next(_numbers)}"
    with psycopg.connect(cluster.dsn("superuser", "postgres"), autocommit=True) as link:
        make_database(link, name, template)
    try:
        yield Database(cluster, name)
    finally:
        with psycopg.connect(cluster.dsn("superuser", "postgres"), autocommit=True) as link:
            link.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def db(cluster: Cluster, template: str) -> Iterator[Database]:
    with _copy_of(cluster, template) as database:
        yield database


@pytest.fixture(scope="module")
def module_db(cluster: Cluster, template: str) -> Iterator[Database]:
    with _copy_of(cluster, template) as database:
        yield database


# -- the browser --------------------------------------------------------------------------------


def find_chromium() -> str | None:
    """`CHROMIUM`, else the first of the usual names on PATH."""
    asked = os.environ.get("CHROMIUM")
    if asked:
        return asked
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, object],
) -> dict[str, object]:
    quiet = ["background-networking", "component-update", "gpu", "quic", "sync"]
    args = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in quiet)]
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": args}


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") is None or find_chromium() is not None:
        return
    said = "no chromium: `apt-get install chromium`, or set CHROMIUM to a browser's program"
    if os.environ.get("CI"):
        pytest.fail(said, pytrace=False)
    pytest.skip(said)
