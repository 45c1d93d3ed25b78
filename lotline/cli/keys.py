"""`lotline keys show | rotate-root | rotate-group | retire`: keys, while everything runs.

Each may be cut off at any moment and asked for again: it goes on where it was. Exit 1: something
could not be finished, and it says what.

Not here: the steps (`actions.rotation`), when to rotate (docs/keys.md).
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from threading import Event
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.errors import Refused
from lotline.actions.rotation import (
    ADDED,
    PROMOTED,
    load_state,
    retire,
    root_file,
    rotate_group,
    rotate_root,
)
from lotline.store.groups import load_group_ids

if TYPE_CHECKING:
    from argparse import Namespace

    from lotline.actions.context import Context


def run(ctx: Context, words: list[str]) -> int:
    asked = _asked(words)
    try:
        return int(
            {
                "show": _show,
                "rotate-root": _rotate_root,
                "rotate-group": _rotate_group,
                "retire": _retire,
            }[asked.what](ctx, asked)
        )
    except Refused as error:
        print(f"lotline: {error}", file=sys.stderr)
        return 1


def _show(ctx: Context, asked: Namespace) -> int:
    current = ctx.ring.root.current
    for name in root_file(ctx).names:
        print(f"root key {name}: {'wraps' if name == current else 'unwraps only'}")
    for group_id in _groups(ctx, asked):
        one = load_state(ctx, group_id)
        print(f"company {one.group_id} ({one.origin})")
        print(f"  checkpoints are signed by  {one.public}")
        print(f"  root key                   {'current' if one.root_current else 'an older one'}")
        print(
            f"  contacts                   {one.contacts}, of them {one.older} under an older key"
        )
        if one.held_back:
            print(f"  kept for an older key      {one.held_back} rows that are never changed")
        if one.step in {ADDED, PROMOTED}:
            print("  a rotation was cut off; `lotline keys rotate-group` goes on with it")
    return 0


def _rotate_root(ctx: Context, _: Namespace) -> int:
    done = rotate_root(ctx)
    how = "finished the rotation to" if done.resumed else "everything is wrapped by"
    print(f"{how} root key {done.name}: {done.groups} companies, {done.second_steps} second steps")
    print("Copy the key file to where you keep it, apart from the backups.")
    print("Keep the older key until no backup needs it; then: lotline keys retire")
    return 0


def _rotate_group(ctx: Context, asked: Namespace) -> int:
    for group_id in _groups(ctx, asked):
        print(f"company {group_id}")
        rotate_group(ctx, group_id, Event().wait, lambda said: print(f"  {said}", flush=True))
    print("The older keys still open what they sealed. An hour from now: lotline keys retire")
    return 0


def _retire(ctx: Context, asked: Namespace) -> int:
    done = retire(ctx, now=asked.now)
    for name in done.roots:
        print(f"root key {name} is forgotten: backups made under it cannot be opened any more")
    print(f"{done.groups} companies hold one key only")
    for why in done.stays:
        print(f"stays: {why}")
    return int(bool(done.stays))


def _groups(ctx: Context, asked: Namespace) -> list[UUID]:
    return [asked.group] if asked.group else load_group_ids(ctx.db)


def _asked(words: list[str]) -> Namespace:
    parser = ArgumentParser("lotline keys", description="show and rotate keys")
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    for name, says in (
        ("show", "which keys there are, and what is under older ones"),
        ("rotate-root", "a new root key, and every wrapped key under it"),
        ("rotate-group", "a new key for a company's words and its contacts' keys"),
        ("retire", "forget older keys that nothing needs any more"),
    ):
        one = what.add_parser(name, help=says, description=says)
        one.add_argument("--group", type=UUID, help="this company alone")
        if name == "retire":
            one.add_argument("--now", action="store_true", help="without waiting an hour")
    return parser.parse_args(words)
