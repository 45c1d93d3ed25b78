"""The owner's pages of the rules: stricter at a press, looser on counsel's word, dated lists."""

from __future__ import annotations

import re

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.web.site import Site

HOLD = "FED-QH-2"
WORD = {"reason": "Counsel read the order of April.", "counsel": "R. Vance", "on": "2026-11-01"}


def test_an_owner_loosens_on_counsels_word_alone_and_every_page_says_so(site: Site) -> None:
    owner, staff = site.client("ada"), site.client("ben")
    page = "/rules/profile/"
    said = owner.get(page).content.decode()
    assert "Loosen, on counsel’s word" in said
    loosen = {"rule": HOLD, "choice": "open"}

    refused = owner.post(page, loosen)
    assert refused.status_code == 422
    assert "name of counsel" in refused.content.decode()
    assert owner.post(page, {**loosen, **WORD, "on": "soon"}).status_code == 422
    assert owner.post(page, {"rule": "FED-REV-1", "choice": "open", **WORD}).status_code == 422
    assert staff.post(page, {**loosen, **WORD}).status_code in {403, 404}
    assert "Looser than careful" not in owner.get(page).content.decode()

    assert owner.post(page, {**loosen, **WORD}).status_code == 302
    for client in (owner, staff):
        shown = client.get(page).content.decode()
        assert "Looser than careful" in shown
        assert "Reviewed by: R. Vance, 2026-11-01" in shown
    assert "Loosen, on" not in staff.get(page).content.decode()
    tried = {"state": "OH", "purpose": "offer", "when": "2026-11-24T22:00", "yes": "written"}
    said = staff.get("/rules/try/", tried).content.decode()
    assert "Sends now" in said
    assert "Loosened here" in said
    assert re.search(r"\w+ loosened it on \w+ \d+, \d{4}; counsel: R. Vance\.", said)

    assert owner.post(page, {"rule": HOLD, "choice": "hold"}).status_code == 302
    assert "Held until" in staff.get("/rules/try/", tried).content.decode()
    _lists(site)


def _lists(site: Site) -> None:
    owner = site.client("ada")
    page = "/rules/lists/"
    assert site.client("ben").get(page).status_code == 403
    assert "Never imported" in owner.get(page).content.decode()

    def sent(content: bytes, **more: str) -> tuple[int, str]:
        today = site.house.ctx.now().date().isoformat()
        form = {"list": "national_dnc:", "as_of": today, **more}
        file = SimpleUploadedFile("list.txt", content)
        answered = owner.post(page, {**form, "file": file})
        return answered.status_code, answered.content.decode()

    status, said = sent(b"6145550142\r\n614-555-0143\n")
    assert status == 200
    assert "2 numbers are in force" in said
    assert "In date" in said
    for hostile in (b"", b"\x00" * 5000, b"9" * 200_000, b"sieben\n" * 300, b"PK\x03\x04"):
        assert sent(hostile)[0] == 422
    assert sent(b"6145550142\n", list="nothing:")[0] == 422
    assert sent(b"6145550142\n", as_of="2999-01-01")[0] == 422
    assert owner.post(page, {"list": "national_dnc:"}).status_code == 422
    assert "2 numbers." in owner.get(page).content.decode()
