"""The dashboard's pages: what they say agrees with what happened, to whom they say it, and how."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import psycopg
import pytest

from lotline.core.oversight.measures import load_measures
from lotline.web import dashboard_page
from lotline.web.dashboard_rows import KINDS
from tests.web.site import Site

PRIYA, DALE, WES = "+16145550142", "+16145550143", "+16145550144"
EVERY = ["/dashboard/", "/dashboard/now/", *(f"/dashboard/{one.slug}/" for one in KINDS.values())]


def words(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def lived(site: Site) -> None:
    """One answered in four minutes at Elm Street, one stop, one try after it; one at Dockside."""
    house, town = site.house, site.town
    town.meet(PRIYA, "=HYPERLINK(1)", by="ben", line="sales")
    town.meet(DALE, "Dale Kerr", by="ben", line="sales")
    town.meet(WES, "Wes Harmon", by="cy", line="dock")
    house.text_in(PRIYA, "Marzipan?")
    town.clock.pass_by(minutes=4)
    house.tap(PRIYA, "We do, bring it by")
    town.clock.pass_by(seconds=11)
    house.dispatch()
    house.text_in(DALE, "STOP")
    house.dispatch()
    house.tap(DALE, "Are you sure?")
    house.text_in(WES, "Quince?", line="dock")
    town.clock.pass_by(minutes=6)


def test_what_it_says_adds_up_and_stays_within_reach(site: Site) -> None:
    lived(site)
    mo: Any = site.client("mo")
    page = words(mo.get("/dashboard/"))
    assert "4m 11s" in page
    assert re.search(r"0 held · 1 blocked", page)
    assert re.search(r"1 stop request ?, 100.0% of 1 texted|1 stop request ?, 50.0% of 2", page)
    assert "Counts as of 10:10 AM" in page
    assert "Marzipan" in page, "Right now shows words"
    assert "Quince" not in page, "of lines in reach alone"
    assert "Wes" not in page
    ada: Any = site.client("ada")
    assert "Quince" in words(ada.get("/dashboard/"))
    dock = f"/dashboard/?line={site.town.lines['dock']}"
    assert "Quince" in words(ada.get(dock))
    assert mo.get(dock).status_code == 404, "another store's line is not there"
    assert mo.get(dock.replace("/?", "/received/?")).status_code == 404
    html = mo.get("/dashboard/").content.decode()
    found = re.findall(r'id="(all-\w+|tries)">([\d,]+)<', html)
    numbers = {key: int(value) for key, value in found}
    parts = ("all-sent", "all-held", "all-blocked")
    assert numbers["tries"] == sum(numbers[one] for one in parts) == 2
    rows = re.findall(r'aria-label="[^"]+: (\d+)"', html)
    assert sum(map(int, rows)) == int(re.findall(r'id="everybody">(\d+)<', html)[0])
    rows_page = words(mo.get(f"/dashboard/replies/?by={site.town.members['ben']}"))
    assert "4m 11s" in rows_page
    assert "Ben Ostrander" in rows_page
    assert "Are you sure?" in words(mo.get("/dashboard/blocked/"))
    assert "Dale Kerr" in words(mo.get("/dashboard/stops/"))

    _the_busiest_come_first_and_all_when_asked(mo)
    _words_are_noted(site)
    _a_spreadsheet_runs_nothing(mo)
    _every_number_says_what_it_is(mo)


def _the_busiest_come_first_and_all_when_asked(client: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dashboard_page, "PEOPLE", 1)
        few = client.get("/dashboard/?range=30").content.decode()
        link = re.findall(r'href="([^"]+)">Show everybody, (\d+) more<', few)
        assert [more for _, more in link] == ["2"]
        assert "range=30" in link[0][0]
        all_of_them = client.get(link[0][0].replace("&amp;", "&")).content.decode()
    assert "Show everybody" not in all_of_them
    people = [one.count("/dashboard/sent/?") for one in (few, all_of_them)]
    assert people[1] - people[0] == 2


def _words_are_noted(site: Site) -> None:
    """Numbers are nobody's words."""
    mo: Any = site.client("mo")
    site.town.clock.pass_by(minutes=11)
    acts = "select count(*)::int from access_acts where what = 'looked_at_texts'"
    before = site.house.ask(acts)
    mo.get("/dashboard/?as=csv")
    mo.get("/dashboard/received/")
    assert site.house.ask(acts) == before
    mo.get("/dashboard/")
    mo.get("/dashboard/now/")
    assert site.house.ask(acts) == [(before[0][0] + 1,)], "once in ten minutes"
    mo.get("/dashboard/blocked/")
    assert site.house.ask(acts) == [(before[0][0] + 2,)]


