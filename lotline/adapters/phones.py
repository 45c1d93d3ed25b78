"""Phones' exports as files: which kind one is, and an iPhone's `sms.db`, that a stranger made.

The database is opened for reading alone, as a file that nobody changes. Only plain tables with
plain columns are read: a view, a virtual table, a computed column could make reading run something.
An authorizer watches each step, each value is bounded, and a query that does not end is cut off.

Not here: what is in a text (`core.messaging.phone`), whose texts are kept (`actions.bring`).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from lotline.core.messaging.phone import (
    BadExport,
    Export,
    PhoneText,
    apple_instant,
    read_attributed,
    sniff,
    tidy_body,
)
from lotline.core.messaging.phone_android import read_android

CHUNK = 1 << 18
LARGEST_VALUE = 4 << 20
LONGEST_QUERY_S = 120.0
_STEPS = 50_000  # of the machine, between two looks at the clock
_ONE_TO_ONE = 45
_TAPBACKS = range(1000, 4000)
_UNREADABLE = "This database can’t be read. Choose sms.db from an unencrypted iPhone backup."
_UNKNOWN = (
    "This isn’t a backup of texts. Choose the XML file of SMS Backup & Restore, or sms.db from an "
    "unencrypted iPhone backup."
)
_NEEDED = {
    "message": {"ROWID", "text", "handle_id", "is_from_me", "date"},
    "handle": {"ROWID", "id"},
}
_KNOWN = {
    **_NEEDED,
    "chat": {"ROWID", "chat_identifier", "style"},
    "chat_message_join": {"chat_id", "message_id"},
    "chat_recoverable_message_join": {"message_id"},
}
_MORE = ("attributedBody", "item_type", "associated_message_type")
_PLAIN = 0  # as table_xinfo says of a column that is neither hidden nor computed
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}


def open_export(path: Path) -> Export:
    """The file, by what it begins with; `BadExport` for anything else."""
    with path.open("rb") as file:
        kind = sniff(file.read(512))
    if kind == "android":
        return Export("android", path.stat().st_size, lambda tell: _android(path, tell))
    if kind == "iphone":
        return Export("iphone", _count(path), lambda tell: read_sms_db(path, tell))
    raise BadExport(_UNKNOWN)


def _android(path: Path, tell: Callable[[int], None]) -> Iterator[PhoneText | None]:
    def chunks() -> Iterator[bytes]:
        read = 0
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
                read += len(chunk)
                tell(read)

    return read_android(chunks())


def read_sms_db(path: Path, tell: Callable[[int], None]) -> Iterator[PhoneText | None]:
    """Each text between two people, oldest first; None for groups, reactions and what is gone."""
    with closing(_opened(path)) as db:
        tables = _tables(db)
        query = _query(tables)
        db.set_authorizer(_authorizer(tables))
        try:
            for number, row in enumerate(db.execute(query), start=1):
                yield _text(row)
                if number % 200 == 0:
                    tell(number)
        except (sqlite3.Error, OverflowError, UnicodeError):
            raise BadExport(_UNREADABLE) from None


def _count(path: Path) -> int:
    with closing(_opened(path)) as db:
        tables = _tables(db)
        db.set_authorizer(_authorizer(tables))
        try:
            return sum(1 for _ in db.execute("select ROWID from message"))
        except (sqlite3.Error, OverflowError):
            raise BadExport(_UNREADABLE) from None


def _opened(path: Path) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(
            f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
    except sqlite3.Error:
        raise BadExport(_UNREADABLE) from None
    db.text_factory = bytes  # what is no UTF-8 is mended by us, not refused by the library
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
    db.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 100_000)
    db.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    db.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 50)
    until = time.monotonic() + LONGEST_QUERY_S
    db.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
    try:
        for rule in ("trusted_schema=off", "cell_size_check=on", "mmap_size=0", "query_only=on"):
            db.execute(f"pragma {rule}")
    except sqlite3.Error:
        db.close()
        raise BadExport(_UNREADABLE) from None
    return db


def _tables(db: sqlite3.Connection) -> dict[str, set[str]]:
    """The columns of each table that is read: plain ones of plain tables, and no others."""
    found: dict[str, set[str]] = {}
    try:
        for name, wanted in _KNOWN.items():
            row = db.execute(
                "select type, rootpage, sql from sqlite_master where name = ?", (name,)
            ).fetchone()
            if row is None:
                continue
            kind, root, said = row
            made = bytes(said or b"").lower().split()[:2]
            if kind != b"table" or not root or made != [b"create", b"table"]:
                raise BadExport(_UNREADABLE)
            columns = db.execute(f"pragma table_xinfo({name})").fetchall()
            plain = {one[1].decode("utf-8", "replace") for one in columns if one[6] == _PLAIN}
            found[name] = {one for one in (*wanted, *_MORE) if one in plain or one == "ROWID"}
    except (sqlite3.Error, ValueError, TypeError):
        raise BadExport(_UNREADABLE) from None
    if any(not columns <= found.get(name, set()) for name, columns in _NEEDED.items()):
        raise BadExport(_UNREADABLE)
    return found


def _authorizer(tables: dict[str, set[str]]) -> Callable[..., int]:
    def allowed(action: int, table: str | None, _column: Any, _db: Any, inner: Any) -> int:
        reads = action == sqlite3.SQLITE_READ and table in tables
        if inner is None and (reads or action == sqlite3.SQLITE_SELECT):
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    return allowed


def _query(tables: dict[str, set[str]]) -> str:
    """One row a message, with the chat it stands in where the database says so."""
    message = tables["message"]
    more = [f"m.{one}" if one in message else "null" for one in _MORE]
    joined = all(_KNOWN[name] <= tables.get(name, set()) for name in ("chat", "chat_message_join"))
    chat = ("c.chat_identifier", "c.style") if joined else ("null", "null")
    gone = "chat_recoverable_message_join"
    left = (
        " left join chat_message_join j on j.message_id = m.ROWID"
        " left join chat c on c.ROWID = j.chat_id"
        if joined
        else ""
    )
    without = (
        f" where m.ROWID not in (select message_id from {gone} where message_id is not null)"  # noqa: S608 - our own names
        if _KNOWN[gone] <= tables.get(gone, set())
        else ""
    )
    columns = ", ".join(("m.text", "m.is_from_me", "m.date", "h.id", *chat, *more))
    source = "from message m left join handle h on h.ROWID = m.handle_id"
    return f"select {columns} {source}{left}{without}"


def _text(row: tuple[Any, ...]) -> PhoneText | None:
    text, from_me, date, handle, chat, style, attributed, item, reaction = row
    if item not in {None, 0} or _number(reaction) in _TAPBACKS or not isinstance(date, int):
        return None
    if style is not None and style != _ONE_TO_ONE:
        return None
    address = _words(chat) or _words(handle)
    at = apple_instant(date)
    if not address or at is None:
        return None
    body = _words(text)
    if not body and isinstance(attributed, bytes):
        body = read_attributed(attributed) or ""
    direction: Literal["in", "out"] = "out" if from_me == 1 else "in"
    return PhoneText(address[:64], direction, at, tidy_body(body))


def _words(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
