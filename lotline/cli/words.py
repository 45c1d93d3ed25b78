"""`lotline words`: make older texts and notes findable. It may run beside everything else.

Not here: how words are kept (`lotline.store.words`).
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lotline.actions.words import KINDS, write_words
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from lotline.actions.context import Context

_SAID_EVERY = 20_000


def run(ctx: Context, argv: list[str]) -> int:
    """0 when nothing is missing any more."""
    parser = argparse.ArgumentParser(prog="lotline words", description=__doc__)
    parser.add_argument(
        "--anew",
        action="store_true",
        help="write every text's words again, as after a new hash key",
    )
    anew: bool = parser.parse_args(argv).anew
    done = 0
    for group_id in load_group_ids(ctx.db):
        for kind in KINDS:
            after = None
            while True:
                after, wrote = write_words(ctx, group_id, kind, after, anew=anew)
                if (done + wrote) // _SAID_EVERY > done // _SAID_EVERY:
                    print(f"{done + wrote:,} so far", flush=True)
                done += wrote
                if after is None:
                    break
    print(f"{done:,} texts and notes were given their words; nothing is missing.")
    return 0
