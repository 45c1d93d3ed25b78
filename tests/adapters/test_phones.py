"""Phones' exports are read as they are written, broken as they are, and refused when hostile."""

from __future__ import annotations

import sqlite3
import tracemalloc
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.adapters.phones import open_export
from lotline.core.messaging.phone import BadExport, PhoneText, read_attributed
from lotline.core.messaging.phone_android import read_android
from tests.adapters.phone_exports import Line, android, iphone, mms, typed_stream

AT = datetime(2025, 3, 4, 17, 30, tzinfo=UTC)
DALE = "+16145550147"
FACE, FAMILY = "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def read(path: Path) -> list[PhoneText | None]:
    return list(open_export(path).read(lambda _done: None))


def said(path: Path) -> list[str]:
    return [one.body for one in read(path) if one is not None]


BODIES = (
    "Hello",
    f"Broken {FACE} pair {FAMILY}",
    'She said "yes" & <left>',
    "it's",
    "both \" and ' at once",
    "two\nlines",
    "ñandú 猫",
    'data="AAAA',
    "&#55357; is not a face",
)


@pytest.mark.parametrize("ns", [True, False])
def test_both_formats_say_the_same(tmp_path: Path, ns: bool) -> None:
    lines = [Line(DALE, AT + timedelta(minutes=i), body) for i, body in enumerate(BODIES)]
    expected = [PhoneText(DALE, "in", line.at, line.body) for line in lines]
    assert read(android(tmp_path / "sms.xml", lines)) == expected
    assert read(iphone(tmp_path / "sms.db", lines, ns=ns)) == expected


def test_what_android_writes_beyond_plain_texts(tmp_path: Path) -> None:
    """Pictures of megabytes, groups, drafts, what failed, hex references, control characters."""
    ms = int(AT.timestamp() * 1000)
    plain = f'<sms address="{DALE}" date="{ms}" '
    path = android(
        tmp_path / "sms.xml",
        [],
        mms(Line(DALE, AT, "with a picture"), picture=3_000_000),
        mms(Line(f"{DALE}~+16145550148", AT, "a group")),
        f'{plain}type="3" body="draft" />',
        f'{plain}type="5" body="failed" />',
        f'{plain}type="1" body="hex &#xD83D;&#xDE00;" />',
        f'{plain}type="1" body="half &#55357; alone" />',
        f'{plain}type="1" body="bell &#7;\x07 rings" />',
        f'{plain}type="1" body="null" />',
        f"{plain}type='1' body='say \"data=\"' />",
        f'<sms address="{DALE}" date="soon" type="1" body="no day" />',
        f'<sms address="{DALE}" date="1" type="1" body="before texts" />',
    )
    assert read(path).count(None) == 5
    expected = ["with a picture", f"hex {FACE}", "half \ufffd alone", "bell  rings", ""]
    assert said(path) == [*expected, 'say "data="']


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE smses [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    ']><smses><sms address="1" date="1" type="1" body="&b;"/></smses>'
)
REFUSED = {
    "billion laughs": LAUGHS,
    "a file of ours": '<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><smses>&x;</smses>',
    "a type from the net": '<?xml version="1.0"?><!DOCTYPE smses SYSTEM "http://h/x"><smses/>',
    "an unknown entity": '<smses><sms body="&nbsp;"/></smses>',
    "words outside": "<smses><![CDATA[x]]></smses>",
    "calls": '<?xml version="1.0"?><calls count="1"><call/></calls>',
    "deep": "<smses>" + "<a>" * 5000,
    "a tag without end": "<smses " + "a" * 200_000,
    "attributes without end": "<smses " + "a='' " * 100_000,
    "cut off": '<smses><sms address="+16145550147" date="1741109400000" type="1" body="half',
    "cut between": '<smses><sms address="+16145550147" date="1741109400000" type="1" body="x"/>',
    "nothing": "",
    "a page": "<html><body>hi</body></html>",
    "a zip": "PK\x03\x04" + "\0" * 600,
    "noise": "\x00\xff" * 1000,
}


@pytest.mark.parametrize("words", REFUSED.values(), ids=REFUSED)
def test_hostile_and_broken_xml_is_refused(tmp_path: Path, words: str) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(words.encode("latin-1"))
    with pytest.raises(BadExport):
        read(path)


@given(st.binary(max_size=400), st.integers(1, 50))
def test_whatever_stands_in_it_is_texts_or_a_refusal(noise: bytes, size: int) -> None:
    """And a cut at any place changes nothing of what is read."""
    whole = b"<smses>" + noise + b"</smses>"
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    outcome = []
    for chunks in ([whole], pieces):
        try:
            outcome.append(str(list(read_android(chunks))))
        except BadExport:
            outcome.append("no")
    assert outcome[0] == outcome[1]


