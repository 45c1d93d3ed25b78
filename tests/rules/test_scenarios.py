"""Every researched scenario is decided as it says: verdict, instant, rule, states and zones."""

from __future__ import annotations

import json
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lotline.cli.gate import answer, facts_of, run
from lotline.core.gate.gate import decide, facts_to_json, replay
from tests.rules.specimens import BOOK

FILE = Path(__file__).with_name("scenarios.toml")
SCENARIOS = tomllib.loads(FILE.read_text(encoding="utf-8"))["scenario"]


def offsets(zones: list[str], at: datetime) -> set[object]:
    """Zones on the same offset that day are equal."""
    return {at.astimezone(ZoneInfo(zone)).utcoffset() for zone in zones}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario["id"] for scenario in SCENARIOS])
def test_a_scenario_is_decided_as_it_says(scenario: dict[str, Any]) -> None:
    expected = scenario["expected"]
    facts = facts_of(scenario["given"], BOOK)

    decision = decide(facts, BOOK)
    line = answer(scenario["id"], facts.place, decision, BOOK)

    assert (line["verdict"], line["rule"]) == (expected["verdict"], expected["rule"])
    assert decision.hold_until == expected.get("hold_until")
    assert set(line["states"]) == set(expected["states"])
    at = scenario["given"]["at"]
    assert offsets(line["zones"], at) == offsets(expected["zones"], at)
    assert line["citation"].startswith(BOOK.rules[expected["rule"]].citation)


def test_there_are_as_many_as_there_should_be() -> None:
    assert len(SCENARIOS) == 142


def test_stored_facts_decide_again_to_the_same() -> None:
    for scenario in SCENARIOS:
        facts = facts_of(scenario["given"], BOOK)
        stored = json.loads(json.dumps(facts_to_json(facts)))

        assert replay(stored, BOOK) == decide(facts, BOOK)


def test_the_command_prints_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(FILE)]) == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["id"] for line in lines] == [scenario["id"] for scenario in SCENARIOS]
    wanted = ["id", "verdict", "rule", "also", "hold_until", "states", "zones", "citation"]
    assert all(list(line) == wanted for line in lines)


def test_a_file_that_cannot_be_read_is_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "odd.toml").write_text("[[scenario", encoding="utf-8")

    assert run([str(tmp_path / "odd.toml")]) == 2
    assert run([str(tmp_path / "none.toml")]) == 2
    assert "can't be read" in capsys.readouterr().err
