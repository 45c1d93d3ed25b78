"""Webhooks as Twilio sends them, invented but faithful in every field: believed, and read right.

Each capture names why it is here, the addresses we are configured with, the call as it reached
us behind whatever proxy, and what must come of it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.adapters.http import Answer, NoAnswer, NotWritten
from lotline.adapters.twilio import Twilio, TwilioAccount
from lotline.adapters.twilio_hooks import PARAMS_MAX, account_of, read_form, with_reference
from lotline.core.carriers.port import Arrival, HookCall, Receipt, Unreadable

CAPTURES = sorted((Path(__file__).parent / "captures").glob("*.json"))
FORGED = {"tampered", "tampered_path", "foreign_token"}
GENUINE = [path for path in CAPTURES if path.stem not in FORGED]
ACCOUNT = "AC" + "0a" * 16
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class _NoCalls:
    """Reading a webhook calls nobody."""

    def call(self, *_: Any, **__: Any) -> Answer | NotWritten | NoAnswer:
        raise AssertionError("a webhook is read without a call")


def _carrier(bases: list[str]) -> Twilio:
    account = TwilioAccount(
        sid=ACCOUNT,
        auth_tokens=("0f1e2d3c4b5a69788796a5b4c3d2e1f0",),
        api_key=("SK" + "11" * 16, "a key signs our calls, never theirs"),
        shared_keys={"webhooks_sharedkey_01": "shared-secret-one"},
        public_base_urls=tuple(bases),
    )
    return Twilio(account, _NoCalls())


def _read(path: Path) -> tuple[dict[str, Any], Twilio]:
    capture = json.loads(path.read_text(encoding="utf-8"))
    return capture, _carrier(capture["public_base_urls"])


def _shown(call: HookCall) -> dict[str, Any]:
    if isinstance(call, Unreadable):
        return {"type": "unreadable"}
    shown = {
        "type": "arrival" if isinstance(call, Arrival) else "receipt",
        "carrier_id": call.carrier_id,
        "account": call.account,
        "from_number": call.from_number,
        "to_number": call.to_number,
    }
    if isinstance(call, Receipt):
        return {**shown, "word": call.word, "reference": call.reference, "code": call.code}
    return {
        **shown,
        "body": call.body,
        "messaging_service": call.messaging_service,
        "media": [[one.url, one.content_type] for one in call.media],
        "segments": call.segments,
        "carrier_stop": call.carrier_stop,
    }


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_each_capture(path: Path) -> None:
    capture, carrier = _read(path)
    body = capture["body"].encode("ascii")

    fault = carrier.verify_hook(capture["path_and_query"], capture["headers"], body)

    assert fault == capture["expect"]["fault"], capture["why"]
    assert account_of(body).startswith("AC"), "whose secrets to check is known beforehand"
    if fault is None:
        call = carrier.parse_hook(capture["path_and_query"], capture["headers"], body, NOON)
        assert _shown(call) == capture["expect"]["call"], capture["why"]
        assert isinstance(call, Unreadable) or call.at == NOON


@pytest.mark.parametrize("path", GENUINE, ids=lambda path: path.stem)
def test_no_capture_survives_a_changed_byte(path: Path) -> None:
    """A genuine call with one letter changed, anywhere in its values, is not believed."""
    capture, carrier = _read(path)
    body = capture["body"]
    for place in range(0, len(body), 7):
        if body[place].isalpha() and body[max(place - 2, 0) : place].count("%") == 0:
            changed = body[:place] + ("q" if body[place] != "q" else "z") + body[place + 1 :]
            said = changed.encode("ascii")
            fault = carrier.verify_hook(capture["path_and_query"], capture["headers"], said)
            assert fault is not None, f"at {place}"


def test_the_same_text_twice_has_the_same_key() -> None:
    calls = []
    for name in ("plain", "doubled"):
        capture, carrier = _read(Path(__file__).parent / "captures" / f"{name}.json")
        body = capture["body"].encode("ascii")
        calls.append(carrier.parse_hook(capture["path_and_query"], capture["headers"], body, NOON))
    first, again = calls
    assert isinstance(first, Arrival)
    assert isinstance(again, Arrival)

    assert (first.account, first.carrier_id, first.kind) == (
        again.account,
        again.carrier_id,
        again.kind,
    )
    assert first.delivery == again.delivery != ""


def test_without_a_public_address_nothing_is_believed() -> None:
    capture, _ = _read(Path(__file__).parent / "captures" / "plain.json")

    body = capture["body"].encode()
    fault = _carrier([]).verify_hook(capture["path_and_query"], capture["headers"], body)
    assert fault == "no_secret"


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a", b"a=%ff", b"&".join([b"a=1"] * 501)])
def test_what_is_no_form_is_unreadable_and_never_raises(body: bytes) -> None:
    capture, carrier = _read(Path(__file__).parent / "captures" / "plain.json")

    assert carrier.verify_hook("/hooks", capture["headers"], body) == "unreadable"
    assert isinstance(carrier.parse_hook("/hooks", {}, body, NOON), Unreadable)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"MessageSid=SM1&AccountSid=" + ACCOUNT.encode(),
        b"AccountSid=" + ACCOUNT.encode() + b"&From=%2B16145550142&To=%2B16145550100",
        b"MessageStatus=sent&AccountSid=" + ACCOUNT.encode(),
    ],
)
def test_a_call_without_what_makes_it_one_is_unreadable(body: bytes) -> None:
    _, carrier = _read(CAPTURES[0])

    assert isinstance(carrier.parse_hook("/hooks", {}, body, NOON), Unreadable)


def test_a_nul_in_the_words_cannot_reach_a_database() -> None:
    _, carrier = _read(CAPTURES[0])
    body = f"MessageSid=SM1&AccountSid={ACCOUNT}&From=%2B16145550142&To=%2B16145550100&Body=a%00b"

    call = carrier.parse_hook("/hooks", {}, body.encode(), NOON)

    assert isinstance(call, Arrival)
    assert call.body == "a\ufffdb"


def test_the_reference_rides_before_the_fragment() -> None:
    url = with_reference("https://x.example/s?a=1#rc=2&rp=all", "ref/1")

    assert url == "https://x.example/s?a=1&lotline_ref=ref%2F1#rc=2&rp=all"


def test_an_empty_form_is_a_form() -> None:
    assert read_form(b"") == {}
    assert account_of(b"") == account_of(b"\xff") == ""


@given(
    st.lists(
        st.sampled_from(["a", "Body", "=", "&", "+", "%", "%20", "%2B", "%C3%A9", "%ff", "%00", ""])
    ).map("".join)
)
def test_a_form_is_read_as_the_library_reads_it_when_it_forgives_nothing(text: str) -> None:
    try:
        wanted = parse_qs(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict")
    except ValueError:
        wanted = None
    assert read_form(text.encode()) == wanted


def test_a_form_of_too_many_fields_is_none() -> None:
    assert read_form(b"&".join([b"a=1"] * PARAMS_MAX)) is not None
    assert read_form(b"&".join([b"a=1"] * (PARAMS_MAX + 1))) is None
