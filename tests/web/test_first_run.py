"""From nothing to a company: the link works once, and each step can be left and taken up again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core import signing
from django.test import Client

from lotline.actions.context import Chosen, Context
from lotline.core.consent.wording import first_wording
from lotline.web.first_run import SALT, SETUP_S
from lotline.web.setup_steps import STEPS, checklist, done_of, first_left
from tests.conftest import Database
from tests.town import make_context
from tests.web.site import django_on

OWNER = {
    "company": "Birch Street Autos",
    "name": "Ida Birch",
    "email": "ida@birch.example",
    "password": "quiet-harbor-77",
}
STORE = {"name": "Birch Street", "place": "Tulsa, OK", "zone": "America/Chicago"}
HOURS = {"mon_opens": "09:00", "mon_closes": "18:00"}
SIMULATOR = "http://127.0.0.1:9"


@dataclass
class Bare:
    """A house without a company."""

    ctx: Context
    database: Database

    def ask(self, sql: str) -> list[Any]:
        with psycopg.connect(self.database.dsn("superuser")) as link:
            return link.execute(sql.encode()).fetchall()

    def found(self, client: Client | None = None, **other: str) -> Any:
        form = {**OWNER, "key": signing.dumps("setup", salt=SALT), **other}
        return (client or Client()).post("/start/owner/", form)


@pytest.fixture
def bare(db: Database, tmp_path: Path) -> Iterator[Bare]:
    ctx = replace(make_context(db.app, tmp_path), settings=Chosen(simulator_url=SIMULATOR))
    try:
        with django_on(db, ctx):
            yield Bare(ctx, db)
    finally:
        ctx.db.close()


def test_the_whole_of_it_ends_in_a_conversation_and_a_finished_list(bare: Bare) -> None:
    client = Client()
    assert bare.found(client)["Location"] == "/start/store/"
    assert client.get("/start/")["Location"] == "/start/store/"
    assert client.post("/start/store/", {**STORE, **HOURS})["Location"] == "/start/number/"
    number = {"carrier": "simulator", "number": "(918) 555-0110", "label": "Sales line"}
    assert client.post("/start/number/", number)["Location"] == "/start/rules/"
    assert b"summary" in client.get("/start/rules/").content
    assert client.post("/start/rules/")["Location"] == "/start/wording/"
    html = client.get("/inbox/").content.decode()
    assert "Set up Lotline" in html
    assert 'href="/start/wording/"' in html
    assert 'href="/start/store/"' not in html
    assert "autodialer" in client.get("/start/wording/").content.decode()
    body = first_wording(OWNER["company"])
    assert client.post("/start/wording/", {"body": body})["Location"] == "/start/team/"
    assert client.post("/start/team/")["Location"] == "/start/test/"
    mine = {"number": "(918) 555-0177", "zip": "74103"}
    assert client.post("/start/test/", mine)["Location"].startswith("/c/")
    assert "Set up Lotline" not in client.get("/inbox/").content.decode()
    assert client.get("/start/")["Location"] == "/inbox/"
    assert bare.ask("select count(*) from optin_pages") == [(1,)]
    assert bare.ask("select registration from lines") == [("simulated",)]
    assert bare.ask("select zone, open_hours -> 'mon', open_hours -> 'sun' from stores") == [
        ("America/Chicago", ["09:00", "18:00"], [])
    ]


def test_the_link_is_spent_by_using_it(bare: Bare) -> None:
    assert bare.found().status_code == 302
    stranger = Client()
    key = signing.dumps("setup", salt=SALT)
    assert stranger.get(f"/start/owner/?key={key}").status_code == 410
    assert bare.found(stranger, email="eve@evil.example").status_code == 410
    assert bare.ask("select count(*) from groups") == [(1,)]
    assert bare.ask("select count(*) from accounts") == [(1,)]


@pytest.mark.parametrize(
    "key",
    ["", "guess", signing.dumps("setup", salt="another")],
    ids=["none", "a guess", "signed for something else"],
)
def test_without_the_link_nobody_founds_anything(bare: Bare, key: str) -> None:
    assert Client().get(f"/start/owner/?key={key}").status_code == 410
    assert bare.found(key=key).status_code == 410
    assert bare.ask("select count(*) from groups") == [(0,)]


def test_an_old_link_is_none(bare: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    key = signing.dumps("setup", salt=SALT)
    later = time.time() + SETUP_S + 5
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert bare.found(key=key).status_code == 410


@pytest.mark.parametrize(
    "wrong",
    [
        {"company": " "},
        {"name": ""},
        {"email": "ida"},
        {"password": "short"},
        {"password": "1" * 12},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_founded(bare: Bare, wrong: dict[str, str]) -> None:
    answer = bare.found(None, **wrong)
    assert answer.status_code == 422
    assert b"There is a problem" in answer.content
    assert bare.ask("select count(*) from groups") == [(0,)]
    assert bare.ask("select count(*) from accounts") == [(0,)]


def test_an_account_that_a_broken_start_left_is_taken_over(bare: Bare) -> None:
    from lotline.store.accounts import record_account

    record_account(bare.ctx.ring.root, bare.ctx.new_id(), OWNER["email"], "something else 1")
    assert bare.found().status_code == 302
    assert bare.ask("select count(*) from accounts") == [(1,)]


@pytest.mark.parametrize(
    "wrong",
    [{"number": "12"}, {"carrier": "twilio", "sid": "AC12"}, {"carrier": "twilio", "token": ""}],
)
def test_a_number_that_cannot_be_is_refused(bare: Bare, wrong: dict[str, str]) -> None:
    client = Client()
    bare.found(client)
    client.post("/start/store/", STORE)
    whole = {"number": "(918) 555-0110", "sid": f"AC{'0' * 32}", "token": "t", **wrong}
    answer = client.post("/start/number/", {"carrier": "simulator", **whole})
    assert answer.status_code == 422
    assert bare.ask("select count(*) from lines") == [(0,)]


def test_a_number_at_twilio_waits_for_its_approval(bare: Bare) -> None:
    client = Client()
    bare.found(client)
    client.post("/start/store/", STORE)
    real = {"carrier": "twilio", "number": "(918) 555-0110", "sid": f"AC{'0' * 32}", "token": "t"}
    assert client.post("/start/number/", real).status_code == 302
    assert bare.ask("select registration from lines") == [("waiting",)]
    assert bare.ask("select count(*) from carrier_accounts") == [(1,)]


def test_half_an_hour_is_no_hour(bare: Bare) -> None:
    client = Client()
    bare.found(client)
    answer = client.post("/start/store/", {**STORE, "mon_opens": "09:00"})
    assert answer.status_code == 422
    assert "Monday" in answer.content.decode()


@pytest.mark.parametrize("step", [word for word, _ in STEPS[1:]])
def test_the_steps_are_the_owners(bare: Bare, step: str) -> None:
    answer = Client().get(f"/start/{step}/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


def test_a_company_that_was_never_asked_has_nothing_to_do() -> None:
    assert checklist({}) == checklist({"first_run": "done"}) == []
    assert first_left({"first_run": ["owner", "number"]}) == "store"
    assert done_of({"first_run": ["owner", "nonsense"]}) == {"owner"}
