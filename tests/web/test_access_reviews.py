"""Somebody looks at who has access to what, decides about each, and signs for what they saw."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client

from lotline.actions.access_reviews import sign_off
from lotline.actions.errors import NotAllowed, NotYours, Refused
from lotline.actions.members import set_rights, set_role, suspend
from lotline.core.people.rights import Right
from lotline.store.access_reviews import load_access, load_due
from lotline.store.rights import Bent
from tests.web.site import Site

PAGE = "/team/access/"


def marks(client: Client) -> dict[str, str]:
    said = client.get(PAGE).content.decode()
    return dict(re.findall(r'name="mark_([0-9a-f-]+)" value="([0-9a-f]+)"', said))


def form(shown: dict[str, str], **decided: str) -> dict[str, str]:
    """Keep everybody, but whom `decided` names by id."""
    made = {"name": "Ada  Quist"}
    for one, mark in shown.items():
        made[f"mark_{one}"] = mark
        made[f"do_{one}"] = decided.get(one, "keep")
    return made


def test_it_is_signed_for_what_was_shown(site: Site) -> None:
    town, ada = site.town, site.client("ada")
    ids = {who: str(one) for who, one in town.members.items()}
    shown = marks(ada)
    assert shown.keys() == {*ids.values()}, "the only owner keeps herself, too"
    half = {key: value for key, value in form(shown).items() if key != f"do_{ids['cy']}"}
    assert "Cy Moreau is left" in ada.post(PAGE, half).content.decode()
    assert ada.post(PAGE, form(shown) | {"name": " "}).status_code == 422
    assert ada.post(PAGE, form(shown, **{ids["ada"]: "remove"})).status_code == 422

    set_rights(
        site.house.ctx, town.sign_in("ada"), town.members["ben"], Bent(frozenset({Right.REVEAL}))
    )
    late = ada.post(PAGE, form(shown))
    assert late.status_code == 422
    assert "Ben Ostrander changed since" in late.content.decode()
    assert "May reveal what is masked" in ada.get(PAGE).content.decode()

    decided = {ids["bea"]: "remove", ids["cy"]: "change"}
    assert ada.post(PAGE, form(marks(ada), **decided)).status_code == 302
    out = site.house.ask("select member_id, reason from suspensions")
    assert out == [(town.members["bea"], "access review")], "removed is out, by the same press"
    said = ada.get(f"{PAGE}?signed").content.decode()
    assert "Ada Quist, " in said
    assert "6 people, 1 to change, 1 removed" in said
    rows = site.house.ask(
        "select detail->'remove', detail->'change', detail->>'due' from access_acts"
        " where what = 'access_reviewed'"
    )
    assert rows[0][:2] == ([ids["bea"]], [ids["cy"]])
    leaves = site.house.ask(
        "select count(*) from ledger_leaves l join access_acts a on a.id = l.subject_id"
        " where a.what = 'access_reviewed'"
    )
    assert leaves == [(1,)]


def test_it_is_due_each_quarter_and_says_so(site: Site) -> None:
    town, ada = site.town, site.client("ada")
    assert "due for review" not in ada.get("/team/").content.decode()
    town.clock.pass_by(days=92)
    ada = site.client("ada")
    said = ada.get("/team/").content.decode()
    assert "The access of 6 people is due for review" in said
    assert ada.post(PAGE, form(marks(ada))).status_code == 302
    assert "due for review" not in ada.get("/team/").content.decode()
    town.clock.pass_by(days=90)
    viewer = town.sign_in("ada")
    with town.ctx.db.transaction(town.group_id) as tx:
        assert load_due(tx, viewer, town.clock()).overdue == 0
        town.clock.pass_by(days=2)
        assert load_due(tx, viewer, town.clock()).overdue == 6


def test_a_manager_reviews_whom_they_lead(site: Site) -> None:
    """And the owner still sees who nobody looked at."""
    town, ctx = site.town, site.house.ctx
    mo, ada = town.sign_in("mo"), town.sign_in("ada")
    with ctx.db.transaction(town.group_id) as tx:
        kept = {one.id: ("keep", one.mark) for one in load_access(tx, mo, town.clock())}
    assert kept.keys() == {town.members["ben"], town.members["bea"]}
    with pytest.raises(NotYours):
        sign_off(ctx, mo, "Mo", kept | {town.members["cy"]: ("remove", "")})
    town.clock.pass_by(days=80)
    mo = town.sign_in("mo")
    sign_off(ctx, mo, "Mo Haddad", kept)
    town.clock.pass_by(days=20)
    ada = town.sign_in("ada")
    with ctx.db.transaction(town.group_id) as tx:
        assert load_due(tx, ada, town.clock()).overdue == 4
        # What is due is told without all that a reviewer reads, and of the very same people.
        for viewer in (mo, ada, town.sign_in("ben"), town.sign_in("noor")):
            people = load_access(tx, viewer, town.clock())
            overdue = sum(one.due_at <= town.clock() for one in people)
            soonest = min((one.due_at for one in people), default=None)
            assert load_due(tx, viewer, town.clock()) == (overdue, soonest)
    for who in ("ben", "noor"):
        with pytest.raises(NotAllowed):
            sign_off(ctx, town.sign_in(who), "No", {})
        assert site.client(who).get(PAGE).status_code == 403


def test_the_last_owner_stays(site: Site) -> None:
    """With two owners each reviews the other; one of them always stays."""
    town, ctx = site.town, site.house.ctx
    set_role(ctx, town.sign_in("ada"), town.members["cy"], "owner")
    cy = town.sign_in("cy")
    with ctx.db.transaction(town.group_id) as tx:
        people = load_access(tx, cy, town.clock())
    assert town.members["cy"] not in {one.id for one in people}
    decided = {one.id: ("remove", one.mark) for one in people}
    sign_off(ctx, cy, "Cy Moreau", decided)
    out = site.house.ask("select member_id from suspensions where lifted_at is null")
    assert {one for (one,) in out} == set(town.members.values()) - {town.members["cy"]}
    with pytest.raises(Refused, match="left"):
        sign_off(ctx, cy, "Cy Moreau", {})
    with ctx.db.transaction(town.group_id) as tx:
        again = {one.id: ("remove", one.mark) for one in load_access(tx, cy, town.clock())}
    with pytest.raises(Refused, match="yourself"):
        sign_off(ctx, cy, "Cy Moreau", again)


def test_the_file_says_the_same(site: Site) -> None:
    ctx, town = site.house.ctx, site.town
    suspend(ctx, town.sign_in("ada"), town.members["bea"])
    answer: Any = site.client("ada").get("/team/access.csv")
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(answer.content.decode()))}
    assert rows.keys() == {
        "Ada Quist",
        "Mo Haddad",
        "Ben Ostrander",
        "Bea Lindqvist",
        "Cy Moreau",
        "Noor Said",
    }
    assert rows["Ben Ostrander"]["lines"] == "Elm sales"
    assert rows["Mo Haddad"]["stores"] == "Elm Street Motors"
    assert rows["Bea Lindqvist"]["access"] == "paused"
    assert rows["Ada Quist"]["stores"] == "all"
