"""The root key, in a file: what wraps the keys of every group.

The file is readable by its owner alone, or it is refused. A root key is named by a digest of
itself, and whatever it wrapped names it, so several can stand side by side while a rotation runs.
A process that meets a name it does not know reads the file again before it gives up.

A KMS takes this place by answering the same `Root` (`lotline.core.base.sealing`): wrap and unwrap
go to it, only the look-up key is wrapped by it and kept beside. Not here: keys of groups and
contacts (`envelope`).
"""

from __future__ import annotations

import json
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from hmac import digest as hmac_digest
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn, TextIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lotline.core.base.sealing import SealBroken, UnknownKey

KEY_SIZE = 32
NONCE_SIZE = 12
NAME_SIZE = 8  # hexadecimal letters of a root key's name
HEADER = b"R1"
FILE_VERSION = 1
LARGEST_FILE = 1 << 16


class KeyFileRefused(Exception):
    """The key file cannot be used. The sentence says why and what to do; it holds no key."""


class KeyFile:
    """A `Root` kept in one file. Safe to use from several threads and processes."""

    __slots__ = ("_content", "_lock", "_path", "_seen")

    def __init__(self, path: Path) -> None:
        """Read the file at `path`, or raise `KeyFileRefused`. See `create` for a new one."""
        self._path = path
        self._lock = Lock()
        self._content = _read(path)
        self._seen = _stamp(path)

    @classmethod
    def create(cls, path: Path) -> KeyFile:
        """Make a file with one fresh root key. Never writes over what is there."""
        if path.exists():
            raise KeyFileRefused(f"{path} is there already. Move it away before making a new one.")
        if not path.parent.exists():
            path.parent.mkdir(parents=True, mode=0o700)
        key, lookup = os.urandom(KEY_SIZE), os.urandom(KEY_SIZE)
        name = _name(key)
        with _beside(path) as file:
            _write(file, _Content(name, {name: key}, lookup))
        return cls(path)

    def __repr__(self) -> str:
        return f"KeyFile({str(self._path)!r}, current={self._content.current!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a root key is not copied into a pickle")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the root keys held, oldest first."""
        return tuple(self._fresh().keys)

    # --- Root --------------------------------------------------------------------------------

    @property
    def current(self) -> str:
        return self._fresh().current

    def wrap(self, plaintext: bytes, aad: bytes) -> bytes:
        content = self._fresh()
        header = HEADER + content.current.encode()
        nonce = os.urandom(NONCE_SIZE)
        sealed = AESGCM(content.keys[content.current]).encrypt(nonce, plaintext, header + aad)
        return header + nonce + sealed

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        name = _named(wrapped)
        key = self._content.keys.get(name) or self._fresh().keys.get(name)
        if key is None:
            raise UnknownKey(f"wrapped under root key {name}, which {self._path} does not hold")
        start = len(HEADER) + NAME_SIZE
        nonce, sealed = wrapped[start : start + NONCE_SIZE], wrapped[start + NONCE_SIZE :]
        try:
            return AESGCM(key).decrypt(nonce, sealed, wrapped[:start] + aad)
        except (InvalidTag, ValueError):
            raise SealBroken("a wrapped key was changed, or belongs to another row") from None

    def is_current(self, wrapped: bytes) -> bool:
        return _named(wrapped) == self.current

    def blind(self, purpose: str, value: str, size: int = 16) -> bytes:
        return b"\x01" + blinded(self._content.lookup, purpose, value, size)

    # --- rotation ----------------------------------------------------------------------------

    def rotate(self) -> str:
        """Add a fresh root key and wrap with it from now on; its name. Older ones still unwrap.

        What was wrapped before is rewrapped group by group, while everything runs.
        """
        key = os.urandom(KEY_SIZE)
        name = _name(key)
        with self._lock, _beside(self._path) as file:
            content = _read(self._path)
            _write(file, _Content(name, {**content.keys, name: key}, content.lookup))
        return name

    def retire(self, name: str) -> None:
        """Forget an older root key, once nothing is wrapped under it (the caller has looked)."""
        with self._lock, _beside(self._path) as file:
            content = _read(self._path)
            if name == content.current:
                raise KeyFileRefused(f"Root key {name} is in use. Rotate first, then retire it.")
            if name not in content.keys:
                raise KeyFileRefused(f"{self._path} holds no root key {name}.")
            keys = {held: key for held, key in content.keys.items() if held != name}
            _write(file, _Content(content.current, keys, content.lookup))

    def _fresh(self) -> _Content:
        """The file's content, read again when another process has replaced it."""
        with self._lock:
            stamp = _stamp(self._path)
            if stamp != self._seen:
                self._content, self._seen = _read(self._path), stamp
            return self._content


