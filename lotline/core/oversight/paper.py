"""Paper: what is handed out on Letter or A4, drawn from plain blocks as a PDF.

Nothing is dropped: a character the font has no glyph for is written as its Unicode name in
brackets, and a row too tall for a page goes on below under the repeated headings. The same blocks,
date and size give the same bytes.

Not here: what a paper says (the brief, the evidence, the policy), how it looks in a browser.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Literal

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from lotline.core.oversight.ruled import CELL, MM_A_POINT, draw_table

Size = Literal["letter", "a4"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the paper's own name, 2 and 3 its parts. It stays with what follows."""

    says: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words over the whole width; line breaks in them are kept."""

    says: str
    strong: bool = False
    small: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A short list."""

    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings that repeat on each page. `widths` are parts of the whole, one a column.

    Without headings it is a list of pairs, its first column set as the name of the second.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins on a page of its own."""


Block = Heading | Paragraph | Bullets | Table | NewPage

_MARGIN = 18.0
_SIZES = {1: 20.0, 2: 14.0, 3: 11.5}
_BODY, _SMALL = 10.0, 8.5
_KEEP_WITH = 26.0  # a heading needs so much room below it, in mm
_GREY = (90, 90, 90)
_FAMILY = "Source"
_FACES = {"": "Regular", "B": "Semibold"}


def make_pdf(
    blocks: Iterable[Block], *, title: str, ident: str, made_at: datetime, size: Size = "letter"
) -> bytes:
    """The paper. `ident` stands in the foot of every page beside "Page 1 of 4"."""
    assert made_at.tzinfo is not None, "an instant carries its zone"
    with _sheet(ident, size) as sheet:
        return _drawn(sheet, blocks, title, made_at)


def _drawn(sheet: _Sheet, blocks: Iterable[Block], title: str, made_at: datetime) -> bytes:
    sheet.set_title(legible(title))
    sheet.set_lang("en-US")
    sheet.set_creator("Lotline")
    sheet.set_creation_date(made_at)
    sheet.add_page()
    for block in blocks:
        sheet.draw(block)
    return bytes(sheet.output())


def legible(said: str) -> str:
    """The words as the font can print them; what it can't print is named, never left out."""
    glyphs = _glyphs()
    plain = unicodedata.normalize("NFC", said.replace("\r\n", "\n").replace("\r", "\n"))
    plain = plain.replace("\t", "    ")
    return "".join(
        char if char == "\n" or ord(char) in glyphs else f"[{_name(char)}]" for char in plain
    )


def _name(char: str) -> str:
    return unicodedata.name(char, "") or f"U+{ord(char):04X}"


@cache
def _glyphs() -> frozenset[int]:
    """What every face can print."""
    with _sheet("", "letter") as sheet:
        common = frozenset.intersection(*(frozenset(face.cmap) for face in sheet.faces))
    # Marks of direction and of width have glyphs of no ink: on paper they would be nothing.
    return frozenset(code for code in common if unicodedata.category(chr(code)) not in _NO_INK)


_NO_INK = {"Cc", "Cf", "Cs", "Co", "Cn"}
_PAGES = "\u00ad{pages}"  # stands for the number of pages; no words can hold it, see `legible`


@contextmanager
def _sheet(ident: str, size: Size) -> Iterator[_Sheet]:
    """A sheet whose font files are shut again."""
    sheet = _Sheet(ident, size)
    try:
        yield sheet
    finally:
        for face in sheet.faces:
            face.ttfont.close()


