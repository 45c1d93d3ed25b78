"""A PostgreSQL of one's own: lesser roles are made or asked for, and a powerful one is refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from lotline.config.cluster import DATABASE, Cluster
from lotline.config.databases import known_dsns, prepare_roles
from lotline.config.prepare import run as prepare
from lotline.config.processes import CannotStart
from lotline.config.settings import BadSetting, Settings, load_settings
from tests.conftest import temporary_dir


@pytest.fixture
def theirs() -> Iterator[Cluster]:
    """A server that knows an owner and a database of his, and none of our other roles."""
    with temporary_dir() as data:
        server = Cluster.start(data, durable=False)
        with psycopg.connect(server.dsn("superuser", "postgres"), autocommit=True) as link:
            link.execute("drop database lotline")
            link.execute("drop role lotline_app, lotline_reader")
            link.execute("create database lotline owner lotline_owner")
        yield server
        server.stop()


@pytest.fixture
def ours() -> Iterator[Path]:
    with temporary_dir() as place:
        yield place


def _settings(server: Cluster, ours: Path, **more: str) -> Settings:
    env = {"LOTLINE_DATA": str(ours), "DATABASE_URL": server.dsn("owner", DATABASE), **more}
    return load_settings(env)


def _allow_roles(server: Cluster) -> None:
    with psycopg.connect(server.dsn("superuser", "postgres"), autocommit=True) as link:
        link.execute("alter role lotline_owner createrole")


def test_an_owner_who_may_not_make_roles_is_told_what_to_run(theirs: Cluster, ours: Path) -> None:
    with pytest.raises(BadSetting, match="create role lotline_app login nosuperuser") as said:
        prepare_roles(_settings(theirs, ours))
    assert "DATABASE_APP_URL" in str(said.value)


def test_an_owner_who_may_makes_them_once(theirs: Cluster, ours: Path) -> None:
    _allow_roles(theirs)
    settings = _settings(theirs, ours)
    prepare_roles(settings)
    first = known_dsns(settings)
    prepare_roles(settings)
    assert known_dsns(settings) == first
    for dsn, name in ((first.app, "lotline_app"), (first.reader, "lotline_reader")):
        with psycopg.connect(dsn) as link:
            assert link.execute("select current_user").fetchone() == (name,)
    kept = ours / "roles" / "lotline_app.password"
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_second_host_does_not_lock_the_first_out(
    theirs: Cluster, ours: Path, tmp_path: Path
) -> None:
    _allow_roles(theirs)
    first = _settings(theirs, ours)
    prepare_roles(first)
    second = _settings(theirs, tmp_path)
    with pytest.raises(BadSetting, match="DATABASE_APP_URL"):
        prepare_roles(second)
    with psycopg.connect(known_dsns(first).app) as link:
        assert link.execute("select 1").fetchone() == (1,)
    shutil.copytree(ours / "roles", tmp_path / "roles")
    prepare_roles(second)
    assert known_dsns(second).app == known_dsns(first).app


def test_a_role_that_may_look_past_is_refused(theirs: Cluster, ours: Path) -> None:
    _allow_roles(theirs)
    powerful = theirs.dsn("superuser", DATABASE)
    with pytest.raises(BadSetting, match="look past row-level security"):
        prepare_roles(_settings(theirs, ours, DATABASE_APP_URL=powerful))


def test_a_pooler_is_known_by_the_way_past_it(theirs: Cluster, ours: Path) -> None:
    plain = known_dsns(_settings(theirs, ours))
    assert not plain.pooled
    assert plain.direct == plain.app
    pooled = known_dsns(_settings(theirs, ours, DATABASE_DIRECT_URL="postgresql://direct/x"))
    assert pooled.pooled
    assert pooled.direct == "postgresql://direct/x"


def test_a_database_of_ones_own_is_made_ready_and_a_lost_root_key_is_noticed(
    theirs: Cluster, ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _allow_roles(theirs)
    for name, value in (("LOTLINE_DATA", str(ours)), ("DATABASE_URL", theirs.dsn("owner"))):
        monkeypatch.setenv(name, value)
    assert prepare([]) == 0
    assert prepare([]) == 0

    key = ours / "keys" / "root"
    assert key.stat().st_mode & 0o777 == 0o600
    key.unlink()
    with pytest.raises(CannotStart, match=r"root key .* is missing"):
        prepare([])
    assert not key.exists(), "a lost key was replaced in silence"
