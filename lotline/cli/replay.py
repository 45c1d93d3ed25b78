"""`lotline replay --since D`: decide again every stored decision from its stored facts.

Exit 0: all of today's rulebook come out as they did. 1: some differ, and are named. 2: it could
not be asked like that. Decisions made under an older rulebook are counted apart.

Not here: how (`actions.replay`).
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lotline.actions.replay import Differs, Replayed, replay
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from lotline.actions.context import Context

NAMED_MAX = 50


def run(ctx: Context, words: list[str]) -> int:
    parser = ArgumentParser("lotline replay", description="decide again what was decided")
    parser.add_argument(
        "--since", type=_instant, required=True, metavar="D", help="2026-11-01, or an instant"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")
    asked = parser.parse_args(words)
    done = Replayed()
    for group_id in load_group_ids(ctx.db):
        replay(ctx, group_id, asked.since, done)
    if asked.json:
        print(json.dumps(_plain(done)))
    else:
        print(_sentences(done, ctx.book.digest))
    return int(bool(done.differing))


def _sentences(done: Replayed, digest: str) -> str:
    lines = [
        f"{done.decisions} decisions were made again; {len(done.differing)} differ.",
        *_named(done.differing),
    ]
    if done.other_books:
        lines.append(
            f"{done.other_books.total()} were made under another rulebook than today's "
            f"({digest[:12]}); today's would decide {len(done.would_differ)} of them otherwise:"
        )
        lines += [f"  {count} under {book[:12]}" for book, count in done.other_books.most_common()]
        lines += _named(done.would_differ)
    return "\n".join(lines)


def _named(several: list[Differs]) -> list[str]:
    lines = [f"  {one.decision_id} {one.stage}: {one.then} -> {one.now}" for one in several]
    more = len(lines) - NAMED_MAX
    return lines if more <= 0 else [*lines[:NAMED_MAX], f"  and {more} more"]


def _plain(done: Replayed) -> dict[str, object]:
    return {
        "decisions": done.decisions,
        "differ": len(done.differing),
        "which": [str(one.decision_id) for one in done.differing],
        "other_rulebooks": dict(done.other_books),
        "would_differ_today": [str(one.decision_id) for one in done.would_differ],
    }


def _instant(said: str) -> datetime:
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise ArgumentTypeError(f"{said!r} is no day; write it like 2026-11-01") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
