"""Phone exports written by hand in their documented forms, for whoever reads them.

The Android form is that of "SMS Backup & Restore": attributes, milliseconds, pictures of faces as
halves of pairs. The iPhone's is the part of `sms.db` that matters: handles, chats, messages whose
words stand in `text` or, on newer systems, only in `attributedBody`.

Not here: what is expected of a reader (`test_phones`), of an import (`test_bring`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import quoteattr

APPLE_EPOCH = 978_307_200
_HEAD = (
    "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n"
    "<!--File Created By SMS Backup & Restore-->\n"
    '<?xml-stylesheet type="text/xsl" href="sms.xsl"?>\n'
)


@dataclass(frozen=True, slots=True)
class Line:
    """One text as somebody's phone has it."""

    address: str
    at: datetime
    body: str
    out: bool = False


def halves(words: str) -> str:
    """Quoted as the app quotes: characters beyond the first plane as two references, which no XML
    may hold.
    """
    quoted = quoteattr(words, {"\n": "&#10;"})
    return "".join(
        char
        if ord(char) < 0x10000
        else "".join(
            f"&#{int.from_bytes(half, 'big')};"
            for half in (char.encode("utf-16-be")[:2], char.encode("utf-16-be")[2:])
        )
        for char in quoted
    )


def sms(line: Line) -> str:
    ms = int(line.at.timestamp() * 1000)
    return (
        f'  <sms protocol="0" address="{line.address}" date="{ms}" type="{2 if line.out else 1}" '
        f'subject="null" body={halves(line.body)} toa="null" sc_toa="null" service_center="null" '
        f'read="1" status="-1" locked="0" date_sent="0" sub_id="1" readable_date="" '
        f'contact_name="(Unknown)" />\n'
    )


def mms(line: Line, *, picture: int = 0) -> str:
    ms = int(line.at.timestamp() * 1000)
    data = f'<part seq="0" ct="image/jpeg" text="null" data="{"A" * picture}" />' if picture else ""
    return (
        f'  <mms date="{ms}" msg_box="{2 if line.out else 1}" address="{line.address}" '
        f'm_type="{128 if line.out else 132}" ct_t="application/vnd.wap.multipart.related">\n'
        f'    <parts><part seq="-1" ct="application/smil" text="&lt;smil&gt;" />{data}'
        f'<part seq="0" ct="text/plain" chset="106" text={halves(line.body)} /></parts>\n'
        '    <addrs><addr address="insert-address-token" type="137" charset="106" /></addrs>\n'
        "  </mms>\n"
    )


def android(path: Path, lines: Iterable[Line], *more: str) -> Path:
    """The file, with whatever `more` stands in it as it is."""
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEAD + '<smses count="1" backup_set="1" type="full">\n')
        file.writelines(sms(line) for line in lines)
        file.writelines(more)
        file.write("</smses>\n")
    return path


def typed_stream(words: str) -> bytes:
    """An attributed string as the system archives it; only the string is what it was."""
    body = words.encode()
    size = len(body)
    if size < 0x80:
        length = bytes([size])
    elif size <= 0xFFFF:
        length = b"\x81" + size.to_bytes(2, "little")
    else:
        length = b"\x82" + size.to_bytes(4, "little")
    head = (
        b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\x00\x84\x84"
        b"\x08NSObject\x00\x85\x92\x84\x84\x84\x08NSString\x01\x94\x84\x01+"
    )
    tail = b"\x86\x84\x02iI\x01\x01\x92\x84\x84\x84\x0cNSDictionary\x00\x94\x84\x01i\x01\x86\x86"
    return head + length + body + tail


SCHEMA = """
create table message (ROWID integer primary key autoincrement, guid text unique not null, text text,
    attributedBody blob, handle_id integer default 0, service text, date integer,
    is_from_me integer default 0, item_type integer default 0,
    associated_message_type integer default 0);
create table handle (ROWID integer primary key autoincrement, id text not null, service text);
create table chat (ROWID integer primary key autoincrement, guid text, style integer,
    chat_identifier text);
create table chat_message_join (chat_id integer, message_id integer);
create table chat_recoverable_message_join (chat_id integer, message_id integer);
create table kvtable (ROWID integer primary key, key text, value blob);
create trigger after_insert after insert on message begin update kvtable set value = 1; end;
"""


def iphone(path: Path, lines: Iterable[Line], *, attributed: bool = True, ns: bool = True) -> Path:
    """The database; every second text has its words in `attributedBody` alone."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SCHEMA)
        chats: dict[str, int] = {}
        for number, line in enumerate(lines, start=1):
            if line.address not in chats:
                db.execute("insert into handle (id, service) values (?, 'SMS')", [line.address])
                made = db.execute(
                    "insert into chat (guid, style, chat_identifier) values (?, 45, ?)",
                    [f"SMS;-;{line.address}", line.address],
                )
                chats[line.address] = int(made.lastrowid or 0)
            hidden = attributed and number % 2 == 0
            seconds = line.at.timestamp() - APPLE_EPOCH
            db.execute(
                "insert into message (ROWID, guid, text, attributedBody, handle_id, service, date,"
                " is_from_me) values (?, ?, ?, ?, ?, 'SMS', ?, ?)",
                [
                    number,
                    f"G-{number}",
                    None if hidden else line.body,
                    typed_stream(line.body) if hidden else None,
                    chats[line.address],
                    round(seconds * 1000) * 10**6 if ns else int(seconds),
                    int(line.out),
                ],
            )
            db.execute("insert into chat_message_join values (?, ?)", [chats[line.address], number])
        db.commit()
    return path


def many(count: int, customers: list[str], start: datetime, strangers: list[str]) -> list[Line]:
    """A salesperson's phone: one text in five is with a customer's number, none of them a stop."""
    from datetime import timedelta

    words = (
        "Hi, is the blue one still there?",
        "It is! Come by on Saturday, I'm in until five \U0001f600",
        "Great, what about the trade in we talked about, can you do a bit more for it?",
        "Let me ask. I'll text you as soon as I hear from the desk.",
        "ok thanks, see you then",
    )
    return [
        Line(
            (customers[i // 5 % len(customers)] if i % 5 else strangers[i % len(strangers)]),
            start + timedelta(minutes=i),
            f"{words[i % len(words)]} {i}",
            out=i % 2 == 1,
        )
        for i in range(count)
    ]
