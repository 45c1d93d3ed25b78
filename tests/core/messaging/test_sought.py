"""Looking sparingly finds what one pattern of all the ways finds, at the same place."""

from __future__ import annotations

import csv
import random
import re
import tomllib
from pathlib import Path

from lotline.core.messaging.sought import Sought, Text, letters_of

WORDS = Path(__file__).parents[3] / "lotline" / "core" / "messaging" / "purpose_words.toml"
ROWS = Path(__file__).with_name("purpose.tsv")


def lists(table: object) -> list[list[str]]:
    """Every list of patterns in the file."""
    if isinstance(table, list):
        return [table] if table else []
    return (
        [one for part in table.values() for one in lists(part)] if isinstance(table, dict) else []
    )


def test_every_list_finds_what_one_pattern_finds() -> None:
    patterns = lists(tomllib.loads(WORDS.read_text(encoding="utf-8")))
    together = [re.compile("|".join(f"(?:{way})" for way in ways)) for ways in patterns]
    sought = [Sought(ways) for ways in patterns]
    letters = letters_of(sought)
    with ROWS.open(encoding="utf-8", newline="") as file:
        rows = [row["text"].lower() for row in csv.DictReader(file, delimiter="\t", quoting=3)]
    dice = random.Random(4)
    words = [word for row in rows for word in row.split()]
    rows = [*rows[::4], "", " ", "\n", *(" ".join(dice.choices(words, k=9)) for _ in range(120))]
    found = 0
    for row in rows:
        text = Text(row, letters.in_text(row))
        for one, all_at_once in zip(sought, together, strict=True):
            hit, expected = one.search(text), all_at_once.search(row)
            assert (hit and tuple(hit)) == (expected and expected.span()), (row, expected)
            found += expected is not None
    assert found > 200
