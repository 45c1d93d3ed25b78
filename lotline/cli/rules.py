"""`lotline rules diff A B` and `lotline rules sources`: what a rulebook would change, and doubts.

`diff`: A and B are folders of a rulebook's files, or `current`. It decides again every stored
decision of the last days under both and says which come out otherwise, by rule and state, with ids
and nothing of any customer. Exit 0: none. 1: some. 2: it could not be asked like that.

`sources`: every rule that is contested or whose source was not opened, and where the data is at
odds with itself. With `--write FILE` it puts that between the marks in a document.

Not here: how (`actions.foreseen`, `core.gate.rulebook.sources`).
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from lotline.actions.foreseen import Foreseen, foresee
from lotline.core.gate.rulebook import FILES, OddRulebook, Rulebook, read_rulebook
from lotline.core.gate.rulebook.sources import render_sources
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from argparse import Namespace

    from lotline.actions.context import Context

BEGIN, END = "<!-- lotline rules sources: begin -->", "<!-- lotline rules sources: end -->"
_NAMED_MAX = 200


def run(ctx: Context, words: list[str]) -> int:
    asked = _asked(words)
    if asked.what == "sources":
        return _sources(ctx, asked.write)
    try:
        old, new = _book(ctx, asked.old), _book(ctx, asked.new)
    except (OSError, OddRulebook) as error:
        print(f"lotline rules: {error}", file=sys.stderr)
        return 2
    done = Foreseen()
    since = ctx.now() - timedelta(days=asked.days)
    for group_id in load_group_ids(ctx.db):
        foresee(ctx, group_id, since, (old, new), done)
    print(json.dumps(_plain(done)) if asked.json else _sentences(done))
    return int(bool(done.changed))


def written(document: str, book: Rulebook) -> str:
    """The document with today's lists between its marks."""
    before, found, rest = document.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        raise ValueError("the document has no marks to write between")
    return f"{before}{BEGIN}\n{render_sources(book)}\n{END}{after}"


def _sources(ctx: Context, path: Path | None) -> int:
    if path is None:
        print(render_sources(ctx.book))
        return 0
    try:
        path.write_text(written(path.read_text(encoding="utf-8"), ctx.book), encoding="utf-8")
    except (OSError, ValueError) as error:
        print(f"lotline rules: {error}", file=sys.stderr)
        return 2
    return 0


def _book(ctx: Context, named: str) -> Rulebook:
    if named == "current":
        return ctx.book
    return read_rulebook({name: (Path(named) / f"{name}.toml").read_bytes() for name in FILES})


def _sentences(done: Foreseen) -> str:
    lines = [
        f"{done.decisions} decisions were made again, from {done.decided} different facts.",
        f"{done.changed} would come out otherwise, {done.renamed} the same by another rule.",
    ]
    for change, count in done.changes.most_common(_NAMED_MAX):
        ids = ", ".join(str(one) for one in done.examples[change])
        lines.append(f"  {count:>7}  {change.states:<8} {change.then} -> {change.now}  e.g. {ids}")
    if len(done.changes) > _NAMED_MAX:
        lines.append(f"  and {len(done.changes) - _NAMED_MAX} more kinds of change")
    return "\n".join(lines)


def _plain(done: Foreseen) -> dict[str, object]:
    return {
        "decisions": done.decisions,
        "decided": done.decided,
        "changed": done.changed,
        "renamed": done.renamed,
        "changes": [
            {
                **change._asdict(),
                "count": count,
                "examples": [str(one) for one in done.examples[change]],
            }
            for change, count in done.changes.most_common()
        ],
    }


def _asked(words: list[str]) -> Namespace:
    parser = ArgumentParser("lotline rules", description="what a rulebook would change, and doubts")
    commands = parser.add_subparsers(dest="what", required=True)
    diff = commands.add_parser("diff", help="which stored decisions would come out otherwise")
    diff.add_argument("old", metavar="A", help="a folder of a rulebook, or `current`")
    diff.add_argument("new", metavar="B", help="a folder of a rulebook, or `current`")
    diff.add_argument("--days", type=int, default=90)
    diff.add_argument("--json", action="store_true")
    sources = commands.add_parser("sources", help="what is contested, unopened or at odds")
    sources.add_argument("--write", type=Path, metavar="FILE")
    return parser.parse_args(words)
