"""A few seconds of fuzzed webhooks; `python -m tests.fuzz --minutes 60` does an hour of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.fuzz.calls import BROKEN, FORGED, ODD, WHOLE, Calls, Place
from tests.fuzz.place import throw_at

SECONDS = float(os.environ.get("LOTLINE_FUZZ_S", "3"))


def test_a_few_seconds_of_fuzzed_webhooks(db: Database, tmp_path: Path) -> None:
    """No 500, nothing acknowledged is lost or there twice, and the server still answers."""
    report = throw_at(db, tmp_path, SECONDS, 3)
    assert report.broken == [], "\n".join(report.broken)
    assert report.opened == len(report.acknowledged)
    assert report.acknowledged, "some were whole"


def test_the_same_seed_throws_the_same_calls() -> None:
    place = Place(1, "http://127.0.0.1:1", "AC1", "token", ("+16145550101",))
    one, other = Calls(place, "5-0"), Calls(place, "5-0")
    thrown = [next(one) for _ in range(200)]
    assert thrown == [next(other) for _ in range(200)]
    assert {call.kind for call in thrown} == {WHOLE, ODD, FORGED, BROKEN}


@pytest.mark.slow
def test_minutes_of_fuzzed_webhooks(db: Database, tmp_path: Path) -> None:
    report = throw_at(db, tmp_path, 120, 4)
    assert report.broken == [], "\n".join(report.broken)
