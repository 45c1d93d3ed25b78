"""A backup comes back whole or not at all; what was there before is never half replaced."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lotline.actions.audit import audit_log
from lotline.actions.erase import erase_by_command
from lotline.actions.sequence import sequence
from lotline.adapters.keys import KeyFile
from lotline.config.backup import DUMP, BackupRefused, Server, count_rows, write_backup
from lotline.config.cluster import Cluster
from lotline.config.restoring import Restored, read_backup
from lotline.config.settings import Settings, load_settings
from lotline.core.consent.wording import first_wording
from lotline.store.contacts import find_contact
from lotline.store.erasure import Erasure
from tests.actions.house import House
from tests.conftest import temporary_dir
from tests.ops.past import DANA, JOY, MARCUS, NAMES, contact_of, secrets_of
from tests.town import COMPANY, Clock, make_context

LATER, GONE = "+16145550177", "+16145550178"
ROOT = Path(__file__).resolve().parents[2]


def key_file(house: House) -> Path:
    root: Any = house.ctx.ring.root
    path: Path = root._path
    return path


def chosen(house: House, key: Path | None = None) -> Settings:
    return load_settings({"LOTLINE_ROOT_KEY_FILE": str(key or key_file(house))})


def server_of(house: House) -> Server:
    database = house.database
    return Server(database.dsn("superuser"), database.cluster.bindir, database.owner)


def back_up(house: House, tmp_path: Path) -> Path:
    file = tmp_path / "backup"
    write_backup(server_of(house), chosen(house), file)
    return file


def put_back(house: House, file: Path, *, replace: bool = True, **more: Any) -> Restored:
    house.close()
    return read_backup(server_of(house), chosen(house), file, over_data=replace, **more)


def reopen(house: House) -> House:
    """A program that starts after the restore."""
    clock = Clock(house.town.clock.at)
    ctx = make_context(house.database.app, key_file(house).parent, clock=clock, lane=77)
    house.town.ctx = ctx
    house._link = None
    return house


def name_of(house: House, number: str) -> str | None:
    with house.ctx.db.transaction(house.town.group_id) as tx:
        found = find_contact(tx, number)
    return found.name if found is not None else None


def counts(dsn: str) -> dict[str, int]:
    with psycopg.connect(dsn) as link:
        return count_rows(link)


def test_it_comes_back_with_every_row_and_every_word(house: House, tmp_path: Path) -> None:
    sequence(house.ctx, house.town.group_id)
    file = back_up(house, tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    before = counts(house.database.dsn("superuser"))
    house.text_in(DANA, "Written after the backup")
    kept = put_back(house, file).kept
    after = counts(house.database.dsn("superuser"))
    # One act and its leaf say that it was restored.
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "access_acts": 1,
        "ledger_leaves": 1,
    }
    assert counts(house.database.cluster.dsn("superuser", kept))["texts"] == before["texts"] + 1
    house = reopen(house)
    assert name_of(house, DANA) == NAMES[DANA]
    assert audit_log(house.ctx, house.town.group_id).faults == []
    house.text_in(DANA, "And it goes on")
    owners = house.ask(
        "select distinct tableowner from pg_tables where schemaname = 'public'"
        " union select pg_get_userbyid(datdba) from pg_database where datname = current_database()"
    )
    assert owners == [("lotline_owner",)], "or the next migration could change nothing"


def test_whoever_was_erased_since_is_erased_again(house: House, tmp_path: Path) -> None:
    """From what was there before, and from a list that was kept elsewhere."""
    file = back_up(house, tmp_path)
    dana, joy = contact_of(house, DANA), contact_of(house, JOY)
    later = house.town.clock
    later.at = later.at.replace(year=later.at.year + 1)  # the backup's own clock is the real one
    erase_by_command(house.ctx, house.town.group_id, dana, "asked")
    listed = [(house.town.group_id, Erasure(joy, later.at))]
    assert put_back(house, file, listed=listed).erased == 2
    house = reopen(house)
    assert name_of(house, DANA) is None
    keys = house.ask("select key_wrapped from contacts where id in (%s, %s)", dana, joy)
    assert keys == [(None,), (None,)]
    assert audit_log(house.ctx, house.town.group_id).faults == []


def test_whoever_stopped_since_stays_stopped(house: House, tmp_path: Path) -> None:
    """One who was known, one who came later, and one who was erased after it."""
    house.town.clock.at = datetime.now(UTC) - timedelta(minutes=1)
    waited = house.tap(MARCUS, "It is ready", by="bea", line="service")
    house.town.clock.at = datetime.now(UTC)
    file = back_up(house, tmp_path)
    house.town.clock.pass_by(minutes=1)
    house.text_in(DANA, "STOP")
    house.town.meet(LATER, "Came Later", by="ben", line="sales")
    house.text_in(LATER, "Stop")
    house.text_in(GONE, "stop")
    erase_by_command(house.ctx, house.town.group_id, contact_of(house, GONE), "asked")
    done = put_back(house, file)
    assert (done.stops, done.doubted, done.asked) == (2, 1, True)
    house = reopen(house)
    assert house.state(waited.text_id) == "unknown", "it may have left since, so it is not sent"
    assert name_of(house, DANA) == NAMES[DANA]
    levels = {
        row[0]
        for row in house.ask(
            "select level from contacts where level_at > now() - interval '1 hour'"
        )
    }
    assert levels == {"out"}
    for number in (DANA, LATER):
        viewer = house.town.sign_in("ben", "later")
        assert viewer.active
        house.town.meet(number, "Somebody", by="ben", line="sales", how="not_yet")
        assert house.tap(number, "Are you coming by?").decision.verdict == "block"
    sequence(house.ctx, house.town.group_id)
    assert audit_log(house.ctx, house.town.group_id).faults == []


@pytest.mark.parametrize("part", [0.0, 0.01, 0.3, 0.6, 0.999])
def test_a_changed_byte_is_refused(house: House, tmp_path: Path, part: float) -> None:
    """Of what it holds; a tar file's own padding holds nothing."""
    file = back_up(house, tmp_path)
    with tarfile.open(file) as tar:
        dump = tar.getmember(DUMP)
    data = bytearray(file.read_bytes())
    data[dump.offset_data + int(dump.size * part)] ^= 1
    file.write_bytes(data)
    with pytest.raises(BackupRefused):
        put_back(house, file)
    assert name_of(reopen(house), DANA) == NAMES[DANA]


