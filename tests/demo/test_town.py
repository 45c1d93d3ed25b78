"""The town as it was lived: every text decided, every state there, nothing readable at rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from lotline.actions.counting import recount_all
from lotline.actions.dashboard import Asked, see
from lotline.actions.sequence import sequence
from lotline.config.demo.living import FRESH
from lotline.core.gate.gate import decide
from lotline.core.gate.rulebook import load_rulebook
from lotline.store.decisions import load_newest_decisions
from lotline.store.inbox import load_counts
from lotline.store.review import load_queue
from tests.conftest import Database
from tests.demo.made import Made, make_town

# Evening in Kansas City, night there, a Sunday, the hour that comes twice, a holiday's evening.
HOURS = {
    "evening": datetime(2026, 11, 21, 2, 12, tzinfo=UTC),
    "night": datetime(2026, 11, 18, 9, 30, tzinfo=UTC),
    "sunday": datetime(2026, 11, 22, 18, 0, tzinfo=UTC),
    "twice": datetime(2026, 11, 1, 7, 30, tzinfo=UTC),
    "holiday": datetime(2026, 12, 26, 2, 59, tzinfo=UTC),
}
PUBLIC = {"policies", "wordings"}  # read by everybody who works here or agrees; nobody is named
SENT = {"accepted", "sent", "delivered", "failed", "unknown", "conflicting"}


@pytest.fixture(scope="module")
def made(module_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    town = make_town(module_db, tmp_path_factory.mktemp("town"), HOURS["evening"])
    try:
        while sequence(town.ctx, town.town.group_id):
            pass
        yield town
    finally:
        town.ctx.db.close()


LONGER = {"night", "sunday"}  # the holiday and the hour that comes twice ask the same and more


@pytest.mark.parametrize(
    "hour",
    [
        pytest.param(name, marks=pytest.mark.slow if name in LONGER else ())
        for name in HOURS
        if name != "evening"
    ],
)
def test_at_any_hour_what_is_written_happens(db: Database, tmp_path: Path, hour: str) -> None:
    town = make_town(db, tmp_path, HOURS[hour])
    try:
        must_be_as_written(town)
    finally:
        town.ctx.db.close()


def must_be_as_written(made: Made) -> None:
    """Each line of a log became what it says, and nothing happened after today."""
    written = made.written()
    rows = made.ask(
        "select state, count(*) from texts where direction = 'out' and sender = 'person' group by 1"
    )
    states = dict(rows)
    assert states.pop("blocked") == written["try"]
    assert states.pop("held") == written["hold"] + written["wait"]
    assert states.pop("cancelled") == written["undone"]
    assert states.pop("delivered") == written["out"]
    assert states == {
        "accepted": written["taken"],
        "sent": written["sent"],
        "failed": written["fail"],
        "unknown": written["lost"],
        "conflicting": written["conflict"],
    }
    assert made.ask("select count(*) from texts where direction = 'in'") == [(written["in"],)]
    for column, table in (
        ("created_at", "texts"),
        ("said_at", "consent_entries"),
        ("happened_at", "happenings"),
        ("arrived_at", "arrivals"),
        ("seen_at", "devices"),
    ):
        (latest,) = made.ask(f"select max({column}) from {table}")[0]
        assert latest <= made.now, table
    assert made.ask("select min(due_at) > %s from outbox", made.now) == [(True,)]


def test_what_is_written_happened(made: Made) -> None:
    must_be_as_written(made)


def test_every_state_and_every_level_can_be_seen(made: Made) -> None:
    states = {row[0] for row in made.ask("select distinct state from texts")}
    assert states >= SENT | {"received", "held", "blocked", "cancelled"}
    levels = {row[0] for row in made.ask("select distinct level from contacts")}
    assert levels == {"offers", "replies", "none", "out", "check"}
    heard = {row[0] for row in made.ask("select distinct heard ->> 'decision' from texts")}
    assert heard >= {"none", "block", "partial", "hold", "start", "wrong_number"}


def test_every_text_of_ours_has_a_decision_that_a_replay_repeats(made: Made) -> None:
    ids = [row[0] for row in made.ask("select id from texts where direction = 'out'")]
    book = load_rulebook()
    with made.ctx.db.transaction(made.town.group_id) as tx:
        found = load_newest_decisions(tx, ids)
    assert found.keys() == set(ids)
    for text_id, made_of in found.items():
        assert decide(made_of.facts, book) == made_of.decision, text_id


def test_what_left_was_allowed_twice(made: Made) -> None:
    rows = made.ask(
        "select t.state, array_agg(d.stage || ' ' || d.verdict order by d.id) from texts t"
        " join decisions d on d.text_id = t.id where t.direction = 'out' group by t.id, t.state"
    )
    for state, said in rows:
        if state in SENT:
            assert said == ["submit allow", "dispatch allow"]


def test_the_ledger_has_a_place_for_each_leaf_and_a_signed_word_on_all(made: Made) -> None:
    leaves, places, signed = made.ask(
        "select (select count(*) from ledger_leaves), (select count(*) from ledger_places),"
        " (select max(size) from ledger_checkpoints)"
    )[0]
    assert leaves == places == signed > 400
    for table in ("decisions", "consent_entries", "policy_signatures", "access_acts"):
        bare = made.ask(
            f"select count(*) from {table} r where not exists"
            " (select from ledger_leaves f where f.subject_id = r.id)"
        )
        assert bare == [(0,)], table


def test_everybody_signed_but_the_one_who_did_not(made: Made) -> None:
    signed = {row[0] for row in made.ask("select distinct member_id from policy_signatures")}
    assert set(made.town.members.values()) - signed == {made.town.members["taylor"]}


def test_the_inbox_looks_alive(made: Made) -> None:
    with made.ctx.db.transaction(made.town.group_id) as tx:
        sam = load_counts(tx, made.town.viewers["sam"])
        noor = load_counts(tx, made.town.viewers["noor"])
    assert 3 <= sam.unread <= 8
    assert sam.mine >= 8
    assert sam.unassigned == 3
    assert sam.held == 2
    assert noor.team > sam.team


def test_no_name_number_or_word_can_be_read_in_any_table(made: Made) -> None:
    secrets = {one.name for one in made.content.people if one.name}
    secrets |= {part for name in set(secrets) for part in re.split(r"[\s-]", name) if len(part) > 4}
    secrets |= {one.number.removeprefix("+1") for one in made.content.people}
    secrets |= {one["number"].removeprefix("+1") for one in made.content.lines}
    secrets |= {one["name"] for one in made.content.members}
    secrets |= {one["label"] for one in made.content.lines}
    secrets |= {one["body"] for one in made.content.templates}
    for person in made.content.people:
        secrets |= {str(value) for value in person.card.values() if len(str(value)) > 4}
        secrets |= {words for moment in person.log for words in moment.words if " " in words}
        secrets |= {words for words in person.draft if " " in words}
    secrets -= {""}
    assert len(secrets) > 300
    found = []
    with psycopg.connect(made.database.dsn("superuser")) as link:
        tables = link.execute(
            "select c.relname from pg_class c where c.relkind = 'r'"
            " and c.relnamespace = 'public'::regnamespace"
        ).fetchall()
        for (table,) in tables:
            if table in PUBLIC:
                continue
            rows = []
            with link.cursor().copy(
                sql.SQL("copy {} to stdout").format(sql.Identifier(table))
            ) as copy:
                rows = [bytes(row) for row in copy]
            dump = b"".join(rows).decode().casefold()
            for secret in secrets:
                plain = secret.casefold()
                if plain in dump or secret.encode().hex() in dump:
                    found.append((table, secret))
    assert not found


def test_a_town_is_not_older_than_it_says(made: Made) -> None:
    (first,) = made.ask("select min(created_at) from texts")[0]
    assert made.now - first < timedelta(days=100)


def test_what_a_manager_has_to_see_is_there(made: Made) -> None:
    """Texted without an opt-in, by whom; flagged by the screens today, of whose texts."""
    ctx, names = made.ctx, {one: key for key, one in made.town.members.items()}
    recount_all(ctx, made.town.group_id)
    morgan = made.town.viewers["morgan"]
    board = see(ctx, morgan, Asked()).board
    assert board.without == 5
    by = {names[one]: n for one, n in board.without_by_author.items()}
    assert by == {"casey": 4, "riley": 1}
    with ctx.db.transaction(made.town.group_id) as tx:
        today = [one for one in load_queue(tx, morgan) if made.now - one.flagged_at < FRESH]
    found = {one.reasons[0]: one.author_id and names[one.author_id] for one in today}
    found.pop("sampled", None)  # by chance
    found.pop("purpose", None)
    assert found == {
        "promise": "casey",
        "upset": None,
        "private_phone": "casey",
        "card_number": None,
        "personal_number": "riley",
    }
    assert [one.held for one in today if one.reasons[0] == "promise"] == [True]
