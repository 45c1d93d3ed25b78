"""Charts: numbers drawn on the server as SVG, with no style and no script in them.

Every chart is one picture with a name and a sentence for who does not see it, and says nothing that
its table does not say too. Bars differ by hatch and outline as well as by colour.

Not here: the numbers (`dashboard`), their tables (templates), colours (`css/pages.css`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from lotline.web.tags import icon

_FIT = 14  # days whose numbers fit side by side
_HATCH = (
    '<defs><pattern id="{0}" width="6" height="6" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)"><rect width="6" height="6" class="f-hold"/>'
    '<rect width="2.2" height="6" class="f-surface" opacity=".55"/></pattern></defs>'
)


class Bar(NamedTuple):
    """`word` stands under it, `said` on it. `kind` is a class, `fill` a pattern's name, if any."""

    word: str
    value: float
    said: str
    kind: str = "f-allow"
    fill: str = ""


class Row(NamedTuple):
    """One of several small charts, one above the other, each on its own scale.

    Its glyph says what its colour says.
    """

    word: str
    note: str
    height: float
    bars: Sequence[Bar]
    glyph: str = ""
    tone: str = ""


def _put(shape: str, *values: object) -> SafeString:
    """Values escaped into a shape; a length to a tenth."""
    said = (f"{one:.1f}" if isinstance(one, float) else _escaped(one) for one in values)
    return mark_safe(shape.format(*said))  # noqa: S308  # the shapes are ours, the values escaped


def _escaped(one: object) -> str:
    return conditional_escape(one if isinstance(one, str) else str(one))


def _each(shape: str, rows: Iterable[Iterable[object]]) -> SafeString:
    """The shape once for each row."""
    return mark_safe("".join(_put(shape, *row) for row in rows))  # noqa: S308  # see above


def _chart(
    key: str, size: tuple[float, float], said: tuple[str, str], inside: object
) -> SafeString:
    width, height = size
    return _put(
        '<svg class="chart" viewBox="0 0 {} {}" width="100%" role="img" aria-labelledby="{}-t"'
        ' aria-describedby="{}-d"><title id="{}-t">{}</title><desc id="{}-d">{}</desc>{}</svg>',
        *(width, height, key, key, key, said[0], key, said[1], inside),
    )


def _bar(bar: Bar, x: float, top: float, width: float, height: float) -> SafeString:
    fill = _put(' fill="url(#{})"', bar.fill) if bar.fill else ""
    body = _put(
        '<rect x="{}" y="{}" width="{}" height="{}" rx="3" class="{}"{}/>',
        *(x, top, width, height, bar.kind if not bar.fill else "hatched", fill),
    )
    words = _put(
        '<text class="v" x="{}" y="{}" text-anchor="middle">{}</text>',
        *(x + width / 2, top - 5, bar.said),
    )
    return _put("{}{}", body if height > 0 else "", words if bar.said else "")


