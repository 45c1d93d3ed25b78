"""Texts: a program asks for one or for many, and is told what the gate said of each.

    201  queued           202  held until a time, or for a person
    422  refused by the gate: kept as a try, the problem names the rule and the text's id
    422  not even a try: the problem says what to change        409  a name used for another text

Several at once are always 200: each has the status it would have had alone.

Not here: what happens to them (`actions.submit_batch`), who may (`calling`).
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from lotline.actions.submit_batch import Answer, Posted, submit_batch
from lotline.actions.submit_batch import Result as Became
from lotline.actions.submit_whom import Wanted
from lotline.core.messaging.purpose import Purpose
from lotline.web.edge.api.calling import (
    Caller,
    Callers,
    answer,
    body_of,
    denied_problem,
    read,
)
from lotline.web.edge.api.problems import Problem
from lotline.web.edge.api.shapes import (
    NewText,
    NewTexts,
    Result,
    Results,
    TextMade,
    decision_out,
)
from lotline.web.edge.batches import Batches

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from lotline.actions.context import Context

SEVERAL_AT_ONCE = 2  # requests of many texts that share a transaction
KEY_LONGEST = 255
_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(NewText | NewTexts)
_STATUS = {"refused": 422, "conflict": 409, "blocked": 422, "held": 202, "queued": 201}


class Texts:
    """The door for texts."""

    def __init__(self, ctx: Context, callers: Callers) -> None:
        self._ctx = ctx
        self._callers = callers
        self._single: Batches[Posted, Answer] = Batches(lambda items: submit_batch(ctx, items))
        self._several: Batches[Posted, Answer] = Batches(
            lambda items: submit_batch(ctx, items), at_most=SEVERAL_AT_ONCE
        )

    async def close(self) -> None:
        """Finish what is in hand."""
        await self._single.close()
        await self._several.close()

    async def post(self, request: Request) -> Response:
        """One text or a list of them."""
        await self._callers.whose(request)
        key = _key_of(request)
        body = await body_of(request)
        asked: NewText | list[NewText] = read(_DECODER, body)
        several = asked if isinstance(asked, list) else [asked]
        wanted = tuple(_wanted(one) for one in several)
        caller = await self._callers.admit(request, len(several))
        posted = Posted(
            caller.whose.group_id,
            caller.whose.program_id,
            caller.address,
            wanted,
            sha256(key).digest() if key else b"",
            sha256(body).digest() if key else b"",
        )
        batches = self._single if len(several) == 1 else self._several
        done = await batches.put(posted)
        if done.denied is not None:
            raise denied_problem(done.denied)
        if done.reused:
            says = "This Idempotency-Key was used for another request."
            raise Problem(409, "idempotency_key", says)
        headers = {"Idempotency-Replayed": "true"} if done.repeated else {}
        if isinstance(asked, list):
            results = [_result(*one) for one in zip(done.results, several, strict=True)]
            return answer(Results(results), caller, headers=headers)
        return _alone(done.results[0], asked, caller, headers)


def _alone(became: Became, asked: NewText, caller: Caller, headers: dict[str, str]) -> Response:
    status = _STATUS.get(became.state, 200)
    if status >= 400:
        problem = _problem(became, status)
        problem.headers = {**caller.left.headers(), **headers}
        return problem.answer()
    if became.repeated:
        status = 200
    made = _made(became, asked)
    place = {"Location": f"/api/v1/texts/{made.id}"}
    return answer(made, caller, status, headers | place)


def _result(became: Became, asked: NewText) -> Result:
    status = _STATUS.get(became.state, 200)
    if status >= 400:
        return Result(status, problem=_problem(became, status).as_json())
    return Result(200 if became.repeated else status, text=_made(became, asked))


def _made(became: Became, asked: NewText) -> TextMade:
    assert became.text_id is not None, "what is no problem is a text"
    assert became.decision is not None, "every text has its decision"
    return TextMade(
        id=became.text_id,
        state=became.state,
        decision=decision_out(became.decision),
        due_at=became.due_at,
        client_id=asked.client_id,
        repeated=became.repeated,
    )


def _problem(became: Became, status: int) -> Problem:
    if became.decision is None:
        return Problem(status, became.code, became.says)
    out = decision_out(became.decision)
    more: dict[str, Any] = {"text_id": became.text_id, "decision": out}
    return Problem(status, "blocked", out.says, rule=out.rule, **more)


def _wanted(one: NewText) -> Wanted:
    if (one.to is UNSET) == (one.contact_id is UNSET):
        raise Problem(422, "whom", "Name the customer by `to` or by `contact_id`, by one of them.")
    return Wanted(
        body=one.body,
        line=one.line,
        to=one.to if isinstance(one.to, str) else "",
        contact_id=None if one.contact_id is UNSET else one.contact_id,
        purpose=None if one.purpose is UNSET else Purpose(one.purpose),
        why=one.why,
        client_id=one.client_id if isinstance(one.client_id, str) else "",
        send_at=None if one.send_at is UNSET else one.send_at,
    )


def _key_of(request: Request) -> bytes:
    given = request.headers.get("idempotency-key")
    if given is None:
        return b""
    key = given.strip().strip('"')
    if not 1 <= len(key) <= KEY_LONGEST:
        says = f"An Idempotency-Key has 1 to {KEY_LONGEST} characters."
        raise Problem(400, "idempotency_key", says)
    return key.encode("utf-8", "surrogateescape")
