"""What a number means is written once: the page and the docs say the same sentence."""

from __future__ import annotations

from pathlib import Path

from lotline.core.oversight.measures import load_measures

DOCS = Path(__file__).parents[3] / "docs" / "dashboard.md"


def test_the_docs_say_what_the_page_says() -> None:
    text = DOCS.read_text(encoding="utf-8")
    table = text.partition("<!-- measures -->\n")[2].partition("<!-- /measures -->")[0]
    rows = [f"| {one.name} | {one.says} |" for one in load_measures().values()]
    assert table.splitlines() == ["| Name | Exactly |", "|---|---|", *rows]
