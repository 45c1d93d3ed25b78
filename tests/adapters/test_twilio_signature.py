"""Twilio's signatures: their own vectors, their own validator as the judge, and attacks."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from lotline.adapters.twilio_signature import Secrets, public_urls, sign, signed_tail, verify
from lotline.core.carriers.port import HookFault

URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
TOKEN = "12345"
CALL = {
    "CallSid": ["CA1234567890ABCDE"],
    "Digits": ["1234"],
    "From": ["+14158675309"],
    "To": ["+18005551212"],
    "Caller": ["+14158675309"],
}
JSON = b'{"property": "value", "boolean": true}'
HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
SECRETS = Secrets((TOKEN,), {"KEY1": TOKEN})
SHA1 = {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
SHA256 = {
    "x-twilio-signature": "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s=",
    "x-twilio-webhooks-signature-settings": "key=KEY1,algorithm=HMAC_SHA256",
}

text = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)
params = st.dictionaries(text.filter(bool), st.lists(text, min_size=1, max_size=3), max_size=6)
tokens = st.text(alphabet="0123456789abcdef", min_size=1, max_size=32)
hosts = st.sampled_from(["lotline.example", "lotline.example:8443", "lotline.example:443"])


@pytest.mark.parametrize(
    "url, said, signature",
    [
        (URL, CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (
            URL,
            {"Sid": ["CA123"], "SidAccount": ["AC123"], "Digits": ["5678", "1234", "1234"]},
            "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
        ),
        (URL.replace(".com/", ".com:443/"), CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (URL, CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (URL.replace("https", "http"), CALL, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (
            URL.replace("https", "http").replace(".com/", ".com:1234/"),
            CALL,
            "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=",
        ),
        (f"{URL}&bodySHA256={HASH}", JSON, "a9nBmqA0ju/hNViExpshrM61xv4="),
    ],
)
def test_published_vectors(url: str, said: dict[str, list[str]] | bytes, signature: str) -> None:
    assert verify(url, said, {"x-twilio-signature": signature}, SECRETS) is None


def test_a_shared_key_is_found_by_its_id() -> None:
    assert verify(URL, CALL, SHA256, SECRETS) is None
    rotated = Secrets((), {"KEY0": "old", "KEY1": TOKEN})
    assert verify(URL, CALL, SHA256, rotated) is None


@pytest.mark.parametrize(
    "headers, secrets, fault",
    [
        ({}, SECRETS, HookFault.NO_SIGNATURE),
        ({"x-twilio-signature": ""}, SECRETS, HookFault.NO_SIGNATURE),
        ({"x-twilio-signature": "ü"}, SECRETS, HookFault.WRONG_SIGNATURE),
        (SHA1, Secrets(("other",)), HookFault.WRONG_SIGNATURE),
        (SHA1, Secrets(()), HookFault.NO_SECRET),
        (SHA1, Secrets(("",)), HookFault.NO_SECRET),
        (SHA256, Secrets((TOKEN,)), HookFault.UNKNOWN_KEY),
        (SHA256, Secrets((TOKEN,), {"KEY1": ""}), HookFault.NO_SECRET),
        (
            {**SHA256, "x-twilio-webhooks-signature-settings": "algorithm=HMAC_SHA256"},
            SECRETS,
            HookFault.UNKNOWN_KEY,
        ),
        (
            {**SHA1, "x-twilio-webhooks-signature-settings": "key=KEY1,algorithm=HMAC_MD5"},
            SECRETS,
            HookFault.UNKNOWN_ALGORITHM,
        ),
        (
            {**SHA1, "x-twilio-webhooks-signature-settings": "algorithm=none"},
            SECRETS,
            HookFault.UNKNOWN_ALGORITHM,
        ),
    ],
)
def test_what_is_not_believed(headers: dict[str, str], secrets: Secrets, fault: HookFault) -> None:
    assert verify(URL, CALL, headers, secrets) is fault


def test_an_empty_secret_signs_nothing() -> None:
    forged = {"x-twilio-signature": sign(URL + signed_tail(CALL), "")}

    assert verify(URL, CALL, forged, Secrets(("",))) is HookFault.NO_SECRET


def test_both_tokens_count_while_one_is_rotated() -> None:
    assert verify(URL, CALL, SHA1, Secrets(("new", TOKEN))) is None


@pytest.mark.parametrize(
    "url, body",
    [
        (f"{URL}&bodySHA256={HASH}", JSON + b" "),
        (f"{URL}&bodySHA256={hashlib.sha256(b'').hexdigest()}", JSON),
        (URL, JSON),
    ],
)
def test_a_body_that_was_not_signed_is_not_believed(url: str, body: bytes) -> None:
    """An address signed alone says nothing of a body, so the hash must be there and agree."""
    headers = {"x-twilio-signature": sign(url, TOKEN)}

    assert verify(url, body, headers, SECRETS) is HookFault.WRONG_BODY


def test_the_port_of_a_stranger_is_not_forgiven() -> None:
    signed = {"x-twilio-signature": sign("https://mycompany.com:8443/a", TOKEN)}

    assert verify("https://mycompany.com:8443/a", {}, signed, SECRETS) is None
    wrong = verify("https://mycompany.com/a", {}, signed, SECRETS)
    assert wrong is HookFault.WRONG_SIGNATURE


@given(tokens, hosts, text, params)
def test_their_validator_accepts_ours_and_we_theirs(
    token: str, host: str, path: str, said: dict[str, list[str]]
) -> None:
    url = f"https://{host}/hooks/{quote(path, safe='')}?ref=1"
    theirs = RequestValidator(token)
    multi = _Multi(said)
    ours = sign(url + signed_tail(said), token)

    assert theirs.validate(url, multi, ours)
    for algorithm, settings in (
        ("HMAC_SHA1", {}),
        ("HMAC_SHA256", {"x-twilio-webhooks-signature-settings": "key=K,algorithm=HMAC_SHA256"}),
    ):
        signature = theirs.compute_signature(url, multi, algorithm)
        headers = {"x-twilio-signature": signature, **settings}
        assert verify(url, said, headers, Secrets((token,), {"K": token})) is None


@given(params, params)
def test_a_changed_form_is_not_believed(
    said: dict[str, list[str]], other: dict[str, list[str]]
) -> None:
    assume(signed_tail(said) != signed_tail(other))
    headers = {"x-twilio-signature": sign(URL + signed_tail(said), TOKEN)}

    assert verify(URL, other, headers, SECRETS) is HookFault.WRONG_SIGNATURE


def test_the_public_address_is_ours_whatever_the_host_says() -> None:
    bases = ("https://a.example/", "https://b.example/team")

    assert public_urls(bases, "/hooks/x?y=1") == (
        "https://a.example/hooks/x?y=1",
        "https://b.example/team/hooks/x?y=1",
    )


def test_secrets_are_not_shown() -> None:
    assert TOKEN not in repr(SECRETS)


class _Multi(dict[str, list[str]]):
    """The form as their validator reads several values of a name."""

    def getall(self, name: str) -> list[str]:
        return self[name]
