"""Arriving: a customer's text on its way to a company's hook, and the carrier's own STOP net.

The net knows exact keywords only, as Twilio's does: words in a sentence pass it by, which is
why a company must hear for itself. With the net on, the carrier answers STOP, START and HELP.

Not here: how the hook is called (`posting`), who writes (`people`, `control`).
"""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict

from simulator.counting import segments_of
from simulator.posting import Hook, Poster
from simulator.world import Line, Text, World

STOP = {"stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"}
START = {"start", "yes", "unstop"}
HELP = {"help", "info"}
ANSWERS = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages "
    "from this number. Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. "
    "Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


class Arriving:
    """Takes what customers write and brings it to us."""

    def __init__(self, world: World, poster: Poster) -> None:
        """Nothing is kept here; the world is."""
        self._world = world
        self._poster = poster

    async def write(
        self, phone: str, line: Line, body: str, media: list[str]
    ) -> tuple[Text, int | None]:
        """A customer writes; the text, and what our hook answered."""
        text = Text(
            sid=("MM" if media else "SM") + secrets.token_hex(16),
            account=line.account,
            line=line.number,
            phone=phone,
            inbound=True,
            body=body,
            media=media,
            status="received",
            at=time.time(),
            messaging_service=line.messaging_service,
            segments=segments_of(body),
        )
        self._world.record("text", **asdict(text))
        heard = self._net(line, phone, body) if line.net else None
        hook = Hook(
            "inbound",
            text.sid,
            f"{phone}>{line.number}",
            line.inbound_url,
            self._params(line, text, heard),
        )
        return text, await self._poster.bring(line, hook)

    def _net(self, line: Line, phone: str, body: str) -> str | None:
        word = body.strip().lower()
        sender = line.messaging_service or line.number
        if word in STOP:
            heard = "STOP"
            self._world.record("block", sender=sender, phone=phone)
        elif word in START:
            if word == "yes" and (sender, phone) not in self._world.blocks:
                return None  # an ordinary yes
            heard = "START"
            self._world.record("unblock", sender=sender, phone=phone)
        elif word in HELP:
            heard = "HELP"
        else:
            return None
        self._answer(line, phone, ANSWERS[heard])
        return heard

    def _answer(self, line: Line, phone: str, body: str) -> None:
        """The carrier's own words, which the company never sees."""
        text = Text(
            sid="SM" + secrets.token_hex(16),
            account=line.account,
            line=line.number,
            phone=phone,
            inbound=False,
            body=body,
            status="delivered",
            at=time.time(),
            by_carrier=True,
        )
        self._world.record("text", **asdict(text))

    def _params(self, line: Line, text: Text, heard: str | None) -> dict[str, str]:
        params = {
            "ToCountry": "US",
            "ToState": "",
            "SmsMessageSid": text.sid,
            "NumMedia": str(len(text.media)),
            "ToCity": "",
            "FromZip": "",
            "SmsSid": text.sid,
            "FromState": "",
            "SmsStatus": "received",
            "FromCity": "",
            "Body": text.body,
            "FromCountry": "US",
            "To": line.number,
            "ToZip": "",
            "NumSegments": str(text.segments),
            "MessageSid": text.sid,
            "AccountSid": line.account,
            "From": text.phone,
            "ApiVersion": "2010-04-01",
        }
        if line.messaging_service:
            params["MessagingServiceSid"] = line.messaging_service
        if heard and line.messaging_service and line.advanced_opt_out:
            params["OptOutType"] = heard
        for index, url in enumerate(text.media):
            params[f"MediaUrl{index}"] = url
            params[f"MediaContentType{index}"] = _content_type(url)
        return params


def _content_type(url: str) -> str:
    ending = url.rsplit(".", 1)[-1].lower()
    kinds = {"png": "image/png", "gif": "image/gif", "jpg": "image/jpeg", "jpeg": "image/jpeg"}
    return kinds.get(ending, "image/jpeg")
