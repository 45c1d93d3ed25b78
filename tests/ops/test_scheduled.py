"""Evidence by the clock: sealed, whole or not there, each entry once, and its failures seen."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lotline.actions.context import Chosen
from lotline.actions.errors import NotAllowed, Refused
from lotline.actions.scheduled import choose, export_if_due, retire_files
from lotline.actions.sequence import sequence
from lotline.cli import evidence, verify
from lotline.config.examine_traffic import _exports
from lotline.core.base.sealing import SealBroken
from lotline.core.oversight.verify_many import verify_many
from lotline.store.scheduled import load_condition
from lotline.store.sealed_files import read_sealed, write_sealed
from tests.actions.house import House
from tests.ops.past import DANA, NAMES, SAID


@pytest.fixture
def folder(house: House, tmp_path: Path) -> Path:
    """Where it goes; the house is told."""
    settings = Chosen(exports=str(tmp_path / "out"))
    house.town.ctx = replace(house.ctx, settings=settings)
    choose(house.ctx, house.town.sign_in("ada"), "daily", texts=True)
    return tmp_path / "out" / str(house.town.group_id)


def run(house: House) -> Any:
    sequence(house.ctx, house.town.group_id)
    return export_if_due(house.ctx, house.town.group_id)


def sealed_in(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.suffix == ".sealed")


def opened(house: House, path: Path) -> bytes:
    data = b"".join(read_sealed(house.ctx.ring, path))
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        return found.read("evidence.json")


def test_each_day_what_is_new_and_nothing_twice(
    house: House, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = run(house)
    assert first is not None
    assert run(house) is None, "not due yet"
    (path,) = sealed_in(folder)
    assert path.stat().st_mode & 0o777 == 0o600
    raw = path.read_bytes()
    assert not any(word.encode() in raw for word in (*NAMES.values(), *SAID))
    bundle = opened(house, path)
    report = verify_many(io.BytesIO(bundle))
    assert report.problems == []
    assert report.customers == 4
    assert SAID[0] in bundle.decode()
    house.text_in(DANA, "One more thing on Thursday")
    house.town.clock.pass_by(days=1)
    second = run(house)
    assert second.first == first.end
    newest = next(one for one in sealed_in(folder) if one != path)
    bundle = opened(house, newest)
    assert verify_many(io.BytesIO(bundle)).problems == []
    assert "One more thing" in bundle.decode()
    assert SAID[0] not in bundle.decode(), "what was in the first is not in the second"
    out = tmp_path / "opened.zip"
    assert evidence.run(house.ctx, ["--open", str(newest), "--out", str(out)]) == 0
    assert verify.run([str(out)]) == 0
    house.town.clock.pass_by(days=1)
    third = run(house)
    assert third.name == "", "there was nothing new about customers"
    assert len(sealed_in(folder)) == 2
    house.town.clock.pass_by(days=366 * 7)
    assert retire_files(house.ctx, house.town.group_id) == 2
    assert sealed_in(folder) == []
    assert retire_files(house.ctx, house.town.group_id) == 0


def test_what_a_crash_left_is_put_away_and_made_anew(house: House, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "evidence-0-9-x.zip.sealed.part").write_bytes(b"half")
    (folder / "evidence-0-9-y.zip.sealed").write_bytes(b"whole, and never recorded")
    made = run(house)
    assert [one.name for one in sealed_in(folder)] == [made.name]
    assert list(folder.glob("*.part")) == []


def test_a_failure_is_seen_by_doctor_and_goes_when_it_works_again(
    house: House, folder: Path
) -> None:
    folder.parent.write_text("a file where the folder must be")
    assert run(house) is None
    group = house.town.group_id
    with house.ctx.db.transaction(group) as tx:
        condition = load_condition(tx)
    assert condition.failing
    assert [one.mark for one in _exports(house.ctx, group, "")] == ["fail"]
    folder.parent.unlink()
    assert run(house) is None, "it rests a while"
    house.town.clock.pass_by(hours=2)
    assert run(house) is not None
    assert [one.mark for one in _exports(house.ctx, group, "")] == ["ok"]


def test_a_sealed_file_opens_whole_or_not_at_all(house: House, tmp_path: Path) -> None:
    ring = house.ctx.ring
    for size in (0, 1, 1 << 20, (5 << 19) + 7):
        data = bytes(range(251)) * (size // 251 + 1)
        path = write_sealed(ring, tmp_path, f"f{size}", io.BytesIO(data[:size]))
        assert b"".join(read_sealed(ring, path)) == data[:size]
    whole = path.read_bytes()
    for broken in (whole[:-1], whole[: 1 << 20], whole + b"x", whole[:200] + b"x" + whole[201:]):
        path.write_bytes(broken)
        with pytest.raises(SealBroken):
            list(read_sealed(ring, path))
    path.write_bytes(whole)
    moved = path.rename(tmp_path / "another name")
    with pytest.raises(SealBroken):
        list(read_sealed(ring, moved))


def test_who_may_choose(house: House) -> None:
    for who in ("mo", "noor", "ben"):
        with pytest.raises(NotAllowed):
            choose(house.ctx, house.town.sign_in(who), "daily", texts=True)
    with pytest.raises(Refused):
        choose(house.ctx, house.town.sign_in("ada"), "hourly", texts=True)
