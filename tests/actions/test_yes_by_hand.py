"""P1: no yes that somebody writes down undoes a stop, whatever they say it came by."""

from __future__ import annotations

from itertools import product

import pytest

from lotline.actions.consent import Stays, add_consent, mark_wrong_number, record_stop
from lotline.actions.errors import Refused
from lotline.core.consent.entry import Scope
from lotline.core.consent.standing import Standing
from lotline.store.standing import load_standings
from tests.town import Town

NUMBER = "+16145550177"
SOURCES = ("text", "web_form", "paper_form", "in_person", "phone", "email", "carrier", "import")
KINDS = ("written", "express")


def standing(town: Town) -> Standing:
    with town.ctx.db.transaction(town.group_id) as tx:
        contact = tx._conn.execute("select id from contacts").fetchone()
        assert contact is not None
        return load_standings(tx, [contact.id], town.clock())[contact.id]


def say_yes(town: Town, kind: str, source: str, scope: str = "all") -> None:
    with town.ctx.db.transaction(town.group_id) as tx:
        contact = tx._conn.execute("select id from contacts").fetchone()
    assert contact is not None
    at = town.clock.pass_by(seconds=30)
    add_consent(
        town.ctx,
        town.sign_in("ada"),
        contact.id,
        kind=kind,
        scope=scope,
        source=source,
        said_at=at,
        words="They said yes.",
    )


def stop(town: Town, scope: str = "all") -> None:
    with town.ctx.db.transaction(town.group_id) as tx:
        contact = tx._conn.execute("select id from contacts").fetchone()
    assert contact is not None
    record_stop(town.ctx, town.sign_in("ben"), contact.id, how="in_person", scope=scope)


def test_no_yes_of_any_kind_from_anywhere_undoes_a_stop(town: Town) -> None:
    town.meet(NUMBER, "Dale Kim", by="ben", line="sales")
    stop(town)
    before = standing(town)
    for kind, source, scope in product(KINDS, SOURCES, ("all", "offers", "updates")):
        with pytest.raises(Refused):
            say_yes(town, kind, source, scope)
        assert standing(town).stopped is Scope.ALL, (kind, source, scope)
    assert standing(town).stopped_by == before.stopped_by


@pytest.mark.parametrize("scope, refused", [("updates", False), ("offers", True)])
def test_what_a_stop_left_open_may_be_agreed_to(town: Town, scope: str, *, refused: bool) -> None:
    town.meet(NUMBER, "Dale Kim", by="ben", line="sales")
    stop(town, "offers")
    if refused:
        with pytest.raises(Stays):
            say_yes(town, "written", "web_form", scope)
    else:
        say_yes(town, "express", "in_person", scope)
        assert standing(town).updates is not None
    assert standing(town).stopped is Scope.OFFERS


def test_a_yes_does_not_make_a_wrong_number_right(town: Town) -> None:
    town.meet(NUMBER, "Dale Kim", by="ben", line="sales")
    with town.ctx.db.transaction(town.group_id) as tx:
        contact = tx._conn.execute("select id from contacts").fetchone()
    assert contact is not None
    mark_wrong_number(town.ctx, town.sign_in("ben"), contact.id)
    with pytest.raises(Stays):
        say_yes(town, "written", "web_form")
    assert standing(town).wrong_number_at is not None
