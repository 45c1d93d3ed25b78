"""`lotline bench`: the product itself measured over real sockets, beside what the machine can do.

A figure alone says little on a shared machine, so each round measures its limit right before the
product, and what is judged is the ratio of the two and the texts for each second of CPU.

One file for each bench, each with one `BENCH`. Not here: the goals' reasons (docs/performance.md).
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
from functools import cache
from pathlib import Path

from lotline.config.bench.figures import Asked, Bench, Measured
from lotline.config.bench.table import render_rows, write_page

ROUNDS = 5
PAGE = Path(__file__).parents[3] / "docs" / "performance.md"


@cache
def benches() -> dict[str, Bench]:
    """All of them by name, in the order of the table."""
    found: list[Bench] = []
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        bench = getattr(importlib.import_module(module.name), "BENCH", None)
        if isinstance(bench, Bench):
            found.append(bench)
    return {one.name: one for one in sorted(found, key=lambda one: (one.place, one.name))}


def run(words: list[str]) -> int:
    """0 when all goals were met, 1 when one was missed."""
    known = benches()
    parser = argparse.ArgumentParser("lotline bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=[*known, "all"])
    parser.add_argument("--json", action="store_true", help="the last line is one object")
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--short", action="store_true", help="small and rough: does it still run?")
    parser.add_argument("--texts", type=int, default=0, help="how long a past (town, reads)")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE.name}")
    given = parser.parse_args(words)
    if given.rounds < 1:
        parser.error("--rounds must be 1 or more")
    if given.texts < 0:
        parser.error("--texts must be 1 or more")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")
    asked = Asked(given.rounds, given.profile, given.short, given.texts, given.write)
    names = list(known) if given.name == "all" else [given.name]
    done: list[Measured] = []
    for name in names:
        measured = known[name].run(asked)
        done.append(measured)
        print("\n".join(render_rows([measured])), flush=True)
        if given.write:
            write_page(PAGE, [measured])
    if len(done) > 1:
        print("\n".join(["", *render_rows(done)]))
    if given.json:
        told = [one.to_json() for one in done]
        print(json.dumps({"bench": "all", "benches": told} if given.name == "all" else told[0]))
    return int(any(one.misses() for one in done))
