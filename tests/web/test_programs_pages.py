"""The owner's pages for programs without a browser: what is shown once, and what is kept."""

from __future__ import annotations

import html
import re
from typing import Any

from tests.web.site import Site


def secret_of(response: Any) -> str:
    """What the page shows in its only field that can't be changed."""
    found = re.search(r'readonly value="([^"]+)"', response.content.decode())
    assert found, response.status_code
    return html.unescape(found[1])


def test_a_token_is_shown_once_and_kept_as_a_hash(site: Site) -> None:
    ada: Any = site.client("ada")
    assert ada.get("/programs/").status_code == 200
    assert ada.get("/programs/new/").status_code == 200
    form = {"name": "DMS", "scope": ["texts:write"], "where": "all", "per_minute": "60"}
    refused = ada.post("/programs/new/", form | {"addresses": "nowhere"})
    assert refused.status_code == 422
    made = ada.post("/programs/new/", form | {"addresses": "192.0.2.17", "days": "30"})
    token = secret_of(made)
    assert made["Cache-Control"] == "no-store"
    kept = str(site.house.ask("select p.*, d.* from programs p, program_doors d"))
    assert token not in kept
    shown = ada.get("/programs/").content.decode()
    assert token not in shown
    assert f"ends in {token[-4:]}" in shown
    (program_id,) = site.house.ask("select id from programs")[0]
    assert ada.post(f"/programs/{program_id}/revoke/").status_code == 302
    assert "Revoked" in ada.get("/programs/").content.decode()
    acts = site.house.ask(
        "select what from access_acts where about_id = %s order by id", program_id
    )
    assert acts == [("program_made",), ("program_revoked",)]


def test_a_webhook_is_made_its_secret_replaced_and_removed(site: Site) -> None:
    ada: Any = site.client("ada")
    form = {"url": "https://crm.example.com/texts", "kind": ["text.in"]}
    assert ada.get("/programs/webhooks/new/").status_code == 200
    inside = ada.post("/programs/webhooks/new/", form | {"url": "https://10.0.0.8/"})
    assert inside.status_code == 422
    first = secret_of(ada.post("/programs/webhooks/new/", form))
    (hook_id,) = site.house.ask("select id from webhooks")[0]
    page = f"/programs/webhooks/{hook_id}/"
    assert "Nothing told yet" in ada.get(page).content.decode()
    second = secret_of(ada.post(f"{page}do/", {"do": "secret"}))
    assert first != second
    assert first not in ada.get(page).content.decode()
    assert ada.post(f"{page}do/", {"do": "resend_failed"}).status_code == 302
    assert ada.post(f"{page}do/", {"do": "remove"}).status_code == 302
    assert ada.get(page).status_code == 404
