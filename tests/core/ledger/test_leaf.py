"""A leaf is one sequence of bytes, tells nothing of its content, and has one place on its chain."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.ledger.canonical import NotCanonical, canonical, instant, parse, read_instant
from lotline.core.ledger.leaf import (
    BadLeaf,
    Head,
    Leaf,
    LeafKind,
    changed_parts,
    commit,
    from_base64,
    make_leaf,
    next_link,
    part_salt,
    read_leaf,
    read_uuid,
    to_base64,
)
from lotline.core.ledger.merkle import hash_leaf

GROUP = UUID("018f0000-0000-7000-8000-000000000001")
DANA = UUID("018f0000-0000-7000-8000-0000000000d1")
ROW = UUID("018f0000-0000-7000-8000-0000000000a1")
NOON = datetime(2026, 11, 21, 18, 0, 0, 123, tzinfo=UTC)
SALT = b"s" * 32
GOLDEN = "fdade95425672b77de0deac95b57dc384e7ab657bc52b6c699c39e06c3cf808d"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=126)), inner, max_size=4)
    ),
    max_leaves=12,
)


def leaf(**changes: Any) -> Leaf:
    fields: dict[str, Any] = {
        "kind": LeafKind.CONSENT,
        "group": GROUP,
        "id": ROW,
        "at": NOON,
        "parts": {"entry": {"says": "stop"}, "proof": {"words": "STOP"}},
        "salt": SALT,
        "link": next_link(DANA, None),
    }
    return make_leaf(**(fields | changes))


@given(json_values)
def test_canonical_json_is_read_back_whole(value: Any) -> None:
    written = canonical(value)
    assert parse(written) == value
    assert canonical(parse(written)) == written


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9)))
def test_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    assert canonical(dict(reversed(list(value.items())))) == canonical(value)


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), 2**53, {"é": 1}, {1: 2}, b"bytes", {"a": {1, 2}}, "\ud800", ROW]
)
def test_what_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b"1.0",
        b"1e3",
        b"NaN",
        b"Infinity",
        b"\xff",
        b"",
        b"{",
        b"9" * 30,
        b"9" * 5000,
        b"[" * 100_000,
    ],
)
def test_what_is_not_read(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        parse(data)


def test_instants_are_written_one_way() -> None:
    mountain = timezone(timedelta(hours=-7))
    assert instant(NOON) == "2026-11-21T18:00:00.000123Z" == instant(NOON.astimezone(mountain))
    assert read_instant(instant(NOON)) == NOON
    for other in ("2026-11-21T18:00:00Z", "2026-11-21T18:00:00.123Z", "now", "2026-11-21"):
        with pytest.raises(NotCanonical):
            read_instant(other)


def test_golden_leaf() -> None:
    """The format is a promise to outsiders: this leaf must come out so for ever."""
    made = leaf()
    assert made.data == (
        b'{"at":"2026-11-21T18:00:00.000123Z",'
        b'"chain":{"of":"018f0000-0000-7000-8000-0000000000d1","prev":null,"seq":1},'
        b'"commitments":{"entry":"' + to_base64(made.commitments["entry"]).encode() + b'",'
        b'"proof":"' + to_base64(made.commitments["proof"]).encode() + b'"},'
        b'"group":"018f0000-0000-7000-8000-000000000001",'
        b'"id":"018f0000-0000-7000-8000-0000000000a1","kind":"consent","v":1}'
    )
    assert made.hash == hash_leaf(made.data)
    assert made.hash.hex() == GOLDEN
    of_entry = hmac.digest(SALT, b"entry", "sha256")
    assert made.commitments["entry"] == sha256(of_entry + b'{"says":"stop"}').digest()


def test_a_leaf_holds_no_content() -> None:
    assert b"STOP" not in leaf().data
    assert b"stop" not in leaf().data


def test_a_leaf_is_read_back() -> None:
    first = leaf()
    second = leaf(link=next_link(DANA, first.head), id=DANA)
    for made in (first, second, leaf(link=None), leaf(parts={})):
        assert read_leaf(made.data) == made
    assert second.link is not None
    assert (second.link.seq, second.link.prev) == (2, first.hash)
    assert second.head == Head(2, second.hash)


@given(at=st.integers(0, 400), byte=st.integers(0, 255))
def test_a_changed_byte_is_another_leaf_or_none(at: int, byte: int) -> None:
    data = bytearray(leaf().data)
    at %= len(data)
    if data[at] == byte:
        return
    data[at] = byte
    try:
        changed = read_leaf(bytes(data))
    except BadLeaf:
        return
    assert changed.hash != leaf().hash


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        leaf().data + b"\n",
        leaf().data.replace(b'"v":1', b'"v":2'),
        leaf().data.replace(b'"consent"', b'"consents"'),
        leaf().data.replace(b'"seq":1', b'"seq":0'),
        leaf().data.replace(b'"seq":1', b'"seq":2'),
        leaf().data.replace(b'"seq":1', b'"seq":true'),
        leaf().data.replace(b'"commitments":{', b'"commitments":{"a":"AAAA",'),
        leaf().data.replace(b"018f0000", b"018F0000", 1),
    ],
)
def test_what_is_no_leaf(data: bytes) -> None:
    with pytest.raises(BadLeaf):
        read_leaf(data)


@given(json_values, json_values)
def test_a_commitment_is_to_one_content_under_one_salt(one: Any, other: Any) -> None:
    assert (commit(one, SALT) == commit(other, SALT)) == (canonical(one) == canonical(other))
    assert commit(one, SALT) != commit(one, b"t" * 32)


def test_showing_one_part_does_not_give_another_away() -> None:
    assert part_salt(SALT, "entry") != part_salt(SALT, "proof") != SALT


@pytest.mark.parametrize(
    "parts,changed",
    [
        ({"entry": {"says": "stop"}, "proof": {"words": "STOP"}}, ()),
        ({"entry": {"says": "yes"}, "proof": {"words": "STOP"}}, ("entry",)),
        ({"entry": {"says": "stop", "x": None}, "proof": {}}, ("entry", "proof")),
        ({"entry": {"says": "stop"}}, ("proof",)),
        ({"entry": {"says": "stop"}, "proof": {"words": "STOP"}, "more": {}}, ("more",)),
    ],
)
def test_a_changed_row_is_told_by_its_parts(
    parts: dict[str, Any], changed: tuple[str, ...]
) -> None:
    assert changed_parts(leaf(), parts=parts, salt=SALT) == changed


def test_a_part_is_named_by_a_plain_word() -> None:
    for name in ('en"try', "é", "", "a b"):
        with pytest.raises(AssertionError):
            leaf(parts={name: {}})


@given(
    st.dictionaries(st.sampled_from(["text", "entry", "facts", "act"]), json_values),
    st.sampled_from(LeafKind),
    st.uuids(),
    st.datetimes(timezones=st.just(UTC)),
    st.none() | st.integers(0, 2**40),
)
def test_a_leaf_written_by_hand_is_canonical(
    parts: dict[str, Any], kind: LeafKind, row: UUID, at: datetime, seq: int | None
) -> None:
    link = None if seq is None else next_link(DANA, Head(seq, SALT) if seq else None)
    made = leaf(parts=parts, kind=kind, id=row, at=at, link=link)
    assert canonical(parse(made.data)) == made.data
    assert read_leaf(made.data) == made


def test_base64_and_ids_have_one_form() -> None:
    assert from_base64("AAE=", 2) == b"\0\1"
    for other in ("AAF=", "AAE", "AAE=\n", "AA E=", "é"):
        with pytest.raises(NotCanonical):
            from_base64(other)
    with pytest.raises(NotCanonical):
        from_base64("AAE=", 3)
    for other in (str(ROW).upper(), ROW.hex, "{" + str(ROW) + "}", ""):
        with pytest.raises(NotCanonical):
            read_uuid(other)
