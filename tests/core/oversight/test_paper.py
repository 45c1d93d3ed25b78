"""Paper drops nothing, splits no row, says its page and its name, and is the same twice."""

from __future__ import annotations

import io
import subprocess
import sys
import unicodedata
from datetime import UTC, datetime

import pypdf
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lotline.core.oversight.paper import (
    Block,
    Bullets,
    Heading,
    NewPage,
    Paragraph,
    Size,
    Table,
    legible,
    make_pdf,
)

AT = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)


def read(*blocks: Block, size: Size = "letter") -> list[str]:
    made = make_pdf(blocks, title="A paper", ident="BRIEF-7", made_at=AT, size=size)
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages]


def bare(said: str) -> str:
    return "".join(said.split())


@pytest.mark.parametrize("size, points", [("letter", (612, 792)), ("a4", (595, 842))])
def test_each_page_has_its_size_its_number_and_the_papers_name(
    size: Size, points: tuple[int, int]
) -> None:
    made = make_pdf(
        [Heading("One", 1), NewPage(), Heading("Two"), NewPage(), Paragraph("Three")],
        title="A paper",
        ident="BRIEF-7",
        made_at=AT,
        size=size,
    )
    reader = pypdf.PdfReader(io.BytesIO(made))
    assert reader.metadata is not None
    assert reader.metadata.title == "A paper"
    for n, page in enumerate(reader.pages, 1):
        assert (round(page.mediabox.width), round(page.mediabox.height)) == points
        assert f"Page {n} of 3" in page.extract_text()
        assert "BRIEF-7" in page.extract_text()
    assert [str(part["/Title"]) for part in reader.outline if isinstance(part, dict)] == ["One"]


def test_a_row_stays_on_one_page_under_repeated_headings() -> None:
    rows = tuple((f"first {n}.", "word " * (n * 7 % 90) + f"last {n}.") for n in range(80))
    pages = read(Table(("Name", "Words"), rows, (1, 3)))
    assert len(pages) > 3
    assert all("Name" in page and "Words" in page for page in pages)
    for n in range(80):
        [page] = [page for page in pages if f"first {n}." in page]
        assert f"last {n}." in page


def test_a_row_that_no_page_could_hold_goes_on_and_loses_nothing() -> None:
    lines = [f"line {n}." for n in range(300)]
    pages = read(Table(("Who", "What"), (("Dale", "\n".join(lines)), ("Curtis", "short")), (1, 2)))
    whole = "".join(pages)
    assert [line for line in lines if line not in whole] == []
    assert all("Who" in page for page in pages)
    assert "short" in whole


def test_what_the_font_cannot_print_is_named() -> None:
    assert legible("OK 👍 中") == "OK [THUMBS UP SIGN] [CJK UNIFIED IDEOGRAPH-4E2D]"
    assert legible("a\u202eb\u200bc\u00add\x07e") == (
        "a[RIGHT-TO-LEFT OVERRIDE]b[ZERO WIDTH SPACE]c[SOFT HYPHEN]d[U+0007]e"
    )
    assert legible("é“–’…€½ñ\nß") == "é“–’…€½ñ\nß"


def test_words_that_look_like_the_number_of_pages_stay_as_they_are() -> None:
    assert "{nb} {pages} **b** <b>" in read(Paragraph("{nb} {pages} **b** <b>"))[0]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=4))
@example(["\ue000\ud800", "a" * 400, "\r\n\t \u00a0", "e\u0301\u0327", "\ufeff{nb}"])
def test_every_character_is_there_or_named(said: list[str]) -> None:
    pages = read(
        Paragraph("¶".join(said)),
        Bullets(tuple(said)),
        Table((), (("all", "¶".join(said)),), (1, 1)),
    )
    printed = unicodedata.normalize("NFKC", bare("".join(pages)))
    for one in said:
        wanted = unicodedata.normalize("NFKC", bare(legible(one))).replace("¶", "")
        assert wanted in printed.replace("¶", "")


_AGAIN = """
from datetime import UTC, datetime
from hashlib import sha256
from lotline.core.oversight.paper import Heading, Table, make_pdf
blocks = [Heading("One", 1), Table(("A",), tuple((str(n),) for n in range(90)), (1,))]
at = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
digest = sha256(make_pdf(blocks, title="A", ident="I", made_at=at)).hexdigest()
"""


def test_the_same_paper_has_the_same_bytes_in_another_process() -> None:
    here: dict[str, object] = {}
    exec(_AGAIN, here)  # the very words that the other process is given
    there = subprocess.run(
        [sys.executable, "-c", f"{_AGAIN}print(digest)"],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONHASHSEED": "7"},
    )
    assert here["digest"] == there.stdout.strip()