class _Sheet(FPDF):
    """One paper while it is drawn."""

    def __init__(self, ident: str, size: Size) -> None:
        super().__init__(format=size)
        self.ident = legible(ident) if ident else ""
        self._wide: dict[tuple[str, bool], float] = {}
        self.alias_nb_pages(_PAGES)
        self.set_margin(_MARGIN)
        self.set_auto_page_break(True, margin=_MARGIN)
        folder = resources.files("font_source_sans_pro") / "files"
        for style, face in _FACES.items():
            self.add_font(_FAMILY, style, str(folder / f"SourceSansPro-{face}.ttf"))
        self.set_font(_FAMILY, "", _BODY)

    @property
    def faces(self) -> list[TTFFont]:
        return [face for face in self.fonts.values() if isinstance(face, TTFFont)]

    def footer(self) -> None:
        """Says "Page 1 of 4", and which paper this page is of."""
        self.set_y(-_MARGIN + 5)
        self.set_font(_FAMILY, "", _SMALL)
        self.set_text_color(*_GREY)
        self.cell(self.epw / 2, 5, self.ident, new_x=XPos.RIGHT, new_y=YPos.TOP)
        self.cell(self.epw / 2, 5, f"Page {self.page_no()} of {_PAGES}", align="R")
        self.set_text_color(0)

    def draw(self, block: Block) -> None:
        if isinstance(block, NewPage):
            if self.get_y() > self.t_margin + 1:
                self.add_page()
        elif isinstance(block, Heading):
            self._heading(block)
        elif isinstance(block, Paragraph):
            style = "B" if block.strong else ""
            self._words(legible(block.says), _SMALL if block.small else _BODY, style)
            self.ln(1.6)
        elif isinstance(block, Bullets):
            self._bullets(block)
        else:
            rows = ([legible(said) for said in row] for row in block.rows)
            draw_table(self, [legible(said) for said in block.headings], rows, block.widths)
            self.ln(2)

    def _words(self, says: str, size: float, style: str = "", indent: float = 0) -> None:
        self.set_font(_FAMILY, style, size)
        self.set_x(self.l_margin + indent)
        self.multi_cell(
            self.epw - indent,
            size * MM_A_POINT * 1.36,
            says,
            align="L",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )

    def _heading(self, block: Heading) -> None:
        room = self.h - self.b_margin - self.get_y()
        if room < _KEEP_WITH:
            self.add_page()
        elif self.get_y() > self.t_margin + 1:
            self.ln(5.5 if block.level <= 2 else 3)
        says = legible(block.says)
        self.set_font(_FAMILY, "B", _SIZES[block.level])
        self.start_section(" ".join(says.split()), level=block.level - 1, strict=False)
        self._words(says, _SIZES[block.level], "B")
        self.ln(1.2)

    def _bullets(self, block: Bullets) -> None:
        for said in block.says:
            height = _BODY * MM_A_POINT * 1.36
            if self.will_page_break(height):
                self.add_page()
            self.set_font(_FAMILY, "", _BODY)
            self.set_x(self.l_margin + 1)
            self.cell(4, height, "•", new_x=XPos.RIGHT, new_y=YPos.TOP)
            self._words(legible(said), _BODY, indent=5)
            self.ln(0.6)
        self.ln(1)

    # --- what `ruled` asks of a sheet ---------------------------------------------------------

    @property
    def top(self) -> float:
        return float(self.get_y())

    @property
    def room(self) -> float:
        return float(self.h - self.b_margin - self.get_y())

    @property
    def left(self) -> float:
        return float(self.l_margin)

    @property
    def width(self) -> float:
        return float(self.epw)

    @property
    def page_room(self) -> float:
        return float(self.eph)

    def wide(self, char: str, *, bold: bool) -> float:
        """What a glyph takes in a cell."""
        known = self._wide.get((char, bold))
        if known is None:
            self.set_font(_FAMILY, "B" if bold else "", CELL)
            known = self._wide[char, bold] = float(self.get_string_width(char))
        return known

    def next_page(self) -> None:
        self.add_page()

    def put(self, x: float, y: float, says: str, *, bold: bool) -> None:
        self.set_font(_FAMILY, "B" if bold else "", CELL)
        self.text(x, y, says)

    def rule(self, y: float) -> None:
        self.line(self.l_margin, y, self.l_margin + self.epw, y)

    def go_to(self, y: float) -> None:
        self.set_xy(self.l_margin, y)
