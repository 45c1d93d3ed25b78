"""The ledger's pages: who reads them, what they list, and what they say when it does not add up."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from pypdf import PdfReader

from lotline.actions.check import check_if_due, check_ledger
from lotline.actions.members import set_rights
from lotline.core.people.rights import Right
from lotline.store.rights import Bent
from tests.web.site import Site

PRIYA = "+16145550142"


def lived(site: Site, texts: int) -> None:
    site.town.meet(PRIYA, "Priya Ramnath", by="ben", line="sales", how="texted_us")
    for n in range(texts):
        site.house.text_in(PRIYA, f"Marzipan {n}")
    site.house.tap(PRIYA, "We do, bring it by")
    from lotline.actions.sequence import sequence

    sequence(site.town.ctx, site.town.group_id)


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.mark.parametrize("who, status", [("ada", 200), ("noor", 200), ("mo", 403), ("ben", 403)])
def test_owners_and_auditors_read_it(site: Site, who: str, status: int) -> None:
    client: Any = site.client(who)
    assert client.get("/audit/").status_code == status
    assert ('href="/audit/"' in words(client.get("/more/"))) is (status == 200)
    assert client.post("/audit/check/").status_code == (302 if who == "ada" else 403)


def test_it_is_listed_by_pages_kinds_people_and_days(site: Site) -> None:
    lived(site, 50)
    ada: Any = site.client("ada")
    first = words(ada.get("/audit/"))
    assert "not checked yet" in first
    assert "Marzipan" not in first
    places = re.findall(r"Entry (\d+),", first)
    assert len(places) == 50
    assert places == sorted(places, key=int, reverse=True)
    older = re.search(r'href="(\?before=\d+)"', first)
    assert older
    second = re.findall(r"Entry (\d+),", words(ada.get("/audit/" + older[1])))
    assert int(second[0]) == int(places[-1]) - 1, "nothing twice, nothing left out"
    found = words(ada.get("/audit/?kind=decision"))
    assert "Allow at submit" in found
    assert "A customer wrote" not in found
    ben = next(iter(re.findall(r'value="([0-9a-f-]{36})"[^>]*>Ben Ostrander', first)))
    by_ben = words(ada.get(f"/audit/?who={ben}"))
    assert "Ben Ostrander." in by_ben
    assert "A customer wrote" not in by_ben
    assert "No entries match" in words(ada.get("/audit/?until=2020-01-01"))
    assert re.findall(r"Entry (\d+),", words(ada.get("/audit/?since=2020-01-01"))) == places
    for asked in ("kind=x", "who=x", "since=x", "until=9999-12-31"):
        assert ada.get(f"/audit/?{asked}").status_code == 422, asked


def test_a_broken_log_is_said_at_the_top_and_on_evidence(site: Site) -> None:
    lived(site, 2)
    ada: Any = site.client("ada")
    assert ada.post("/audit/check/").status_code == 302
    page = words(ada.get("/audit/"))
    assert ", OK" in page
    assert "does not add up" not in page
    site.house.ask("update consent_entries set source = 'phone' returning id")
    done = check_ledger(site.town.ctx, site.town.group_id)
    assert not done.whole
    page = words(ada.get("/audit/"))
    assert "does not add up" in page
    assert "its entry changed after it was recorded" in page
    contact = site.house.ask("select id from contacts")[0][0]
    form = {"purpose": "case 22", "what": "all", "size": "a4", "since": "2020-01-01"}
    packed = ada.post(f"/customers/{contact}/evidence/", form)
    assert packed["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(packed.content)) as found:
        paper = PdfReader(io.BytesIO(found.read("evidence.pdf")))
    assert "the whole ledger" in " ".join(paper.pages[0].extract_text().split())
    assert ada.post(f"/customers/{contact}/evidence/", form | {"until": "x"}).status_code == 422
    assert (
        ada.post(f"/customers/{contact}/evidence/", form | {"until": "2019-01-01"}).status_code
        == 422
    )


def test_it_is_checked_once_a_night(site: Site) -> None:
    ctx, group = site.town.ctx, site.town.group_id
    assert check_if_due(ctx, group)
    assert not check_if_due(ctx, group)
    assert len(site.house.ask("select from ledger_checks")) == 1


def test_evidence_about_a_customer_a_member_or_a_line_from_one_form(site: Site) -> None:
    lived(site, 2)
    ada: Any = site.client("ada")
    assert "No evidence has left yet." in words(ada.get("/audit/exports/"))
    town = site.town
    asked = {"purpose": "case 22", "member": str(town.members["ben"]), "size": "a4"}
    asked |= {"line": str(town.lines["sales"]), "number": PRIYA}
    for about in ("customer", "member", "line"):
        answer = ada.post("/audit/exports/", asked | {"about": about})
        assert answer["Content-Type"] == "application/zip", about
        with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as found:
            assert b"Marzipan 1" in found.read("evidence.json")
            paper = PdfReader(io.BytesIO(found.read("evidence.pdf")))
        assert round(paper.pages[0].mediabox.width) == 595
    page = words(site.client("noor").get("/audit/exports/"))
    for listed in ("Customer: Priya Ramnath", "Member: Ben Ostrander", "Line: +16145550101"):
        assert listed in page
    for odd in (
        {"about": "member", "member": ""},
        {"about": "line", "line": "x"},
        {"about": "customer", "number": "+16145550199"},
        {"about": ""},
        {"about": "line", "until": "x"},
        {"about": "member", "purpose": ""},
    ):
        assert ada.post("/audit/exports/", asked | odd).status_code == 422, odd


def test_the_right_to_export_opens_the_page_within_ones_reach(site: Site) -> None:
    lived(site, 1)
    town, away = site.town, "+16145550188"
    town.meet(away, "Quentin Abernathy", by="cy", line="dock", how="texted_us")
    site.house.text_in(away, "Walrus", line="dock")
    site.house.tap(away, "Marzipan at the dock", line="dock", by="cy")
    mo: Any = site.client("mo")
    page = words(mo.get("/audit/exports/"))
    assert "Ben Ostrander" in page
    for hidden in ("Cy Moreau", "Dockside", "By the clock", "Legal holds"):
        assert hidden not in page, hidden
    assert 'href="/audit/exports/"' in words(mo.get("/more/"))
    assert 'href="/audit/exports/"' not in words(site.client("ben").get("/more/"))
    asked = {"purpose": "case 22", "size": "a4", "about": "customer", "number": PRIYA}
    answer = mo.post("/audit/exports/", asked)
    assert answer["Content-Type"] == "application/zip"
    b"".join(answer.streaming_content)
    strangers = [
        mo.post("/audit/exports/", asked | {"number": one}) for one in (away, "+16145550199")
    ]
    assert {one.status_code for one in strangers} == {422}
    assert all("Nobody here has that number." in words(one) for one in strangers)
    elsewhere = {"line": str(town.lines["dock"]), "member": str(town.members["cy"])}
    for about in elsewhere:
        assert mo.post("/audit/exports/", asked | elsewhere | {"about": about}).status_code == 404
    ada: Any = site.client("ada")
    b"".join(ada.post("/audit/exports/", asked | {"purpose": "case 23"}).streaming_content)
    own, every = words(mo.get("/audit/exports/")), words(ada.get("/audit/exports/"))
    assert ("case 22" in own, "case 23" in own) == (True, False)
    assert ("case 22" in every, "case 23" in every) == (True, True)


def test_a_right_that_is_taken_shuts_it_and_one_that_is_given_opens_it(site: Site) -> None:
    town, ada = site.town, site.town.sign_in("ada")
    before = {who: site.client(who).get("/audit/exports/").status_code for who in town.members}
    assert before == {"ada": 200, "mo": 200, "noor": 200, "ben": 403, "bea": 403, "cy": 403}
    for who in ("mo", "noor"):
        set_rights(town.ctx, ada, town.members[who], Bent(taken=frozenset({Right.EVIDENCE})))
    set_rights(town.ctx, ada, town.members["ben"], Bent(given=frozenset({Right.EVIDENCE})))
    after = {who: site.client(who).get("/audit/exports/").status_code for who in town.members}
    assert after == before | {"mo": 403, "noor": 403, "ben": 200}
    noor: Any = site.client("noor")
    assert "/audit/exports/" not in words(noor.get("/audit/")), "no link to what is shut"
    assert (
        site.client("ben").post("/audit/exports/schedule/", {"every": "daily"}).status_code == 403
    )
