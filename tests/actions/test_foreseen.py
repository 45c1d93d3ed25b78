"""What another rulebook would change is said by rule and state, and nobody is named."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path

import pytest

from lotline.cli import rules as command
from lotline.core.gate.rulebook import FILES, load_rulebook
from lotline.core.gate.rulebook.sources import find_doubts, find_odds
from tests.actions.house import House

DANA = "+16145550142"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "rulebook.md"


def folder(tmp_path: Path, **changes: tuple[str, str]) -> str:
    """The packaged rulebook with one thing changed in some of its files."""
    packaged = Path(str(resources.files("lotline.core.gate.rulebook")))
    for name in FILES:
        shutil.copy(packaged / f"{name}.toml", tmp_path)
    for name, (old, new) in changes.items():
        file = tmp_path / f"{name}.toml"
        words = file.read_text(encoding="utf-8")
        assert old in words
        file.write_text(words.replace(old, new, 1), encoding="utf-8")
    return str(tmp_path)


def test_what_would_change_is_counted_by_rule_and_state(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house.town.meet(DANA, "Dana Whitfield", by="ben", line="sales")
    house.text_in(DANA, "Is the Crosstrek still there?")
    house.ask("update contacts set bought_on = '2026-10-01' returning id")
    for _ in range(3):
        house.tap(DANA, "Half price, row seven, this week only!", purpose="offer")
        house.town.clock.pass_by(minutes=1)
    shorter = folder(tmp_path, hours=('weekday = ["08:00"', 'weekday = ["13:00"'))

    assert command.run(house.ctx, ["diff", "current", shorter, "--json"]) == 1
    out = capsys.readouterr().out
    found = json.loads(out)
    assert found["changed"] == 3
    assert sum(one["count"] for one in found["changes"]) == found["changed"]
    assert {one["states"] for one in found["changes"]} == {"OH"}
    ids = {str(row[0]) for row in house.ask("select id from decisions")}
    assert all(set(one["examples"]) <= ids for one in found["changes"])
    assert command.run(house.ctx, ["diff", shorter, shorter]) == 0
    assert command.run(house.ctx, ["diff", "current", shorter]) == 1
    shown = capsys.readouterr().out
    for secret in ("Dana", "Whitfield", "5550142", "row seven", "Crosstrek"):
        assert secret not in out + shown


def test_what_is_no_rulebook_is_said_so(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = folder(tmp_path, points=('careful = "hold"', 'careful = "held"'))

    assert command.run(house.ctx, ["diff", "current", odd]) == 2
    assert command.run(house.ctx, ["diff", "current", str(tmp_path / "none")]) == 2
    assert "lotline rules:" in capsys.readouterr().err


def test_the_document_says_what_the_data_says() -> None:
    words = DOCUMENT.read_text(encoding="utf-8")

    assert command.written(words, load_rulebook()) == words, "run `lotline rules sources --write`"


def test_every_contested_rule_is_told_with_its_default() -> None:
    book = load_rulebook()
    told = {one.rule: one for one in find_doubts(book)}

    assert {name for name, rule in book.rules.items() if rule.contested} <= told.keys()
    assert all(one.default for one in told.values())
    assert not any(name.startswith("HOUSE-") and not told[name].citation for name in told)


def test_the_ways_in_which_the_data_is_at_odds_are_known() -> None:
    """A new one must be read by a person: it is either mended or named here."""
    known = {"DC", "HI", "IL", "MO", "MT", "NC", "ND", "NJ", "SC", "WV", "ME", "UT"}
    assert {one.where.partition("-")[0] for one in find_odds(load_rulebook())} == known
