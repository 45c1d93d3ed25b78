"""A house on two hosts, in trouble for as long as one likes; prints what was seen.

    python -m tests.hosts [--seconds 60] [--seed 3] [--json]

Network namespaces are the hosts, so only root may; PgBouncer must be on this machine. Exit 1 when a
promise broke.
"""

from __future__ import annotations

import sys
import traceback
from dataclasses import asdict

from tests.command import ask, tell


def main(words: list[str]) -> int:
    given = ask("tests.hosts", __doc__, words, seconds=60.0, seed=3)
    from tests.conftest import temporary_dir
    from tests.hosts.house import several_hosts, why_no_hosts
    from tests.hosts.lives import live

    if why_no_hosts():
        print(f"not here: {why_no_hosts()}")
        return 0
    with (
        temporary_dir() as folder,
        temporary_dir() as carrier,
        several_hosts(folder, given.seed, carrier) as house,
    ):
        try:
            seen = asdict(live(house, given.seconds, given.seed))
        except AssertionError:
            traceback.print_exc()
            return 1
    tell(seen, as_json=given.json)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
