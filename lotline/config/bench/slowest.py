"""What reading came to by size, and the slowest statements with the plans that they really had.

Both stand in docs/performance.md and are written here, by nobody's hand.

Not here: measuring (`reads`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from psycopg.types.json import JsonbDumper

from lotline.config.bench.figures import quantile, shown
from lotline.config.bench.table import machine, today
from lotline.config.cluster import ROLES
from lotline.store.database import statements

if TYPE_CHECKING:
    from lotline.config.bench.asking import Page
    from lotline.config.bench.timed import Asked, TimedDatabase, Took

TEN = 10
BEGIN, END = "<!-- reading: written by lotline bench reads -->", "<!-- end of reading -->"
_PLAN_LINES, _LONGEST = 30, 130
# Small by nature: a company's members, lines and stores are read whole.
_SMALL = (
    *("members", "lines", "stores", "groups", "policies", "line_pauses", "member_reach"),
    *("suspensions", "leavings", "texting_stops", "training_passes", "policy_signatures"),
)
_PLACES = re.compile(r"%\(\w+\)[sbt]|\$\d+")
_TEN_SAID = (
    "The ten slowest statements at {texts:,} texts, by their p99, each with the plan of its slowest"
    " asking. None may scan a table that grows with history."
)
_FINDER = "find_said"
# What the function calls its parameters, and what they are called outside.
_GIVEN = {
    "_kind": "kind)s::text",
    "_has": "has)s::bigint[]",
    "_had": "had)s::bigint[]",
    "_lacks": "lacks)s::bigint[]",
    "_lines": "line_ids)s::uuid[]",
    "_after": "after)s::uuid",
    "_before": "before)s::uuid",
    "_limit": "limit)s::int",
}
_WRITES = re.compile(r"\b(insert into|update|delete from)\b")
_EXPLAIN = "explain (analyze, buffers, costs off, timing off, summary off)"


@dataclass
class Slowest:
    """How long every asking of every statement took, the slowest with what it was asked, and which
    were planned once for all their parameters.
    """

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    worst: dict[str, Asked] = field(default_factory=dict)
    pages: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    generic: set[str] = field(default_factory=set)

    def note(self, page: str, asked: Sequence[Asked]) -> None:
        for one in asked:
            self.times[one.name].append(one.seconds)
            if one.name not in self.worst or one.seconds > self.worst[one.name].seconds:
                self.worst[one.name] = one
            self.pages[one.name].add(page.partition(",")[0])

    def note_plans(self, timed: TimedDatabase) -> None:
        """Asked of the connection that read."""
        names = {_without_places(one.sql): name for name, one in statements().items()}
        found = (names.get(_without_places(sql)) for sql in timed.planned_once())
        self.generic |= {name for name in found if name}

    def plans(self, dsn: str, group: UUID) -> list[str]:
        """The ten slowest first, told in Markdown. `dsn` is a superuser's."""
        slow = sorted(self.times, key=lambda name: -_p99(self.times[name]))[:TEN]
        small = {*_SMALL, *_empty(dsn)}
        return [self._told(name, explain(dsn, group, self.worst[name]), small) for name in slow]

    def _told(self, name: str, plan: list[str], small: set[str]) -> str:
        times = self.times[name]
        walks = sorted(set(re.findall(r"Seq Scan on (\w+)", "\n".join(plan))) - small)
        middle = quantile(sorted(times), 0.5) * 1000
        once = "planned once" if name in self.generic else "planned for each asking"
        said = f"**Scans: {', '.join(walks)}.**" if walks else "Scans nothing."
        head = (
            f"`{name}` ({', '.join(sorted(self.pages[name]))}): asked {len(times):,} times,"
            f" median {middle:.2f} ms, p99 {_p99(times) * 1000:.2f} ms, {once}. {said}"
        )
        lines = [line[:_LONGEST] for line in plan[:_PLAN_LINES]]
        return "\n".join(
            [
                head,
                "",
                "```",
                *lines,
                *(["..."] if len(plan) > _PLAN_LINES else []),
                "```",
                "",
            ]
        )


