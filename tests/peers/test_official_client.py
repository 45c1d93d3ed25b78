"""The official Twilio client uses the simulator as if it were Twilio, and its validator agrees."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.peers.running import (
    ACCOUNT,
    KEY,
    LINE,
    OTHER_LINE,
    POOL_LINE,
    PUBLIC,
    SERVICE,
    TOKEN,
    Receiver,
    SimulatorProcess,
    eventually,
    fresh_number,
)

pytestmark = pytest.mark.peers


class _Elsewhere(TwilioHttpClient):  # type: ignore[misc]  # the package has no types
    """Twilio's own client, with the host of each request changed to the simulator's."""

    def __init__(self, url: str) -> None:
        super().__init__(timeout=10)
        self._url = url

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        there = url.replace("https://api.twilio.com", self._url)
        return super().request(method, there, *args, **kwargs)


@pytest.fixture
def http(simulator: SimulatorProcess) -> Iterator[_Elsewhere]:
    client = _Elsewhere(simulator.url)
    yield client
    client.session.close()


@pytest.fixture
def client(http: _Elsewhere) -> Client:
    return Client(ACCOUNT, TOKEN, http_client=http)


def test_it_sends_fetches_and_sees_it_delivered(client: Client, receiver: Receiver) -> None:
    to = fresh_number()

    sent = client.messages.create(
        to=to, from_=LINE, body="Hi 👋", status_callback=f"{PUBLIC}/hooks/twilio/status?a=1"
    )

    assert (sent.status, sent.direction, sent.num_segments) == ("queued", "outbound-api", "1")
    assert sent.date_created is not None
    eventually(lambda: receiver.words(sent.sid)[-1:] == ["delivered"])
    assert receiver.words(sent.sid) == ["sent", "delivered"]
    fetched = client.messages(sent.sid).fetch()
    assert (fetched.body, fetched.to, fetched.from_) == ("Hi 👋", to, LINE)
    assert (fetched.status, fetched.error_code) == ("delivered", None)


def test_a_service_accepts_first_and_counts_later(client: Client, receiver: Receiver) -> None:
    to = fresh_number()

    sent = client.messages.create(
        to=to,
        messaging_service_sid=SERVICE,
        body="x" * 161,
        status_callback=f"{PUBLIC}/hooks/twilio/status",
    )

    assert (sent.status, sent.num_segments, sent.from_) == ("accepted", "0", None)
    eventually(lambda: receiver.words(sent.sid)[-1:] == ["delivered"])
    assert receiver.words(sent.sid) == ["queued", "sent", "delivered"]
    assert {one.params["MessagingServiceSid"] for one in receiver.of(sent.sid)} == {SERVICE}
    fetched = client.messages(sent.sid).fetch()
    assert (fetched.num_segments, fetched.from_) == ("2", POOL_LINE)


def test_it_signs_in_with_an_api_key(http: _Elsewhere) -> None:
    client = Client(KEY[0], KEY[1], ACCOUNT, http_client=http)

    assert client.messages.create(to=fresh_number(), from_=LINE, body="Hi").sid


def test_it_lists_by_number_and_day_through_pages(client: Client) -> None:
    to, other = fresh_number(), fresh_number()
    sids = [client.messages.create(to=to, from_=LINE, body=f"{n}").sid for n in range(7)]
    client.messages.create(to=other, from_=LINE, body="elsewhere")

    listed = client.messages.list(to=to, from_=LINE, page_size=3)

    assert [one.sid for one in listed] == sids[::-1], "newest first, each once"
    assert client.messages.list(to=to, from_=OTHER_LINE) == []
    assert len(client.messages.list(to=to, limit=2)) == 2
    eventually(lambda: {one.status for one in client.messages.list(to=to)} == {"delivered"})
    today = datetime.now(UTC)
    assert len(client.messages.list(to=to, date_sent_after=today - timedelta(days=1))) == 7
    assert client.messages.list(to=to, date_sent_before=today - timedelta(days=1)) == []
    assert len(client.messages.list(to=to, date_sent=today)) == 7


def test_a_text_that_has_not_left_has_no_day_yet(
    client: Client, simulator: SimulatorProcess
) -> None:
    """Why our own search compares dates itself: the carrier's filter passes over this one."""
    simulator.post("/sim/pace", {"sent_s": 2, "delivered_s": 1})
    to = fresh_number()
    client.messages.create(to=to, from_=LINE, body="waits")

    assert len(client.messages.list(to=to)) == 1
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert client.messages.list(to=to, date_sent_after=yesterday) == []