def test_every_changed_byte_of_what_it_says_of_itself_is_refused(
    house: House, tmp_path: Path
) -> None:
    file = back_up(house, tmp_path)
    whole = file.read_bytes()
    with tarfile.open(file) as tar:
        told = tar.getmember("manifest.json")
        seal = tar.getmember("manifest.seal")
    house.close()
    for member in (told, seal):
        for at in range(member.offset_data, member.offset_data + member.size, 7):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            with pytest.raises(BackupRefused):
                read_backup(server_of(house), chosen(house), file, over_data=True)
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BackupRefused):
        read_backup(server_of(house), chosen(house), file, over_data=True)
    assert not list(tmp_path.glob(".lotline-restore-*")), "nothing is left lying about"


def test_another_root_key_is_refused_and_so_is_none(house: House, tmp_path: Path) -> None:
    file = back_up(house, tmp_path)
    house.close()
    KeyFile.create(tmp_path / "other.key")
    with pytest.raises(BackupRefused, match="opens with root key"):
        read_backup(server_of(house), chosen(house, tmp_path / "other.key"), file, over_data=True)
    with pytest.raises(BackupRefused, match="root key is needed"):
        read_backup(server_of(house), chosen(house, tmp_path / "none"), file, over_data=True)


def test_what_is_there_is_not_replaced_unasked_nor_in_use(house: House, tmp_path: Path) -> None:
    file = back_up(house, tmp_path)
    with pytest.raises(BackupRefused, match="in use"):
        read_backup(server_of(house), chosen(house), file, over_data=True)
    with pytest.raises(BackupRefused, match="--replace"):
        put_back(house, file, replace=False)


RESTORER = """
import sys
from pathlib import Path
from lotline.config.backup import Server
from lotline.config.restoring import read_backup
from lotline.config.settings import load_settings
dsn, owner, bindir, key, file = sys.argv[1:]
print("begun", flush=True)
settings = load_settings({"LOTLINE_ROOT_KEY_FILE": key})
read_backup(Server(dsn, Path(bindir), owner), settings, Path(file), over_data=True)
print("done", flush=True)
"""


