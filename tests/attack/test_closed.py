"""Closed when in doubt (P9): whatever fails, nothing sends, and the words stay in the box.

The rulebook, the facts, the database and the clock fail in turn, on the way in and on the way out.
And what was decided can be decided again, so a fact that was changed afterwards shows (P2).

Not here: a stop against a send (`tests.actions.test_races`), dying (`test_kill`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NoReturn
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.test import Client

from lotline.actions.context import Context
from lotline.actions.replay import Replayed, replay
from lotline.workers.loop import Loop, Step
from lotline.workers.sender import Sender
from tests.town import NOON
from tests.web.site import Site

DALE = "+16145550142"
WORDS = "We are open until six, marmalade."
STRIP = "check the rules right now"


class Unreadable:
    """A rulebook that cannot be read, whatever is asked of it."""

    def __getattr__(self, name: str) -> NoReturn:
        raise OSError("the rulebook cannot be read")


@pytest.fixture
def talk(site: Site) -> Iterator[UUID]:
    met = site.town.meet(DALE, "Dale Whitcomb", by="ben", line="sales", how="texted_us")
    site.house.text_in(DALE, "Is it there?")
    yield met
    site.house.close()


@contextmanager
def acting_with(ctx: Context) -> Iterator[None]:
    """The pages' process has another context for a while."""
    before = settings.LOTLINE_CONTEXT
    settings.LOTLINE_CONTEXT = lambda: ctx
    try:
        yield
    finally:
        settings.LOTLINE_CONTEXT = before


def press(client: Client, talk: UUID, *, script: bool = False, tap: int = 1) -> Any:
    client.raise_request_exception = False
    more: dict[str, Any] = {"HTTP_X_LOTLINE": "1"} if script else {}
    form = {"body": WORDS, "client_id": str(UUID(int=tap))}
    return client.post(f"/c/{talk}/send", form, **more)


def step_through_the_loop(site: Site, ctx: Context) -> None:
    """As the worker's process does: a step that fails is tried again, and nothing else happens."""
    from threading import Event

    sender = Sender(ctx, "attacked")
    stopping = Event()
    loop = Loop([Step("send", sender.step)], site.house.database.app, stopping)
    stopping.wait = lambda timeout=None: False  # type: ignore[method-assign]  # it need not sleep here
    loop.once()
    sender.close()


def box_of(page: str) -> str:
    found = re.search(r"<textarea[^>]*name=\"body\"[^>]*>([^<]*)</textarea>", page)
    assert found is not None, page
    return found[1]


def sent_texts(site: Site) -> list[Any]:
    return site.house.ask("select state from texts where direction = 'out'")


def test_a_rulebook_that_cannot_be_read_sends_nothing_and_keeps_the_words(
    site: Site, talk: UUID
) -> None:
    client = site.client("ben")
    assert client.get(f"/c/{talk}/").status_code == 200
    unreadable: Any = Unreadable()
    with acting_with(replace(site.house.ctx, book=unreadable)):
        plain = press(client, talk)
        assert plain.status_code == 503
        said = plain.content.decode()
        assert STRIP in said
        assert box_of(said) == WORDS, "the words are in the box"
        assert str(UUID(int=1)) in said, "pressed again it is the same tap, whatever became of it"
        script = press(client, talk, script=True)
        assert script.status_code == 503
        assert STRIP in script.content.decode()
        looked = client.post(f"/c/{talk}/preview", {"body": WORDS}, HTTP_X_LOTLINE="1")
        assert STRIP in looked.content.decode()
        assert STRIP in client.get(f"/c/{talk}/").content.decode()
    assert sent_texts(site) == []
    assert press(client, talk).status_code == 302, "when it can be read again, the same tap goes"
    assert len(sent_texts(site)) == 1


@pytest.mark.parametrize("table", ["consent_entries", "line_pauses", "decisions", "outbox"])
def test_facts_that_cannot_be_loaded_send_nothing(site: Site, talk: UUID, table: str) -> None:
    client = site.client("ben")
    with psycopg.connect(site.house.database.owner, autocommit=True) as link:
        link.execute(f"alter table {table} rename to {table}_gone".encode())
        plain = press(client, talk)
        assert plain.status_code in {500, 503}
        assert WORDS in plain.content.decode()
        assert press(client, talk, script=True).status_code in {500, 503}
        link.execute(f"alter table {table}_gone rename to {table}".encode())
    assert sent_texts(site) == []


