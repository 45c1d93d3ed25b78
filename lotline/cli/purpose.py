"""`lotline purpose FILE.tsv`: what the texts of a file are for, one JSON object a line.

The file's first line names its columns; `text`, `last_inbound` and `minutes_since` are read, and
the last two may be empty. Exit 2 when the file can't be read.

Not here: the judgement (`core.messaging.purpose`).
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from lotline.core.messaging.purpose import guess_purpose


def run(words: Sequence[str]) -> int:
    """The command; `words` are what follows its name."""
    if len(words) != 1:
        print("lotline purpose: name one file of texts", file=sys.stderr)
        return 2
    try:
        with Path(words[0]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
            texts = [row["text"] for row in rows]
            since = [_minutes(row.get("minutes_since")) for row in rows]
    except (OSError, UnicodeDecodeError, KeyError, ValueError) as error:
        print(f"lotline purpose: {words[0]} can't be read: {error}", file=sys.stderr)
        return 2
    for text, minutes, row in zip(texts, since, rows, strict=True):
        guess = guess_purpose(
            text or "", last_in=row.get("last_inbound") or None, minutes_since=minutes
        )
        answer = {
            "purpose": guess.purpose.value,
            "reasons": list(guess.reasons),
            "score": round(guess.score, 3),
        }
        print(json.dumps(answer, ensure_ascii=False))
    return 0


def _minutes(written: str | None) -> float | None:
    return float(written) if written and written.strip() else None
