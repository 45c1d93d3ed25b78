r"""Labelled rows as they are written, and as many as they stand for.

A row may hold choices, `[stop|quit] texting [me|us]`, and slots, `{name}`, whose words stand in
`slots.toml`. It is then written out a few times, each time with other choices; which ones is
decided by a checksum, so that it is always the same. A literal `\n` is a line break.

Not here: misspellings (`noise`), what is learned (`hear`, `purpose`).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from zlib import crc32

HERE = Path(__file__).parent
ROOT = HERE.parent
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_GAPS = re.compile(r" {2,}")


@dataclass(frozen=True, slots=True)
class Row:
    """A text with its label. `family` is the row it was written out from."""

    text: str
    label: str
    family: str
    lang: str = "en"
    last_in: str = ""
    minutes: float | None = None
    scope: str = ""
    note: str = ""


def pick(options: list[str], key: str) -> str:
    """One of the options, always the same for a key."""
    return options[crc32(key.encode()) % len(options)]


@cache
def load_slots() -> dict[str, list[str]]:
    """The words of each slot, separated by a bar in the file."""
    table = tomllib.loads((HERE / "slots.toml").read_text(encoding="utf-8"))
    return {name: [word.strip() for word in words.split("|")] for name, words in table.items()}


def read_lines(path: Path) -> list[Row]:
    """The rows of a plain list: a heading, then a text a line.

    A heading is `== label language`, or `== label ## what they wrote ## minutes ago`.
    """
    rows, head = [], Row("", "", "")
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            names, *before = (part.strip() for part in line[3:].split("##"))
            label, *lang = names.split()
            last_in, minutes = before or ("", "")
            head = Row("", label, "", lang[0] if lang else "en", last_in)
            head = replace(head, minutes=float(minutes) if minutes else None)
        elif line.strip():
            text = line.replace("\\n", "\n")
            rows.append(replace(head, text=text, family=f"{head.last_in} {line}"))
    return rows


def read_rows(path: Path) -> list[Row]:
    """The rows of a file, unexpanded. Its first line names the columns."""
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    header = lines[0].split("\t")
    rows = []
    for line in lines[1:]:
        cells = dict(zip(header, line.split("\t"), strict=False))
        minutes = cells.get("minutes_since", "").strip()
        rows.append(
            Row(
                text=cells["text"].replace("\\n", "\n"),
                label=cells["label"],
                family=cells["text"],
                lang=cells.get("lang") or "en",
                last_in=cells.get("last_inbound", "").replace("\\n", "\n"),
                minutes=float(minutes) if minutes else None,
                scope=cells.get("scope", ""),
                note=cells.get("note", ""),
            )
        )
    return rows


def written_out(row: Row, most: int) -> list[Row]:
    """The row with its choices made, at most so many times, none twice."""
    if not _CHOICE.search(row.text + row.last_in) and not _SLOT.search(row.text + row.last_in):
        return [row]
    found: dict[tuple[str, str], Row] = {}
    for turn in range(most * 2):
        text = _chosen(row.text, f"{turn}:{row.family}")
        last_in = _chosen(row.last_in, f"{turn}:in:{row.family}")
        found.setdefault((text, last_in), replace(row, text=text, last_in=last_in))
        if len(found) == most:
            break
    return list(found.values())


def _chosen(text: str, key: str) -> str:
    slots = load_slots()
    turn = 0
    while True:
        found = _CHOICE.search(text) or _SLOT.search(text)
        if found is None:
            return _GAPS.sub(" ", text).strip()
        turn += 1
        options = found[1].split("|") if found[0][0] == "[" else slots[found[1]]
        text = text[: found.start()] + pick(options, f"{key}:{turn}") + text[found.end() :]
