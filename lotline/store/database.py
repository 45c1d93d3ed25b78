"""The way to the database: one transaction at a time, with the tenant set in its first breath.

A tenant's rows can only be reached through `Database.transaction(group_id)`; row-level security
shows nothing to a transaction that names no tenant. The few tables that are asked before a tenant
is known (the door: seats, the line directory, the outbox, ...) are reached through `door()`.

Statements are named and live in `sql/<word>.sql`; nothing here builds SQL from what people typed.

Not here: who may do what (`actions`), opening keys (`store.keys`), the schema (`migrations`).
"""

from __future__ import annotations

import select
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import namedtuple_row
from psycopg.types.json import Jsonb, JsonbDumper, set_json_loads
from psycopg_pool import ConnectionPool, PoolTimeout

from lotline.core.base.sealing import UnknownKey
from lotline.store.arrays import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from lotline.core.base.sealing import GroupKeys

CONNECT_TIMEOUT_S = 5.0
PREPARED_MAX = 250  # a page's statements must not push out another's: each would be planned anew
# Nobody waits for ever: not for a lock of a process that stands still, not for a statement that
# went astray, and whoever stands still inside a transaction loses it and its locks. Each is far
# beyond what anything of ours takes. Through a pooler they are set on the role, by its owner.
LOCK_TIMEOUT_MS = 15_000
# A network that was cut says nothing: whoever waits for an answer asks whether anybody is there.
CUT_OFF: dict[str, Any] = {
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 14_000,
}
# The other end asks as well, or a process that was cut off would hold its gates for hours.
_PATIENCE = " ".join(
    f"-c {name}={limit}"
    for name, limit in {
        "jit": "off",  # no statement of ours runs long enough to be worth compiling
        "lock_timeout": LOCK_TIMEOUT_MS,
        "statement_timeout": 120_000,
        "idle_in_transaction_session_timeout": 60_000,
        "tcp_keepalives_idle": CUT_OFF["keepalives_idle"],
        "tcp_keepalives_interval": CUT_OFF["keepalives_interval"],
        "tcp_keepalives_count": CUT_OFF["keepalives_count"],
        "tcp_user_timeout": CUT_OFF["tcp_user_timeout"],
    }.items()
)


class Unavailable(Exception):
    """The database cannot be asked now. Whoever waits is told to come back; nothing was done."""


class Crossed(Exception):
    """Two transactions crossed, or a connection forgot what was prepared: nothing was done."""


class TimedOut(Exception):
    """A lock was not to be had in the time that was set for it; only the attempt is undone."""


class NoSuchRow(Exception):
    """A statement that must find a row found none."""


class GroupKeySource(Protocol):
    """Opens a tenant's keys from their row. Kept by `store.keys`; the root key is behind it."""

    def of(self, tx: Tx) -> GroupKeys: ...

    def forget(self, group_id: UUID) -> None: ...


class Statement(NamedTuple):
    """One named statement and what its comment says of it."""

    name: str
    sql: str
    says: str


