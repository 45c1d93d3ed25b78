"""One call of a carrier, or of a stranger, as bytes; and what must come of it.

    whole    signed, a text in any encoding: 2xx, and there once with these words
    odd      signed, but what it says is strange: 2xx, there once or kept aside
    forged   not signed, or for something else: turned away, nothing applied
    broken   no HTTP that means anything: any answer but a 5xx, or none

Not here: who posts them (`hands`), what is asked afterwards (`books`).
"""

from __future__ import annotations

import gzip
import hashlib
import random
import zlib
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from lotline.adapters.twilio_signature import sign, signed_tail
from lotline.config.bench.town import customer_numbers, words

WHOLE, ODD, FORGED, BROKEN = "whole", "odd", "forged", "broken"
STOPS = 0.02
LARGEST = 64 * 1024
_BASES = ("GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "BREW")
_ALPHABETS = (
    (0x20, 0x7E),
    (0xA0, 0x24F),
    (0x400, 0x4FF),
    (0x590, 0x6FF),
    (0x4E00, 0x4FFF),
    (0xE000, 0xE0FF),
    (0x1F300, 0x1F6FF),
    (0x0, 0x1F),
    (0x200B, 0x202F),
    (0xFFF0, 0xFFFF),
    (0x10FF00, 0x10FFFF),
)
_NUMBERS = (
    *("", "+", "262966", "+999", "+000000000000", "+18005550199", "16145550143"),
    *("whatsapp:+16145550142", "+1614555014x", "+" + "1" * 40, "null", "anonymous", "\u0661\u0662"),
)
_FIELDS = (
    *("NumMedia", "MediaUrl0", "MediaContentType0", "NumSegments", "OptOutType", "SmsStatus"),
    *("MessagingServiceSid", "FromCity", "ErrorCode", "ApiVersion", "MessageStatus", "ReferralNum"),
)
_VALUES = (
    *("", "0", "1", "-1", "999999999999", "1e9", "NaN", "true", "null", "stop", "STOP", "START"),
    *("delivered", "read", "\x00", "\ufffd", "../../etc/passwd", "' or 1=1 --", "{{7*7}}", "%s%n"),
    *("<script>1</script>", "http://[", "http://127.0.0.1:9/x", "a" * 3000, "\u202e", "\U0010ffff"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the house is, and what its carrier knows."""

    port: int
    url: str  # the public address, which is what is signed
    account: str
    token: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """`sid` and `body` of a text that must be there once it is acknowledged."""

    kind: str
    name: str
    pieces: tuple[bytes, ...]  # as they go onto the wire
    sid: str = ""
    body: str = ""  # its words as they will be kept
    gone: bool = False  # whoever calls leaves before the answer


class Calls:
    """An endless supply; the same dice, the same calls."""

    def __init__(self, place: Place, seed: str) -> None:
        self._place = place
        self._dice = random.Random(seed)  # dice, no secret
        self._customers = [one for one in customer_numbers(20_000) if one not in place.lines]
        self._lane = hashlib.sha256(seed.encode()).hexdigest()[:16]
        self._made = 0
        self._before: list[Call] = []

    def __next__(self) -> Call:
        dice = self._dice.random()
        if dice < 0.5:
            call = self._whole()
        elif dice < 0.58 and self._before:
            call = self._dice.choice(self._before)  # brought once more, byte for byte
        elif dice < 0.75:
            call = self._odd()
        elif dice < 0.9:
            call = self._forged()
        else:
            call = self._broken()
        if call.kind == WHOLE:
            self._before = [*self._before[-40:], call]
        return call

    # -- what is said --------------------------------------------------------------------------

    def _sid(self) -> str:
        self._made += 1
        return f"SM{self._lane}{self._made:016x}"

    def _fields(self, **more: str) -> dict[str, str]:
        dice, sid = self._dice, self._sid()
        few = dice.random() < 0.8
        customer = self._customers[dice.randrange(300 if few else len(self._customers))]
        fields = {
            "ToCountry": "US",
            "SmsMessageSid": sid,
            "NumMedia": "0",
            "SmsSid": sid,
            "SmsStatus": "received",
            "Body": self._body(),
            "To": dice.choice(self._place.lines),
            "NumSegments": "1",
            "MessageSid": sid,
            "AccountSid": self._place.account,
            "From": customer,
            "ApiVersion": "2010-04-01",
        }
        return fields | more

    def _body(self) -> str:
        dice = self._dice
        if dice.random() < 0.6:
            return words(dice, stops=STOPS)
        length = dice.choice((0, 1, 2, 70, 160, 161, 320, 1600, 5000))
        alphabets = dice.choices(_ALPHABETS, k=dice.choice((1, 1, 3)))
        return "".join(chr(dice.randint(*dice.choice(alphabets))) for _ in range(length))

    # -- kinds ---------------------------------------------------------------------------------

    def _whole(self) -> Call:
        """Whatever carriers may change without notice: fields, order, encoding, headers, pieces."""
        dice = self._dice
        fields = self._fields()
        sid, body = fields["MessageSid"], fields["Body"].replace("\x00", "\ufffd")
        for n in range(dice.choice((0, 0, 1, 30))):
            fields[f"New{n}"] = dice.choice(_VALUES)
        if dice.random() < 0.1:
            fields |= {"NumMedia": "1", "MediaUrl0": "https://media.example/1", "Body": ""}
            body = ""
        form = self._form(fields)
        if len(form) > LARGEST:
            return self._whole()
        headers = [("X-Twilio-Signature", self._signature("inbound", fields)), *self._noise()]
        return Call(WHOLE, "whole", self._request("inbound", form, headers), sid, body)

    def _odd(self) -> Call:
        dice = self._dice
        which = dice.randrange(6)
        path, more = "inbound", dict[str, str]()
        if which == 0:
            more["From"] = dice.choice(_NUMBERS)
        elif which == 1:
            more["To"] = dice.choice(_NUMBERS)
        elif which == 2:
            more["MessageSid"] = dice.choice(("", "\x00", "S" * 3000, "SM\u2603", " "))
        elif which == 3:
            more |= {dice.choice(_FIELDS): dice.choice(_VALUES) for _ in range(dice.randrange(6))}
        elif which == 4:
            path = "status"
            reference = dice.choice(("", "x", "0" * 32, "%00", "0193-", "a" * 2000))
            path += f"?lotline_ref={quote(reference)}"
            more["MessageStatus"] = dice.choice(("sent", "delivered", "read", *_VALUES))
        else:
            return self._signed_bytes()
        fields = self._fields(**more)
        given = self._signature(path, fields)
        headers = [("X-Twilio-Signature", given), *self._noise()]
        name = ("from", "to", "sid", "fields", "receipt")[which]
        form = self._form(fields)
        return Call(ODD, f"odd {name}", self._request(path, form, headers))

    def _signed_bytes(self) -> Call:
        """No form at all, proved by its hash in the address."""
        dice = self._dice
        body = dice.randbytes(dice.choice((1, 40, 4000, LARGEST)))
        if dice.random() < 0.5:
            body = b'{"Body":"' + body[:200].hex().encode() + b'"}'
        path = f"inbound?bodySHA256={hashlib.sha256(body).hexdigest()}"
        headers = [("X-Twilio-Signature", self._signature(path, {}))]
        return Call(ODD, "odd bytes", self._request(path, body, headers))

    def _forged(self) -> Call:
        dice = self._dice
        fields = self._fields()
        form = self._form(fields)
        right = self._signature("inbound", fields)
        squeezed = dice.choice((gzip.compress, zlib.compress))(form)
        headers, body = dice.choice(
            [
                ([], form),
                ([("X-Twilio-Signature", right)], form + b"&More=1"),
                ([("X-Twilio-Signature", right[:-2] + "A=")], form),
                ([("X-Twilio-Signature", self._signature("status", fields))], form),
                ([("X-Twilio-Signature", "\x7f\u00ff" * 40)], form),
                ([("X-Twilio-Signature", right), ("Content-Encoding", "gzip")], squeezed),
                (
                    [
                        ("X-Twilio-Signature", right),
                        (
                            "X-Twilio-Webhooks-Signature-Settings",
                            dice.choice(
                                ("algorithm=HMAC_MD5", "algorithm=HMAC_SHA256,key=x", "=,=,")
                            ),
                        ),
                    ],
                    form,
                ),
                # Signed as a form, and said to be none: only a hash in the address would prove it.
                (
                    [
                        ("X-Twilio-Signature", right),
                        (
                            "Content-Type",
                            dice.choice(("", "text/plain", "multipart/form-data; boundary=")),
                        ),
                    ],
                    form,
                ),
                ([("X-Twilio-Signature", right)], b"x" * dice.choice((LARGEST + 1, 2_000_000))),
            ]
        )
        return Call(FORGED, "forged", self._request("inbound", body, headers))

    def _broken(self) -> Call:
        dice = self._dice
        fields = self._fields()
        form = self._form(fields)
        whole = b"".join(self._request("inbound", form, [("X-Twilio-Signature", "x")]))
        which = dice.randrange(8)
        if which == 0:
            start = whole[: dice.randrange(1, len(whole))]
            return Call(BROKEN, "cut off", (start,), gone=True)
        if which == 1:
            return Call(BROKEN, "noise", (dice.randbytes(dice.choice((1, 100, 5000))),), gone=True)
        if which == 2:
            method = dice.choice(_BASES).encode()
            return Call(BROKEN, "method", (whole.replace(b"POST", method, 1),), gone=True)
        if which == 3:
            length = dice.choice((b"-1", b"x", b"99999999999999999999", b"1,2", b""))
            said = whole.replace(b"Content-Length: ", b"Content-Length: " + length + b" ", 1)
            return Call(BROKEN, "length", (said,), gone=True)
        if which == 4:
            both = b"Transfer-Encoding: chunked\r\nContent-Length: "
            return Call(BROKEN, "both", (whole.replace(b"Content-Length: ", both, 1),), gone=True)
        if which == 5:
            long = b"X-Long: " + b"a" * dice.choice((8000, 70_000, 300_000)) + b"\r\nHost: "
            return Call(BROKEN, "header", (whole.replace(b"Host: ", long, 1),), gone=True)
        if which == 6:
            account = dice.choice((b"%00", b"..", b"%FF", b"A" * 400, b"%2e%2e/x", b"", b"AC;x"))
            said = whole.replace(self._place.account.encode(), account, 1)
            return Call(BROKEN, "address", (said,), gone=True)
        spoiled = bytearray(whole)
        for _ in range(dice.randrange(1, 30)):
            spoiled[dice.randrange(len(spoiled))] = dice.randrange(256)
        return Call(BROKEN, "spoiled", (bytes(spoiled),), gone=True)

    # -- how it is said ------------------------------------------------------------------------

    def _signature(self, path: str, fields: dict[str, str]) -> str:
        tail = signed_tail({name: [value] for name, value in fields.items()})
        address = f"{self._place.url}/hooks/twilio/{self._place.account}/{path}"
        return sign(address + tail, self._place.token)

    def _form(self, fields: dict[str, str]) -> bytes:
        """Each of the ways in which a form may be written; all mean the same."""
        dice = self._dice
        names = list(fields)
        if dice.random() < 0.5:
            dice.shuffle(names)
        how = dice.randrange(4)

        def written(text: str) -> str:
            if how == 0:
                return quote_plus(text)
            if how == 1:
                return quote(text, safe="")
            if how == 2:
                return "".join(f"%{byte:02x}" for byte in text.encode())
            return quote_plus(text, safe="/:@!$'()*,;?")

        return "&".join(f"{written(name)}={written(fields[name])}" for name in names).encode()

    def _noise(self) -> list[tuple[str, str]]:
        dice = self._dice
        kind = dice.choice(
            (
                "application/x-www-form-urlencoded",
                "application/x-www-form-urlencoded; charset=UTF-8",
                "application/x-www-form-urlencoded; charset=utf-16",
                "APPLICATION/X-WWW-FORM-URLENCODED;charset=latin-1",
                "application/x-www-form-urlencoded ; boundary=x",
            )
        )
        more = [(f"X-New-{n}", "v" * dice.choice((0, 10, 900))) for n in range(dice.randrange(20))]
        token = ("I-Twilio-Idempotency-Token", dice.choice(("", "x", "\u00e9" * 200)))
        return [("Content-Type", kind), token, *more]

    def _request(self, path: str, body: bytes, headers: list[tuple[str, str]]) -> tuple[bytes, ...]:
        dice, place = self._dice, self._place
        chunked = dice.random() < 0.2
        length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
        shouted = dice.choice((str, str.upper, str.lower))
        head = [f"POST /hooks/twilio/{place.account}/{path} HTTP/1.1"]
        head += [f"Host: {dice.choice(('127.0.0.1', 'evil.example', 'a' * 200))}", length]
        head += [f"{shouted(name)}: {said}" for name, said in headers]
        start = ("\r\n".join(head) + "\r\n\r\n").encode("latin-1", "replace")
        if not chunked:
            if dice.random() < 0.8:
                return (start + body,)
            cut = dice.randrange(len(body) + 1)
            return start, body[:cut], body[cut:]
        pieces, at = [start], 0
        while at < len(body):
            size = dice.choice((1, 100, 4000, LARGEST)) if len(pieces) < 50 else len(body)
            piece = body[at : at + size]
            pieces.append(b"%x\r\n%b\r\n" % (len(piece), piece))
            at += size
        return (*pieces, b"0\r\n\r\n")
