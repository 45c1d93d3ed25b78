"""A few rounds of real faults; `python -m tests.faults --minutes 60` does an hour of them."""

from __future__ import annotations

import os

import pytest

from tests.faults.__main__ import run

pytestmark = pytest.mark.peers

SECONDS = float(os.environ.get("LOTLINE_FAULTS_S", "6"))


def test_a_few_rounds_of_faults() -> None:
    """What the attacks on single processes do not do: paused, full, without connections."""
    report = run(SECONDS, 4, ["disk full", "database paused", "out of connections"])
    assert report.broken == [], "\n".join(report.broken)
    assert report.rounds >= 1
    assert report.shown_as_kept > 0
    assert report.told_2xx > 0


@pytest.mark.slow
def test_every_fault() -> None:
    report = run(240, 5)
    assert report.broken == [], "\n".join(report.broken)
