"""Fuzzed webhooks against the running web, for as long as one likes.

    python -m tests.fuzz --minutes 60 [--seed 5] [--json]

Bodies, encodings, sizes, headers and whole requests, signed, wrongly signed and not at all. Then
every text that was acknowledged must be there once with its words, and nothing may have been
answered with a 500. Exit 1 when something is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from tests.fuzz.hands import Report


def main(words: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("--minutes", type=float, default=5.0)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args(words)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")
    django.setup()
    report = run(given.minutes * 60, given.seed)
    if given.json:
        print(json.dumps(report.plain()))
    else:
        for name, value in report.plain().items():
            print(f"{name}: {value}")
    return 1 if report.broken else 0


def run(seconds: float, seed: int) -> Report:
    """In a house of its own, with a server that keeps its promises."""
    from lotline.config.cluster import DATABASE, Cluster
    from lotline.store.migrate import migrate
    from tests.conftest import Database, temporary_dir
    from tests.fuzz.place import throw_at

    with temporary_dir() as folder:
        cluster = Cluster.start(folder)
        try:
            migrate(cluster.dsn("owner"))
            return throw_at(Database(cluster, DATABASE), folder, seconds, seed)
        finally:
            cluster.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
