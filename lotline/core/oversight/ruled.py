"""Ruled: rows of words under headings on paper, broken into lines by what each glyph takes.

A row stays on one page; one that no page could hold goes on below under the repeated headings.
Widths of glyphs are asked for once, so ten thousand rows are a matter of seconds.

Not here: the sheet and what stands between tables (`paper`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Protocol

MM_A_POINT = 25.4 / 72
PAD_X, PAD_Y = 1.4, 0.9
CELL = 9.0
LINE = CELL * MM_A_POINT * 1.3
_RISE = 0.72  # from the top of a line to the foot of its letters, as part of the line's height


class Sheet(Protocol):
    """What a table asks of the sheet that it is drawn on."""

    @property
    def top(self) -> float: ...
    @property
    def room(self) -> float: ...
    @property
    def left(self) -> float: ...
    @property
    def width(self) -> float: ...
    @property
    def page_room(self) -> float: ...
    def wide(self, char: str, *, bold: bool) -> float: ...
    def next_page(self) -> None: ...
    def put(self, x: float, y: float, says: str, *, bold: bool) -> None: ...
    def rule(self, y: float) -> None: ...
    def go_to(self, y: float) -> None: ...


Cells = list[list[str]]


def draw_table(
    sheet: Sheet,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths: Sequence[int],
) -> None:
    """All of it; without headings the first column is set as the name of the second."""
    whole = sum(widths)
    columns = [sheet.width * part / whole for part in widths]
    inner = [width - 2 * PAD_X for width in columns]
    named = not headings
    head = [_lines(sheet, said, width, bold=True) for said, width in zip(headings, inner)]  # noqa: B905  # none, or one each
    most = int((sheet.page_room - 30) / LINE)
    if head:
        first = max((len(lines) for lines in head), default=0)
        if sheet.room < _height(first) + _height(2):
            sheet.next_page()
        _draw(sheet, head, columns, bold=True, named=False)
    for row in rows:
        cells = [
            _lines(sheet, said, width, bold=named and not place)
            for place, (said, width) in enumerate(zip(row, inner, strict=True))
        ]
        for part in _parts(cells, most):
            if sheet.room < _height(max(len(lines) for lines in part)):
                sheet.next_page()
                if head:
                    _draw(sheet, head, columns, bold=True, named=False)
            _draw(sheet, part, columns, bold=False, named=named)


def _height(lines: int) -> float:
    return lines * LINE + 2 * PAD_Y


def _parts(cells: Cells, most: int) -> Iterator[Cells]:
    """A row, as several where no page could hold it."""
    if max(len(lines) for lines in cells) <= most:
        yield cells
        return
    cut = [[lines[at : at + most] for at in range(0, len(lines), most)] for lines in cells]
    for part in zip_longest(*cut, fillvalue=[]):
        yield [list(lines) for lines in part]


def _draw(sheet: Sheet, cells: Cells, columns: Sequence[float], *, bold: bool, named: bool) -> None:
    top, x = sheet.top, sheet.left
    for place, (lines, width) in enumerate(zip(cells, columns, strict=True)):
        y = top + PAD_Y + LINE * _RISE
        for line in lines:
            if line:
                sheet.put(x + PAD_X, y, line, bold=bold or (named and not place))
            y += LINE
        x += width
    bottom = top + _height(max((len(lines) for lines in cells), default=0))
    sheet.rule(bottom)
    sheet.go_to(bottom)


def _lines(sheet: Sheet, said: str, width: float, *, bold: bool) -> list[str]:
    """The words in lines that fit; a word longer than a line is cut."""
    lines = []
    for paragraph in said.split("\n"):
        line, taken = "", 0.0
        for word in _WORD.findall(paragraph):
            size = sum(sheet.wide(char, bold=bold) for char in word)
            bare = sum(sheet.wide(char, bold=bold) for char in word.rstrip(" "))
            if taken + bare > width and line:
                lines.append(line.rstrip(" "))
                line, taken = "", 0.0
            if bare <= width:
                line, taken = line + word, taken + size
                continue
            for char in word:
                wide = sheet.wide(char, bold=bold)
                if taken + wide > width and line:
                    lines.append(line)
                    line, taken = "", 0.0
                line, taken = line + char, taken + wide
        lines.append(line.rstrip(" "))
    return lines


_WORD = re.compile("[^ ]+ *| +")