def blinded(key: bytes, purpose: str, value: str, size: int) -> bytes:
    """HMAC-SHA256 of a value within a purpose, cut to `size` bytes."""
    assert 16 <= size <= 32, "short enough to store, long enough not to collide"
    assert "\0" not in purpose, "a purpose ends where the value begins"
    return hmac_digest(key, purpose.encode() + b"\0" + value.encode(), "sha256")[:size]


class _Content:
    """What the file holds. A plain class: its repr shows nothing."""

    __slots__ = ("current", "keys", "lookup")

    def __init__(self, current: str, keys: dict[str, bytes], lookup: bytes) -> None:
        self.current = current
        self.keys = keys
        self.lookup = lookup


def _name(key: bytes) -> str:
    return sha256(b"lotline root key\0" + key).hexdigest()[:NAME_SIZE]


def _named(wrapped: bytes) -> str:
    if not wrapped.startswith(HEADER):
        raise SealBroken("not wrapped by a root key")
    return wrapped[len(HEADER) : len(HEADER) + NAME_SIZE].decode("ascii", "replace")


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)  # unlike any file's: the next reading says what is wrong
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _read(path: Path) -> _Content:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise KeyFileRefused(
            f"There is no root key at {path}. Put back the copy you keep elsewhere; without it "
            "nothing that was sealed can be read. For a new installation, make one."
        ) from None
    except OSError as error:
        raise KeyFileRefused(f"{path} cannot be read: {error.strerror}.") from None
    try:
        _refuse_if_open_to_others(path, os.fstat(descriptor))  # the opened file, not its name
        data = os.read(descriptor, LARGEST_FILE)
    finally:
        os.close(descriptor)
    try:
        return _parsed(json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeyFileRefused(
            f"{path} is damaged or is no root key file. Put back the copy you keep elsewhere."
        ) from None


def _refuse_if_open_to_others(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise KeyFileRefused(f"{path} is not a file.")
    if found.st_uid != os.geteuid():
        raise KeyFileRefused(
            f"{path} belongs to user {found.st_uid}, this program runs as {os.geteuid()}. "
            f"Run: chown {os.geteuid()} {path}"
        )
    if found.st_mode & 0o077:
        raise KeyFileRefused(
            f"{path} can be read by others (mode {stat.S_IMODE(found.st_mode):04o}). "
            f"Run: chmod 600 {path}, then rotate the root key if anyone else could log in here."
        )


def _parsed(value: Any) -> _Content:
    keys = {name: b64decode(key, validate=True) for name, key in value["keys"].items()}
    lookup = b64decode(value["lookup"], validate=True)
    whole = (
        value["v"] == FILE_VERSION
        and value["current"] in keys
        and len(lookup) == KEY_SIZE
        and all(len(key) == KEY_SIZE and _name(key) == name for name, key in keys.items())
    )
    if not whole:
        raise ValueError
    return _Content(value["current"], keys, lookup)


@contextmanager
def _beside(path: Path) -> Iterator[TextIO]:
    """A new file that takes the place of `path` when the block ends well.

    All or nothing: a crash leaves the old file. It is also the lock: whoever comes second is
    refused, before reading what it would write over.
    """
    beside = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise KeyFileRefused(
            f"{beside} is there: another rotation runs, or one was cut short. If none runs, "
            "remove that file; the root key itself is untouched."
        ) from None
    except OSError as error:
        raise KeyFileRefused(f"{beside} cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(directory)  # else a power cut could bring the old name back
    finally:
        os.close(directory)


def _write(file: TextIO, content: _Content) -> None:
    value = {
        "v": FILE_VERSION,
        "current": content.current,
        "keys": {name: b64encode(key).decode() for name, key in content.keys.items()},
        "lookup": b64encode(content.lookup).decode(),
    }
    file.write(json.dumps(value, indent=1) + "\n")
