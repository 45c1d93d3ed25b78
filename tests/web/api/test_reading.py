"""What programs read and write down beside texts, and what they never see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.web.api.client import EVERYTHING, Client, Served

UPDATE = "Your car is ready for pickup."


@pytest.fixture(scope="module")
def program(api: Served) -> Client:
    return api.program()


def met(api: Served, program: Client, last: int, line: str = "sales") -> dict[str, Any]:
    asked = {
        "number": f"+1614555{last:04d}",
        "line_id": str(api.house.town.lines[line]),
        "name": "Pat",
        "zip": "43215",
    }
    told = program.post("/contacts", asked)
    assert told.status in {200, 201}, told.body
    contact: dict[str, Any] = told.body
    return contact


def test_a_program_meets_a_customer_writes_down_their_yes_and_texts(
    api: Served, program: Client
) -> None:
    contact = met(api, program, 140)
    path = f"/contacts/{contact['id']}"
    text = {"contact_id": contact["id"], "line": str(api.house.town.lines["sales"]), "body": UPDATE}
    refused = program.post("/texts", text | {"purpose": "update"})
    assert refused.status == 422
    yes = {
        "kind": "express",
        "source": "in_person",
        "said_at": api.house.town.clock().isoformat(),
        "words": "Text me when it is done.",
    }
    assert program.post(f"{path}/consents", yes).status == 201
    assert program.get(f"{path}/standing").body["level"] == "replies"
    made = program.post("/texts", text | {"purpose": "update", "client_id": "a b"})
    assert made.status == 201, made.body
    seen = program.get(f"/texts/{made.body['id']}").body
    assert (seen["body"], seen["number"], seen["state"]) == (UPDATE, contact["number"], "queued")
    assert program.get("/texts?client_id=a%20b").body["texts"] == [seen]
    mine = program.get(f"/texts?contact_id={contact['id']}").body["texts"]
    assert [one["state"] for one in mine] == ["blocked", "queued"]
    assert program.get("/contacts?number=6145550140").body["contacts"][0]["id"] == contact["id"]


def test_a_program_stops_at_once_and_never_undoes_a_stop(api: Served, program: Client) -> None:
    contact = met(api, program, 141)
    path = f"/contacts/{contact['id']}"
    assert program.post(f"{path}/stops", {"how": "phone"}).status == 201
    assert program.get(f"{path}/standing").body["level"] == "out"
    api.house.town.clock.at += timedelta(seconds=1)
    for source in ("web_form", "text", "paper_form"):
        yes = {
            "kind": "written" if source == "paper_form" else "express",
            "source": source,
            "said_at": api.house.town.clock().isoformat(),
            "words": "Yes please.",
        }
        assert program.post(f"{path}/consents", yes).status == 422
    assert program.get(f"{path}/standing").body["level"] == "out"


def test_a_page_of_texts_leads_to_the_next(api: Served, program: Client) -> None:
    api.house.town.meet("+16145550142", "Pat", by="ben", line="sales")
    text = {"to": "+16145550142", "line": "+16145550101", "body": UPDATE, "purpose": "update"}
    made = [one["text"]["id"] for one in program.post("/texts", [text] * 5).body["results"]]
    seen: list[str] = []
    after = ""
    while True:
        page = program.get(f"/texts?limit=2{after}").body
        seen += [one["id"] for one in page["texts"]]
        if page["after"] is None:
            break
        after = f"&after={page['after']}"
    assert [one for one in seen if one in made] == made
    assert seen == sorted(set(seen))


def test_what_happens_is_followed_by_cursor(api: Served, program: Client) -> None:
    contact = met(api, program, 143)
    start = program.get("/events").body["cursor"]
    api.house.text_in(contact["number"], "Is it ready?")
    found, cursor = [], start
    for _ in range(50):
        told = program.get(f"/events?limit=1&after={cursor}").body
        found += [one for one in told["events"] if one["contact_id"] == contact["id"]]
        if found:
            break
        cursor = told["cursor"]
    assert (found[0]["kind"], set(found[0])) == (
        "text.in",
        {"cursor", "kind", "happened_at", "line_id", "conversation_id", "contact_id", "text_id"},
    )


def test_another_line_is_not_there(api: Served, program: Client) -> None:
    """P7: neither its customers, nor its texts, nor its events, nor the line itself."""
    contact = met(api, program, 144, line="dock")
    text = {"contact_id": contact["id"], "body": UPDATE, "purpose": "update"}
    dock, sales = (str(api.house.town.lines[one]) for one in ("dock", "sales"))
    blocked = program.post("/texts", text | {"line": dock}).body["text_id"]
    start = program.get("/events").body["cursor"]
    api.house.text_in(contact["number"], "Hello?", line="dock")
    outsider = api.program(lines=("sales",))
    assert [one["id"] for one in outsider.get("/lines").body["lines"]] == [sales]
    assert outsider.get(f"/texts/{blocked}").status == 404
    for path in ("", "/standing"):
        assert outsider.get(f"/contacts/{contact['id']}{path}").status == 404
    assert outsider.get("/contacts?number=6145550144").body == {"contacts": []}
    assert outsider.post(f"/contacts/{contact['id']}/stops", {"how": "phone"}).status == 404
    assert outsider.post("/texts", text | {"line": dock}).body["code"] == "line"
    assert outsider.post("/texts", text | {"line": sales}).body["code"] == "contact"
    told = outsider.get(f"/events?after={start}").body
    assert contact["id"] not in {one["contact_id"] for one in told["events"]}
    everything = outsider.get("/texts?limit=200").body["texts"]
    assert {one["line_id"] for one in everything} <= {sales}


ASKS = [
    ("GET", "/texts", None, "texts:read"),
    ("GET", "/texts/{id}", None, "texts:read"),
    ("POST", "/texts", {"to": "+16145550145", "body": UPDATE}, "texts:write"),
    ("GET", "/contacts?number=6145550145", None, "contacts:read"),
    ("GET", "/contacts/{id}", None, "contacts:read"),
    ("POST", "/contacts", {"number": "+16145550145", "line_id": "{id}"}, "contacts:write"),
    ("GET", "/contacts/{id}/standing", None, "consent:read"),
    ("POST", "/contacts/{id}/stops", {"how": "phone"}, "consent:write"),
    ("GET", "/lines", None, "lines:read"),
    ("GET", "/events", None, "events:read"),
]


def test_a_token_opens_its_scopes_and_nothing_else(api: Served) -> None:
    one_id = str(UUID(int=1))
    for method, path, body, scope in ASKS:
        lacking = api.program(scopes=tuple(one for one in EVERYTHING if one != scope))
        filled = path.replace("{id}", one_id)
        sent = body and {name: said.replace("{id}", one_id) for name, said in body.items()}
        told = lacking.ask(method, f"/api/v1{filled}", sent)
        assert (told.status, told.body["code"]) == (403, "scope"), (method, path)


def test_every_address_is_among_those_asked(api: Served, program: Client) -> None:
    described = program.get("/openapi.json").body["paths"]
    said = {(method.upper(), path) for path, methods in described.items() for method in methods}
    asked = {(method, "/api/v1" + path.partition("?")[0]) for method, path, _, _ in ASKS}
    assert said - asked == {("POST", "/api/v1/contacts/{id}/consents")}


def test_strangers_and_ended_tokens_get_nothing_anywhere(api: Served) -> None:
    town = api.house.town
    away = api.program(by="ada", addresses=("192.0.2.0/24",))
    over = api.program(expires_at=town.clock() + timedelta(seconds=1))
    town.clock.at += timedelta(seconds=2)
    strangers = [api.client(""), api.client("lot_" + "x" * 43), api.client("Basic"), over]
    for method, path, body, _ in ASKS:
        filled = "/api/v1" + path.replace("{id}", str(UUID(int=1)))
        sent = body and {
            name: said.replace("{id}", str(UUID(int=1))) for name, said in body.items()
        }
        for stranger in strangers:
            told = stranger.ask(method, filled, sent)
            assert (told.status, told.body["code"]) == (401, "token"), (method, path)
        told = away.ask(method, filled, sent)
        assert (told.status, told.body["code"]) == (403, "address"), (method, path)


def test_who_answers_for_it_is_suspended_and_so_is_it(api: Served) -> None:
    town = api.house.town
    program = api.program()
    api.house.town.meet("+16145550146", "Pat", by="ben", line="sales")
    text = {"to": "+16145550146", "line": "+16145550101", "body": UPDATE, "purpose": "update"}
    waits = UUID(program.post("/texts", text).body["id"])
    at = town.clock()
    (row,) = api.house.ask(
        "insert into suspensions (group_id, id, member_id, suspended_at)"
        " values (%s, %s, %s, %s) returning id",
        town.group_id,
        api.house.ctx.new_id(),
        town.members["ada"],
        at,
    )
    try:
        assert program.post("/texts", text).status == 401
        assert program.get("/lines").status == 401
        api.house.dispatch()
        assert api.house.state(waits) == "blocked"
    finally:
        api.house.ask("update suspensions set lifted_at = %s where id = %s returning id", at, *row)
    assert program.get("/lines").status == 200
