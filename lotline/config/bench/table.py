"""How figures are shown: at a terminal, and as rows of docs/performance.md.

The page's table is written here and by nobody's hand: a row names its day and the kind of machine,
never a machine. Not here: measuring.
"""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lotline.config.bench.figures import Measured, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BEGIN, END = "<!-- figures: written by lotline bench -->", "<!-- end of figures -->"
HEAD = (
    "| bench | measured (median of rounds; spread) | limit, same run | goals | day |",
    "|---|---|---|---|---|",
)
_PLAIN = ("value", "limit")


def render_rows(measured: Iterable[Measured]) -> list[str]:
    """A few lines each, for a person at a terminal."""
    lines = []
    for one in measured:
        bench = one.bench
        lines.append(f"{bench.name}: {bench.says}")
        for figure in _figures(one):
            low, high = one.spread(figure)
            name = bench.unit if figure == "value" else figure
            middle = one.middle(figure) or 0.0
            lines.append(f"  {name:<28} {shown(middle):>10}   ({shown(low)} to {shown(high)})")
        missed = one.misses()
        lines += [f"  {'missed' if goal in missed else 'met   '}  {goal}" for goal in bench.goals]
    return lines


def write_page(page: Path, measured: Sequence[Measured]) -> None:
    """Put these rows in place of their older ones; the others stay as they were written."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    inside, _, after = rest.partition(END)
    rows = {
        found[1]: line
        for line in inside.splitlines()
        if (found := re.match(r"\| `([a-z0-9-]+)` \|", line)) is not None
    }
    rows |= {one.bench.name: _row(one) for one in measured}
    body = "\n".join([BEGIN, "", *HEAD, *rows.values(), "", END])
    page.write_text(f"{before}{body}{after}", encoding="utf-8")


def machine() -> str:
    """The kind of machine, not which."""
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"


def today() -> str:
    """The day of a figure."""
    return datetime.fromtimestamp(_seconds(), UTC).date().isoformat()


def _row(one: Measured) -> str:
    said = "; ".join(
        f"{one.bench.unit if figure == 'value' else figure} **{shown(one.middle(figure) or 0)}**"
        f" ({shown(one.spread(figure)[0])} to {shown(one.spread(figure)[1])})"
        for figure in _figures(one)
        if figure != "limit"
    )
    missed = one.misses()
    goals = "; ".join(
        f"{goal} {'**missed**' if goal in missed else 'met'}" for goal in one.bench.goals
    )
    limit = one.middle("limit")
    cells = (
        f"`{one.bench.name}`",
        said,
        "" if limit is None else shown(limit),
        goals,
        f"{today()}; {machine()}; {len(one.rounds)} rounds",
    )
    return f"| {' | '.join(cells)} |"


def _seconds() -> float:
    import time

    return time.time()


def _figures(one: Measured) -> list[str]:
    """Every figure in the order of the first round."""
    return list(dict.fromkeys(name for row in one.rounds for name in row))
