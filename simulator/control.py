"""Control: how a test or the demo moves the simulated world, under `/sim/`.

Every form is checked before anything changes; what is wrong is said in a sentence with 400.

Not here: Twilio's own interface (`api`), the page of phones (`phones`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.arriving import Arriving
from simulator.faults import Fault, Faults
from simulator.people import PERSONAS, People
from simulator.sending import NUMBER, Sending
from simulator.world import Text, World

Number = Annotated[str, msgspec.Meta(pattern=r"^\+[1-9]\d{6,14}$")]
T = TypeVar("T")
Seconds = Annotated[float, msgspec.Meta(ge=0, le=3600)]


class Registration(msgspec.Struct, forbid_unknown_fields=True):
    """An account with some of its numbers. Said again, it replaces what was said before."""

    account: Annotated[str, msgspec.Meta(min_length=2, max_length=64)]
    auth_token: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    numbers: list[Number]
    inbound_url: Annotated[str, msgspec.Meta(pattern=r"^https?://")]
    api_keys: dict[str, str] = {}
    messaging_service: str | None = None
    public_base_url: Annotated[str, msgspec.Meta(pattern=r"^https?://")] | None = None
    net: Literal["on", "off"] = "off"
    advanced_opt_out: bool = False


class Inbound(msgspec.Struct):
    """A customer writes."""

    from_number: Number = msgspec.field(name="from")
    to: Number
    body: Annotated[str, msgspec.Meta(max_length=10_000)] = ""
    media: Annotated[list[str], msgspec.Meta(max_length=10)] = []


class Person(msgspec.Struct, forbid_unknown_fields=True):
    """A customer with a temper."""

    number: Number
    name: str = ""
    persona: str = "silent"
    line: Number | None = None


class Life(msgspec.Struct, forbid_unknown_fields=True):
    """Whether customers act by themselves, and how soon."""

    on: bool
    soonest_s: Seconds | None = None
    latest_s: Seconds | None = None
    opener_every_s: Annotated[float, msgspec.Meta(ge=0.05, le=86400)] | None = None


class Pace(msgspec.Struct, forbid_unknown_fields=True):
    """How long a text takes."""

    sent_s: Seconds
    delivered_s: Seconds


class FaultOrder(msgspec.Struct, forbid_unknown_fields=True):
    """Faults to set; `clear` takes the old ones away first."""

    faults: list[Fault] = []
    clear: bool = False


class Control:
    """The hand that moves the world."""

    def __init__(
        self, world: World, faults: Faults, sending: Sending, arriving: Arriving, people: People
    ) -> None:
        """Everything it moves."""
        self._world = world
        self._faults = faults
        self._sending = sending
        self._arriving = arriving
        self._people = people

    def routes(self) -> list[Route]:
        """All under /sim/."""
        return [
            Route("/sim/healthz", self.healthz, methods=["GET"]),
            Route("/sim/lines", self.lines, methods=["GET"]),
            Route("/sim/lines", self.register, methods=["POST"]),
            Route("/sim/inbound", self.inbound, methods=["POST"]),
            Route("/sim/outbox", self.outbox, methods=["GET"]),
            Route("/sim/webhooks", self.webhooks, methods=["GET"]),
            Route("/sim/faults", self.faults, methods=["GET"]),
            Route("/sim/faults", self.set_faults, methods=["POST"]),
            Route("/sim/customers", self.customers, methods=["GET"]),
            Route("/sim/customers", self.set_customers, methods=["POST"]),
            Route("/sim/life", self.life, methods=["POST"]),
            Route("/sim/pace", self.pace, methods=["POST"]),
        ]

    async def healthz(self, _request: Request) -> Response:
        """Ready."""
        return _json({"ok": True, "lines": len(self._world.lines), "texts": len(self._world.texts)})

    async def lines(self, _request: Request) -> Response:
        """Our numbers."""
        return _json(sorted(self._world.lines))

    async def register(self, request: Request) -> Response:
        """Make an account's numbers known."""
        said = _one_or_many(await request.body(), Registration)
        for one in said:
            self._world.record(
                "account", sid=one.account, auth_token=one.auth_token, api_keys=one.api_keys
            )
            for number in one.numbers:
                self._world.record(
                    "line",
                    number=number,
                    account=one.account,
                    inbound_url=one.inbound_url,
                    messaging_service=one.messaging_service,
                    public_base_url=one.public_base_url,
                    net=one.net == "on",
                    advanced_opt_out=one.advanced_opt_out,
                )
        return _json(sorted(self._world.lines))

    async def inbound(self, request: Request) -> Response:
        """A customer writes to a line; `webhook_status` is what our hook answered."""
        said = msgspec.json.decode(await request.body(), type=Inbound)
        line = self._world.lines.get(said.to)
        if line is None:
            return _json({"error": f"{said.to} is not one of our numbers"}, 404)
        text, status = await self._arriving.write(said.from_number, line, said.body, said.media)
        return _json({"sid": text.sid, "webhook_status": status})

    async def outbox(self, request: Request) -> Response:
        """What was accepted for a customer, oldest first."""
        to = request.query_params.get("to")
        texts = self._world.texts_of(_plus(to)) if to else self._world.texts.values()
        return _json([_shown(text) for text in texts if not text.inbound and not text.by_carrier])

    async def webhooks(self, request: Request) -> Response:
        """Each attempt to bring a webhook and the answer it got, oldest first."""
        asked = {name: request.query_params.get(name) for name in ("sid", "kind")}
        return _json(
            [
                one
                for one in self._world.webhooks
                if all(value in {None, one[name]} for name, value in asked.items())
            ]
        )

    async def faults(self, _request: Request) -> Response:
        """Those that still wait to strike."""
        return _json({"faults": self._faults.all})

    async def set_faults(self, request: Request) -> Response:
        """Set faults: a list, one, or {"faults": [...], "clear": true}."""
        order = _fault_order(await request.body())
        if order.clear:
            self._faults.clear()
        self._faults.add(order.faults)
        return _json({"faults": self._faults.all})

    async def customers(self, _request: Request) -> Response:
        """Everybody known by name."""
        return _json(list(self._world.customers.values()))

    async def set_customers(self, request: Request) -> Response:
        """Make customers known, or change their temper; what they said so far is kept."""
        said = _one_or_many(await request.body(), Person)
        for one in said:
            if one.persona not in PERSONAS:
                raise ValueError(f"no persona {one.persona!r}; known: {', '.join(PERSONAS)}")
        for one in said:
            known = self._world.customers.get(one.number)
            same = known is not None and known.persona == one.persona
            spoke = known.said if known is not None and same else 0
            self._world.record("customer", **msgspec.structs.asdict(one), said=spoke)
        return _json({"customers": len(self._world.customers)})

    async def life(self, request: Request) -> Response:
        """Let customers act by themselves, or stop them."""
        said = msgspec.json.decode(await request.body(), type=Life)
        asked = msgspec.structs.asdict(said)
        self._world.record("life", on=asked.pop("on"))
        self._people.change_tempo(
            **{name: value for name, value in asked.items() if value is not None}
        )
        return _json({"on": self._world.life_on, **vars(self._people.tempo)})

    async def pace(self, request: Request) -> Response:
        """How long texts take from now on."""
        said = msgspec.json.decode(await request.body(), type=Pace)
        self._sending.pace.sent_s, self._sending.pace.delivered_s = said.sent_s, said.delivered_s
        return _json(msgspec.structs.asdict(said))


def answer_wrong_form(_request: Request, wrong: Exception) -> Response:
    """What was wrong with a form, in a sentence."""
    return _json({"error": str(wrong)}, 400)


def _shown(text: Text) -> dict[str, Any]:
    return {
        "sid": text.sid,
        "from": text.line,
        "to": text.phone,
        "body": text.body,
        "media": text.media,
        "at": text.at,
        "status": text.status,
        "code": text.code,
    }


def _plus(number: str) -> str:
    """A plus in a query reads as a space; that mistake is forgiven."""
    trimmed = number.strip()
    return trimmed if NUMBER.fullmatch(trimmed) else f"+{trimmed.lstrip('+')}"


def _one_or_many(body: bytes, form: type[T]) -> list[T]:
    said = msgspec.json.decode(body)
    return [msgspec.convert(one, form) for one in (said if isinstance(said, list) else [said])]


def _fault_order(body: bytes) -> FaultOrder:
    said = msgspec.json.decode(body)
    if isinstance(said, list):
        said = {"faults": said}
    elif isinstance(said, dict) and "name" in said:
        said = {"faults": [said]}
    return msgspec.convert(said, FaultOrder)


def _json(said: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(said), status, media_type="application/json")
