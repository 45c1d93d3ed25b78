"""Holds, retention and erasing as pages: what is said, who may, and that a hold is seen to win."""

from __future__ import annotations

import io
import re
from typing import Any

from pypdf import PdfReader

from lotline.core.oversight.retention import load_along, load_records
from tests.web.site import Site
from tests.web.test_audit_pages import PRIYA, lived, words


def test_a_hold_is_placed_seen_and_lifted_and_an_erasure_waits_for_it(site: Site) -> None:
    lived(site, 2)
    ada: Any = site.client("ada")
    contact = site.house.ask("select id from contacts")[0][0]
    form = {"kind": "customer", "number": PRIYA, "reason": "claim 7", "counsel": "R. Vance"}
    assert ada.post("/audit/holds/", form | {"reason": ""}).status_code == 422
    assert ada.post("/audit/holds/", form | {"number": "+16145550199"}).status_code == 422
    assert ada.post("/audit/holds/", form | {"kind": "member", "member": "x"}).status_code == 422
    assert ada.post("/audit/holds/", form).status_code == 302
    noor: Any = site.client("noor")
    page = words(noor.get("/audit/holds/"))
    assert "Customer: Priya Ramnath" in page
    assert "Counsel: R. Vance" in page
    assert "Place a hold" not in page, "an auditor reads"
    assert noor.post("/audit/holds/", form).status_code == 403
    assert "1 legal hold stands." in words(noor.get("/audit/retention/"))
    asked = words(ada.get(f"/customers/{contact}/erase/"))
    assert "A legal hold stands" in asked
    assert "47 CFR 64.1200(d)(6)" in asked
    assert ada.post(f"/customers/{contact}/erase/", {"reason": "asked"}).status_code == 422
    done = ada.post(f"/customers/{contact}/erase/", {"reason": "asked", "sure": "yes"})
    assert done["Location"] == "/audit/holds/"
    assert "Erasures that wait" in words(ada.get("/audit/holds/"))
    lift = re.search(
        r'action="(/audit/holds/[^"]+/lift/)"', ada.get("/audit/holds/").content.decode()
    )
    assert lift
    assert noor.post(lift[1], {"reason": "x"}).status_code == 403
    assert ada.post(lift[1], {"reason": "settled"}).status_code == 302
    assert "Lifted" in words(ada.get("/audit/holds/"))
    done = ada.post(f"/customers/{contact}/erase/", {"reason": "asked", "sure": "yes"})
    assert done["Location"] == f"/customers/{contact}/"
    assert ada.get(f"/customers/{contact}/erase/").status_code == 404
    assert site.client("mo").get("/audit/holds/").status_code == 403


def test_periods_are_those_of_the_rulebook_and_change_down_to_the_floor(site: Site) -> None:
    ada: Any = site.client("ada")
    page = words(ada.get("/audit/retention/"))
    classes, kept = load_records()
    named = [*((one.title, one.sources) for one in classes)]
    named += [(one.title, one.sources) for one in kept]
    named += [(one.title, one.sources) for one in load_along()]
    for title, sources in named:
        assert title in page
        assert all(source.citation in page for source in sources)
    assert "Opt-outs" in page
    texts = next(one for one in classes if one.name == "texts")
    for months in (str(texts.floor - 1), "x", "99999999"):
        form = {"class": "texts", "months": months}
        assert ada.post("/audit/retention/", form).status_code == 422
    for months, said in ((str(texts.floor), f"{texts.floor} months"), ("", "For ever")):
        assert (
            ada.post("/audit/retention/", {"class": "texts", "months": months}).status_code == 302
        )
        assert f'{texts.title} <span class="chip">{said}</span>' in words(
            ada.get("/audit/retention/")
        )
    noor: Any = site.client("noor")
    assert "Save" not in words(noor.get("/audit/retention/"))
    assert noor.post("/audit/retention/", {"class": "texts", "months": "90"}).status_code == 403


def test_the_safeguards_report_is_of_today_and_says_what_is_missing(site: Site) -> None:
    lived(site, 1)
    noor: Any = site.client("noor")
    page = words(noor.get("/audit/safeguards/"))
    assert "16 CFR 314.4(c)(5)" in page
    assert "0 of 6 members have a second factor" in page
    assert "No access review is on record." in page
    assert "the section itself was not opened" in page
    assert "this is the company’s own" in page or "this is the company&#x27;s own" in page
    for size, width in (("letter", 612), ("a4", 595)):
        answer = noor.get(f"/audit/safeguards.pdf?size={size}")
        paper = PdfReader(io.BytesIO(answer.content))
        assert round(paper.pages[0].mediabox.width) == width
        said = " ".join(" ".join(one.extract_text().split()) for one in paper.pages)
        assert "members have a second factor" in said
        assert "no finding that the rule is kept" in said
    assert site.client("ben").get("/audit/safeguards/").status_code == 403