def test_memory_does_not_grow_with_a_picture(tmp_path: Path) -> None:
    path = android(tmp_path / "sms.xml", [], mms(Line(DALE, AT, "x"), picture=40_000_000))
    tracemalloc.start()
    try:
        assert said(path) == ["x"]
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.integers(0, 60))
def test_an_attributed_string_is_its_string_or_nothing(words: str, cut: int) -> None:
    whole = typed_stream(words)
    assert read_attributed(whole) == words
    assert read_attributed(whole[: len(whole) - cut]) in {words, None}


@given(st.binary(max_size=300))
def test_no_attributed_body_is_a_fault(noise: bytes) -> None:
    for body in (noise, typed_stream("x")[:60] + noise, b"NSString\x01\x94\x84\x01+" + noise):
        read_attributed(body)


def test_long_strings_have_longer_lengths() -> None:
    for size in (127, 128, 255, 256, 9_999):
        assert read_attributed(typed_stream("a" * size)) == "a" * size


def test_what_an_iphone_has_beyond_plain_texts(tmp_path: Path) -> None:
    """Groups, reactions, what happened to a group, and what was deleted are left out."""
    path = iphone(
        tmp_path / "sms.db",
        [Line(DALE, AT, f"text {i}", out=i == 1) for i in range(6)],
        attributed=False,
    )
    with closing(sqlite3.connect(path)) as db:
        db.executescript(
            "update message set associated_message_type = 2000 where ROWID = 3;"
            "update message set item_type = 2 where ROWID = 4;"
            "insert into chat_recoverable_message_join values (1, 5);"
            "insert into chat (guid, style, chat_identifier) values ('g', 43, 'chat1');"
            "update chat_message_join set chat_id = 2 where message_id = 6;"
        )
    found = [one for one in read(path) if one is not None]
    assert [(one.body, one.direction) for one in found] == [("text 0", "in"), ("text 1", "out")]


def _no_message(db: sqlite3.Connection) -> None:
    db.execute("drop table message")


def _view(db: sqlite3.Connection) -> None:
    db.executescript(
        "alter table message rename to m2;"
        "create view message as with recursive r(x) as (select 1 union all select x + 1 from r)"
        " select x as ROWID, '' as text, 1 as handle_id, 0 as is_from_me, 0 as date from r;"
    )


def _computed(db: sqlite3.Connection) -> None:
    db.executescript(
        "drop table handle;"
        "create table handle (ROWID integer primary key, n int,"
        " id text generated always as (hex(zeroblob(500000000))) virtual);"
    )


def _virtual(db: sqlite3.Connection) -> None:
    db.executescript("drop table handle; create virtual table handle using fts5(id, ROWID_);")


def _forged(db: sqlite3.Connection) -> None:
    db.executescript(
        "pragma writable_schema = on;"
        "update sqlite_master set sql = 'create table handle (ROWID, id check (' where"
        " name = 'handle';"
    )


HOSTILE = {
    "no messages": _no_message,
    "a view that never ends": _view,
    "a computed column": _computed,
    "a virtual table": _virtual,
    "a forged schema": _forged,
}


@pytest.mark.parametrize("spoil", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_database_is_refused(tmp_path: Path, spoil: object) -> None:
    path = iphone(tmp_path / "sms.db", [Line(DALE, AT, "x")])
    with closing(sqlite3.connect(path)) as db:
        spoil(db)  # type: ignore[operator]  # each of the table is called with the database
        db.commit()
    with pytest.raises(BadExport):
        read(path)


@pytest.mark.parametrize("at", [16, 100, 2000, 4096, 9000])
def test_a_damaged_database_is_refused_or_read(tmp_path: Path, at: int) -> None:
    path = iphone(tmp_path / "sms.db", [Line(DALE, AT, "x" * 90) for _ in range(200)])
    data = bytearray(path.read_bytes())
    data[at : at + 60] = b"\xff" * 60
    path.write_bytes(data)
    try:
        read(path)
    except BadExport:
        return


def test_odd_values_are_read_as_far_as_they_can_be(tmp_path: Path) -> None:
    path = iphone(tmp_path / "sms.db", [Line(DALE, AT, "x") for _ in range(5)], attributed=False)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(
            "update message set date = 'soon' where ROWID = 1;"
            "update message set date = 9223372036854775807 where ROWID = 2;"
            "update message set text = x'ff41' where ROWID = 3;"
            "update message set text = 7 where ROWID = 4;"
            "update chat set chat_identifier = x'00';"
        )
    assert [one.body for one in read(path) if one] == ["x", "\ufffdA", "7", "x"]


def test_reading_changes_nothing(tmp_path: Path) -> None:
    path = iphone(tmp_path / "sms.db", [Line(DALE, AT, "x")])
    before = path.read_bytes(), sorted(tmp_path.iterdir())
    read(path)
    assert (path.read_bytes(), sorted(tmp_path.iterdir())) == before
