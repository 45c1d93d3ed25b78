"""What a notice may say, by choice and cap; and what a browser may say of itself."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.people.push import (
    TESTED,
    WAITS,
    BadSubscription,
    Detail,
    Initials,
    Notice,
    allowed,
    base64url,
    detail_of,
    initials_of,
    notice_of,
    pause_after,
    payload_of,
    private_from,
    public_of,
    read_way,
)

TALK = UUID("01930000-0000-7000-8000-000000000001")
NONE, LINE, INITIALS = Detail


@pytest.mark.parametrize(
    "chosen,most,says",
    [
        (None, None, LINE),
        ("none", None, NONE),
        ("line", None, LINE),
        ("initials", None, INITIALS),
        (None, "none", NONE),
        ("none", "none", NONE),
        ("line", "none", NONE),
        ("initials", "none", NONE),
        (None, "line", LINE),
        ("none", "line", NONE),
        ("line", "line", LINE),
        ("initials", "line", LINE),
        ("none", "initials", NONE),
        ("line", "initials", LINE),
        ("initials", "initials", INITIALS),
        ("everything", None, NONE),
        ("initials", "everything", NONE),
        (7, None, NONE),
    ],
)
def test_no_more_than_the_owner_allows(chosen: Any, most: Any, says: Detail) -> None:
    assert detail_of(chosen, most) is says


def test_what_may_be_chosen() -> None:
    assert allowed(None) == (NONE, LINE, INITIALS)
    assert allowed("line") == (NONE, LINE)
    assert allowed("none") == (NONE,)
    assert allowed("nonsense") == (NONE,)


@pytest.mark.parametrize(
    "name,letters",
    [
        ("Priya Ramnath", "PR"),
        ("priya ramnath", "PR"),
        ("Ana Maria de la Cruz", "AC"),
        ("Cher", "C"),
        ("Élodie Ünal", "ÉÜ"),
        ("Олег Ильин", "ОИ"),
        ("ßeta Wu", "SW"),
        ("", None),
        ("   ", None),
        ("+16145550142", None),
        ("614 555 0142", None),
        ("7 Eleven", "E"),
        ("王 芳", None),
        ("김", None),
        ("יוסי כהן", None),
        ("😀 Priya", "P"),
    ],
)
def test_initials(name: str, letters: str | None) -> None:
    found = initials_of(name)
    assert (found.letters if found else None) == letters


@given(st.text(max_size=40))
def test_no_name_is_more_than_two_letters(name: str) -> None:
    found = initials_of(name)
    assert found is None or (len(found.letters) <= 2 and not any(map(str.isdigit, found.letters)))


@pytest.mark.parametrize("letters", ["", "PRI", "4", "P4", "+", "王"])
def test_initials_take_nothing_else(letters: str) -> None:
    with pytest.raises(AssertionError):
        Initials(letters)


def said(notice: Notice) -> dict[str, str]:
    found: dict[str, str] = json.loads(payload_of(notice))
    return found


@pytest.mark.parametrize(
    "detail,title", [(NONE, "Lotline"), (LINE, "Elm sales"), (INITIALS, "Elm sales: PR")]
)
def test_what_each_choice_says(detail: Detail, title: str) -> None:
    notice = notice_of(detail, TALK, line="Elm sales", initials=initials_of("Priya Ramnath"))
    assert said(notice) == {"t": title, "b": WAITS, "g": str(TALK), "u": f"/c/{TALK}/#box"}


def test_a_customer_without_initials_and_a_test() -> None:
    assert said(notice_of(INITIALS, TALK, line="Elm sales", initials=None))["t"] == "Elm sales"
    assert said(Notice(None)) == {"t": "Lotline", "b": TESTED, "g": "test", "u": "/me/#push"}


@given(st.text(max_size=200), st.sampled_from(Detail))
def test_the_size_tells_nothing(line: str, detail: Detail) -> None:
    made = payload_of(notice_of(detail, TALK, line=line, initials=Initials("PR")))
    assert len(made) in {256, 512, 768, 1024}


def browser(**more: Any) -> dict[str, Any]:
    key = base64url(public_of(private_from(b"\x01" * 48)))
    keys = {"p256dh": key, "auth": base64url(b"\x02" * 16)}
    return {"endpoint": "https://push.example.com/a/b", "keys": keys, **more}


def test_what_a_browser_says_is_read() -> None:
    way = read_way(browser(), private=False)
    assert way.endpoint == "https://push.example.com/a/b"
    assert (len(way.key), way.secret) == (65, b"\x02" * 16)
    assert "push.example.com" not in repr(way)


INSIDE = [
    "http://push.example.com/a",
    "https://127.0.0.1/a",
    "https://localhost/a",
    "https://10.1.2.3/a",
    "https://192.168.0.9:8443/a",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/a",
    "https://[::ffff:127.0.0.1]/a",
    "https://[fd00::1]/a",
    "https://100.64.0.1/a",
    "https://0.0.0.0/a",
    "ftp://push.example.com/a",
    "file:///etc/passwd",
    "https://a:b@push.example.com/a",
    "https://push.example.com:0/a",
    "https://push.example.com/a#b",
    "https://push.example.com/a\r\nX-Evil: 1",
    "https://push.example.com/" + "a" * 2000,
    "nonsense",
    "",
]


@pytest.mark.parametrize("endpoint", INSIDE)
def test_nothing_is_sent_inside_a_network(endpoint: str) -> None:
    with pytest.raises(BadSubscription):
        read_way(browser(endpoint=endpoint), private=False)


OFF_CURVE = base64url(b"\x04" + b"\x01" * 64)
SECRET = base64url(b"\x02" * 16)
KEY = base64url(public_of(private_from(b"\x01" * 48)))


@pytest.mark.parametrize(
    "strange",
    [
        {"endpoint": None},
        {"endpoint": ["https://push.example.com/"]},
        {"keys": None},
        {"keys": "x"},
        {"keys": {}},
        {"keys": {"p256dh": KEY}},
        {"keys": {"p256dh": KEY, "auth": "AA"}},
        {"keys": {"p256dh": KEY, "auth": "é" * 22}},
        {"keys": {"p256dh": KEY, "auth": 5}},
        {"keys": {"p256dh": KEY[:-4], "auth": SECRET}},
        {"keys": {"p256dh": OFF_CURVE, "auth": SECRET}},
        {"keys": {"p256dh": "A" * 100_000, "auth": SECRET}},
    ],
)
def test_what_is_no_subscription_is_refused(strange: dict[str, Any]) -> None:
    with pytest.raises(BadSubscription):
        read_way(browser(**strange), private=False)


def test_tries_grow_rare_and_end() -> None:
    pauses = [pause_after(n, 0.5) for n in range(1, 7)]
    assert pauses[-1] is None
    assert [int(one.total_seconds()) for one in pauses if one] == [15, 60, 300, 1800, 3600]


@given(st.binary(min_size=48, max_size=64))
def test_every_noise_makes_a_key(noise: bytes) -> None:
    made = public_of(private_from(noise))
    assert (len(made), made[0]) == (65, 4)
