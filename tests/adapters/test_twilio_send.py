"""What we ask Twilio, to the letter, and what we make of each answer it may give."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest

from lotline.adapters.http import Answer, NoAnswer, NotWritten
from lotline.adapters.twilio import PAGES_MAX, Twilio, TwilioAccount
from lotline.core.carriers.port import (
    Busy,
    Found,
    Outcome,
    Outgoing,
    ReceiptWord,
    RefusalKind,
    Refused,
    Search,
    Sent,
    Unknown,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACCOUNT = TwilioAccount(sid="AC1", auth_tokens=("tok",))
TEXT = Outgoing(
    reference="ref-1",
    account="AC1",
    to="+16145550142",
    body="Ready at 4 — see you",
    callback_url="https://text.riverbend.example/hooks/twilio/status",
    from_number="+16145550100",
)
TAKEN = Answer(201, {}, b'{"sid":"SM1","status":"queued","num_segments":"2"}')


class _Wire:
    """Answers from a list; keeps what was asked."""

    def __init__(self, *answers: Answer | NotWritten | NoAnswer) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, str, Mapping[str, str], bytes]] = []

    def call(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer | NotWritten | NoAnswer:
        self.asked.append((method, url, headers, body))
        return self._answers.pop(0)


def _send(answer: Answer | NotWritten | NoAnswer, text: Outgoing = TEXT) -> Outcome:
    wire = _Wire(answer)
    outcome = Twilio(ACCOUNT, wire).send(text)
    assert len(wire.asked) == 1, "a text is offered once a call"
    return outcome


def test_the_exact_request() -> None:
    wire = _Wire(TAKEN)

    outcome = Twilio(ACCOUNT, wire).send(TEXT)

    assert outcome == Sent("SM1", ReceiptWord.QUEUED, 2)
    method, url, headers, body = wire.asked[0]
    assert (method, url) == (
        "POST",
        "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
    )
    assert headers == {
        "Authorization": "Basic " + base64.b64encode(b"AC1:tok").decode(),
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    assert parse_qsl(body.decode()) == [
        ("To", "+16145550142"),
        ("From", "+16145550100"),
        ("Body", "Ready at 4 — see you"),
        (
            "StatusCallback",
            "https://text.riverbend.example/hooks/twilio/status?lotline_ref=ref-1",
        ),
    ]


@pytest.mark.parametrize(
    "changes, expected",
    [
        (
            {"from_number": None, "messaging_service": "MG1"},
            [("To", "+16145550142"), ("MessagingServiceSid", "MG1")],
        ),
        (
            {"messaging_service": "MG1"},
            [("To", "+16145550142"), ("From", "+16145550100"), ("MessagingServiceSid", "MG1")],
        ),
    ],
)
def test_the_sender_is_a_number_a_pool_or_a_number_of_the_pool(
    changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    wire = _Wire(TAKEN)
    fields = {name: getattr(TEXT, name) for name in TEXT.__slots__} | changes

    Twilio(ACCOUNT, wire).send(Outgoing(**fields))

    assert parse_qsl(wire.asked[0][3].decode())[: len(expected)] == expected


def test_pictures_are_repeated_fields() -> None:
    wire = _Wire(TAKEN)
    fields = {name: getattr(TEXT, name) for name in TEXT.__slots__}
    media = ("https://x.example/1.jpg", "https://x.example/2.jpg")

    Twilio(ACCOUNT, wire).send(Outgoing(**{**fields, "media": media, "body": ""}))

    form = parse_qsl(wire.asked[0][3].decode(), keep_blank_values=True)
    assert [value for name, value in form if name == "MediaUrl"] == list(media)
    assert "Body" not in dict(form)


def test_an_api_key_signs_our_calls_and_the_token_stays_home() -> None:
    wire = _Wire(TAKEN)
    account = TwilioAccount(sid="AC1", auth_tokens=("tok",), api_key=("SK1", "secret"))

    Twilio(account, wire).send(TEXT)

    authorization = wire.asked[0][2]["Authorization"]
    assert base64.b64decode(authorization.removeprefix("Basic ")) == b"SK1:secret"
    assert "/Accounts/AC1/" in wire.asked[0][1]


def _error(status: int, code: int, **headers: str) -> Answer:
    said = {"code": code, "message": "m", "more_info": "i", "status": status}
    return Answer(status, headers, msgspec.json.encode(said))


@pytest.mark.parametrize(
    "answer, kind",
    [
        (_error(400, 21610), RefusalKind.OPTED_OUT),
        (_error(400, 21211), RefusalKind.BAD_NUMBER),
        (_error(400, 21614), RefusalKind.LANDLINE),
        (_error(400, 30034), RefusalKind.UNREGISTERED),
        (_error(400, 21609), RefusalKind.CONFIG),
        (_error(401, 20003), RefusalKind.CONFIG),
        (_error(400, 29999), RefusalKind.OTHER),
        (Answer(403, {}, b"<html>blocked by a firewall"), RefusalKind.CONFIG),
        (Answer(302, {"location": "/login"}, b""), RefusalKind.CONFIG),
    ],
)
def test_refusals(answer: Answer, kind: RefusalKind) -> None:
    outcome = _send(answer)

    assert isinstance(outcome, Refused)
    assert outcome.kind is kind


@pytest.mark.parametrize(
    "answer, wait_s",
    [
        (NotWritten("NewConnectionError"), 2.0),
        (_error(429, 20429), 2.0),
        (_error(429, 20429, **{"retry-after": "17"}), 17.0),
        (_error(429, 20429, **{"retry-after": "999999"}), 300.0),
        (_error(429, 20429, **{"retry-after": "-1"}), 2.0),
        (Answer(429, {}, b"slow down"), 2.0),
        (_error(400, 21611), 2.0),
        (_error(400, 63017), 2.0),
    ],
)
def test_busy_is_said_only_where_nothing_was_taken(
    answer: Answer | NotWritten, wait_s: float
) -> None:
    outcome = _send(answer)

    assert isinstance(outcome, Busy)
    assert outcome.retry_after_s == wait_s


@pytest.mark.parametrize(
    "answer",
    [
        NoAnswer("ReadTimeoutError"),
        NoAnswer("ProtocolError"),
        _error(500, 20500),
        _error(503, 20503, **{"retry-after": "1"}),
        Answer(502, {}, b"<html>bad gateway"),
        Answer(504, {}, b""),
        Answer(408, {}, b""),
        Answer(409, {}, b""),
        Answer(200, {}, b"<html>welcome to the hotel"),
        Answer(201, {}, b'{"status":"queued"}'),
        Answer(201, {}, b'{"sid":7}'),
        Answer(201, {}, b"[]"),
    ],
)
def test_all_else_is_unknown(answer: Answer | NoAnswer) -> None:
    assert isinstance(_send(answer), Unknown)


def test_credentials_never_leave_in_clear() -> None:
    with pytest.raises(ValueError, match="https"):
        TwilioAccount(sid="AC1", auth_tokens=("tok",), base_url="http://carrier.example")
    TwilioAccount(sid="AC1", auth_tokens=("tok",), base_url="http://127.0.0.1:8001")
    with pytest.raises(ValueError, match="token"):
        TwilioAccount(sid="AC1")


def test_an_account_does_not_show_its_secrets() -> None:
    account = TwilioAccount(
        sid="AC1", auth_tokens=("t0ken",), api_key=("SK1", "s3cret"), shared_keys={"K": "sh4red"}
    )

    shown = repr(account) + repr(account.secrets)
    assert not [hidden for hidden in ("t0ken", "s3cret", "sh4red") if hidden in shown]


def _row(number: int, at: str, **changes: Any) -> dict[str, Any]:
    return {
        "sid": f"SM{number}",
        "direction": "outbound-api",
        "status": "sent",
        "date_created": at,
        "to": TEXT.to,
        "from": TEXT.from_number,
        "body": "b",
        "num_segments": "1",
        **changes,
    }


def _page(*rows: dict[str, Any], following: str | None = None) -> Answer:
    said = {"messages": rows, "next_page_uri": following}
    return Answer(200, {}, msgspec.json.encode(said))


SEARCH = Search("AC1", TEXT.to, NOON, from_number=TEXT.from_number)
AT_NOON = "Sun, 22 Nov 2026 12:00:00 +0000"
EARLIER = "Sun, 22 Nov 2026 11:00:00 +0000"


def test_a_search_asks_by_number_and_reads_on_until_the_time() -> None:
    wire = _Wire(
        _page(_row(3, AT_NOON), following="/2010-04-01/Accounts/AC1/Messages.json?Page=1"),
        _page(_row(2, AT_NOON), _row(1, EARLIER), following="/2010-04-01/x?Page=2"),
        _page(_row(0, EARLIER), following="/2010-04-01/x?Page=3"),
    )

    found = Twilio(ACCOUNT, wire).find(SEARCH)

    assert isinstance(found, Found)
    assert [seen.carrier_id for seen in found.texts] == ["SM3", "SM2"]
    assert found.complete
    first = urlsplit(wire.asked[0][1])
    assert dict(parse_qsl(first.query)) == {
        "To": TEXT.to,
        "From": TEXT.from_number,
        "PageSize": "100",
    }
    assert wire.asked[1][1].startswith("https://api.twilio.com/2010-04-01/Accounts/AC1/")


def test_a_pool_is_searched_by_receiver_alone() -> None:
    """Until it left, nobody knows from which number of the pool a text will go."""
    wire = _Wire(_page(_row(1, AT_NOON, **{"from": None, "messaging_service_sid": "MG1"})))
    search = Search("AC1", TEXT.to, NOON, from_number=TEXT.from_number, messaging_service="MG1")

    found = Twilio(ACCOUNT, wire).find(search)

    assert "From" not in dict(parse_qsl(urlsplit(wire.asked[0][1]).query))
    assert isinstance(found, Found)
    assert found.texts[0].from_number is None


@pytest.mark.parametrize(
    "row",
    [
        _row(1, "not a date"),
        _row(1, AT_NOON, status="teleported"),
        _row(1, AT_NOON, sid=None),
    ],
)
def test_a_row_that_cannot_be_read_leaves_the_search_open(row: dict[str, Any]) -> None:
    """It could be the one we look for."""
    found = Twilio(ACCOUNT, _Wire(_page(row))).find(SEARCH)

    assert found == Found((), complete=False)


def test_customers_texts_and_other_times_are_passed_over() -> None:
    later = Search("AC1", TEXT.to, NOON, until=NOON + timedelta(minutes=1))
    rows = _page(
        _row(3, "Sun, 22 Nov 2026 12:04:00 +0000"),
        _row(2, AT_NOON, direction="inbound", status="received"),
        _row(1, "Sun, 22 Nov 2026 11:58:30 +0000"),
    )

    found = Twilio(ACCOUNT, _Wire(rows)).find(later)

    assert isinstance(found, Found)
    assert [seen.carrier_id for seen in found.texts] == ["SM1"], "clocks may be apart"
    assert found.complete


def test_a_list_without_end_is_cut_and_says_so() -> None:
    pages = [_page(_row(1, AT_NOON), following="/2010-04-01/x?Page=1")] * (PAGES_MAX + 5)

    found = Twilio(ACCOUNT, _Wire(*pages)).find(SEARCH)

    assert isinstance(found, Found)
    assert not found.complete


def test_a_page_cannot_send_our_credentials_elsewhere() -> None:
    wire = _Wire(_page(_row(1, AT_NOON), following="https://evil.example/2010-04-01/x"))

    found = Twilio(ACCOUNT, wire).find(SEARCH)

    assert len(wire.asked) == 1
    assert isinstance(found, Found)
    assert not found.complete


@pytest.mark.parametrize(
    "answers, kind",
    [
        ([NoAnswer("x"), _page()], Found),
        ([Answer(502, {}, b""), _page()], Found),
        ([NotWritten("x"), NotWritten("x")], Busy),
        ([NoAnswer("x"), NoAnswer("x")], Unknown),
        ([Answer(502, {}, b""), Answer(502, {}, b"")], Unknown),
        ([_error(429, 20429)], Busy),
        ([_error(401, 20003)], Refused),
        ([Answer(200, {}, b"<html>")], Unknown),
        ([Answer(200, {}, b'{"messages":{}}')], Unknown),
        ([Answer(204, {}, b'{"sid":"SM1"}')], Unknown),
    ],
)
def test_a_read_may_be_tried_twice_and_never_pretends(
    answers: list[Answer | NotWritten | NoAnswer], kind: type
) -> None:
    wire = _Wire(*answers)

    assert isinstance(Twilio(ACCOUNT, wire).find(SEARCH), kind)
    assert len(wire.asked) == len(answers)