def test_killed_at_any_moment_it_leaves_what_was_there(house: House, tmp_path: Path) -> None:
    file = back_up(house, tmp_path)
    house.text_in(DANA, "Written after the backup")
    house.close()
    server = server_of(house)
    texts = counts(server.dsn)["texts"]
    given = [server.dsn, server.owner, str(server.bindir), str(key_file(house)), str(file)]
    finished = 0
    for pause in (0.0, 0.05, 0.15, 0.3, 0.5, 0.8, 1.2):
        child = subprocess.Popen(
            [sys.executable, "-c", RESTORER, *given],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert child.stdout is not None
        with child.stdout as voice:
            assert voice.readline() == "begun\n"
            time.sleep(pause)
            os.killpg(child.pid, signal.SIGKILL)  # pg_restore with it
            finished += voice.read() == "done\n"
        child.wait()
        _wait_until_left(server)
        here = counts(server.dsn)["texts"]
        assert here in {texts, texts - 1}, "one or the other, whole"
        if here == texts - 1:
            break  # the swap was done before the kill
    assert put_back(house, file).kept
    assert name_of(reopen(house), DANA) == NAMES[DANA]


def _wait_until_left(server: Server) -> None:
    """Backends of a killed program notice at their next word."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with server.link("postgres") as link:
            row = link.execute(
                "select count(*) from pg_stat_activity where datname = %s", [server.dbname]
            ).fetchone()
        if row is not None and not row[0]:
            return
        time.sleep(0.05)


def test_a_backup_shows_no_word_number_or_name(house: House, tmp_path: Path) -> None:
    file = back_up(house, tmp_path)
    with tarfile.open(file) as tar:
        tar.extract(DUMP, tmp_path, filter="data")
    program = house.database.cluster.bindir / "pg_restore"
    done = subprocess.run([program, "-f", "-", tmp_path / DUMP], check=True, capture_output=True)
    text = done.stdout.decode()
    assert "COPY public.texts" in text, "guards the search itself"
    # The wording of our opt-in page is public, names the company, and is kept as it was shown.
    public = first_wording(COMPANY).replace("\n", "\\n")
    assert text.count(public) == 1
    text = text.replace(public, "")
    found = [said for said in secrets_of(house) if said in text or said.encode().hex() in text]
    assert found == []
    manifest = file.read_bytes()[:4096].decode(errors="replace")
    assert not any(said in manifest for said in secrets_of(house))


def test_without_a_root_key_there_is_no_backup(house: House, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="nobody can open"):
        write_backup(server_of(house), chosen(house, tmp_path / "none"), tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_it_is_taken_while_people_write(house: House, tmp_path: Path) -> None:
    """Counts and dump are one instant, or the restore would refuse."""
    over = threading.Event()

    def write() -> None:
        n = 0
        while not over.is_set():
            n += 1
            house.text_in(DANA, f"Line {n}")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        file = back_up(house, tmp_path)
    finally:
        over.set()
        thread.join()
    assert put_back(house, file).kept


def test_by_command_onto_another_machine(house: House, tmp_path: Path) -> None:
    """A server that has counted few transactions: the log and its order go on all the same."""
    sequence(house.ctx, house.town.group_id)
    file = back_up(house, tmp_path)
    with temporary_dir() as data:
        chosen_env = {
            "LOTLINE_DATA": str(data),
            "LOTLINE_ROOT_KEY_FILE": str(key_file(house)),
        }
        command = [sys.executable, "-m", "lotline.config.entry"]
        env = {**os.environ, **chosen_env}

        def run(*words: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [*command, *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False
            )

        done = run("restore", str(file))
        assert done.returncode == 0, done.stderr
        assert "every count matches" in done.stdout
        again = run("restore", str(file))
        assert again.returncode == 2
        assert "--replace" in again.stderr
        elsewhere = Cluster.start(data)
        try:
            there = make_context(
                elsewhere.dsn("app"), key_file(house).parent, clock=house.town.clock, lane=88
            )
            moved = House(
                replace(house.town, ctx=there),
                house.carrier,
                house.database,
                _sids=itertools.count(7000),
            )
            moved.text_in(DANA, "Written on the new machine")
            assert sequence(there, house.town.group_id) > 0
            moved.text_in(JOY, "And once more")
            assert sequence(there, house.town.group_id) > 0
            assert audit_log(there, house.town.group_id).faults == []
            moved.close()
        finally:
            elsewhere.stop()
