"""A house on two hosts, in trouble for as long as one likes; prints what was seen.

    python -m tests.hosts [--seconds 60] [--seed 3] [--json]

Network namespaces are the hosts, so only root may; PgBouncer must be on this machine. Exit 1 when a
promise broke.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from dataclasses import asdict

import django


def main(words: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.hosts", description=__doc__)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--seed", type=int, default=3)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args(words)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")
    django.setup()
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
    if given.json:
        print(json.dumps(seen))
    else:
        for name, value in seen.items():
            print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
