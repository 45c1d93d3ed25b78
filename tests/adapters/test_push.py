"""The port for notices: the standard's own example, and a push service that opens what it gets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from lotline.adapters.push import KEPT_S, SIGNED_S, WebPush, sealed
from lotline.core.people.push import Notice, Push, Way, payload_of, private_from, public_of
from tests.adapters.push_peer import Phone, PushService, a_push_service, point, signature, unb64

AT = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
PRIVATE = private_from(b"\x07" * 48)


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    with a_push_service() as made:
        yield made


def push_to(phone: Phone, payload: bytes = b"hello") -> Push:
    way = Way(phone.endpoint, point(phone.key.public_key()), phone.secret)
    return Push(way, payload, "a-topic", PRIVATE, "https://texts.example.com", AT)


def test_it_seals_as_the_standard_shows() -> None:
    """RFC 8291, appendix A, byte for byte."""
    way = Way(
        "",
        unb64(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        unb64("BTBZMqHH6r4Tts7J_aSIgg"),
    )
    private = int.from_bytes(unb64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    own = ec.derive_private_key(private, ec.SECP256R1())
    made = sealed(
        b"When I grow up, I want to be a watermelon", way, own, unb64("DGv6ra1nlYgDCS1FRnbzlw")
    )
    assert made == unb64(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
        "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
        "lcy4a-fN"
    )


def test_what_arrives_opens_for_that_browser_alone(service: PushService) -> None:
    phone = service.phone("alone")
    said = WebPush(private=True)(push_to(phone, payload_of(Notice(None))))
    assert (said.status, said.outcome) == (201, "told")
    (call,) = service.of(phone)
    assert phone.read(call.body)["t"] == "Lotline"
    other = replace(phone, secret=os.urandom(16))
    with pytest.raises(InvalidTag):
        other.open(call.body)
    assert call.headers["content-encoding"] == "aes128gcm"
    assert (call.headers["ttl"], call.headers["urgency"]) == (str(KEPT_S), "high")
    assert call.headers["topic"] == "a-topic"
    assert b"Lotline" not in call.body


def test_it_is_signed_for_this_service_and_some_hours(service: PushService) -> None:
    phone = service.phone("signed")
    WebPush(private=True)(push_to(phone))
    claims, key = signature(service.of(phone)[0])
    assert claims == {
        "aud": service.url,
        "exp": int(AT.timestamp()) + SIGNED_S,
        "sub": "https://texts.example.com",
    }
    assert key == public_of(PRIVATE)


@pytest.mark.parametrize(
    "status,outcome",
    [
        (200, "told"),
        (201, "told"),
        (202, "told"),
        (301, "refused"),
        (307, "refused"),
        (400, "refused"),
        (403, "refused"),
        (404, "gone"),
        (410, "gone"),
        (413, "refused"),
        (429, "refused"),
        (500, "refused"),
        (503, "refused"),
    ],
)
def test_what_each_answer_means(service: PushService, status: int, outcome: str) -> None:
    phone = service.phone(f"s{status}")
    service.says[f"/push/s{status}"] = status
    said = WebPush(private=True)(push_to(phone))
    assert (said.status, said.outcome) == (status, outcome)
    assert not [one for one in service.heard if one.path == "/elsewhere"], "nothing is followed"


def test_nothing_inside_a_network_is_called(service: PushService) -> None:
    """A name may stand for this machine by the time it is called."""
    phone = service.phone("inside")
    assert WebPush()(push_to(phone)).outcome == "private"
    named = replace(phone, endpoint=phone.endpoint.replace("http://127.0.0.1", "https://localhost"))
    assert WebPush()(push_to(named)).outcome == "private"
    assert service.of(phone) == []
    nobody = replace(phone, endpoint="http://127.0.0.1:9/push")
    assert WebPush(private=True)(push_to(nobody)).outcome in {"unreachable", "timeout"}