def test_a_database_that_is_away_sends_nothing(site: Site, talk: UUID) -> None:
    client = site.client("ben")
    assert press(client, talk).status_code == 302
    site.town.clock.pass_by(seconds=11)
    name = site.house.database.name
    cluster = site.house.database.cluster
    with psycopg.connect(cluster.dsn("superuser", "postgres"), autocommit=True) as link:
        link.execute(f"alter database {name} connection limit 0".encode())
        link.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = %s and usename = 'lotline_app'",
            [name],
        )
        away = replace(site.house.ctx, db=_hasty(site.house.ctx))
        with acting_with(away):
            plain = press(client, talk, tap=2)
            assert plain.status_code in {500, 503}
            assert WORDS in plain.content.decode()
            assert press(client, talk, script=True, tap=2).status_code in {500, 503}
        step_through_the_loop(site, away)
        assert site.house.carrier.reached == []
        link.execute(f"alter database {name} connection limit -1".encode())
        away.db.close()
    site.house.dispatch()
    assert len(site.house.carrier.reached) == 1, "what was accepted before goes once it is back"


def _hasty(ctx: Context) -> Any:
    """The same database, given up on at once rather than after five seconds."""
    from lotline.store.database import Database

    made = Database(ctx.db.dsn, ctx.db.keys, min_size=0, max_size=2)
    made._pool.timeout = 0.5
    made._pool.open()
    return made


@pytest.mark.parametrize("minutes", [3, 60, 60 * 24 * 40])
def test_a_clock_that_went_back_sends_nothing(site: Site, talk: UUID, minutes: int) -> None:
    """At nine in the evening it would say that it is afternoon, and the hours would let it out."""
    client = site.client("ben")
    assert press(client, talk).status_code == 302
    site.town.clock.pass_by(seconds=11)
    right = site.town.clock()
    behind = replace(
        site.house.ctx,
        now=lambda: right.__class__.fromtimestamp(right.timestamp() - minutes * 60, right.tzinfo),
    )
    site.house.ask("update outbox set due_at = '2026-01-01' returning 1")
    with acting_with(behind):
        answer = press(client, talk, tap=2)
        assert answer.status_code == 503
        assert WORDS in answer.content.decode()
    step_through_the_loop(site, behind)
    assert site.house.carrier.reached == []
    assert sent_texts(site) == [("queued",)]
    step_through_the_loop(site, site.house.ctx)
    site.town.clock.pass_by(minutes=3)
    step_through_the_loop(site, site.house.ctx)
    assert len(site.house.carrier.reached) == 1, "it goes when the clock is right again"


def test_a_clock_set_by_a_moment_is_no_reason_to_stand_still(site: Site, talk: UUID) -> None:
    site.town.clock.pass_by(minutes=1)
    client = site.client("ben")
    assert press(client, talk).status_code == 302
    site.town.clock.pass_by(seconds=-30)
    assert press(client, talk, tap=2).status_code == 302


def test_a_gate_that_breaks_at_the_second_look_sends_nothing(site: Site, talk: UUID) -> None:
    assert press(site.client("ben"), talk).status_code == 302
    site.town.clock.pass_by(seconds=11)
    unreadable: Any = Unreadable()
    step_through_the_loop(site, replace(site.house.ctx, book=unreadable))
    assert site.house.carrier.reached == []
    assert sent_texts(site) == [("queued",)]
    site.town.clock.pass_by(minutes=3)  # what a dead worker held is free again
    step_through_the_loop(site, site.house.ctx)
    assert len(site.house.carrier.reached) == 1


# What somebody would change to make a text look lawful, or a refusal look wrong.
TAMPERED = (
    ("jsonb_set(facts, '{at}', '\"2026-11-19T04:30:00Z\"')", "the hour"),
    ("jsonb_set(facts, '{line,paused}', 'true')", "the line"),
    ("jsonb_set(facts, '{member,may_text}', 'false')", "the member"),
    ("jsonb_set(facts, '{standing,stopped}', '\"all\"')", "the stop"),
)


@pytest.mark.parametrize("change,what", TAMPERED)
def test_a_fact_that_was_changed_afterwards_replays_otherwise(
    site: Site, talk: UUID, change: str, what: str
) -> None:
    assert press(site.client("ben"), talk).status_code == 302
    ctx, group = site.house.ctx, site.town.group_id
    whole = Replayed()
    replay(ctx, group, NOON.replace(year=2020), whole)
    assert whole.same > 0
    assert whole.differing == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):  # noqa: SIM117  # two claims
        with psycopg.connect(site.house.database.app) as clerk:
            clerk.execute(f"update decisions set facts = {change}".encode())
    column = site.house.ask(
        "select data_type from information_schema.columns"
        " where table_name = 'decisions' and column_name = 'facts'"
    )
    assert column == [("jsonb",)], "facts hold no words, so they stand open"
    site.house.ask(
        f"update decisions set facts = {change} where id ="
        " (select id from decisions order by id desc limit 1) returning 1"
    )
    after = Replayed()
    replay(ctx, group, NOON.replace(year=2020), after)
    assert len(after.differing) == 1, what