def explain(dsn: str, group: UUID, asked: Asked) -> list[str]:
    """As the application, under its row-level security, with the very parameters; and what a
    function asks within, as its owner.
    """
    with psycopg.connect(dsn) as link:
        link.adapters.register_dumper(dict, JsonbDumper)
        link.execute("select set_config('lotline.group_id', %s, false)", [str(group)])
        for setting in ("plan_cache_mode = force_custom_plan", "jit = off"):
            link.execute(f"set {setting}".encode())
        link.execute(f"set role {ROLES['app']}".encode())
        lines = _explained(link, statements()[asked.name].sql, asked.params)
        if any(f"Function Scan on {_FINDER}" in line for line in lines):
            link.execute("reset role")
            link.execute("set max_parallel_workers_per_gather = 0")
            within = _explained(link, _asked_within(link, asked.params), asked.params)
            lines += [f"within {_FINDER}:", *within]
        link.rollback()
    return [_shown(line) for line in lines]


def _explained(link: psycopg.Connection[Any], sql: str, params: Mapping[str, Any]) -> list[str]:
    how = "explain (costs off)" if _WRITES.search(sql) else _EXPLAIN  # nothing is written twice
    rows = link.execute(f"{how} {sql}".encode(), params).fetchall()
    lines = [str(row[0]) for row in rows]
    planning = next((n for n, line in enumerate(lines) if line.startswith("Planning")), len(lines))
    return lines[:planning]


def _asked_within(link: psycopg.Connection[Any], params: Mapping[str, Any]) -> str:
    """The one of the function's two statements that these parameters lead to."""
    row = link.execute("select prosrc from pg_proc where proname = %s", [_FINDER]).fetchone()
    assert row is not None, "search goes through it"
    found = re.findall(r"return query(.*?);", row[0], re.DOTALL)
    sql: str = found[0 if params["had"] is None else 1]
    for name, given in _GIVEN.items():
        sql = re.sub(rf"\b{name}\b", f"%({given}", sql)
    return sql


def write_reading(
    page: Path, pages: Sequence[Page], by_size: Mapping[int, Mapping[str, Took]], plans: list[str]
) -> None:
    """Put both in place of what stood there."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    largest = max(by_size)
    body = [
        BEGIN,
        "",
        f"Medians and p99 in milliseconds, warm; {today()}; {machine()}.",
        "",
        *_table(pages, by_size),
        "",
        _TEN_SAID.format(texts=largest),
        "",
        *plans,
        END,
    ]
    page.write_text(before + "\n".join(body) + after, encoding="utf-8")


def _table(pages: Sequence[Page], by_size: Mapping[int, Mapping[str, Took]]) -> list[str]:
    sizes = sorted(by_size)
    heads = [f"{size:,}" for size in sizes]
    rows = [
        "| page | statements | "
        + " | ".join([*(f"database, {one}" for one in heads), "p99 at most"])
        + " | "
        + " | ".join(f"its CPU, {one}" for one in heads)
        + " | "
        + " | ".join([*(f"whole, {one}" for one in heads), "p99 at most |"]),
        "|" + "---|" * (4 + 3 * len(sizes)),
    ]
    for page in pages:
        took = [by_size[size][page.name] for size in sizes]
        counts = sorted({one.fewest for one in took} | {one.most for one in took})
        cells = [
            page.name,
            f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else str(counts[0]),
            *(_pair(one.in_database) for one in took),
            _goal(took[-1].in_database_ms(0.99), page.in_database),
            *(_pair(one.busy) for one in took),
            *(_pair(one.whole) for one in took),
            _goal(took[-1].whole_ms(0.99), page.whole),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _pair(seconds: Sequence[float]) -> str:
    return " / ".join(shown(quantile(seconds, part) * 1000) for part in (0.5, 0.99))


def _goal(value: float, most: float) -> str:
    return f"{shown(most)} {'met' if value <= most else '**missed**'}"


def _without_places(sql: str) -> str:
    return _PLACES.sub("?", sql).strip()


def _shown(line: str) -> str:
    """Ids and hashes say nothing to a reader."""
    short = re.sub(r"'?[0-9a-f]{8}-[0-9a-f-]{27}'?", "id", line)
    short = re.sub(r"(\{)?(id|-?\d{12,})(,(id|-?\d{12,}))+", r"\1...", short)
    return re.sub(r"'\\x[0-9a-f]+'", "hash", short)


def _p99(times: Sequence[float]) -> float:
    return quantile(sorted(times), 0.99)


def _empty(dsn: str) -> set[str]:
    """Tables in which a bench's company has nothing: whoever scans them scans nothing."""
    with psycopg.connect(dsn) as link:
        rows = link.execute(
            "select relname from pg_class where relkind = 'r' and reltuples = 0"
        ).fetchall()
    return {row[0] for row in rows}
