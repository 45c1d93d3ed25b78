"""The owner chooses; looser needs counsel's word; every decision keeps the book it was made by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from lotline.actions.errors import NotAllowed, Refused
from lotline.actions.profiles import Word, book_of, choose_profile, load_profile, set_point
from lotline.actions.replay import Replayed, replay
from lotline.core.gate.rulebook.profile import Profile
from tests.actions.house import House
from tests.town import Town

DANA = "+16145550142"
WORD = Word("Our counsel reads the order of April so.", "Ida  Vance", date(2026, 11, 17))


def rows(town: Town, sql: str) -> list[Any]:
    with town.ctx.db.transaction(town.group_id) as tx:
        return [tuple(row) for row in tx._conn.execute(sql.encode()).fetchall()]


def digest(town: Town) -> str:
    with town.ctx.db.transaction(town.group_id) as tx:
        return book_of(town.ctx, tx).digest


@pytest.mark.parametrize("who", ["mo", "ben", "noor"])
@pytest.mark.parametrize(
    "act",
    [
        lambda ctx, viewer: choose_profile(ctx, viewer, "standard", WORD),
        lambda ctx, viewer: set_point(ctx, viewer, "HOUSE-SUNDAY", "closed"),
    ],
)
def test_only_the_owner_chooses(town: Town, who: str, act: Callable[[Any, Any], object]) -> None:
    with pytest.raises(NotAllowed):
        act(town.ctx, town.sign_in(who))
    assert not load_profile(town.ctx, town.sign_in(who)).may_change
    assert digest(town) == town.ctx.book.digest


@pytest.mark.parametrize(
    "word, said",
    [
        (None, "needs a reason and a name of counsel"),
        (Word("", "Ida Vance", WORD.on), "Write the reason"),
        (Word("because", "Ida Vance", WORD.on), "Write the reason"),
        (Word(WORD.reason, "  ", WORD.on), "Name the counsel"),
        (Word(WORD.reason, "Ida Vance", date(2027, 1, 1)), "day to come"),
    ],
)
def test_looser_needs_counsels_whole_word(town: Town, word: Word | None, said: str) -> None:
    ada = town.sign_in("ada")
    with pytest.raises(Refused, match=said):
        set_point(town.ctx, ada, "FED-QH-2", "open", word)
    with pytest.raises(Refused, match=said):
        choose_profile(town.ctx, ada, "standard", word)
    assert rows(town, "select * from profile_settings") == []
    assert rows(town, "select * from access_acts where what like 'rules%'") == []


@pytest.mark.parametrize(
    "rule, choice",
    [("FL-HOURS", "federal"), ("FED-REV-1", "none"), ("FED-REV-6", "narrow"), ("", "")],
)
def test_what_is_not_contested_stays(town: Town, rule: str, choice: str) -> None:
    with pytest.raises(Refused):
        set_point(town.ctx, town.sign_in("ada"), rule, choice, WORD)
    with pytest.raises(Refused):
        choose_profile(town.ctx, town.sign_in("ada"), "loosest", WORD)


def test_a_loosening_is_an_act_with_its_leaf_and_keeps_its_words_sealed(town: Town) -> None:
    ada = town.sign_in("ada")
    set_point(town.ctx, ada, "FED-QH-2", "open", WORD)
    set_point(town.ctx, ada, "FED-QH-2", "open", WORD)
    set_point(town.ctx, ada, "HOUSE-SUNDAY", "closed")

    shown = load_profile(town.ctx, town.sign_in("ben"))
    assert [one.point for one in shown.looser] == ["FED-QH-2"]
    assert shown.settings.profile is Profile.COUNSEL_SET
    assert [one.word and one.word.counsel for one in shown.chosen] == [None, "Ida Vance"]
    assert shown.chosen[0].set_by_name == ada.name
    assert shown.book.digest == shown.chosen[0].book == digest(town) != town.ctx.book.digest
    acts = rows(town, "select what, id from access_acts where what like 'rules%' order by id")
    assert [what for what, _ in acts] == ["rules_loosened", "rules_set"]
    leaves = {row[0] for row in rows(town, "select subject_id from ledger_leaves")}
    assert {act_id for _, act_id in acts} <= leaves
    kept = str(rows(town, "select settings, word_ct from profile_settings"))
    acted = str(rows(town, "select detail from access_acts"))
    assert "Vance" not in kept + acted
    assert "order of April" not in kept + acted


def test_what_was_chosen_is_never_changed(town: Town) -> None:
    set_point(town.ctx, town.sign_in("ada"), "HOUSE-CAP", "one")
    for sql in (
        "update profile_settings set settings = '{}'",
        "delete from profile_settings",
        "delete from list_imports",
        "update list_imports set as_of = '2030-01-01'",
    ):
        with (
            town.ctx.db.transaction(town.group_id) as tx,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            tx.attempt(),
        ):
            tx._conn.execute(sql.encode())


def test_decisions_of_every_choice_come_out_again(house: House) -> None:
    """A night offer waits, goes by counsel's word, waits again; each by the book of its moment."""
    town = house.town
    town.meet(DANA, "Dana Whitfield", by="ben", line="sales")
    house.text_in(DANA, "Is the Crosstrek still there?")
    house.ask("update contacts set bought_on = '2026-10-01' returning id")
    ada = town.sign_in("ada")
    town.clock.at = town.clock.at.replace(day=19, hour=3)
    words = ("Half price on all winter tyres this week only!",)

    def offer() -> tuple[str, str]:
        done = house.tap(DANA, words[0], purpose="offer")
        sql = "select verdict, rulebook from decisions where text_id = %s"
        verdict, book = house.ask(sql, done.text_id)[0]
        return verdict, book

    seen = [offer()]
    for choice in ("open", "hold", "open"):
        town.clock.pass_by(minutes=1)
        word = WORD if choice == "open" else None
        set_point(town.ctx, ada, "FED-QH-2", choice, word)
        seen.append(offer())
    assert [verdict for verdict, _ in seen] == ["hold", "allow", "hold", "allow"]
    assert len({book for _, book in seen}) == 3, seen
    assert seen[0] == seen[2]
    done = Replayed()
    replay(house.ctx, town.group_id, town.clock() - timedelta(days=9), done)
    assert (len(done.differing), done.other_books.total()) == (0, 0)
    assert done.same >= 4
