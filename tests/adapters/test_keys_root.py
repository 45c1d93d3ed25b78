"""The root key file: nobody else reads it, nothing is lost, and rotation stops nothing."""

from __future__ import annotations

import os
import pickle
import stat
from pathlib import Path
from uuid import UUID

import pytest

from lotline.adapters.envelope import Envelope
from lotline.adapters.keys import KeyFile, KeyFileRefused
from lotline.core.base.sealing import SealBroken, UnknownKey

GROUP = UUID("018f0000-0000-7000-8000-000000000001")
OTHER = UUID("018f0000-0000-7000-8000-000000000002")
AAD = b"groups\0keyset"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "root.key"


@pytest.fixture
def root(path: Path) -> KeyFile:
    return KeyFile.create(path)


def test_the_file_is_its_owners_alone(root: KeyFile, path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [found.name for found in path.parent.iterdir()] == ["root.key"]


def test_a_loose_umask_does_not_loosen_it(path: Path) -> None:
    before = os.umask(0)
    try:
        KeyFile.create(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610, 0o601])
def test_a_file_open_to_others_is_refused_with_what_to_do(
    root: KeyFile, path: Path, mode: int
) -> None:
    path.chmod(mode)
    with pytest.raises(KeyFileRefused, match=r"can be read by others \(mode 06..\).*chmod 600"):
        KeyFile(path)


def test_a_stricter_mode_is_fine(root: KeyFile, path: Path) -> None:
    path.chmod(0o400)
    assert KeyFile(path).current == root.current


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_owner_is_refused(root: KeyFile, path: Path) -> None:
    os.chown(path, 65534, 65534)
    with pytest.raises(KeyFileRefused, match=r"belongs to user 65534.*chown"):
        KeyFile(path)


def test_a_missing_file_is_not_made_anew(path: Path) -> None:
    """A fresh key in place of a lost one would look well and read nothing."""
    with pytest.raises(KeyFileRefused, match="Put back the copy"):
        KeyFile(path)
    assert not path.exists()


def test_what_is_there_is_never_written_over(root: KeyFile, path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(KeyFileRefused, match="is there already"):
        KeyFile.create(path)
    assert path.read_bytes() == before


def test_each_damaged_byte_is_noticed(root: KeyFile, path: Path) -> None:
    """A key names itself: a changed letter is refused, or is no part of any key."""
    whole = path.read_bytes()
    wrapped = root.wrap(b"keyset", AAD)
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 1
        path.write_bytes(damaged)
        try:
            opened = KeyFile(path)
        except KeyFileRefused:
            continue
        assert opened.unwrap(wrapped, AAD) == b"keyset"


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"v":1}', '{"v":1,"keys":[]}', "\xff"])
def test_what_is_no_key_file(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_bytes(text.encode("latin-1"))
    path.chmod(0o600)
    with pytest.raises(KeyFileRefused, match="damaged"):
        KeyFile(path)


def test_a_directory_is_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(KeyFileRefused):
        KeyFile(tmp_path)


def test_wrapped_keys_are_bound_to_their_row(root: KeyFile) -> None:
    wrapped = root.wrap(b"keyset", AAD)
    assert root.unwrap(wrapped, AAD) == b"keyset"
    assert root.wrap(b"keyset", AAD) != wrapped
    with pytest.raises(SealBroken):
        root.unwrap(wrapped, AAD + b"x")
    for at in range(len(wrapped)):
        changed = bytearray(wrapped)
        changed[at] ^= 1
        with pytest.raises(SealBroken):
            root.unwrap(bytes(changed), AAD)
    for cut in range(len(wrapped)):
        with pytest.raises(SealBroken):
            root.unwrap(wrapped[:cut], AAD)


def test_another_installations_key_opens_nothing(root: KeyFile, tmp_path: Path) -> None:
    other = KeyFile.create(tmp_path / "other" / "root.key")
    with pytest.raises(UnknownKey):
        other.unwrap(root.wrap(b"keyset", AAD), AAD)
    assert other.blind("number", "+16145550142") != root.blind("number", "+16145550142")


def test_rotation_stops_nothing(root: KeyFile, path: Path) -> None:
    """A process that was started before the rotation goes on, in both directions."""
    running = KeyFile(path)
    before = running.wrap(b"old", AAD)
    look_up = running.blind("number", "+16145550142")

    newest = root.rotate()

    after = root.wrap(b"new", AAD)
    assert running.unwrap(after, AAD) == b"new"
    assert root.unwrap(before, AAD) == b"old"
    assert running.current == newest == root.current
    assert (running.is_current(before), running.is_current(after)) == (False, True)
    assert running.blind("number", "+16145550142") == look_up
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_retiring_a_root_key_ends_it(root: KeyFile, path: Path) -> None:
    first = root.current
    wrapped = root.wrap(b"old", AAD)
    root.rotate()
    with pytest.raises(KeyFileRefused, match="in use"):
        root.retire(root.current)
    root.retire(first)
    with pytest.raises(UnknownKey):
        KeyFile(path).unwrap(wrapped, AAD)
    with pytest.raises(KeyFileRefused, match="holds no root key"):
        root.retire(first)


def test_two_rotations_at_once_lose_no_key(root: KeyFile, path: Path) -> None:
    """The second is refused while the first writes; the file stays as it was."""
    beside = path.with_name("root.key.new")
    beside.touch()
    before = path.read_bytes()
    with pytest.raises(KeyFileRefused, match="another rotation runs"):
        root.rotate()
    assert path.read_bytes() == before
    beside.unlink()
    KeyFile(path).rotate()
    root.rotate()
    assert len(KeyFile(path).names) == 3


def test_a_refused_rotation_leaves_nothing_behind(root: KeyFile, path: Path) -> None:
    path.chmod(0o644)
    with pytest.raises(KeyFileRefused):
        root.rotate()
    assert [found.name for found in path.parent.iterdir()] == ["root.key"]


def test_every_group_is_rewrapped(root: KeyFile, path: Path) -> None:
    """Rotate, rewrap, retire: afterwards the old key is of no use and every group still opens."""
    envelope = Envelope(root)
    stored = {group: envelope.new_group(group) for group in (GROUP, OTHER)}
    sealed = {g: envelope.open_group(g, keys).seal(b"Dana", b"row") for g, keys in stored.items()}
    hashes = {g: envelope.open_group(g, keys).blind("n", "1") for g, keys in stored.items()}
    first = root.current
    root.rotate()
    for group, keys in stored.items():
        rewrapped = envelope.rewrap_group(group, keys)
        assert rewrapped is not None
        assert envelope.rewrap_group(group, rewrapped) is None
        stored[group] = rewrapped
    root.retire(first)

    afresh = Envelope(KeyFile(path))
    for group, keys in stored.items():
        opened = afresh.open_group(group, keys)
        assert opened.open(sealed[group], b"row") == b"Dana"
        assert opened.blind("n", "1") == hashes[group]


def test_a_root_key_shows_itself_to_nobody(root: KeyFile, path: Path) -> None:
    secret = path.read_text().split('"lookup": "')[1].split('"')[0]
    assert secret not in repr(root)
    with pytest.raises(TypeError):
        pickle.dumps(root)