def test_who_may_look(site: Site) -> None:
    for who, status in (("ada", 200), ("mo", 200), ("noor", 200), ("ben", 403), ("cy", 403)):
        client: Any = site.client(who)
        for path in EVERY:
            assert client.get(path).status_code == status, (who, path)
    mo: Any = site.client("mo")
    for nonsense in ("range=x", "range=2026-11-01..", "line=1", "by=1", "hour=x", "skip=x"):
        path = "/dashboard/" if nonsense[0] in "rl" else "/dashboard/sent/"
        assert mo.get(f"{path}?{nonsense}").status_code == 404, nonsense
    assert "Numbers appear after the first text" in words(mo.get("/dashboard/"))


def test_access_that_is_due_for_review_needs_whoever_reviews_it(site: Site) -> None:
    def needs(who: str) -> list[str]:
        client: Any = site.client(who)
        links = re.findall(r'<a class="need" href="([^"]+)">(.*?)</a>', page(client), re.DOTALL)
        return [" ".join(re.sub(r"<[^>]+>", " ", said).split()) for to, said in links
                if to == "/team/access/"]  # fmt: skip

    def page(client: Any) -> str:
        found: str = client.get("/dashboard/").content.decode()
        return found

    lived(site)
    assert needs("ada") == [], "not before it is due"
    site.town.clock.pass_by(days=92)
    every = ["6 people’s access to review The longest has been due since Feb 17"]
    assert needs("ada") == every
    assert needs("mo")[0].startswith("2 people’s access to review"), "of those whom Mo leads"
    assert needs("noor") == [], "who reads only signs for nobody"
    ada = site.client("ada")
    shown = re.findall(r'name="mark_([0-9a-f-]+)" value="([0-9a-f]+)"', page_of(ada))
    form = {"name": "Ada Quist", **{f"mark_{one}": mark for one, mark in shown}}
    form |= {f"do_{one}": "keep" for one, _ in shown}
    assert ada.post("/team/access/", form).status_code == 302
    assert needs("ada") == needs("mo") == []


def page_of(client: Any) -> str:
    found: str = client.get("/team/access/").content.decode()
    return found


def _a_spreadsheet_runs_nothing(mo: Any) -> None:
    sheet = list(csv.reader(io.StringIO(mo.get("/dashboard/sent/?as=csv").content.decode())))
    assert sheet[0] == list(KINDS["sent"].heads)
    assert {row[0] for row in sheet[1:]} >= {"'=HYPERLINK(1)"}
    assert all(not cell.startswith(("=", "+", "@")) for row in sheet for cell in row)
    board = list(csv.reader(io.StringIO(mo.get("/dashboard/?as=csv").content.decode())))
    assert ["tries", "all", "2"] in board
    assert ["first reply median, seconds", "Ben Ostrander", "251"] in board


def test_the_page_asks_a_fixed_number_of_statements(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lotline.store.database import Tx

    asked: list[str] = []
    ask = Tx._ask  # the one place where every statement passes

    def counted(tx: Tx, name: str, params: dict[str, Any]) -> psycopg.Cursor[Any]:
        asked.append(name)
        return ask(tx, name, params)

    monkeypatch.setattr(Tx, "_ask", counted)
    mo: Any = site.client("mo")

    def one() -> int:
        mo.get("/dashboard/")
        site.town.clock.pass_by(minutes=1)
        asked.clear()
        mo.get("/dashboard/")
        return len(asked)

    lived(site)
    few = one()
    for n in range(12):
        site.house.text_in(PRIYA, f"More {n}")
        site.town.clock.pass_by(minutes=1)
    assert one() == few
    assert "Nothing in these days" in words(mo.get("/dashboard/?range=2026-10-01..2026-10-02"))


def _every_number_says_what_it_is(mo: Any) -> None:
    page = mo.get("/dashboard/").content.decode()
    shown = [key for key, one in load_measures().items() if one.says in page]
    left = set(load_measures()) - set(shown)
    assert left <= {"without", "waiting", "flags", "entitled"}, "those are said on their own pages"
