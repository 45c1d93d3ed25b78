"""Fuzzed webhooks against the running web, for as long as one likes.

    python -m tests.fuzz --minutes 60 [--seed 5] [--json]

Bodies, encodings, sizes, headers and whole requests, signed, wrongly signed and not at all. Then
every text that was acknowledged must be there once with its words, and nothing may have been
answered with a 500. Exit 1 when something is wrong.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.command import ask, tell

if TYPE_CHECKING:
    from tests.fuzz.hands import Report


def main(words: list[str]) -> int:
    given = ask("tests.fuzz", __doc__, words, minutes=5.0, seed=1)
    report = run(given.minutes * 60, given.seed)
    tell(report.plain(), as_json=given.json)
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
