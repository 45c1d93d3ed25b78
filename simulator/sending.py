"""Sending: a company's text on its way to a customer's phone.

What Twilio checks is checked, in its order and with its codes; then the text is accepted, and
its states follow by themselves, told by callback. The first state is never told, as at Twilio.

Not here: the HTTP face (`api`), how a callback is brought (`posting`).
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from simulator.counting import segments_of
from simulator.faults import SENDING, Fault, Faults
from simulator.posting import Hook, Poster
from simulator.world import FINAL, Line, Text, World

NUMBER = re.compile(r"\+[1-9]\d{6,14}")
BODY_MAX = 1600
MEDIA_MAX = 10
_CODES_OF_PERSONAS = {"landline": 30006, "unreachable": 30003}

MESSAGES = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    21211: "Invalid 'To' Phone Number",
    21266: "'To' and 'From' number cannot be the same",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' phone number provided is not a valid message-capable phone number for "
    "this account.",
    21609: "The 'StatusCallback' URL is not a valid URL.",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21619: "A text message body or media urls must be specified.",
    21623: "Number of media files exceeds allowed limit.",
    21701: "The Messaging Service does not exist",
    21712: "The phone number is not associated with the Messaging Service",
}


class Rejected(Exception):
    """Not accepted, with Twilio's code."""

    def __init__(self, code: int, status: int = 400) -> None:
        """The message comes from the table of codes."""
        super().__init__(code)
        self.code, self.status = code, status
        self.message = MESSAGES.get(code, f"Refused with {code}")


@dataclass
class Pace:
    """How long a text takes to leave and to arrive, in seconds."""

    sent_s: float = 0.3
    delivered_s: float = 0.8


class Sending:
    """Takes texts and brings them to phones."""

    def __init__(
        self,
        world: World,
        faults: Faults,
        poster: Poster,
        start: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        """`start` runs a coroutine beside; `arrived` is called with each text that arrives."""
        self._world = world
        self._faults = faults
        self._poster = poster
        self._start = start
        self.pace = Pace()
        self.arrived: Callable[[Text], None] = lambda _text: None

    def strikes(self, form: dict[str, list[str]]) -> Fault | None:
        """The fault that this call to send meets, if any."""
        facts = {
            "to": _one(form, "To"),
            "from": _one(form, "From"),
            "kind": "send",
            "body": _one(form, "Body"),
        }
        return self._faults.take(SENDING, facts)

    def accept(self, account: str, form: dict[str, list[str]], code: int | None = None) -> Text:
        """Check and take a text; `code` is how it is to end, by a fault."""
        to, body, media = _one(form, "To"), _one(form, "Body"), form.get("MediaUrl", [])
        line, service = self._sender(account, form, to)
        _check_words(to, body, media, line)
        callback = _one(form, "StatusCallback") or None
        if callback is not None and not _is_address(callback):
            raise Rejected(21609)
        blocked = self._is_blocked(line, service, to)
        if code is not None and code < 30000 and (service is None or code != 21610):
            raise Rejected(code)
        if blocked and service is None:
            raise Rejected(21610)
        customer = self._world.customers.get(to)
        ends_in = code or (21610 if blocked else None)
        if ends_in is None and customer is not None:
            ends_in = _CODES_OF_PERSONAS.get(customer.persona)
        text = Text(
            sid=("MM" if media else "SM") + secrets.token_hex(16),
            account=account,
            line=line.number,
            phone=to,
            inbound=False,
            body=body,
            media=media,
            status="accepted" if service else "queued",
            at=time.time(),
            messaging_service=service,
            callback_url=callback,
            segments=segments_of(body),
            ends_in=ends_in,
        )
        self._world.record("text", **asdict(text))
        self._start(self._progress(text.sid))
        return self._world.texts[text.sid]

    def resume(self) -> None:
        """After a restart, what was under way goes on."""
        for text in list(self._world.texts.values()):
            if not text.inbound and text.status not in FINAL:
                self._start(self._progress(text.sid))

    def cancel(self, text: Text) -> None:
        """Only a text that has not left can be canceled."""
        if text.status not in {"accepted", "queued", "scheduled"}:
            raise Rejected(20001)
        self._world.record("status", sid=text.sid, status="canceled")

    async def _progress(self, sid: str) -> None:
        text = self._world.texts[sid]
        if text.status == "accepted":
            await asyncio.sleep(self.pace.sent_s / 3)
            if text.ends_in == 21610:
                self._tell(text, "failed", 21610)
                return
            self._tell(text, "queued")
        if text.status == "queued":
            await asyncio.sleep(self.pace.sent_s)
            if text.status != "queued":
                return
            self._tell(text, "sent", sent_at=time.time())
        await asyncio.sleep(self.pace.delivered_s)
        if text.ends_in is not None:
            self._tell(text, "undelivered", text.ends_in)
            return
        self._tell(text, "delivered")
        self.arrived(text)

    def _tell(
        self, text: Text, status: str, code: int | None = None, sent_at: float | None = None
    ) -> None:
        self._world.record("status", sid=text.sid, status=status, code=code, sent_at=sent_at)
        if text.callback_url is None:
            return
        params = {
            "MessageSid": text.sid,
            "SmsSid": text.sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "AccountSid": text.account,
            "To": text.phone,
            "From": text.line,
            "ApiVersion": "2010-04-01",
        }
        if text.messaging_service:
            params["MessagingServiceSid"] = text.messaging_service
        if code is not None:
            params["ErrorCode"] = str(code)
        hook = Hook("status", text.sid, text.sid, text.callback_url, params)
        self._start(self._bring(self._world.line_of(text), hook))

    async def _bring(self, line: Line, hook: Hook) -> None:
        await self._poster.bring(line, hook)

    def _sender(self, account: str, form: dict[str, list[str]], to: str) -> tuple[Line, str | None]:
        number, service = _one(form, "From"), _one(form, "MessagingServiceSid") or None
        if not number and service is None:
            raise Rejected(21603)
        if service is None:
            line = self._world.lines.get(number)
            if line is None or line.account != account:
                raise Rejected(21606)
            return line, None
        pool = [
            line
            for line in self._world.lines.values()
            if line.account == account and line.messaging_service == service
        ]
        if not pool:
            raise Rejected(21701)
        if not number:
            return self._sticky(pool, to), service
        for line in pool:
            if line.number == number:
                return line, service
        raise Rejected(21712)

    def _sticky(self, pool: list[Line], to: str) -> Line:
        """A service keeps to the number that a phone already knows."""
        known = {line.number: line for line in pool}
        for text in reversed(self._world.texts_of(to)):
            if text.line in known:
                return known[text.line]
        return pool[0]

    def _is_blocked(self, line: Line, service: str | None, phone: str) -> bool:
        senders = {line.number, service or line.messaging_service or line.number}
        return any((sender, phone) in self._world.blocks for sender in senders)


def _check_words(to: str, body: str, media: list[str], line: Line) -> None:
    if not to:
        raise Rejected(21604)
    if not NUMBER.fullmatch(to) or (to.startswith("+1") and len(to) != 12):
        raise Rejected(21211)
    if to == line.number:
        raise Rejected(21266)
    if not body and not media:
        raise Rejected(21619)
    if len(body) > BODY_MAX:
        raise Rejected(21617)
    if len(media) > MEDIA_MAX:
        raise Rejected(21623)


def _one(form: dict[str, list[str]], name: str) -> str:
    return form.get(name, [""])[-1]


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
