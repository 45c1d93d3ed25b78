"""`lotline lists import KIND FILE --as-of DATE [--state XX]`: bring in a list of numbers.

KIND is national_dnc, state_dnc, reassigned or litigators. The file has a number a line, with a day
after it for numbers that were reassigned. Exit 0: it is in force. 2: it was refused, and why.

Not here: how (`actions.lists`).
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.errors import Refused
from lotline.actions.lists import Imported, import_list_by_command
from lotline.core.gate.facts import ListKind
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from lotline.actions.context import Context


def run(ctx: Context, words: list[str]) -> int:
    asked = _asked(words)
    try:
        done = import_list_by_command(
            ctx,
            _group(ctx, asked.group),
            asked.kind,
            lambda: _lines(asked.file),
            as_of=asked.as_of,
            region=asked.state,
        )
    except (Refused, OSError) as error:
        print(f"lotline lists: {error}", file=sys.stderr)
        return 2
    print(_sentence(done))
    return 0


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _group(ctx: Context, named: UUID | None) -> UUID:
    known = load_group_ids(ctx.db)
    if named is None and len(known) == 1:
        return known[0]
    if named not in known:
        shown = ", ".join(str(one) for one in known)
        raise Refused(f"Say which company with --group: {shown or 'there is none yet'}.")
    return named


def _sentence(done: Imported) -> str:
    copy = done.copy
    whose = f"{copy.kind} {copy.region}".strip()
    said = "in force" if done.new else "in force already, nothing changed"
    lines = [f"{whose} of {copy.as_of.isoformat()}: {copy.numbers} numbers, {said}"]
    if copy.bad:
        named = ", ".join(str(line) for line in done.bad_lines)
        more = " and more" if copy.bad > len(done.bad_lines) else ""
        lines.append(f"{copy.bad} lines held no number: {named}{more}")
    return "\n".join(lines)


def _asked(words: list[str]) -> Namespace:
    parser = ArgumentParser("lotline lists", description="bring in lists of numbers")
    imports = parser.add_subparsers(required=True).add_parser("import")
    imports.add_argument("kind", choices=[kind.value for kind in ListKind])
    imports.add_argument("file", type=Path)
    imports.add_argument("--as-of", type=date.fromisoformat, required=True, metavar="DATE")
    imports.add_argument("--state", default="", type=str.upper, metavar="XX")
    imports.add_argument("--group", type=UUID, help="the company, when several are here")
    return parser.parse_args(words)
