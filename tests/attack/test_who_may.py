"""The page that says who may what says what the router and its doors say today."""

from __future__ import annotations

from tests.attack.who_may import PAGE, table


def test_the_page_is_of_today() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == table(), "write it anew: .venv/bin/python -m tests.attack.who_may"
