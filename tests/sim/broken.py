"""Each promise's attack, seen to fail: the product is broken in one line, and the seeds must tell.

    python -m tests.sim.broken [--only P4] [--write]

Every break is made in a copy of the tree, one at a time; lives are lived in it until one of them
tells, and with `--write` the table in docs/testing.md is written anew. A break that nobody notices
is a hole in the auditor: exit 1.

Not here: the lives (`runs`), attacks with browsers or with processes that die (`tests.attack`).
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import temporary_dir

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "testing.md"
BEGIN, END = "<!-- broken builds: written by tests.sim.broken -->", "<!-- end of broken builds -->"
LIVES = {"one": 4000, "two": 150}
LONGEST_S = 900


@dataclass(frozen=True, slots=True)
class Break:
    """One line of the product, and what it is made to say."""

    promise: str
    file: str
    line: str
    broken: str
    ring: str


BREAKS = (
    Break(
        "P1",
        "core/gate/rules/law/opt_out.py",
        "if not case.by_hand or case.facts.answered or",
        "if not case.by_hand or",
        "one",
    ),
    Break("P1", "actions/hearing.py", "return Says.STOP, Scope.ALL, None", "return None", "one"),
    Break(
        "P1",
        "actions/entries.py",
        "return entry if newest == entry.said_at else replace(entry, said_at=newest)",
        "return entry",
        "one",
    ),
    Break(
        "P1",
        "actions/receive.py",
        "shut(tx, (one.contact_id for one in items if one.heard.decision in SHUTS))",
        "pass",
        "two",
    ),
    Break(
        "P1",
        "core/gate/rules/law/confirmation.py",
        "if case.facts.stop_confirmed:",
        "if False:",
        "one",
    ),
    Break(
        "P1",
        "actions/deciding.py",
        "confirms=first.confirms if purpose is Purpose.STOP_CONFIRMATION else None,",
        "confirms=None,",
        "two",
    ),
    Break(
        "P2",
        "actions/dispatch.py",
        "keep_looked(tx, looked, leaves, contacts)",
        "pass",
        "two",
    ),
    Break(
        "P2",
        "core/gate/facts.py",
        "return msgspec.convert(plain, Facts)",
        'return msgspec.convert({**plain, "last_in_at": None}, Facts)',
        "one",
    ),
    Break(
        "P3",
        "actions/receive.py",
        "    record_arrived(tx, texts)\n",
        "    record_arrived(tx, texts[1:])\n",
        "two",
    ),
    Break("P4", "actions/submit.py", "if earlier is not None:", "if False:", "two"),
    Break(
        "P4",
        "actions/outcome.py",
        "unknown[one.due.text_id] = TextState.UNKNOWN.value",
        "returned.append(Returned(one.due, now, one.due.attempts + 1))",
        "two",
    ),
    Break("P4", "actions/dispatch.py", "mark_sending(tx, go, now)", "pass", "two"),
    Break("P5", "store/ledger.py", "        chain.head = leaf.head\n", "", "two"),
    Break(
        "P5",
        "actions/entries.py",
        "        _add_leaf(leaves, row, contacts[row.contact_id], wording)\n",
        "",
        "two",
    ),
    Break(
        "P6",
        "store/sql/viewer.sql",
        "    and d.member_id = %(member_id)s and d.ended_at is null",
        "    and d.member_id = %(member_id)s",
        "two",
    ),
    Break("P7", "actions/context.py", " or line_id not in viewer.line_ids", "", "two"),
    Break("P8", "actions/receive.py", '"layer": heard.layer,', '"layer": arrival.body,', "two"),
    Break(
        "P9",
        "actions/context.py",
        "if any(one is not None and one - now > CLOCK_SLACK for one in on_record):",
        "if False:",
        "two",
    ),
    Break(
        "P9",
        "core/gate/gate.py",
        "        if worst is None or said is Verdict.HOLD:",
        "        if worst is None or said is Verdict.ALLOW:",
        "one",
    ),
)


@dataclass(frozen=True, slots=True)
class Caught:
    """Which seed told, and what it said."""

    seed: int
    says: str


def try_break(one: Break) -> Caught | None:
    """The break in a copy of the tree, and lives in it until one tells."""
    with temporary_dir() as folder:
        for name in ("lotline", "simulator", "tests"):
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        path = folder / "lotline" / one.file
        text = path.read_text(encoding="utf-8")
        assert text.count(one.line) >= 1, f"{one.file} does not say {one.line!r} any more"
        path.write_text(text.replace(one.line, one.broken, 1), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "tests.sim", "--until-caught", str(LIVES[one.ring])]
            + (["--real"] if one.ring == "two" else []),
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_S,
        )
    found = re.search(r"^caught by seed (\d+): (.*)$", done.stdout, re.MULTILINE)
    if found is None:
        print(done.stdout[-500:], done.stderr[-1500:], file=sys.stderr)
        return None
    return Caught(int(found[1]), found[2])


def row_of(one: Break, caught: Caught | None) -> str:
    line = " ".join(one.line.split())[:90].replace("|", "/")
    told = "**not caught**" if caught is None else caught.says.replace("|", "/")[:110]
    seed = "" if caught is None else str(caught.seed)
    after = "" if caught is None else str(caught.seed + 1)
    return f"| {one.promise} | `{one.file}` | `{line}` | {one.ring} | {seed} | {after} | {told} |"


def main(words: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.sim.broken", description=__doc__)
    asked.add_argument("--only", help="a promise: P1 to P9")
    asked.add_argument("--write", action="store_true", help="into docs/testing.md")
    given = asked.parse_args(words)
    rows, missed = [], 0
    for one in BREAKS:
        if given.only not in {None, one.promise}:
            continue
        caught = try_break(one)
        missed += caught is None
        rows.append(row_of(one, caught))
        print(rows[-1], flush=True)
    if given.write and given.only is None:
        page = PAGE.read_text(encoding="utf-8")
        head, rest = page.split(BEGIN)
        table = [
            "| Promise | Under `lotline/` | Line that was broken | Ring | Seed | Lives | Said |",
            "|---|---|---|---|---|---|---|",
            *rows,
        ]
        PAGE.write_text(head + "\n".join([BEGIN, *table, END]) + rest.split(END)[1])
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