class Tx:
    """One open transaction. Every statement in it sees one tenant, or the door."""

    __slots__ = ("_conn", "_keys", "_known", "_pipeline", "_source", "by_key", "group_id")

    def __init__(
        self,
        conn: psycopg.Connection[Any],
        group_id: UUID | None,
        source: GroupKeySource | None,
        *,
        by_key: bool = False,
    ) -> None:
        self.by_key = by_key
        self._known: dict[str, Any] = {}
        self._conn = conn
        self._source = source
        self._keys: GroupKeys | None = None
        self._pipeline: psycopg.Pipeline | None = None
        self.group_id: UUID = group_id  # type: ignore[assignment]  # a door asks for no tenant's rows

    @property
    def keys(self) -> GroupKeys:
        """The tenant's keys, opened once a transaction and only when asked for."""
        if self._keys is None:
            assert self.group_id is not None, "a door has no tenant and so no keys"
            assert self._source is not None, "this database was opened without keys"
            self._keys = self._source.of(self)
        return self._keys

    def once(self, name: str, load: Callable[[], Any]) -> Any:
        """What is the same for a whole page, read when it is first needed and then known."""
        if name not in self._known:
            self._known[name] = load()
        return self._known[name]

    def one(self, name: str, /, **params: Any) -> Any:
        """The first row, or None."""
        return self._ask(name, params).fetchone()

    def only(self, name: str, /, **params: Any) -> Any:
        """The row that must be there."""
        row = self._ask(name, params).fetchone()
        if row is None:
            raise NoSuchRow(name)
        return row

    def all(self, name: str, /, **params: Any) -> list[Any]:
        """Every row, in the statement's order."""
        return self._ask(name, params).fetchall()

    def run(self, name: str, /, **params: Any) -> int:
        """How many rows it touched; not known within `together`, where nobody waits for it."""
        return self._ask(name, params).rowcount

    def touched(self, name: str, /, **params: Any) -> int:
        """How many rows it touched, waited for wherever it is asked."""
        cursor = self._ask(name, params)
        if self._pipeline is not None:
            self._pipeline.sync()
        return cursor.rowcount

    def later(self, name: str, /, **params: Any) -> Callable[[], list[Any]]:
        """Every row, once somebody asks what is given here; in `together` nobody waits before."""
        return self._ask(name, params).fetchall

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is run in here is sent without waiting, in its order: one round trip. Whoever reads
        waits for all before it; how many rows a statement touched is known to `touched` alone.

        A fault comes up at the next waiting, or at the end, as what it is. Nothing in here may be
        an `attempt`.
        """
        around = self._pipeline
        with self._conn.pipeline() as self._pipeline:
            try:
                yield
            finally:
                self._pipeline = around  # noqa: PLW2901  # one within another is one

    def lives(self) -> bool:
        """Whether its connection, and whatever lock was taken on it, is still there.

        A server that lets go of it says so, or closes: while nothing came, nobody needs to ask.
        """
        if not self._conn.closed:
            looks = select.poll()
            looks.register(self._conn.fileno(), select.POLLIN)
            if not looks.poll(0):
                return True
        try:
            self._conn.execute("")
        except (psycopg.OperationalError, psycopg.InterfaceError):
            return False
        return True

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part that may fail by itself: what it did is undone and the transaction goes on."""
        self._conn.execute("savepoint attempt")
        try:
            yield
        except psycopg.errors.LockNotAvailable as error:
            self._conn.execute("rollback to savepoint attempt")
            raise TimedOut from error
        except BaseException:
            if not self._conn.closed:
                self._conn.execute("rollback to savepoint attempt")
            raise
        self._conn.execute("release savepoint attempt")

    def _ask(self, name: str, params: dict[str, Any]) -> psycopg.Cursor[Any]:
        if self.group_id is not None:
            params.setdefault("group_id", self.group_id)
        # A plan that is made once is worth keeping from the first asking on.
        prepare = True if self.by_key else None
        return self._conn.execute(statements()[name].sql, params, binary=True, prepare=prepare)


