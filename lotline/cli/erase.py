"""`lotline erase --number +1… --reason asked --yes`: erase one contact for ever.

`--list` writes who was erased, by id alone, one JSON object a line: keep it beside the backups, for
a backup that is older than an erasure brings the person back. `--again FILE` erases those anew.

Not here: what goes and what stays (`actions.erase`).
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.erase import ERASE_REASONS, erase_again, erase_by_command, list_erasures
from lotline.actions.errors import Refused
from lotline.actions.whom import find_whom
from lotline.store.erasure import Erasure

if TYPE_CHECKING:
    from argparse import Namespace

    from lotline.actions.context import Context


def run(ctx: Context, words: list[str]) -> int:
    asked = _asked(words)
    try:
        if asked.list:
            return _list(ctx)
        if asked.again:
            return _again(ctx, asked.again)
        whom = find_whom(ctx, number=asked.number, contact_id=asked.contact, group_id=asked.group)
        if not asked.yes:
            print(f"This would erase contact {whom.contact_id} for ever. Say --yes to do it.")
            return 2
        done = erase_by_command(ctx, whom.group_id, whom.contact_id, asked.reason)
    except (Refused, OSError, ValueError) as error:
        print(f"lotline: {error}", file=sys.stderr)
        return 2
    said = "is erased" if done else "was erased before"
    print(f"contact {whom.contact_id} {said}; older backups still hold their key")
    return 0


def read_erasures(path: Path) -> list[tuple[UUID, Erasure]]:
    """What `--list` wrote."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        at = datetime.fromisoformat(one["at"]).astimezone(UTC)
        found.append((UUID(one["group"]), Erasure(UUID(one["contact"]), at)))
    return found


def _list(ctx: Context) -> int:
    for group_id, one in list_erasures(ctx):
        contact = str(one.contact_id)
        print(json.dumps({"group": str(group_id), "contact": contact, "at": one.at.isoformat()}))
    return 0


def _again(ctx: Context, path: Path) -> int:
    erasures = read_erasures(path)
    done = erase_again(ctx, erasures)
    print(f"{done} of {len(erasures)} had to be erased again")
    return 0


def _asked(words: list[str]) -> Namespace:
    parser = ArgumentParser("lotline erase", description="erase one contact for ever")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--number", default="", help="the customer's number")
    who.add_argument("--contact", type=UUID, help="the contact's id")
    who.add_argument("--list", action="store_true", help="who was erased, by id alone")
    who.add_argument("--again", type=Path, metavar="FILE", help="erase anew whom --list named")
    parser.add_argument("--group", type=UUID, help="the company, when several are here")
    parser.add_argument("--reason", choices=ERASE_REASONS, default="asked")
    parser.add_argument("--yes", action="store_true", help="it cannot be undone")
    return parser.parse_args(words)
