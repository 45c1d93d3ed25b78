"""The embedded PostgreSQL outlives nothing, loses nothing and opens nothing.

Every test here kills, starves or misleads a real server.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from lotline.config import binaries
from lotline.config.binaries import NoPostgres, RunAs, may_walk_to
from lotline.config.cluster import ROLES, SOCKET_PATH_MAX, Cluster
from lotline.config.processes import is_postgres
from tests.conftest import temporary_dir

ROOT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0
NOBODY = RunAs("nobody", 65534, 65534)

# A parent that starts the server, says so, and waits to be killed.
PARENT = """
import sys, time
from pathlib import Path
from lotline.config.cluster import Cluster
cluster = Cluster.start(Path(sys.argv[1]))
print("ready", cluster.pid, cluster.dsn("owner"), flush=True)
time.sleep(120)
"""


@pytest.fixture
def data() -> Iterator[Path]:
    with temporary_dir() as place:
        yield place


def _write(cluster: Cluster, value: int) -> None:
    with psycopg.connect(cluster.dsn("owner")) as link:
        link.execute("create table if not exists kept(value int)")
        link.execute("insert into kept values (%s)", [value])


def _read(cluster: Cluster) -> list[int]:
    with psycopg.connect(cluster.dsn("owner")) as link:
        return [row[0] for row in link.execute("select value from kept order by value")]


def _wait_until_gone(pid: int, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not is_postgres(pid):
            return True
        time.sleep(0.02)
    return False


def _parent(data: Path) -> tuple[subprocess.Popen[str], int]:
    child = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(data)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert child.stdout is not None
    with child.stdout as voice:
        said = voice.readline().split()
    assert said[:1] == ["ready"], f"the parent did not start: {said}"
    return child, int(said[1])


def test_the_second_start_finds_what_the_first_one_kept(data: Path) -> None:
    first = Cluster.start(data)
    _write(first, 1)
    first.stop()
    assert not first.answers()

    second = Cluster.start(data)
    assert _read(second) == [1]
    second.stop()


def test_a_first_start_takes_seconds(data: Path) -> None:
    """About one on a machine at rest; the bound is for a crowded one."""
    begun = time.monotonic()
    cluster = Cluster.start(data)
    took = time.monotonic() - begun
    cluster.stop()
    assert took < 30, f"the first start took {took:.1f} s"


def test_no_role_of_ours_is_powerful(cluster: Cluster) -> None:
    with psycopg.connect(cluster.dsn("superuser", "postgres")) as link:
        rows = link.execute(
            "select rolname, rolsuper or rolcreatedb or rolcreaterole or rolbypassrls "
            "or rolreplication from pg_roles where rolcanlogin"
        ).fetchall()
    powerful: dict[str, bool] = dict(rows)
    assert powerful.pop(ROLES["superuser"]) is True, "guards the query itself"
    assert powerful == dict.fromkeys((ROLES[r] for r in ("owner", "app", "reader")), False)


def test_nothing_is_open_by_trust_and_nothing_listens_on_a_network(cluster: Cluster) -> None:
    wrong = cluster.dsn("app").replace(":", ":x", 2).replace("x//", "//", 1)
    assert wrong != cluster.dsn("app")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    with psycopg.connect(cluster.dsn("superuser", "postgres")) as link:
        (listens,) = link.execute("show listen_addresses").fetchone() or ("?",)
        methods = link.execute("select distinct auth_method from pg_hba_file_rules").fetchall()
    assert listens == ""
    assert methods == [("scram-sha-256",)]


def test_passwords_are_for_our_eyes_only(cluster: Cluster) -> None:
    kept = sorted((cluster._data / "database").glob("*.password"))
    assert len(kept) == 4
    for path in kept:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.stat().st_uid == os.geteuid()
    assert len({path.read_text() for path in kept}) == 4


def test_a_strangers_eyes_find_no_statement_in_the_log(data: Path) -> None:
    cluster = Cluster.start(data)
    with psycopg.connect(cluster.dsn("owner"), autocommit=True) as link:
        link.execute("create table said(words text primary key)")
        link.execute("insert into said values ('my secret words')")
        for statement in (
            "insert into said values ('my secret words')",
            "select 'my secret words' / 0 from said",
            "select nothing_like_it, 'my secret words'",
        ):
            with pytest.raises(psycopg.Error):
                link.execute(statement)
    cluster.stop()
    assert "secret words" not in cluster._log_end()


def test_kill_9_of_the_parent_takes_the_server_with_it(data: Path) -> None:
    parent, server = _parent(data)
    assert is_postgres(server)

    parent.kill()
    parent.wait()
    if sys.platform == "linux":
        assert _wait_until_gone(server), "the server outlived its parent"

    again = Cluster.start(data, take_over=True)
    assert again.owned
    again.stop()


def test_kill_9_of_parent_and_server_at_once_recovers_by_itself(data: Path) -> None:
    first = Cluster.start(data)
    _write(first, 1)
    first.stop()
    parent, server = _parent(data)
    with psycopg.connect(Cluster.locate(data).dsn("owner")) as link:
        link.execute("insert into kept values (2)")

    os.kill(server, signal.SIGKILL)
    parent.kill()
    parent.wait()

    again = Cluster.start(data)
    assert _read(again) == [1, 2]
    again.stop()


def test_kill_9_of_the_server_is_noticed_and_mended(data: Path) -> None:
    cluster = Cluster.start(data)
    _write(cluster, 1)
    assert not cluster.exited()
    assert cluster.pid is not None

    os.kill(cluster.pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while not cluster.exited() and time.monotonic() < end:
        time.sleep(0.02)
    assert cluster.exited()
    cluster.revive()

    assert _read(cluster) == [1]
    cluster.stop()


def test_a_pid_that_now_belongs_to_a_stranger_is_not_believed(data: Path) -> None:
    cluster = Cluster.start(data)
    _write(cluster, 1)
    assert cluster.pid is not None
    os.kill(cluster.pid, signal.SIGKILL)
    while not cluster.exited():
        time.sleep(0.02)
    stranger = subprocess.Popen(["sleep", "60"], user=NOBODY.uid if AS_ROOT else None)
    try:
        pid_file = cluster._state / "pgdata" / "postmaster.pid"
        lines = pid_file.read_text().split("\n")
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        again = Cluster.start(data)
        assert _read(again) == [1]
        again.stop()
        assert stranger.poll() is None, "a stranger was hurt"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_second_program_attaches_and_its_stop_stops_nothing(data: Path) -> None:
    parent, server = _parent(data)
    guest = Cluster.start(data)
    assert not guest.owned
    _write(guest, 7)
    guest.stop()
    assert is_postgres(server)

    heir = Cluster.start(data, take_over=True)
    assert heir.owned
    assert heir.pid != server
    assert _read(heir) == [7]
    heir.stop()
    parent.kill()
    parent.wait()


def test_asking_the_way_makes_nothing(data: Path) -> None:
    with pytest.raises(NoPostgres, match="no database in"):
        Cluster.locate(data)
    assert list(data.iterdir()) == []


def test_a_half_made_directory_is_never_taken_for_a_database(data: Path) -> None:
    draft = data / "database" / "pgdata.draft"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    cluster = Cluster.start(data)
    _write(cluster, 1)
    cluster.stop()


def test_a_lost_password_file_is_made_anew(data: Path) -> None:
    Cluster.start(data).stop()
    (data / "database" / "lotline_app.password").unlink()
    cluster = Cluster.start(data)
    with psycopg.connect(cluster.dsn("app")) as link:
        assert link.execute("select current_user").fetchone() == ("lotline_app",)
    cluster.stop()


def test_a_long_path_gets_a_short_private_socket(data: Path) -> None:
    deep = data / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    cluster = Cluster.start(deep)
    place = cluster._socket_dir
    assert len(os.fsencode(place / ".s.PGSQL.5432")) <= SOCKET_PATH_MAX
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    _write(cluster, 1)
    cluster.stop()

    place.chmod(0o777)
    with pytest.raises(NoPostgres, match="not a private directory"):
        Cluster.start(deep)
    shutil.rmtree(place)


@pytest.mark.skipif(not AS_ROOT, reason="only root can meet another user's directory")
def test_another_users_database_is_refused_in_words(data: Path) -> None:
    (data / "database").mkdir()
    os.chown(data / "database", NOBODY.uid, NOBODY.gid)
    with pytest.raises(NoPostgres, match="start as that user"):
        Cluster.start(data)


@pytest.mark.skipif(not AS_ROOT, reason="only root runs the server as somebody else")
def test_roots_private_directories_stay_private(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "STATE_OF_ROOT", data / "var")
    private = data / "private"
    private.mkdir(mode=0o700)
    cluster = Cluster.start(private / "here")
    _write(cluster, 1)
    cluster.stop()

    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert cluster._state.parent == data / "var"
    again = Cluster.start(private / "here")
    assert _read(again) == [1]
    again.stop()


def _python_for_nobody() -> str | None:
    """A python of our own version that an ordinary user can reach."""
    wanted = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for path in (sys.executable, f"/usr/bin/{wanted}", f"/usr/local/bin/{wanted}"):
        real = Path(path).resolve()
        if real.exists() and may_walk_to(real.parent, NOBODY):
            return path
    return None


@pytest.mark.skipif(not AS_ROOT, reason="an ordinary user runs every test above as one")
def test_an_ordinary_user_needs_nothing_of_root(data: Path) -> None:
    python = _python_for_nobody()
    site = Path(psycopg.__file__).parents[1]
    if python is None or not may_walk_to(site, NOBODY) or not may_walk_to(ROOT, NOBODY):
        pytest.skip("no python, or not this tree, within an ordinary user's reach")
    home = data / "home"
    home.mkdir(mode=0o700)
    os.chown(home, NOBODY.uid, NOBODY.gid)
    script = PARENT.replace("time.sleep(120)", "cluster.stop()")
    done = subprocess.run(
        [python, "-c", script, str(home / "data")],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{site}", "PATH": os.environ["PATH"]},
        user=NOBODY.uid,
        group=NOBODY.gid,
        extra_groups=[],
        timeout=60,
    )
    assert done.stdout.startswith("ready"), done.stderr
    assert (home / "data" / "database" / "pgdata").stat().st_uid == NOBODY.uid
