"""Twilio, by its HTTP interface: one account, behind our port.

One invariant: a text is offered once a call. What Twilio says decides whether it may be offered
again (`Busy`), never may be (`Refused`), or must be looked for first (`Unknown`): it has no
idempotency key, so nothing that may have been read is repeated.

Not here: signatures (`twilio_signature`), reading webhooks (`twilio_hooks`), the wire (`http`).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin, urlsplit

import msgspec

from lotline.adapters import twilio_hooks
from lotline.adapters.http import Answer, Caller, NoAnswer, NotWritten
from lotline.adapters.http_many import Call
from lotline.adapters.twilio_signature import Secrets, public_urls, verify
from lotline.core.carriers.errors import meaning_of
from lotline.core.carriers.port import (
    Busy,
    Found,
    HookCall,
    HookFault,
    Outcome,
    Outgoing,
    ReceiptWord,
    RefusalKind,
    Refused,
    Search,
    Seen,
    Sent,
    Unknown,
    Unreadable,
)

BASE_URL = "https://api.twilio.com"
PAGE_SIZE = 100
PAGES_MAX = 20
RETRY_S = 2.0
RETRY_MAX_S = 300.0
# Their times are whole seconds of another clock. Too wide a window costs a second look at a text
# that is already known; too narrow a one would miss a text that left.
CLOCKS_APART = timedelta(minutes=2)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_NOT_PROCESSED = {301, 302, 307, 308, 400, 401, 403, 404, 405, 411, 413, 414, 415, 421, 431}


class ManyCaller(Protocol):
    """What is needed of a client that makes many calls at once."""

    def call_many(
        self, calls: Sequence[Call], may_go: Callable[[], bool]
    ) -> list[Answer | NotWritten | NoAnswer | None]:
        """Make each call once; None: it was not to set out any more."""


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """Who we are at Twilio. An API key, where given, signs our calls in place of the token."""

    sid: str
    auth_tokens: tuple[str, ...] = field(default=(), repr=False)  # the current one first
    api_key: tuple[str, str] | None = field(default=None, repr=False)  # (SK…, secret)
    shared_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    public_base_urls: tuple[str, ...] = ()  # the addresses at which Twilio calls us
    base_url: str = BASE_URL

    def __post_init__(self) -> None:
        """Credentials leave only over TLS; a simulator on this machine may do without."""
        parts = urlsplit(self.base_url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ValueError("the carrier's address must start with https://")
        if self.api_key is None and not self.auth_tokens:
            raise ValueError("a Twilio account needs an auth token or an API key")

    @property
    def secrets(self) -> Secrets:
        """What its webhooks may be signed with."""
        return Secrets(self.auth_tokens, self.shared_keys)


class Twilio:
    """One Twilio account."""

    name = twilio_hooks.NAME

    def __init__(
        self, account: TwilioAccount, http: Caller, many: ManyCaller | None = None
    ) -> None:
        """Both ways of calling are shared by all accounts of the process."""
        user, password = account.api_key or (account.sid, account.auth_tokens[0])
        basic = b64encode(f"{user}:{password}".encode()).decode("ascii")
        self._account = account
        self._secrets = account.secrets
        self._http = http
        self._many = many
        self._headers = {"Authorization": f"Basic {basic}", "Accept": "application/json"}
        form = "application/x-www-form-urlencoded"
        self._posting = {**self._headers, "Content-Type": form}
        self._messages = (
            f"{account.base_url.rstrip('/')}/2010-04-01/Accounts/{account.sid}/Messages.json"
        )

    @property
    def account(self) -> str:
        """The account's SID."""
        return self._account.sid

    def send(self, text: Outgoing) -> Outcome:
        """Offer one text, once."""
        return _became(
            self._http.call("POST", self._messages, headers=self._posting, body=self._form(text))
        )

    def send_many(
        self, texts: Sequence[Outgoing], may_go: Callable[[], bool]
    ) -> list[Outcome | None]:
        """Offer each text once, a few of one sender's at a time; None: it did not set out."""
        if self._many is None:
            return [self.send(text) if may_go() else None for text in texts]
        calls = [
            Call(
                self._messages,
                self._posting,
                self._form(text),
                (text.from_number, text.messaging_service),
            )
            for text in texts
        ]
        answers = self._many.call_many(calls, may_go)
        return [None if answer is None else _became(answer) for answer in answers]

    def _form(self, text: Outgoing) -> bytes:
        assert text.account == self.account, "a text goes to its own account"
        return urlencode(form_of(text)).encode("ascii")

    def find(self, search: Search) -> Found | Refused | Busy | Unknown:
        """All texts to a number since a time, newest first.

        The carrier's own date filter is by the day it *sent* them; a text still in its queue has
        no such day and would be missed, and then sent twice. So the dates are compared here.
        """
        assert search.account == self.account, "a search goes to its own account"
        query = {"To": search.to, "PageSize": str(PAGE_SIZE)}
        if search.from_number and not search.messaging_service:
            query["From"] = search.from_number
        url: str | None = f"{self._messages}?{urlencode(query)}"
        texts: list[Seen] = []
        complete = True
        for _ in range(PAGES_MAX):
            answer = self._read(url)
            if not isinstance(answer, Answer):
                return answer
            page = _page(answer)
            if page is None:
                return Unknown("the list could not be read")
            rows = [row for row in page["messages"] if _ours(row)]
            seen = [one for row in rows if (one := seen_of(row)) is not None]
            complete = complete and len(seen) == len(rows)
            texts += [one for one in seen if _within(one, search)]
            following = page.get("next_page_uri")
            if following is not None and not str(following).startswith("/2010-04-01/"):
                break  # our credentials go nowhere else, and we have not seen all
            url = urljoin(self._messages, following) if following else None
            if url is None or (seen and not any(_since(one, search) for one in seen)):
                return Found(tuple(texts), complete)
        return Found(tuple(texts), complete=False)

    def verify_hook(
        self, path_and_query: str, headers: Mapping[str, str], body: bytes
    ) -> HookFault | None:
        """None when signed by this account for one of our public addresses."""
        said: Mapping[str, Sequence[str]] | bytes | None = body
        if headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
            said = twilio_hooks.read_form(body)
        if said is None:
            return HookFault.UNREADABLE
        fault: HookFault | None = HookFault.NO_SECRET  # no public address: nothing can be true
        for url in public_urls(self._account.public_base_urls, path_and_query):
            fault = verify(url, said, headers, self._secrets)
            if fault is None:
                return None
        return fault

    def parse_hook(
        self, path_and_query: str, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> HookCall:
        """Read a verified call. One for another account is not ours to act on."""
        params = twilio_hooks.read_form(body)
        if params is None:
            return Unreadable("the call is not a form")
        if params.get("AccountSid", [self.account])[-1] != self.account:
            return Unreadable("the call is for another account")
        return twilio_hooks.parse_call(params, path_and_query, headers, at)

    def _read(self, url: str | None) -> Answer | Refused | Busy | Unknown:
        """A read may be tried a second time at once: it changes nothing."""
        assert url is not None, "a page has an address"
        answer = self._http.call("GET", url, headers=self._headers)
        if not isinstance(answer, Answer) or answer.status >= 500:
            answer = self._http.call("GET", url, headers=self._headers)
        if isinstance(answer, NotWritten):
            return Busy(RETRY_S, answer.why)
        if isinstance(answer, NoAnswer):
            return Unknown(answer.why)
        if answer.status == 200:
            return answer
        outcome = outcome_of(answer)
        return Unknown("the list could not be read") if isinstance(outcome, Sent) else outcome


def form_of(text: Outgoing) -> list[tuple[str, str]]:
    """The form's fields. A line in a messaging service is named beside it, so that it is used."""
    fields = [("To", text.to)]
    if text.from_number:
        fields.append(("From", text.from_number))
    if text.messaging_service:
        fields.append(("MessagingServiceSid", text.messaging_service))
    if text.body:
        fields.append(("Body", text.body))
    fields += [("MediaUrl", url) for url in text.media]
    callback = twilio_hooks.with_reference(text.callback_url, text.reference)
    return [*fields, ("StatusCallback", callback)]


def _became(answer: Answer | NotWritten | NoAnswer) -> Outcome:
    if isinstance(answer, NotWritten):
        return Busy(RETRY_S, answer.why)
    if isinstance(answer, NoAnswer):
        return Unknown(answer.why)
    return outcome_of(answer)


def outcome_of(answer: Answer) -> Outcome:
    """What an answer to a send means. In doubt it is unknown."""
    said = _object(answer.body)
    if 200 <= answer.status < 300:
        sid = said.get("sid")
        if not isinstance(sid, str) or not sid:
            return Unknown(f"accepted with {answer.status}, but without an id")
        word = twilio_hooks.WORDS.get(str(said.get("status", "")), ReceiptWord.QUEUED)
        return Sent(sid, word, _count(said.get("num_segments")))
    if answer.status == 429:
        return Busy(_retry_after(answer), "429")
    if answer.status >= 500:
        return Unknown(f"the carrier answered {answer.status}")
    code = said.get("code")
    if isinstance(code, int):
        meaning = meaning_of(twilio_hooks.NAME, str(code))
        if meaning.kind is RefusalKind.BUSY:
            return Busy(_retry_after(answer), str(code))
        return Refused(meaning.code, meaning.says, meaning.kind)
    if answer.status in _NOT_PROCESSED:
        return Refused(
            f"http_{answer.status}",
            f"The carrier's address answered {answer.status} and did not take the text.",
            RefusalKind.CONFIG,
        )
    return Unknown(f"the carrier answered {answer.status} without a code")


def seen_of(row: dict[str, Any]) -> Seen | None:
    """One of our texts in the list; None for a row that we cannot read."""
    word = twilio_hooks.WORDS.get(str(row.get("status", "")))
    created = _instant(row.get("date_created"))
    sid = row.get("sid")
    if word is None or created is None or not isinstance(sid, str):
        return None
    return Seen(
        carrier_id=sid,
        word=word,
        to=str(row.get("to") or ""),
        from_number=row.get("from") or None,
        messaging_service=row.get("messaging_service_sid") or None,
        body=str(row.get("body") or ""),
        created_at=created,
        code=str(row.get("error_code") or ""),
        segments=_count(row.get("num_segments")),
    )


def _ours(row: object) -> bool:
    """A customer's own texts stand in the same list."""
    return isinstance(row, dict) and str(row.get("direction", "")).startswith("outbound")


def _since(seen: Seen, search: Search) -> bool:
    return seen.created_at >= search.since - CLOCKS_APART


def _within(seen: Seen, search: Search) -> bool:
    too_late = search.until is not None and seen.created_at > search.until + CLOCKS_APART
    return _since(seen, search) and not too_late


def _page(answer: Answer) -> dict[str, Any] | None:
    page = _object(answer.body)
    return page if isinstance(page.get("messages"), list) else None


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    return said if isinstance(said, dict) else {}


def _instant(text: object) -> datetime | None:
    try:
        instant = parsedate_to_datetime(str(text))
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _count(text: object) -> int:
    shown = str(text)
    return int(shown) if shown.isdecimal() else 0


def _retry_after(answer: Answer) -> float:
    shown = answer.headers.get("retry-after", "")
    wait_s = float(shown) if shown.isdecimal() and len(shown) <= 6 else RETRY_S
    return min(max(wait_s, RETRY_S), RETRY_MAX_S)