@pytest.mark.parametrize(
    "form, code",
    [
        ({"to": "12", "from_": LINE, "body": "x"}, 21211),
        ({"to": LINE, "from_": LINE, "body": "x"}, 21266),
        ({"to": "+16145550142", "body": "x"}, 21603),
        ({"to": "+16145550142", "from_": "+16145559999", "body": "x"}, 21606),
        ({"to": "+16145550142", "messaging_service_sid": "MGnone", "body": "x"}, 21701),
        (
            {
                "to": "+16145550142",
                "from_": LINE,
                "messaging_service_sid": SERVICE,
                "body": "x",
            },
            21712,
        ),
        ({"to": "+16145550142", "from_": LINE}, 21619),
        ({"to": "+16145550142", "from_": LINE, "body": "x" * 1601}, 21617),
        (
            {"to": "+16145550142", "from_": LINE, "body": "x", "status_callback": "nonsense"},
            21609,
        ),
        (
            {"to": "+16145550142", "from_": LINE, "media_url": ["https://x.example/a"] * 11},
            21623,
        ),
    ],
)
def test_what_twilio_refuses_is_refused(client: Client, form: dict[str, Any], code: int) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(**form)

    assert (refused.value.code, refused.value.status) == (code, 400)


def test_strangers_are_turned_away(http: _Elsewhere, client: Client) -> None:
    for user, password in ((ACCOUNT, "wrong"), (KEY[0], "wrong"), ("AC" + "f" * 32, TOKEN)):
        stranger = Client(user, password, ACCOUNT, http_client=http)
        with pytest.raises(TwilioRestException) as refused:
            stranger.messages.create(to=fresh_number(), from_=LINE, body="x")
        assert (refused.value.code, refused.value.status) == (20003, 401)
    with pytest.raises(TwilioRestException) as unknown:
        client.messages("SM" + "0" * 32).fetch()
    assert (unknown.value.code, unknown.value.status) == (20404, 404)


def test_a_text_that_has_not_left_can_be_canceled_and_words_taken_away(
    client: Client, simulator: SimulatorProcess
) -> None:
    simulator.post("/sim/pace", {"sent_s": 2, "delivered_s": 1})
    sent = client.messages.create(to=fresh_number(), from_=LINE, body="wait")

    assert client.messages(sent.sid).update(status="canceled").status == "canceled"
    assert client.messages(sent.sid).update(body="").body == ""


def test_their_validator_accepts_every_hook(
    client: Client, simulator: SimulatorProcess, receiver: Receiver
) -> None:
    to = fresh_number()
    sent = client.messages.create(
        to=to, from_=LINE, body="Hi", status_callback=f"{PUBLIC}/hooks/twilio/status?a=1&b=%2B"
    )
    picture = {"from": to, "body": "¡Sí! 👍", "media": ["https://x.example/a.png"]}
    told = [
        simulator.post("/sim/inbound", {**picture, "to": line})["sid"] for line in (LINE, POOL_LINE)
    ]
    eventually(lambda: receiver.words(sent.sid)[-1:] == ["delivered"])

    theirs = RequestValidator(TOKEN)
    hooks = [hook for sid in (sent.sid, *told) for hook in receiver.of(sid)]
    assert len(hooks) == 4
    for hook in hooks:
        signature = hook.headers["x-twilio-signature"]
        assert theirs.validate(PUBLIC + hook.path, hook.params, signature)
        assert not theirs.validate(PUBLIC + hook.path, {**hook.params, "To": "x"}, signature)
    assert hooks[-1].params["NumMedia"] == "1"