def multiples(key: str, said: tuple[str, str], rows: Sequence[Row]) -> SafeString:
    """Small charts over the same days: what is compared is the shape, not the height."""
    left, width, parts, y = 126.0, 640.0, [], 6.0
    days = rows[0].bars if rows else ()
    step = (width - left) / max(1, len(days))
    every = max(1, -(-len(days) // 10))  # so that words under bars do not touch
    for row in rows:
        most = max((bar.value for bar in row.bars), default=0) or 1
        y += row.height + 20
        parts.append(
            _put(
                '<line x1="{}" x2="{}" y1="{}" y2="{}" class="grid"/>'
                '<svg class="state {}" x="0" y="{}" width="16" height="16">{}</svg>'
                '<text x="22" y="{}" class="row-t">{}</text><text x="22" y="{}">{}</text>',
                *(left, width, y, y),
                *(row.tone, y - 32, icon(row.glyph, "i-16 solid") if row.glyph else ""),
                *(y - 20, row.word, y - 4, row.note),
            )
        )
        for n, bar in enumerate(row.bars):
            tall = row.height * bar.value / most
            shown = (
                bar if len(days) <= 14 or n % every == 0 else bar._replace(said="")
            )  # two weeks of numbers fit
            parts.append(_bar(shown, left + step * (n + 0.2), y - tall, step * 0.6, tall))
    words = _each(
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (left + step * (n + 0.5), y + 18, bar.word)
            for n, bar in enumerate(days)
            if n % every == 0
        ),
    )
    drawn = _each("{}", ((part,) for part in parts))
    hatch = _put(_HATCH, "hatch-" + key)
    return _chart(key, (width, y + 28), said, _put("{}{}{}", hatch, drawn, words))


def stacked(key: str, said: tuple[str, str], parts: Sequence[Bar]) -> SafeString:
    """One bar in several fills."""
    total = sum(part.value for part in parts) or 1
    x, drawn = 0.0, []
    for part in parts:
        width = 400 * part.value / total
        if width <= 0:
            continue
        fill = _put(' fill="url(#{})"', part.fill) if part.fill else ""
        drawn.append(
            _put(
                '<rect x="{}" width="{}" height="22" rx="3" class="{}"{}/>',
                *(x, max(1.0, width - 2), part.kind, fill),
            )
        )
        x += width
    dots = _put(
        '<defs><pattern id="dots-{}" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<rect width="6" height="6" class="f-none" opacity=".35"/>'
        '<circle cx="3" cy="3" r="1.1" class="f-ink"/></pattern></defs>',
        key,
    )
    bars = _each("{}", ((one,) for one in drawn))
    return _chart(key, (400, 22), said, _put("{}{}", dots, bars))


def columns(
    key: str, said: tuple[str, str], bars: Sequence[Bar], target: tuple[float, str] | None = None
) -> SafeString:
    """Bars on one scale, with a line across at the target."""
    width, left, floor, tall = 372.0, 30.0, 192.0, 164.0
    most = max([*(bar.value for bar in bars), target[0] * 1.4 if target else 0, 1])
    step = (width - left) / max(1, len(bars))
    every = max(1, -(-len(bars) // 14))
    grid = _each(
        '<line x1="{}" x2="{}" y1="{}" y2="{}" class="grid"/>'
        '<text x="23" y="{}" text-anchor="end">{}</text>',
        (
            (left, width, y, y, y + 4, round(most * part, 1))
            for part in (0, 0.5, 1)
            for y in [floor - tall * part]
        ),
    )
    drawn = _each(
        "{}",
        (
            (
                _bar(
                    bar,
                    left + step * (n + 0.17),
                    floor - tall * bar.value / most,
                    step * 0.66,
                    tall * bar.value / most,
                ),
            )
            for n, bar in enumerate(bars)
        ),
    )
    words = _each(
        '<text x="{}" y="207" text-anchor="middle">{}</text>',
        ((left + step * (n + 0.5), bar.word) for n, bar in enumerate(bars) if n % every == 0),
    )
    line = ""
    if target:
        y = floor - tall * target[0] / most
        line = _put(
            '<line x1="{}" x2="{}" y1="{}" y2="{}" class="target"/>'
            '<text class="v halo" x="{}" y="{}">{}</text>',
            *(left, width, y, y, left + 4, y - 5, target[1]),
        )
    hatch = _put(_HATCH, "hatch-" + key)
    return _chart(key, (width, 214), said, _put("{}{}{}{}{}", hatch, grid, drawn, words, line))


def up_and_down(
    key: str, said: tuple[str, str], weeks: Sequence[tuple[str, int, int]]
) -> SafeString:
    """Two counts of each week, one above the line and one below it, on one scale."""
    width, tall, line = 640.0, 64.0, 84.0
    most = max([*(up for _, up, _ in weeks), *(down for _, _, down in weeks), 1])
    step = width / max(1, len(weeks))
    parts = [_put('<line x1="0" x2="{}" y1="{}" y2="{}" class="grid"/>', width, line, line)]
    for n, (word, up, down) in enumerate(weeks):
        x, middle = step * (n + 0.2), step * (n + 0.5)
        above, below = tall * up / most, tall * down / most
        parts.append(_bar(Bar("", up, str(up or ""), "f-ok"), x, line - above, step * 0.6, above))
        parts.append(
            _put(
                '<rect x="{}" y="{}" width="{}" height="{}" rx="3" class="f-stop"/>'
                '<text class="v" x="{}" y="{}" text-anchor="middle">{}</text>',
                *(x, line, step * 0.6, below, middle, line + below + 12, down or ""),
            )
        )
        if n % 3 == 0 or n == len(weeks) - 1:
            parts.append(
                _put(
                    '<text x="{}" y="182" text-anchor="{}">{}</text>',
                    *(middle, "middle", word),
                )
            )
    return _chart(key, (width, 190), said, _each("{}", ((one,) for one in parts)))
