"""Reading Twilio's webhooks: a customer's text, or a word on one of ours.

Pure: a call in, a value out. Twilio adds parameters without notice, so what we do not know is
passed over; a word that we must act on and do not know is `Unreadable`, naming the legal ones.

Not here: whether the call is Twilio's (`twilio_signature`), what the text means (hearing).
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote_plus, urlsplit, urlunsplit

from lotline.adapters.twilio_signature import DELIVERY
from lotline.core.carriers.port import (
    Arrival,
    CarrierStop,
    HookCall,
    Media,
    Receipt,
    ReceiptWord,
    Unreadable,
)

NAME = "twilio"
REFERENCE = "lotline_ref"  # the name under which our reference rides in the callback's query
MEDIA_MAX = 30
PARAMS_MAX = 500
_FORMS_KEPT = 4  # a call is read when it is verified, and then for what it says
SEGMENTS_MAX = 999
SID_MAX = 64  # theirs have 34; it stands in an index
WORDS = {
    "accepted": ReceiptWord.ACCEPTED,
    "scheduled": ReceiptWord.SCHEDULED,
    "queued": ReceiptWord.QUEUED,
    "sending": ReceiptWord.SENDING,
    "sent": ReceiptWord.SENT,
    "delivered": ReceiptWord.DELIVERED,
    "partially_delivered": ReceiptWord.SENT,  # some of several phones: not yet an arrival
    "read": ReceiptWord.READ,
    "undelivered": ReceiptWord.UNDELIVERED,
    "failed": ReceiptWord.FAILED,
    "canceled": ReceiptWord.CANCELED,
}
_INBOUND_WORDS = {"", "received", "receiving"}
_NUMBER = re.compile(r"\+?[0-9]{3,15}")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{60,}={0,2}\s*")


@lru_cache(_FORMS_KEPT)
def read_form(body: bytes) -> Mapping[str, Sequence[str]] | None:
    """The form's parameters; None when it is not a form in UTF-8 of a sane size."""
    try:
        text = body.decode("ascii")
        return _fields(text) if text else {}
    except ValueError:  # UnicodeDecodeError is one
        return None


def _fields(text: str) -> dict[str, list[str]]:
    """As the library reads it with nothing forgiven, for most fields without its machinery."""
    if text.count("&") >= PARAMS_MAX:
        raise ValueError("too many fields")
    found: dict[str, list[str]] = {}
    for field in text.split("&"):
        name, sign, value = field.partition("=")
        if not sign:
            raise ValueError("a field without a value")
        if "+" in field or "%" in field:
            name, value = unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict")
        found.setdefault(name, []).append(value)
    return found


def account_of(body: bytes) -> str:
    """Which account a call says it is for, to know whose secrets to check; nothing is believed."""
    return (read_form(body) or {}).get("AccountSid", [""])[-1]


def with_reference(callback_url: str, reference: str) -> str:
    """The callback's address with our reference in its query, before any fragment."""
    parts = urlsplit(callback_url)
    query = f"{parts.query}&" if parts.query else ""
    return urlunsplit(parts._replace(query=f"{query}{REFERENCE}={quote(reference, safe='')}"))


def reference_of(path_and_query: str) -> str:
    """Our reference from the address that was called, or nothing."""
    query = urlsplit(path_and_query).query
    return dict(parse_qsl(query, max_num_fields=PARAMS_MAX)).get(REFERENCE, "")


def parse_call(
    params: Mapping[str, Sequence[str]],
    path_and_query: str,
    headers: Mapping[str, str],
    at: datetime,
) -> HookCall:
    """What a verified call says; `at` is when it reached us."""
    # No database keeps a NUL, wherever in the call it stands.
    one = {name: values[-1].replace("\x00", "\ufffd") for name, values in params.items() if values}
    if one.get("MessageStatus", "") or one.get("SmsStatus", "") not in _INBOUND_WORDS:
        return parse_status(one, reference_of(path_and_query), at)
    return parse_inbound(one, headers, at)


def parse_inbound(
    one: Mapping[str, str], headers: Mapping[str, str], at: datetime
) -> Arrival | Unreadable:
    """A customer's text."""
    sid = one.get("MessageSid") or one.get("SmsMessageSid") or one.get("SmsSid") or ""
    account = one.get("AccountSid", "")
    sender, to = one.get("From", ""), one.get("To", "")
    if not 0 < len(sid) <= SID_MAX or not account:
        return Unreadable("a text without MessageSid or AccountSid")
    if not _NUMBER.fullmatch(sender) or not _NUMBER.fullmatch(to):
        # whatsapp:, messenger: and the like never reach a line of ours.
        return Unreadable("From and To must be phone numbers")
    return Arrival(
        carrier=NAME,
        account=account,
        carrier_id=sid,
        from_number=sender,
        to_number=to,
        body=_plain(one.get("Body", "")),
        at=at,
        messaging_service=one.get("MessagingServiceSid") or None,
        media=_media(one),
        segments=min(_whole(one.get("NumSegments", ""), 1), SEGMENTS_MAX),
        carrier_stop=_carrier_stop(one.get("OptOutType", "")),
        delivery=headers.get(DELIVERY, ""),
    )


def parse_status(one: Mapping[str, str], reference: str, at: datetime) -> Receipt | Unreadable:
    """A word on one of our texts."""
    sid = one.get("MessageSid") or one.get("SmsSid") or ""
    said = (one.get("MessageStatus") or one.get("SmsStatus") or "").lower()
    if not 0 < len(sid) <= SID_MAX:
        return Unreadable("a receipt without MessageSid")
    if said not in WORDS:
        legal = ", ".join(sorted(WORDS))
        return Unreadable(f"the receipt says {said[:40]!r}; known are {legal}")
    code = one.get("ErrorCode", "")
    return Receipt(
        carrier=NAME,
        account=one.get("AccountSid", ""),
        carrier_id=sid,
        word=WORDS[said],
        at=at,
        reference=reference,
        code="" if code in {"", "0", "null", "None"} else code,
        to_number=one.get("To", ""),
        from_number=one.get("From", ""),
    )


def _media(one: Mapping[str, str]) -> tuple[Media, ...]:
    count = min(_whole(one.get("NumMedia", ""), 0), MEDIA_MAX)
    return tuple(
        Media(one[f"MediaUrl{index}"], one.get(f"MediaContentType{index}", ""))
        for index in range(count)
        if one.get(f"MediaUrl{index}")
    )


def _carrier_stop(said: str) -> CarrierStop | None:
    word = said.lower()
    return CarrierStop(word) if word and word in set(CarrierStop) else None


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) <= 6 else otherwise


def _plain(body: str) -> str:
    """A long text sometimes comes as base64. What was heard matters, so it is opened.

    Only when it is nothing but base64, long, and opens to readable words; the raw call is
    stored beside it in any case.
    """
    if not _BASE64.fullmatch(body) or " " in body.strip():
        return body
    try:
        opened = b64decode("".join(body.split()), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return body
    readable = sum(letter.isalpha() or letter.isspace() for letter in opened)
    return opened if " " in opened and readable * 2 > len(opened) else body
