"""A carrier's calls, made and signed beforehand: all that is timed is the answer to them.

Not here: posting them (`wire`).
"""

from __future__ import annotations

import itertools
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from lotline.adapters.twilio_signature import sign, signed_tail
from lotline.config.bench.dice import throw
from lotline.config.bench.town import line_of, words

if TYPE_CHECKING:
    from lotline.config.bench.house import House

STOPS = 0.02
_series = itertools.count(1)


def arrivals(house: House, count: int, *, stops: float = STOPS, seed: int = 1) -> list[bytes]:
    """Texts of different customers, as whole requests. No two of a run have one id."""
    dice, run = throw(seed * 1000 + next(_series)), secrets.token_hex(8)
    town = house.town
    made = []
    for n in range(count):
        customer = dice.randrange(len(town.customers))
        line = town.lines[line_of(town, customer)]
        body = words(dice, stops=stops)
        made.append(arrival(house, town.customers[customer], line, body, f"SM{run}{n:016x}"))
    return made


def arrival(house: House, customer: str, line: str, body: str, sid: str) -> bytes:
    """One call with all the fields that the carrier sends."""
    account = house.town.account
    fields = {
        "ToCountry": "US",
        "ToState": "MO",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ToCity": "KANSAS CITY",
        "FromZip": "64108",
        "SmsSid": sid,
        "FromState": "MO",
        "SmsStatus": "received",
        "FromCity": "KANSAS CITY",
        "Body": body,
        "FromCountry": "US",
        "To": line,
        "ToZip": "64105",
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": account,
        "From": customer,
        "ApiVersion": "2010-04-01",
    }
    path = f"/hooks/twilio/{account}/inbound"
    tail = signed_tail({name: [value] for name, value in fields.items()})
    signature = sign(f"{house.url}{path}{tail}", house.town.token)
    form = urlencode(fields).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\n"
        f"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"Content-Length: {len(form)}\r\nX-Twilio-Signature: {signature}\r\n"
        "I-Twilio-Idempotency-Token: 5b1f1c54-0000-0000-0000-000000000000\r\n"
        "User-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n\r\n"
    )
    return head.encode() + form
