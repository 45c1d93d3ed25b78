"""Making a database ready: roles, tables and, when asked for, the demo town.

Each step may be repeated at no harm. Not here: the tables (`store.migrate`), the town (`demo`).
"""

from __future__ import annotations

import argparse
import json
import secrets
import tempfile
from pathlib import Path

import psycopg

from lotline.config.cluster import Cluster, write_private
from lotline.config.databases import known_dsns, opened, prepare_roles
from lotline.config.entry import find
from lotline.config.processes import CannotStart
from lotline.config.settings import Settings, load_settings


def run(words: list[str]) -> int:
    """What `up` runs before it starts anything else."""
    parser = argparse.ArgumentParser("lotline prepare")
    parser.add_argument("--demo", action="store_true", help="seed the demo town, once")
    asked = parser.parse_args(words)
    settings = load_settings()
    with opened(settings):
        _migrate(settings)
        _collect(settings)
        if asked.demo:
            _seed(settings)
        _offer_setup(settings)
    return 0


def migrate(words: list[str]) -> int:
    parser = argparse.ArgumentParser("lotline migrate")
    parser.add_argument(
        "--check",
        action="store_true",
        help="migrate a throw-away database and compare it with the models and the catalogue",
    )
    asked = parser.parse_args(words)
    if asked.check:
        return _check()
    settings = load_settings()
    with opened(settings):
        _migrate(settings)
    print("the tables are as this version wants them")
    return 0


def _migrate(settings: Settings) -> None:
    from lotline.store.migrate import migrate as migrate_tables

    prepare_roles(settings)
    owner = known_dsns(settings).owner
    _make_keys(settings, first=not _was_migrated(owner))
    migrate_tables(owner)


def _collect(settings: Settings) -> None:
    """Pages are served with their files compressed, each under a name of its content."""
    from lotline.config.assets import collect

    collect(settings.data / "static")


def _was_migrated(owner: str) -> bool:
    with psycopg.connect(owner) as link:
        row = link.execute("select to_regclass('django_migrations')").fetchone()
    return row is not None and row[0] is not None


def _make_keys(settings: Settings, *, first: bool) -> None:
    """Made once, with the database. A root key that is lost later is never replaced in silence."""
    from lotline.adapters.keys import KeyFile

    root, secret = settings.root_key_file, settings.secret_key_file
    for path in (root, secret):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not root.exists():
        if not first:
            raise CannotStart(
                f"the root key {root} is missing, and this database was sealed with one: "
                "put it back, or set LOTLINE_ROOT_KEY_FILE to where it is"
            )
        KeyFile.create(root)
    if not secret.exists():
        write_private(secret, secrets.token_urlsafe(48))


def _check() -> int:
    from lotline.store.migrate import drift
    from lotline.store.migrate import migrate as migrate_tables

    with tempfile.TemporaryDirectory(prefix="lotline-check-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o711)  # the server of a root user runs as somebody else
        cluster = Cluster.start(Path(place), durable=False)
        try:
            migrate_tables(cluster.dsn("owner"))
            differences = drift(cluster.dsn("owner"))
        finally:
            cluster.stop()
    for line in differences:
        print(line)
    return int(bool(differences))


def _offer_setup(settings: Settings) -> None:
    """As long as there is no company: the link by which somebody founds one."""
    from lotline.config.setup_link import offer_setup

    offer_setup(settings)


def _seed(settings: Settings) -> None:
    seed = find("lotline.config.demo:seed")
    if seed is not None:
        seed(settings)
    told = settings.data / "demo.json"
    if told.exists():
        facts = json.loads(told.read_text(encoding="utf-8"))
        if facts.get("url") != settings.url:  # the same town behind another port
            told.write_text(json.dumps({**facts, "url": settings.url}, indent=2), encoding="utf-8")
