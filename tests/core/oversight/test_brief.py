"""The brief holds everything the rulebook found about its states, on the page and in print."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pypdf
import pytest

from lotline.core.oversight.brief import ident_of, title_of, write_brief
from lotline.core.oversight.explained import family_of
from lotline.core.oversight.paper import Bullets, Heading, Paragraph, Table, legible, make_pdf
from tests.rules.specimens import BOOK

TODAY = date(2026, 11, 22)
FOUR = ("FL", "TX", "PA", "CA")


def said(states: tuple[str, ...], today: date = TODAY) -> str:
    words = []
    for block in write_brief(BOOK, states, today, company="Elm Dock Motors"):
        if isinstance(block, Heading | Paragraph):
            words.append(block.says)
        elif isinstance(block, Bullets):
            words.extend(block.says)
        elif isinstance(block, Table):
            words.extend(cell for row in (block.headings, *block.rows) for cell in row)
    return "\n".join(words)


def test_all_that_was_found_about_a_state_is_in_it() -> None:
    whole = said(FOUR).casefold()
    for code in FOUR:
        told = BOOK.told[code]
        for name in ("scope", "damages", "private_right", "registration", "state_dnc_list"):
            assert told[name].casefold() in whole, (code, name)
        for name in ("notes", "consent_note", "ebr_note", "dealer_note", "cap_scope", "citation"):
            assert told.get(name, "").casefold() in whole, (code, name)


def test_every_rule_of_everybody_and_every_dispute_and_source_is_in_it() -> None:
    whole = said(FOUR).casefold()
    for entry in BOOK.rules.values():
        if family_of(entry.id)[0] in ("", *FOUR):
            assert entry.citation.casefold() in whole, entry.id
            assert entry.contested.casefold() in whole, entry.id
            assert entry.source_url.casefold() in whole, entry.id


@pytest.mark.parametrize(
    "code, today, words",
    [
        ("FL", TODAY, "Every day 8:00 AM to 8:00 PM; since July 1, 2021."),
        ("FL", TODAY, "3 in any 24 hours."),
        ("TX", TODAY, "Sunday 12:00 PM to 9:00 PM"),
        ("PA", TODAY, "Saturday 9:00 AM to 7:00 PM; Sunday none; since October 18, 2026."),
        ("PA", TODAY, "Good Friday, March 26, 2027"),
        ("PA", date(2026, 10, 1), "Every day 8:00 AM to 9:00 PM; since December 3, 2019, until"),
        ("CA", TODAY, "No rule of the state's own was found"),
    ],
)
def test_hours_are_those_of_the_day(code: str, today: date, words: str) -> None:
    assert words in said((code,), today)


def test_the_print_drops_nothing() -> None:
    blocks = write_brief(BOOK, FOUR, TODAY)
    made = make_pdf(
        blocks,
        title=title_of(BOOK, FOUR),
        ident=ident_of(BOOK, FOUR, TODAY),
        made_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    printed = "".join(
        "".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(made)).pages
    )
    cells = [
        cell for block in blocks if isinstance(block, Table) for row in block.rows for cell in row
    ]
    assert len(cells) > 200
    assert [cell for cell in cells if "".join(legible(cell).split()) not in printed] == []


def test_any_state_and_none_can_be_asked_for() -> None:
    assert title_of(BOOK, ()) == "Texting rules, federal"
    assert "At a glance" not in said(())
    for code in BOOK.states:
        assert BOOK.states[code].name in said((code,))
