"""*Try it* and `lotline gate` are one gate: the researched scenarios come out the same in both."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lotline.cli.gate import answer, facts_of
from lotline.core.gate.gate import decide
from lotline.core.gate.rulebook import CHECKS
from lotline.web.trying import invented
from tests.rules.specimens import BOOK
from tests.web.site import Site

FILE = Path(__file__).parents[1] / "rules" / "scenarios.toml"
SCENARIOS = tomllib.loads(FILE.read_text(encoding="utf-8"))["scenario"]
PURPOSES = {
    "marketing": "offer",
    "transactional": "update",
    "relationship": "update",
    "conversational_reply": "reply",
    "opt_out_confirmation": "stop_confirmation",
    "opt_in_confirmation": "start_confirmation",
    "help_reply": "help",
}
SENDERS = {"human": "person", "automated": "software", "campaign": "list"}
KINDS = {"pewc": "written", "pec": "express"}
SCOPES = {"marketing": "offers", "transactional": "updates", "all": "all"}
NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)


def address_of(given: dict[str, Any]) -> dict[str, str] | None:
    """The scenario as an address says it; None where one form has no field for it."""
    yeses, stops = given.get("consent", []), given.get("opt_outs", [])
    flags = set(given.get("flags", [])) - {"contains_offer", "state_of_emergency"}
    if len(yeses) > 1 or len(stops) > 1 or flags:
        return None
    if any(not yes.get("seller_named", True) or "import" in str(yes) for yes in yeses):
        return None
    related = given.get("relationship", {})
    said = {
        "when": given["at"].isoformat(),
        "purpose": PURPOSES[given["purpose"]],
        "by": SENDERS[given["sender"]],
        "area": str(given.get("area_code", "")),
        "zip": given.get("zip") or "",
        "zip_from": "" if given.get("zip_source") == "customer_provided" else "elsewhere",
        "state": given.get("state_on_file") or "",
        "reassigned": given.get("reassigned", "no").replace("not_checked", "unknown"),
        "kind": given.get("number_kind", "mobile"),
        "bought": str(related.get("last_purchase", "")),
        "asked": str(related.get("last_inquiry", "")),
        "sent": ",".join(at.isoformat() for at in given.get("sent_24h", [])),
        "courtesy": "1" if given["purpose"] == "relationship" else "",
        "emergency": "1" if "state_of_emergency" in given.get("flags", []) else "",
        "offer_inside": "1" if "contains_offer" in given.get("flags", []) else "",
        "wrote": given["last_inbound"].isoformat() if given.get("last_inbound") else "",
        "listed": ",".join(
            name
            for name, key in (
                ("national", "national_dnc"),
                ("state", "state_dnc"),
                ("own", "internal_dnc"),
            )
            if given.get(key)
        ),
        "yes": "none",
    }
    for yes in yeses:
        said |= {
            "yes": KINDS.get(yes["kind"], "wrote"),
            "yes_to": SCOPES.get(yes.get("scope", "all"), "updates"),
            "yes_on": yes["date"].isoformat(),
        }
    for stop in stops:
        text = " ".join(str(stop.get("text", "")).lower().replace("-", " ").split())
        keyword = text.strip(" .!") in BOOK.law["stop"]["words"]
        asked = str(stop.get("clarification", "")).lower()
        how = "keyword" if keyword else "wording"
        how = ("unanswered" if "no answer" in asked else "narrowed") if asked else how
        said |= {
            "stop": "wrong" if "wrong number" in text else SCOPES.get(stop.get("scope"), "all"),
            "stop_on": stop["at"].isoformat(),
            "stop_how": how,
            "stop_by": "text" if stop.get("channel", "text") in {"text", "sms"} else "phone",
            "confirmed": "1" if stop.get("confirmed_at") else "",
        }
    return {name: value for name, value in said.items() if value}


def _both() -> Iterator[tuple[str, dict[str, str], dict[str, Any]]]:
    for scenario in SCENARIOS:
        address = address_of(scenario["given"])
        if address is not None:
            facts = facts_of(scenario["given"], BOOK)
            line = answer(scenario["id"], facts.place, decide(facts, BOOK), BOOK)
            yield scenario["id"], address, line


BOTH = list(_both())


@pytest.mark.parametrize("name, address, line", BOTH, ids=[name for name, _, _ in BOTH])
def test_a_scenario_comes_out_as_the_command_says(
    name: str, address: dict[str, str], line: dict[str, Any]
) -> None:
    decision = invented(address, BOOK, NOW).decision
    until = decision.hold_until.isoformat() if decision.hold_until else None
    assert (decision.verdict.value, decision.binding.rule, until) == (
        line["verdict"],
        line["rule"],
        line["hold_until"],
    )


def test_nearly_all_of_them_are_among_these() -> None:
    assert len(BOTH) >= 110


def test_the_page_shows_every_answer_and_opens_again_from_its_address(site: Site) -> None:
    client = site.client("ben")
    for name, address, line in BOTH[:: len(BOTH) // 4]:
        said = client.get("/rules/try/", address).content.decode()
        assert f"({line['rule']})" in said, name
        assert said.count("<td><span class=") == len(CHECKS), name
        if line["hold_until"]:
            assert line["hold_until"] in said, name
    _odd_addresses_break_nothing(client)


ODD = [
    {"when": "noon"},
    {"zip": "1"},
    {"c": "x"},
    {"c": "00000000-0000-0000-0000-000000000001"},
    {"yes": "<script>"},
    {"sent": "9" * 900},
    {"reassigned": "\x00"},
    {"line": "x"},
    {"wrote": "99999d"},
    {"when": "0001-01-01T00:00+14:00"},
    {"when": "9999-12-31T23:59-12:00"},
]


def _odd_addresses_break_nothing(client: Any) -> None:
    for address in ODD:
        given = {"state": "OH", "purpose": "offer", **address}
        answered = client.get("/rules/try/", given)
        assert answered.status_code == 200, address
        assert b"<script>" not in answered.content, address
