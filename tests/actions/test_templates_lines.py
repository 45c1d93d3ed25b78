"""Saved replies and lines: whose they are decides who may change them."""

from __future__ import annotations

import pytest

from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.lines import pause, resume
from lotline.actions.templates import (
    Words,
    add_template,
    change_template,
    retire_template,
    use_template,
)
from lotline.store.lines import load_lines
from lotline.store.shown import Template
from lotline.store.templates import load_templates
from tests.town import Town

HOURS = Words("hours", "Hours", "We are open {weekday} nine to nine", "reply")


def templates(town: Town, who: str) -> list[Template]:
    viewer = town.sign_in(who)
    with town.ctx.db.transaction(town.group_id) as tx:
        return load_templates(tx, viewer)


def test_ones_own_are_ones_own(town: Town) -> None:
    ben, bea, ada = town.sign_in("ben"), town.sign_in("bea"), town.sign_in("ada")
    made = add_template(town.ctx, ben, HOURS)
    for other in (bea, ada):
        with pytest.raises(NotYours):
            change_template(town.ctx, other, made, HOURS)
        with pytest.raises(NotYours):
            retire_template(town.ctx, other, made)
    change_template(town.ctx, ben, made, Words(" /Open ", "Open", "Till nine", "update"))
    assert [(one.shortcut, one.body, one.purpose) for one in templates(town, "ben")] == [
        ("open", "Till nine", "update")
    ]
    retire_template(town.ctx, ben, made)
    assert templates(town, "ben") == []
    with pytest.raises(NotYours):
        retire_template(town.ctx, ben, made)


def test_shared_ones_are_the_leaders(town: Town) -> None:
    ada, mo, ben = town.sign_in("ada"), town.sign_in("mo"), town.sign_in("ben")
    elm, dock = town.stores["elm"], town.stores["dock"]
    with pytest.raises(NotAllowed):
        add_template(town.ctx, ben, HOURS, shared=True, store_id=elm)
    with pytest.raises(NotAllowed):
        add_template(town.ctx, mo, HOURS, shared=True)
    with pytest.raises(NotYours):
        add_template(town.ctx, mo, HOURS, shared=True, store_id=dock)
    with pytest.raises(NotYours):
        add_template(town.ctx, ada, HOURS, shared=True, store_id=town.ctx.new_id())
    with pytest.raises(NotAllowed):
        add_template(town.ctx, town.sign_in("noor"), HOURS)
    company = add_template(town.ctx, ada, HOURS, shared=True)
    store = add_template(town.ctx, mo, HOURS, shared=True, store_id=elm)
    change_template(town.ctx, mo, store, HOURS)
    with pytest.raises(NotAllowed):
        change_template(town.ctx, mo, company, HOURS)
    with pytest.raises(NotAllowed):
        change_template(town.ctx, ben, store, HOURS)
    assert {one.shared for one in templates(town, "ben")} == {True}


def test_what_is_used_most_stands_first(town: Town) -> None:
    ben, bea = town.sign_in("ben"), town.sign_in("bea")
    for shortcut in ("aaa", "bbb"):
        made = add_template(town.ctx, ben, Words(shortcut, shortcut, "Words"))
    assert [one.shortcut for one in templates(town, "ben")] == ["aaa", "bbb"]
    use_template(town.ctx, bea, made)
    assert [one.shortcut for one in templates(town, "ben")] == ["aaa", "bbb"], "not hers"
    use_template(town.ctx, ben, made)
    assert [one.shortcut for one in templates(town, "ben")] == ["bbb", "aaa"]


@pytest.mark.parametrize(
    "words",
    [
        Words("", "T", "B"),
        Words("two words", "T", "B"),
        Words("x" * 25, "T", "B"),
        Words("ok", " ", "B"),
        Words("ok", "T" * 81, "B"),
        Words("ok", "T", "  "),
        Words("ok", "T", "B" * 1601),
        Words("ok", "T", "B", "help"),
    ],
)
def test_what_is_no_saved_reply(town: Town, words: Words) -> None:
    with pytest.raises(Refused):
        add_template(town.ctx, town.sign_in("ben"), words)


def test_a_line_is_paused_and_resumed_by_who_leads_it(town: Town) -> None:
    sales = town.lines["sales"]

    def paused() -> list[str]:
        ada = town.sign_in("ada")
        with town.ctx.db.transaction(town.group_id) as tx:
            cards = load_lines(tx, ada, town.clock())
        return [f"{one.label}: {one.paused_why}" for one in cards if one.paused]

    for who, no in (("ben", NotAllowed), ("noor", NotAllowed), ("cy", NotAllowed)):
        with pytest.raises(no):
            pause(town.ctx, town.sign_in(who), sales)
    mo = town.sign_in("mo")
    with pytest.raises(NotYours):
        pause(town.ctx, mo, town.lines["dock"])
    assert pause(town.ctx, mo, sales, "Too many stops")
    assert not pause(town.ctx, mo, sales)
    assert paused() == ["Elm sales: Too many stops"]
    assert resume(town.ctx, town.sign_in("ada"), sales)
    assert not resume(town.ctx, mo, sales)
    assert paused() == []


def test_a_line_shows_its_last_days(town: Town) -> None:
    priya = town.meet("+16145550142", "Priya", by="ben", line="sales")
    town.clock.pass_by(minutes=1)
    heard = town.clock()
    town.hear(priya, "Hi")
    town.clock.pass_by(minutes=1)
    delivered = town.clock()
    town.say(priya, "Hello", by="ben", state="delivered")
    town.say(priya, "Hello?", by="ben", state="failed")
    ben = town.sign_in("ben")
    with town.ctx.db.transaction(town.group_id) as tx:
        (line,) = load_lines(tx, ben, town.clock(), news=True)
    assert (line.last_in_at, line.last_delivered_at) == (heard, delivered)
    assert line.failures_24h == 1
    town.clock.pass_by(days=1)
    with town.ctx.db.transaction(town.group_id) as tx:
        (line,) = load_lines(tx, ben, town.clock(), news=True)
    assert line.failures_24h == 0
