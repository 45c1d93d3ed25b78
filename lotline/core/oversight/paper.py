"""Paper: what is handed out on Letter or A4, drawn from plain blocks as a PDF.

Nothing is dropped: a character the font has no glyph for is written as its Unicode name in
brackets, and a row too tall for a page goes on below under the repeated headings. The same blocks,
date and size give the same bytes.

Not here: what a paper says (the brief, the evidence, the policy), how it looks in a browser.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from itertools import zip_longest
from typing import Any, Literal

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, TableCellFillMode, XPos, YPos
from fpdf.fonts import FontFace, TTFFont

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

_MM_A_POINT = 25.4 / 72
_MARGIN = 18.0
_SIZES = {1: 20.0, 2: 14.0, 3: 11.5}
_BODY, _SMALL, _CELL = 10.0, 8.5, 9.0
_KEEP_WITH = 26.0  # a heading needs so much room below it, in mm
_GREY = (90, 90, 90)
_FAMILY = "Source"
_FACES = {"": "Regular", "B": "Semibold"}


def make_pdf(
    blocks: Sequence[Block], *, title: str, ident: str, made_at: datetime, size: Size = "letter"
) -> bytes:
    """The paper. `ident` stands in the foot of every page beside "Page 1 of 4"."""
    assert made_at.tzinfo is not None, "an instant carries its zone"
    with _sheet(ident, size) as sheet:
        return _drawn(sheet, blocks, title, made_at)


def _drawn(sheet: _Sheet, blocks: Sequence[Block], title: str, made_at: datetime) -> bytes:
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
            self._table(block)

    def _words(self, says: str, size: float, style: str = "", indent: float = 0) -> None:
        self.set_font(_FAMILY, style, size)
        self.set_x(self.l_margin + indent)
        self.multi_cell(
            self.epw - indent,
            size * _MM_A_POINT * 1.36,
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
            height = _BODY * _MM_A_POINT * 1.36
            if self.will_page_break(height):
                self.add_page()
            self.set_font(_FAMILY, "", _BODY)
            self.set_x(self.l_margin + 1)
            self.cell(4, height, "•", new_x=XPos.RIGHT, new_y=YPos.TOP)
            self._words(legible(said), _BODY, indent=5)
            self.ln(0.6)
        self.ln(1)

    def _table(self, block: Table) -> None:
        self.set_font(_FAMILY, "", _CELL)
        line = _CELL * _MM_A_POINT * 1.3
        rows = list(self._rows(block, line))
        plain = not block.headings
        with self.table(
            rows=(),
            col_widths=block.widths,
            line_height=line,
            text_align="LEFT",
            v_align="TOP",
            padding=(0.9, 1.4, 0.9, 1.4),
            borders_layout="HORIZONTAL_LINES",
            cell_fill_mode=TableCellFillMode.NONE,
            first_row_as_headings=not plain,
            headings_style=FontFace(emphasis="BOLD"),
        ) as table:
            if block.headings:
                table.row([legible(said) for said in block.headings])
            for row in rows:
                cells = table.row()
                for place, said in enumerate(row):
                    name = FontFace(emphasis="BOLD") if plain and place == 0 else None
                    cells.cell(said, style=name)
        self.ln(2)

    def _rows(self, block: Table, line: float) -> Iterator[tuple[str, ...]]:
        """The rows, one that no page could hold as several."""
        whole = sum(block.widths)
        most = int((self.eph - 30) / line)
        for row in block.rows:
            cells = [
                self._lines(legible(said), self.epw * part / whole - 3.2, line)
                for said, part in zip(row, block.widths, strict=True)
            ]
            tallest = max(len(lines) for lines in cells)
            if tallest <= most:
                yield tuple(legible(said) for said in row)
                continue
            parts = [
                ["\n".join(lines[at : at + most]) for at in range(0, len(lines), most)]
                for lines in cells
            ]
            yield from zip_longest(*parts, fillvalue="")

    def _lines(self, said: str, width: float, line: float) -> list[str]:
        found: Any = self.multi_cell(
            width, line, said, align="L", dry_run=True, output=MethodReturnValue.LINES
        )
        return list(found) or [""]
