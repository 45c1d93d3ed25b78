"""The slowest statements of the reading pages, with the plans that they really had.

Not here: measuring (`inbox`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg

from lotline.config.bench.figures import quantile
from lotline.store.database import statements

if TYPE_CHECKING:
    from lotline.config.bench.timed import Asked

TEN = 10
_PLAN_LINES = 40
_HEAD = """# The slowest statements of reading

Written by `lotline bench inbox`, with {texts:,} texts in one company: for each statement how often
it was asked, how long it took from the page's side, and the plan of its slowest asking. None may
walk a whole table: the last line of each says whether it does.
"""
# Small by nature: a company's members, lines and stores are read whole.
_SMALL = ("members", "lines", "stores", "groups", "policies", "line_pauses", "member_reach")


def write_slowest(
    page: Path, app_dsn: str, group: UUID, asked: Sequence[Asked], texts: int
) -> None:
    """Ten of them, the slowest first."""
    by_name: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        by_name[one.name].append(one)
    slow = sorted(by_name, key=lambda name: -_p99(by_name[name]))[:TEN]
    parts = [_HEAD.format(texts=texts)]
    for name in slow:
        times = by_name[name]
        worst = max(times, key=lambda one: one.seconds)
        plan = explain(app_dsn, group, worst)
        scans = [
            found
            for found in re.findall(r"Seq Scan on (\w+)", "\n".join(plan))
            if found not in _SMALL
        ]
        middle = quantile(sorted(one.seconds for one in times), 0.5) * 1000
        parts.append(
            f"## `{name}`\n\n{len(times)} times, median {middle:.2f} ms,"
            f" p99 {_p99(times) * 1000:.2f} ms, slowest {worst.seconds * 1000:.2f} ms\n\n```\n"
            + "\n".join(line[:150] for line in plan[:_PLAN_LINES])
            + f"\n```\n\n{'WALKS: ' + ', '.join(scans) if scans else 'Walks no table.'}\n"
        )
    page.write_text("\n".join(parts), encoding="utf-8")


def explain(app_dsn: str, group: UUID, asked: Asked) -> list[str]:
    """As the application, under its row-level security, with the very parameters."""
    with psycopg.connect(app_dsn) as link:
        link.execute("select set_config('lotline.group_id', %s, false)", [str(group)])
        link.execute("set plan_cache_mode = force_custom_plan")
        sql = f"explain (analyze, costs off, timing off) {statements()[asked.name].sql}"
        rows = link.execute(sql.encode(), asked.params).fetchall()
        link.rollback()
    return [_shown(row[0]) for row in rows]


def _shown(line: str) -> str:
    """Ids and hashes say nothing to a reader."""
    short = re.sub(r"'?[0-9a-f]{8}-[0-9a-f-]{27}'?", "id", line)
    return re.sub(r"(\{)?(id|-?\d{12,})(,(id|-?\d{12,}))+", r"\1...", short)


def _p99(times: Sequence[Asked]) -> float:
    return quantile(sorted(one.seconds for one in times), 0.99)
