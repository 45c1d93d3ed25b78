"""A package from outside is what we hand out, or it is refused before a byte of it is unpacked."""

from __future__ import annotations

import io
import stat
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lotline.cli.verify import run
from tests.core.oversight.history import WHOLE

Make = Callable[[zipfile.ZipFile], None]


def zipped(*makes: Make) -> bytes:
    sink = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as made:
        warnings.simplefilter("ignore")  # of doubled names, which are the point
        for make in makes:
            make(made)
    return sink.getvalue()


def holding(name: str, data: bytes = b"x", mode: int = 0o600) -> Make:
    def make(made: zipfile.ZipFile) -> None:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        made.writestr(entry, data)

    return make


BUNDLE = holding("evidence.json", WHOLE)
GOOD = zipped(BUNDLE, holding("evidence.pdf"), holding("verify.html"), holding("SHA256SUMS"))


def flagged(data: bytes, flag: int) -> bytes:
    """The bit set in the entry's own header and in the directory."""
    changed = bytearray(data)
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found = changed.find(magic)
        changed[found + at] |= flag
    return bytes(changed)


def packed_as(data: bytes, method: int) -> bytes:
    changed = bytearray(data)
    for magic, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        found = changed.find(magic)
        changed[found + at] = method
    return bytes(changed)


def damaged(data: bytes, at: int) -> bytes:
    start = data.index(b"evidence.json") + len("evidence.json")
    changed = bytearray(data)
    changed[start + at] ^= 0xFF
    return bytes(changed)


def crc_off(data: bytes) -> bytes:
    changed = bytearray(data)
    for magic, at in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        changed[changed.find(magic) + at] ^= 0xFF
    return bytes(changed)


HOSTILE = {
    "no bundle": zipped(holding("verify.html")),
    "nothing": zipped(),
    "two bundles": zipped(BUNDLE, holding("evidence.json", WHOLE)),
    "a bundle in a folder": zipped(holding("in/evidence.json", WHOLE)),
    "a way up": zipped(BUNDLE, holding("../../.bashrc")),
    "an absolute name": zipped(BUNDLE, holding("/etc/cron.d/x")),
    "a drive": zipped(BUNDLE, holding("C:evil.exe")),
    "a backslash": zipped(BUNDLE, holding("..\\evil.exe")),
    "a link": zipped(BUNDLE, holding("link", b"/etc/passwd", stat.S_IFLNK | 0o777)),
    "a bomb": zipped(holding("evidence.json", b" " * 50_000_000)),
    "a bomb beside": zipped(BUNDLE, holding("evidence.pdf", b"0" * 50_000_000)),
    "a crowd": zipped(BUNDLE, *(holding(f"f{n}") for n in range(30))),
    "a password": flagged(zipped(BUNDLE), 0x1),
    "another packing": packed_as(zipped(BUNDLE), 12),
    "an unknown packing": packed_as(zipped(BUNDLE), 99),
    "a damaged stream": damaged(zipped(BUNDLE), 0),
    "a damaged middle": damaged(zipped(BUNDLE), 900),
    "a sum that is off": crc_off(zipped(BUNDLE)),
    "cut off": GOOD[:-10],
    "a directory that lies": GOOD.replace(b"PK\x03\x04", b"PK\x03\x05", 1),
}


def test_ours_is_read(tmp_path: Path) -> None:
    path = tmp_path / "evidence.zip"
    path.write_bytes(GOOD)
    assert run([str(path)]) == 0


@pytest.mark.parametrize("what", HOSTILE)
def test_a_strangers_is_refused(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "evidence.zip"
    path.write_bytes(HOSTILE[what])
    assert run([str(path)]) == 2
    assert "UNREADABLE" in capsys.readouterr().err
