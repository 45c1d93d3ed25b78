"""`lotline retention --dry-run`: what is too old to keep, class by class, and what a hold keeps.

With `--now` it goes at once, and not when the worker comes to it. Exit 0; 2 when it was asked
otherwise.

Not here: how long each class is kept (`core.oversight.retention`), the retiring (`actions`).
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import TYPE_CHECKING

from lotline.actions.retention import foresee, retire
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from lotline.actions.context import Context


def run(ctx: Context, words: list[str]) -> int:
    parser = ArgumentParser("lotline retention", description="what is too old to keep")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--dry-run", action="store_true", help="say what would go, change nothing")
    how.add_argument("--now", action="store_true", help="let it go now, batch after batch")
    asked = parser.parse_args(words)
    for group_id in load_group_ids(ctx.db):
        print(f"company {group_id}")
        if asked.now:
            gone = 0
            while batch := retire(ctx, group_id):
                gone += batch
            print(f"  {gone:,} rows went")
        for one in foresee(ctx, group_id):
            kept = f"{one.months} months" if one.months else "for ever"
            said = f"  {one.kind.title}: kept {kept} from {one.kind.counts_from}"
            print(f"{said}; {one.due.due:,} due, {one.due.held:,} under a legal hold")
    return 0
