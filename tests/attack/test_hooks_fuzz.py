"""Anything at all is thrown at the hooks: no call breaks them, none that was taken is lost.

Unsigned noise is turned away and kept within bounds. A call that is signed is the carrier's own,
whatever stands in it: it is stored, or kept aside with a reason, before it is answered 200.

Not here: proofs and captured calls (`tests.adapters`), what a text sets off (`tests.actions`).
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lotline.store import arrivals
from tests.attack.hooked import INBOUND, SALES, STATUS, Door, open_door
from tests.conftest import Database
from tests.town import ACCOUNT

_sids = itertools.count(1)
EXAMPLES = int(os.environ.get("LOTLINE_FUZZ_EXAMPLES", "20"))
_many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

TURNED = {403, 404, 405, 413}


@pytest.fixture(scope="module")
def door(module_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder: Path = tmp_path_factory.mktemp("hooks")
    with open_door(module_db, folder) as opened:
        yield opened


def new_sid() -> str:
    return f"SM{next(_sids):032x}"


def inbound(**more: str) -> dict[str, str]:
    """A customer's text as the carrier brings it."""
    return {
        "MessageSid": new_sid(),
        "AccountSid": ACCOUNT,
        "From": "+16145550142",
        "To": SALES,
        "Body": "Hello",
        "NumMedia": "0",
        **more,
    }


# -- unsigned -------------------------------------------------------------------------------------

_accounts = st.one_of(
    st.just(ACCOUNT.encode()),
    st.binary(min_size=1, max_size=90).map(lambda raw: raw.hex().encode()),
    st.sampled_from([b"%00", b"AC%00", b"%FF%FE", b"%C3%A9", b"..", b"%2e%2e", b"AC%0a", b"%20"]),
    st.just(b"A" * 400),
)
_header_values = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"algorithm=HMAC_SHA256,key=x",
            b"algorithm=,key=",
            b"=,=",
            b"algorithm=HMAC_MD5",
            b"bm90IG91cnM=",
            b"\xff\xfe\x00",
        ]
    ),
)
_names = st.sampled_from(
    [
        b"x-twilio-signature",
        b"x-twilio-webhooks-signature-settings",
        b"i-twilio-idempotency-token",
        b"content-type",
        b"content-length",
        b"content-encoding",
        b"transfer-encoding",
        b"host",
        b"x-forwarded-host",
    ]
)


@_many
@given(
    account=_accounts,
    end=st.sampled_from([b"inbound", b"status"]),
    query=st.binary(max_size=40),
    headers=st.lists(st.tuples(_names, _header_values), max_size=5),
    chunks=st.lists(st.binary(max_size=400), max_size=4),
    gone_after=st.sampled_from([None, None, None, 0, 1]),
)
@example(b"%00", b"inbound", b"", [], [b"Body=x"], None)
@example(
    ACCOUNT.encode(), b"status", b"\xff%ff&a=%", [(b"x-twilio-signature", b"\xff")], [b"\xff"], None
)
def test_noise_is_turned_away_and_applies_nothing(  # noqa: PLR0917  # one thing thrown each
    door: Door,
    account: bytes,
    end: bytes,
    query: bytes,
    headers: list[tuple[bytes, bytes]],
    chunks: list[bytes],
    gone_after: int | None,
) -> None:
    path = b"/hooks/twilio/" + account + b"/" + end
    answer = door.call(path, chunks, headers, query=query, gone_after=gone_after)
    assert answer in TURNED or (gone_after is not None and answer in {0, 400}), answer
    assert door.count("texts", "carrier_id is null") == 0


