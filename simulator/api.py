"""Api: Twilio's Messages resource, as its official client and its customers use it.

Paths, fields, types (counts are strings), dates and errors are Twilio's. Not here: checks and
progress (`sending`), our own control (`control`).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.faults import Fault
from simulator.sending import MESSAGES, Rejected, Sending
from simulator.world import Text, World

API = "/2010-04-01"
PAGE_SIZE = 50
PAGE_SIZE_MAX = 1000
HANG_S = 60.0


class Api:
    """Twilio's face."""

    def __init__(self, world: World, sending: Sending) -> None:
        """Reads the world, sends through `sending`."""
        self._world = world
        self._sending = sending

    def routes(self) -> list[Route]:
        """Where Twilio has them."""
        messages = f"{API}/Accounts/{{account}}/Messages"
        return [
            Route(f"{messages}.json", self.create, methods=["POST"]),
            Route(f"{messages}.json", self.list, methods=["GET"]),
            Route(f"{messages}/{{sid}}.json", self.fetch, methods=["GET"]),
            Route(f"{messages}/{{sid}}.json", self.update, methods=["POST"]),
            Route(f"{messages}/{{sid}}/Media.json", self.media, methods=["GET"]),
        ]

    async def create(self, request: Request) -> Response:
        """Send a text, or meet the fault that waits for it."""
        account = self._account(request)
        form = _form(await request.body())
        fault = self._sending.strikes(form)
        if fault is not None and fault.name == "429":
            return _error(20429, 429, {"Retry-After": str(fault.retry_after_s)})
        if fault is not None and fault.name in {"5xx_before", "timeout_before"}:
            return await self._broken(fault)
        code = fault.code if fault is not None and fault.name == "refuse" else None
        text = self._sending.accept(account, form, code)
        if fault is not None and fault.name in {"5xx_after_accept", "timeout_after_accept"}:
            return await self._broken(fault)
        return _json(resource(text), 201)

    async def fetch(self, request: Request) -> Response:
        """One text."""
        return _json(resource(self._text(request)))

    async def update(self, request: Request) -> Response:
        """Cancel a text that has not left, or take its words away."""
        text = self._text(request)
        form = _form(await request.body())
        if form.get("Status") == ["canceled"]:
            self._sending.cancel(text)
        elif form.get("Body") == [""]:
            self._world.record("redacted", sid=text.sid)
        else:
            raise Rejected(20001)
        return _json(resource(text))

    async def media(self, request: Request) -> Response:
        """What pictures came with a text."""
        text = self._text(request)
        rows = [{"sid": f"ME{index:032x}", "uri": url} for index, url in enumerate(text.media)]
        return _json({"media_list": rows, "page": 0, "page_size": PAGE_SIZE, "uri": ""})

    async def list(self, request: Request) -> Response:
        """An account's texts, newest first, in pages."""
        account = self._account(request)
        query = dict(request.query_params)
        numbers = tuple({query[name] for name in ("To", "From") if name in query}) or None
        try:
            size = min(max(int(query.get("PageSize", PAGE_SIZE)), 1), PAGE_SIZE_MAX)
            below = int(query.get("PageToken", "PA0")[2:]) or None
            rows = [
                text
                for text in self._world.newest_first(account, self._phones(numbers))
                if _wanted(text, query) and (below is None or text.seq < below)
            ]
        except ValueError:
            return _error(20001, 400)
        return _json(_page(request.url.path, query, rows[:size], size, more=len(rows) > size))

    async def _broken(self, fault: Fault) -> Response:
        """No answer in time, or one that says nothing about the text."""
        if fault.name.startswith("timeout"):
            await self._world.pause(HANG_S if fault.delay_s is None else fault.delay_s)
            return Response(status_code=504)
        return Response("<html>upstream error</html>", fault.status, media_type="text/html")

    def _phones(self, numbers: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Texts are kept by customer; a filter by our own number alone looks at all of them."""
        if numbers is None:
            return None
        return tuple(number for number in numbers if number not in self._world.lines) or None

    def _account(self, request: Request) -> str:
        """Who calls, by token or by key, and only for itself."""
        user, password = _basic(request.headers.get("authorization", ""))
        account = self._world.accounts.get(request.path_params["account"])
        if account is None:
            raise Rejected(20003, 401)
        expected = account.auth_token if user == account.sid else account.api_keys.get(user)
        if not expected or not hmac.compare_digest(expected.encode(), password.encode()):
            raise Rejected(20003, 401)
        return account.sid

    def _text(self, request: Request) -> Text:
        account = self._account(request)
        text = self._world.texts.get(request.path_params["sid"])
        if text is None or text.account != account:
            raise Rejected(20404, 404)
        return text


def resource(text: Text) -> dict[str, Any]:
    """A text as Twilio shows it."""
    uri = f"{API}/Accounts/{text.account}/Messages/{text.sid}"
    waiting = text.status == "accepted"
    sender, receiver = (text.phone, text.line) if text.inbound else (text.line, text.phone)
    return {
        "account_sid": text.account,
        "api_version": "2010-04-01",
        "body": text.body,
        "date_created": _rfc2822(text.at),
        "date_sent": _rfc2822(text.at if text.inbound else text.sent_at),
        "date_updated": _rfc2822(text.sent_at or text.at),
        "direction": "inbound" if text.inbound else "outbound-api",
        "error_code": text.code,
        "error_message": None,
        "from": None if waiting else sender,
        "messaging_service_sid": text.messaging_service,
        "num_media": str(len(text.media)),
        "num_segments": "0" if waiting else str(text.segments),
        "price": None,
        "price_unit": "USD",
        "sid": text.sid,
        "status": text.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": receiver,
        "uri": f"{uri}.json",
    }


def _wanted(text: Text, query: dict[str, str]) -> bool:
    sender, receiver = (text.phone, text.line) if text.inbound else (text.line, text.phone)
    if query.get("To", receiver) != receiver or query.get("From", sender) != sender:
        return False
    asked = [
        (name, query[name]) for name in ("DateSent", "DateSent<", "DateSent>") if name in query
    ]
    if not asked:
        return True
    sent_at = text.at if text.inbound else text.sent_at
    return sent_at is not None and all(_dated(sent_at, name, value) for name, value in asked)


def _dated(sent_at: float, name: str, value: str) -> bool:
    """Twilio takes a day or an instant; a day means all of it, in UTC."""
    instant = datetime.fromtimestamp(sent_at, UTC)
    if len(value) == 10:
        day, asked = instant.date(), date.fromisoformat(value)
        return {"DateSent": day == asked, "DateSent<": day <= asked, "DateSent>": day >= asked}[
            name
        ]
    moment = datetime.fromisoformat(value)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return {
        "DateSent": instant.date() == moment.date(),
        "DateSent<": instant <= moment,
        "DateSent>": instant >= moment,
    }[name]


def _page(
    path: str, query: dict[str, str], rows: list[Text], size: int, *, more: bool
) -> dict[str, Any]:
    number = int(query.get("Page", "0"))
    kept = {name: value for name, value in query.items() if not name.startswith("Page")}
    first = f"{path}?{urlencode({**kept, 'PageSize': size, 'Page': 0})}"
    following = {**kept, "PageSize": size, "Page": number + 1}
    if more:
        following["PageToken"] = f"PA{rows[-1].seq}"
    return {
        "messages": [resource(text) for text in rows],
        "first_page_uri": first,
        "next_page_uri": f"{path}?{urlencode(following)}" if more else None,
        "previous_page_uri": None,
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(len(rows) - 1, 0),
        "uri": f"{path}?{urlencode(query)}",
    }


def _form(body: bytes) -> dict[str, list[str]]:
    return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200)


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def _rfc2822(at: float | None) -> str | None:
    if at is None:
        return None
    return format_datetime(datetime.fromtimestamp(int(at), UTC))


def answer_rejected(_request: Request, rejected: Exception) -> Response:
    """Twilio's own form of an error."""
    assert isinstance(rejected, Rejected), "only asked for what was rejected"
    return _error(rejected.code, rejected.status, message=rejected.message)


def _error(
    code: int, status: int, headers: dict[str, str] | None = None, message: str = ""
) -> Response:
    said = {
        "code": code,
        "message": message or MESSAGES.get(code, "The request was not understood"),
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return _json(said, status, headers)


def _json(said: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(said), status, headers, media_type="application/json")