class Database:
    """A pool of connections of the application's role (or the reader's)."""

    def __init__(
        self,
        app_dsn: str,
        keys: GroupKeySource | None = None,
        *,
        pooled: bool = False,
        min_size: int = 1,
        max_size: int = 10,
    ) -> None:
        """`pooled`: a transaction pooler stands between, so nothing may outlive a transaction."""
        self.keys = keys
        self.dsn = app_dsn
        self._pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            app_dsn,
            min_size=min_size,
            max_size=max_size,
            open=False,
            timeout=CONNECT_TIMEOUT_S,
            configure=_configure,
            kwargs={
                "autocommit": True,
                "row_factory": namedtuple_row,
                "prepare_threshold": None if pooled else 5,
                "application_name": "lotline",
                **CUT_OFF,
                **({} if pooled else {"options": _options(app_dsn)}),
            },
        )

    def open(self, *, wait_s: float = CONNECT_TIMEOUT_S) -> Database:
        """Start the pool; raises `Unavailable` when the database does not answer in time.

        At 0 nothing is waited for: each transaction says by itself whether there is a database.
        """
        self._pool.open()
        if wait_s <= 0:
            return self
        try:
            self._pool.wait(timeout=wait_s)
        except PoolTimeout as error:
            raise Unavailable(str(error)) from error
        return self

    def close(self) -> None:
        self._pool.close()

    @contextmanager
    def transaction(self, group_id: UUID, *, by_key: bool = False) -> Iterator[Tx]:
        """One transaction of one tenant: committed when the block ends well, else rolled back.

        `by_key`: it asks by keys alone, and its statements are planned once.
        """
        # A UUID's own text holds nothing but hex and dashes, so it may stand in the statement; that
        # makes BEGIN and the tenant one round trip.
        begin = f"begin; select set_config('lotline.group_id', '{group_id}', true)"
        if by_key:
            begin = f"{begin}; {statements()['facts.by_key'].sql}"
        with self._begun(begin) as conn:
            try:
                yield self._of(conn, group_id, by_key=by_key)
            except UnknownKey:
                if self.keys is not None:  # a rotation went by: the next transaction knows the key
                    self.keys.forget(group_id)
                raise

    @contextmanager
    def door(self) -> Iterator[Tx]:
        """A transaction without tenant: only the door tables can be seen in it."""
        with self._begun("begin") as conn:
            yield self._of(conn, None)

    @contextmanager
    def session(self) -> Iterator[Tx]:
        """A connection without a transaction, for locks that outlive one. Not through a pooler."""
        with _translated(), self._pool.connection() as conn:
            yield self._of(conn, None)

    def _of(
        self, conn: psycopg.Connection[Any], group_id: UUID | None, *, by_key: bool = False
    ) -> Tx:
        """What is handed out; the bench hands out one that takes the time."""
        return Tx(conn, group_id, self.keys, by_key=by_key)

    @contextmanager
    def _begun(self, begin: str) -> Iterator[psycopg.Connection[Any]]:
        with _translated(), ExitStack() as lent:
            conn = self._lend(lent, begin)
            try:
                yield conn
            except psycopg.errors.InvalidSqlStatementName:
                conn.close()  # what the driver believes of it is not so any more: nobody's again
                raise
            except BaseException:
                if not conn.closed:
                    conn.execute("rollback")
                raise
            conn.execute("commit")

    def _lend(self, lent: ExitStack, begin: str) -> psycopg.Connection[Any]:
        """A connection whose transaction has begun. After a restart of the database all that lie in
        the pool are dead: nothing was done on such a one yet, so the next is asked for.
        """
        for _ in range(self._pool.max_size + 1):  # all of them may be dead, and then one is new
            with ExitStack() as trying:
                conn = trying.enter_context(self._pool.connection())
                try:
                    conn.execute(begin)
                except psycopg.errors.InvalidSqlStatementName:
                    conn.close()
                    continue
                except psycopg.OperationalError:
                    if not conn.closed:
                        raise
                    continue
                lent.push(trying.pop_all())
                return conn
        raise Unavailable("no connection lives")


@contextmanager
def _translated() -> Iterator[None]:
    """The driver's errors in our words. Its own may quote a DSN or a row; the class says enough."""
    try:
        yield
    except (
        psycopg.errors.DeadlockDetected,
        psycopg.errors.SerializationFailure,
        # Prepared in the driver's books alone: the disk was full when the server was to do it.
        psycopg.errors.InvalidSqlStatementName,
    ) as error:
        raise Crossed(error.sqlstate) from error
    except (
        psycopg.OperationalError,
        psycopg.InterfaceError,
        psycopg.errors.IdleInTransactionSessionTimeout,
        PoolTimeout,
    ) as error:
        raise Unavailable(type(error).__name__) from error


def as_json(value: Any) -> Jsonb:
    """A list (or anything that is not a dict) to be stored as JSON."""
    return Jsonb(value)


def _options(dsn: str) -> str:
    """Ours, and whatever the installation's owner says in the address after them."""
    return f"{_PATIENCE} {conninfo_to_dict(dsn).get('options') or ''}".strip()


def _configure(conn: psycopg.Connection[Any]) -> None:
    conn.adapters.register_dumper(dict, JsonbDumper)
    conn.adapters.register_dumper(list, Column)
    set_json_loads(msgspec.json.decode, conn)
    conn.prepared_max = PREPARED_MAX


@cache
def statements() -> dict[str, Statement]:
    """Every named statement, by "word.name"."""
    found: dict[str, Statement] = {}
    folder = resources.files("lotline.store").joinpath("sql")
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".sql"):
            word = file.name.removesuffix(".sql")
            for statement in _split(word, file.read_text(encoding="utf-8")):
                assert statement.name not in found, f"two statements are called {statement.name}"
                found[statement.name] = statement
    return found


def _split(word: str, text: str) -> Iterator[Statement]:
    """`-- name: x` opens a statement; the comment lines right after it say what it is for."""
    for part in text.split("-- name: ")[1:]:
        first, _, rest = part.partition("\n")
        lines = rest.splitlines()
        says: list[str] = []
        while lines and lines[0].startswith("--"):
            says.append(lines.pop(0).removeprefix("--").strip())
        yield Statement(f"{word}.{first.strip()}", "\n".join(lines).strip(), " ".join(says))