@pytest.mark.parametrize("size", [64 * 1024 + 1, 1_100_000, 5_000_000])
def test_a_body_larger_than_any_of_theirs_is_refused_before_it_is_read(
    door: Door, size: int
) -> None:
    kept = door.count("turned_away")
    piece = b"x" * 16_384
    chunks = [piece] * (size // len(piece) + 1)
    assert door.call(INBOUND.encode(), chunks) == 413
    assert door.count("turned_away") == kept, "what is never kept cannot fill a disk"


def test_forged_calls_under_ever_new_accounts_fill_no_disk(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account stands in the address, so a stranger may name a new one each time."""
    monkeypatch.setattr(arrivals, "TURNED_AWAY_KEPT", 20)
    for n in range(60):
        path = f"/hooks/twilio/AC{n:032x}/inbound".encode()
        assert door.call(path, [b"Body=" + b"x" * 5000]) == 403
    for n in range(60):
        assert door.call(INBOUND.encode(), [b"Body=%d" % n + b"x" * 50_000]) == 403
    assert door.count("turned_away", "group_id is null") <= 20
    assert door.count("turned_away", "group_id is not null") <= 20
    assert door.count("turned_away", "length(raw_ct) > 40000") == 0
    assert door.count("turned_away", "length(account) > 64") == 0


# -- signed ---------------------------------------------------------------------------------------

_words = st.text(max_size=300)
_numbers = st.one_of(
    st.sampled_from(
        [
            "+16145550142",
            "+1614555014",
            "16145550143",
            "262966",
            "+999",
            "+000000000000",
            "+18005550199",
            "+442079460018",
            "whatsapp:+16145550142",
            "",
            SALES,
            "+12425550123",
        ]
    ),
    st.from_regex(r"\+?[0-9]{3,15}", fullmatch=True),
    _words,
)
_fields = st.sampled_from(
    [
        "NumMedia",
        "MediaUrl0",
        "MediaContentType0",
        "NumSegments",
        "OptOutType",
        "MessagingServiceSid",
        "SmsStatus",
        "FromCity",
        "ErrorCode",
        "ApiVersion",
        "Body",
    ]
)


@_many
@given(
    body=_words,
    sender=_numbers,
    to=st.one_of(st.just(SALES), _numbers),
    more=st.dictionaries(st.one_of(_fields, _words), _words, max_size=5),
    sid=st.one_of(st.none(), st.none(), _words),
)
@example("a\x00b", "+16145550142", SALES, {}, None)
@example("x", "+16145550142", SALES, {"NumMedia": "1", "MediaUrl0": "http://a\x00b"}, None)
@example("x", "+16145550142", SALES, {}, "SM\x00")
@example("x", "+16145550142", SALES, {}, "S" * 3000)
@example("x", "+16145550142", SALES, {"NumSegments": "999999"}, None)
@example("x", "+16145550142", SALES, {"NumMedia": "2", "MediaUrl0": "\ud7ff\U0010ffff"}, None)
@example("x" * 9000, "+16145550142", SALES, {}, None)
@example("STOP\u200b", "262966", SALES, {}, None)
def test_a_signed_text_is_stored_or_kept_aside(  # noqa: PLR0917  # ditto
    door: Door, body: str, sender: str, to: str, more: dict[str, str], sid: str | None
) -> None:
    said = {**inbound(From=sender, To=to, Body=body), **more}
    if sid is not None:
        said["MessageSid"] = sid
    before = door.count("texts", "direction = 'in'")
    there = door.count("arrivals", "carrier_id = %s", said["MessageSid"].replace("\x00", ""))
    aside = door.count("turned_away")
    latest = _latest(door)
    assert door.signed(INBOUND, said) == 200
    stored = door.count("texts", "direction = 'in'") - before
    kept = door.count("turned_away") - aside or _latest(door) != latest
    assert stored == 1 or kept or there, "a call that was answered 200 left no trace"
    assert stored <= 1
    assert door.signed(INBOUND, said) == 200
    assert door.count("texts", "direction = 'in'") - before == stored, "brought twice, kept twice"


def test_one_accounts_secret_proves_nothing_of_anothers(door: Door) -> None:
    """Who owns one account of an installation cannot speak for another company's."""
    before = door.count("arrivals"), door.count("texts")
    latest = _latest(door)
    other = f"AC{9:032x}"
    assert door.signed(INBOUND, inbound(AccountSid=other, Body="STOP")) == 200
    assert _latest(door) != latest, "it is kept aside"
    receipt = {"MessageSid": new_sid(), "AccountSid": other, "MessageStatus": "delivered"}
    assert door.signed(STATUS, receipt) == 200
    assert (door.count("arrivals"), door.count("texts")) == before


def _latest(door: Door) -> object:
    row = door.link.execute("select max(id::text) from turned_away").fetchone()
    return row and row[0]


@_many
@given(
    word=st.one_of(
        st.sampled_from(["queued", "sent", "delivered", "failed", "DELIVERED", "read", "gone"]),
        _words,
    ),
    reference=st.one_of(st.uuids().map(str), st.text(max_size=40)),
    code=st.one_of(st.sampled_from(["", "0", "30003", "21610"]), _words),
    sid=st.one_of(st.none(), _words),
)
@example("delivered", "not-a-uuid", "", "\x00")
@example("failed", "00000000-0000-0000-0000-000000000000", "21610\x00", None)
def test_a_signed_receipt_of_nobodys_text_is_kept_aside(
    door: Door, word: str, reference: str, code: str, sid: str | None
) -> None:
    from urllib.parse import quote

    said = {
        "MessageSid": new_sid() if sid is None else sid,
        "AccountSid": ACCOUNT,
        "MessageStatus": word or "sent",
        "ErrorCode": code,
    }
    latest = _latest(door)
    path = f"{STATUS}?lotline_ref={quote(reference, safe='')}"
    assert door.signed(path, said) == 200
    assert _latest(door) != latest
    assert door.count("receipts") == 0
