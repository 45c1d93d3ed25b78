"""Words are found by hashes that only their own group can make, and go when their person goes."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import psycopg

from lotline.actions.contacts import erase
from lotline.actions.notes import add_note
from lotline.adapters.envelope import Envelope
from lotline.adapters.keys import KeyFile
from lotline.cli import words as command
from lotline.store.words import hashes_of, sought, written
from tests.actions.house import House

NUMBER = "+16145550143"
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)


def found(house: House, words: str, *, lines: tuple[str, ...] = (), kind: str = "text") -> int:
    """How many texts have these words, asked as the application asks."""
    with house.ctx.db.transaction(house.town.group_id) as tx:
        asked = sought(tx.keys, words.split())
        names = lines or tuple(house.town.lines)
        return len(
            tx.all(
                "search.said",
                kind=kind,
                has=asked.now,
                had=asked.before,
                lacks=[],
                line_ids=[house.town.lines[name] for name in names],
                after=FIRST,
                before=LAST,
                limit=50,
            )
        )


def test_both_directions_and_notes_are_found_and_only_on_lines_in_reach(lived_in: House) -> None:
    house = lived_in
    assert found(house, "wolverhampton") == 1
    assert found(house, "heliotrope") == 2
    assert found(house, "heliotrope", lines=("dock",)) == 0
    (conversation,) = house.ask("select id from conversations order by id limit 1")[0]
    add_note(house.ctx, house.town.sign_in("ben"), conversation, "Prefers the mauve one")
    assert found(house, "mauve", kind="note") == 1
    assert found(house, "mauve") == 0


def test_two_groups_hash_a_word_in_two_ways(tmp_path: Path) -> None:
    ring = Envelope(KeyFile.create(tmp_path / "root.key"))
    groups = [UUID(int=n) for n in (1, 2)]
    keys = [ring.open_group(one, ring.new_group(one)) for one in groups]
    assert hashes_of(keys[0], "trade in") != hashes_of(keys[1], "trade in")
    assert not set(hashes_of(keys[0], "a b c d")) & set(hashes_of(keys[1], "a b c d"))
    assert written(keys[0], "Trade, TRADE trade") == f"{{{keys[0].word('trade')}}}"


def test_an_older_hash_key_is_still_sought_by(tmp_path: Path) -> None:
    ring = Envelope(KeyFile.create(tmp_path / "root.key"))
    group = UUID(int=1)
    stored = ring.new_group(group)
    before = ring.open_group(group, stored)
    after = ring.open_group(group, ring.add_blind_key(group, stored))
    asked = sought(after, ["trade", "in"])
    assert asked.before == sought(before, ["trade", "in"]).now != asked.now
    assert sought(before, ["trade"]).before is None


def test_the_function_shows_a_stranger_nothing(lived_in: House) -> None:
    """Past all of our code: no tenant, and another tenant, who knows a hash of ours."""
    with lived_in.ctx.db.transaction(lived_in.town.group_id) as tx:
        token = tx.keys.word("heliotrope")
    ours = list(lived_in.town.lines.values())
    with psycopg.connect(lived_in.database.app, autocommit=True) as link:
        for group, rows in (("", 0), (str(UUID(int=255)), 0), (str(lived_in.town.group_id), 2)):
            link.execute("select set_config('lotline.group_id', %s, false)", [group])
            asked = link.execute(
                "select count(*) from find_said('text', %s::bigint[], null, '{}', %s, %s, %s, 9)",
                [[token], ours, FIRST, LAST],
            )
            assert asked.fetchone() == (rows,), group


def test_rare_words_are_found_by_their_index(lived_in: House) -> None:
    """Under a policy the index on words would never be used; the function looks as the owner."""
    with psycopg.connect(lived_in.database.owner) as link:
        link.execute("set local enable_seqscan = off")
        link.execute("set local enable_indexscan = off")
        rows = link.execute("explain select id from text_words where words @> '{1}'").fetchall()
    assert any("text_words_by_word" in line for (line,) in rows), rows


def test_older_texts_are_given_their_words_and_the_erased_have_none(lived_in: House) -> None:
    house = lived_in
    with psycopg.connect(house.database.dsn("superuser"), autocommit=True) as link:
        link.execute("delete from text_words")
    assert found(house, "wolverhampton") == 0
    assert command.run(house.ctx, []) == 0
    assert found(house, "wolverhampton") == 1
    (contact,) = house.ask(
        "select t.contact_id from texts t where t.direction = 'in' order by t.id offset 1 limit 1"
    )[0]
    erase(house.ctx, house.town.sign_in("ada"), contact, "asked")
    assert found(house, "wolverhampton") == 0
    left = house.ask(
        "select count(*) from text_words w join texts t on t.id = w.id where t.contact_id = %s",
        contact,
    )
    assert left == [(0,)]
    assert command.run(house.ctx, ["--anew"]) == 0
    assert found(house, "wolverhampton") == 0, "what an erased key sealed has no words to write"
