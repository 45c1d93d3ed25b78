"""A program asks for texts: one decision each, one text a name, nothing dropped in silence."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from lotline.actions.consent import record_stop
from lotline.actions.programs import revoke_program
from lotline.store.conversations import load_conversation
from tests.web.api.client import Client, Served

UPDATE = "Your car is ready for pickup."


@pytest.fixture(scope="module")
def program(api: Served) -> Client:
    return api.program()


def meet(api: Served, last: int, **more: Any) -> str:
    """A customer who agreed, on the sales line."""
    number = f"+1614555{last:04d}"
    api.house.town.meet(number, "Pat", by="ben", line="sales", **more)
    return number


def asked(number: str, body: str = UPDATE, **more: Any) -> dict[str, Any]:
    return {"to": number, "line": "+16145550101", "body": body, "purpose": "update", **more}


def test_an_allowed_text_is_queued_with_its_decision_and_leaves(
    api: Served, program: Client
) -> None:
    number = meet(api, 120)
    told = program.post("/texts", asked(number))
    assert (told.status, told.body["state"]) == (201, "queued"), told.body
    assert told.body["decision"]["verdict"] == "allow"
    text_id = UUID(told.body["id"])
    assert told.headers["location"] == f"/api/v1/texts/{text_id}"
    ((author, sender, stage),) = api.house.ask(
        "select t.author_id, t.sender, d.stage from texts t"
        " join decisions d on d.text_id = t.id where t.id = %s",
        text_id,
    )
    assert (author, sender, stage) == (program.program_id, "software", "submit")
    api.house.dispatch()
    assert [one.to for one in api.house.carrier.reached] == [number]


def test_several_at_once_are_each_answered_as_they_would_be_alone(
    api: Served, program: Client
) -> None:
    known, stranger = meet(api, 121), "+16145550122"
    told = program.post(
        "/texts",
        [
            asked(known),
            asked(stranger, "Save 500 dollars this weekend only!", purpose="offer"),
            asked(known, "Hi {first name}, it is ready."),
            asked(known, line="+16145550199"),
            asked("1234"),
        ],
    )
    assert told.status == 200
    results = told.body["results"]
    assert [one["status"] for one in results] == [201, 422, 422, 422, 422]
    problems = [one["problem"]["code"] for one in results[1:]]
    assert problems == ["blocked", "gaps", "line", "number"]
    blocked = results[1]["problem"]
    assert blocked["decision"]["remedies"]
    assert blocked["rule"] == blocked["decision"]["rule"]
    assert api.house.state(UUID(blocked["text_id"])) == "blocked"


def test_after_a_stop_a_program_is_told_which_rule_refused(api: Served, program: Client) -> None:
    number = meet(api, 123)
    api.house.text_in(number, "STOP")
    told = program.post("/texts", asked(number))
    assert (told.status, told.headers["content-type"]) == (422, "application/problem+json")
    assert told.body["code"] == "blocked"
    assert "customer_start" in told.body["decision"]["remedies"]


@pytest.mark.parametrize("keyed", [True, False], ids=["key", "client_id"])
def test_the_same_again_is_done_once(api: Served, program: Client, keyed: bool) -> None:
    number = meet(api, 124 if keyed else 125)
    headers = {"Idempotency_Key": "one-order"} if keyed else {}
    body = asked(number) if keyed else asked(number, client_id="order 17")
    first = program.post("/texts", body, **headers)
    again = program.post("/texts", body, **headers)
    assert first.status == 201
    assert again.body["id"] == first.body["id"]
    assert api.house.ask(
        "select count(*) from texts where author_id = %s and id >= %s",
        program.program_id,
        UUID(first.body["id"]),
    ) == [(1,)]
    other = program.post("/texts", body | {"body": "Another text."}, **headers)
    assert (other.status, other.body["code"]) == (
        409,
        "idempotency_key" if keyed else "client_id",
    )


def test_the_same_name_twice_in_one_request(api: Served, program: Client) -> None:
    one = asked(meet(api, 126), client_id="twin")
    told = program.post("/texts", [one, one, one | {"body": "Other words."}])
    results = told.body["results"]
    assert [one["status"] for one in results] == [201, 200, 409]
    assert results[1]["text"]["id"] == results[0]["text"]["id"]
    assert results[1]["text"]["repeated"]


def test_a_revoked_token_opens_nothing_and_what_waits_is_refused(api: Served) -> None:
    program = api.program()
    number = meet(api, 127)
    waits = program.post("/texts", asked(number)).body["id"]
    revoke_program(api.house.ctx, api.house.town.sign_in("ada"), program.program_id)
    told = program.post("/texts", asked(number))
    assert (told.status, told.body["code"]) == (401, "token")
    assert "www-authenticate" in told.headers
    api.house.dispatch()
    assert api.house.state(UUID(waits)) == "blocked"


def test_a_stop_between_asking_and_leaving_wins(api: Served, program: Client) -> None:
    number = meet(api, 128)
    waits = UUID(program.post("/texts", asked(number)).body["id"])
    (contact,) = api.house.ask("select contact_id from texts where id = %s", waits)[0]
    record_stop(api.house.ctx, api.house.town.sign_in("ben"), contact, how="phone")
    api.house.dispatch()
    assert api.house.state(waits) == "blocked"
    assert number not in {one.to for one in api.house.carrier.reached}


def test_beyond_its_limit_a_token_is_told_when_to_come_back(api: Served) -> None:
    program = api.program(per_minute=2)
    number = meet(api, 129)
    answers = [program.post("/texts", asked(number)) for _ in range(3)]
    assert [one.status for one in answers] == [201, 201, 429]
    assert answers[0].headers["ratelimit-limit"] == "2"
    assert int(answers[2].headers["retry-after"]) >= 1
    assert answers[2].body["code"] == "limit"


def test_why_it_is_not_what_it_looks_like_is_kept_for_whoever_reviews_it(
    api: Served, program: Client
) -> None:
    """As a person's reason is: a note beside the flagged text, found and shown with its author."""
    number, body = meet(api, 140), "Your car is ready. Save $500 on tires this weekend!"
    assert program.post("/texts", asked(number, body)).body["code"] == "say_why"
    told = program.post("/texts", asked(number, body, why="They asked for it on the phone."))
    assert told.status in {201, 202, 422}, told.body
    conversation = api.house.conversation(number)
    viewer = api.house.town.sign_in("ben")
    with api.house.ctx.db.transaction(api.house.town.group_id) as tx:
        page = load_conversation(tx, viewer, conversation, now=api.house.town.clock())
    assert page is not None
    notes = [one for one in page.log if one.kind == "note"]
    assert [(one.author_id, "on the phone" in one.body) for one in notes] == [
        (program.program_id, True)
    ]


@pytest.mark.parametrize(
    "body",
    [
        b'{"to": "+16145550141", "body": "a\\u0000b"}',
        b'{"to": "+16145550141\\u0000", "body": "Hello"}',
        b'[{"to": "+16145550141", "body": "Hello", "client_id": "\\u0000"}]',
        b'{"to": "+16145550141", "body": "\\\\\\u0000"}',
        b'{"to": "+16145550141", "body": "a\x00b"}',
        b'{"to": "+16145550141", "body": "\\ud800"}',
    ],
)
def test_a_character_that_no_text_can_hold_is_a_problem_of_the_caller(
    program: Client, body: bytes
) -> None:
    told = program.ask("POST", "/api/v1/texts", body)
    assert told.status in {400, 422}, told.body
    assert told.headers["content-type"] == "application/problem+json"


def test_a_backslash_that_is_written_before_u0000_is_a_text(api: Served, program: Client) -> None:
    number = meet(api, 142)
    written = json.dumps(asked(number, "Your code is \\u0000, your car is ready.")).encode()
    assert program.ask("POST", "/api/v1/texts", written).status == 201
    assert program.get("/texts?client_id=%00").status == 422
