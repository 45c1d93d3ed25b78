"""`python -m training.purpose`: learn what texts are for, and write the weights that are shipped.

    (nothing)   learn and write `purpose_weights.toml`
    --check     learn and say whether the shipped weights are the same, to the byte

Not here: the figures on rows kept aside (`report`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from lotline.core.base.scorer import Features, ordered, render_scorer
from lotline.core.messaging.purpose import read_text
from lotline.core.messaging.purpose_scored import LABELS, features_of_text
from training.fit import Lesson, Pace, fit
from training.noise import noisy
from training.rows import HERE, ROOT, Row, read_lines, read_rows, written_out

WEIGHTS = ROOT / "lotline/core/messaging/purpose_weights.toml"
FIRST = ROOT / "tests/core/messaging/purpose.tsv"
TIMES = 20
PACE = Pace(rounds=10)


def read_all() -> list[Row]:
    """Every row to learn from, unexpanded."""
    lists = sorted((HERE / "purposes").glob("*.txt"))
    alone = [FIRST, *sorted((HERE / "purposes").glob("*.tsv"))]
    rows = [row for path in alone for row in read_rows(path)]
    return [*rows, *(row for path in lists for row in read_lines(path))]


def features(row: Row) -> Features:
    """As the product sees the text."""
    said = read_text(row.text, last_in=row.last_in or None, minutes_since=row.minutes)
    return ordered(features_of_text(said.plain, said.asked, said.marks))


def lessons_of(rows: Sequence[Row]) -> list[Lesson]:
    """Every row written out, and a third of them with slips."""
    out = [one for row in rows for one in written_out(row, TIMES)]
    slips = [_slipped(one) for one in out[::3]]
    seen = {(one.text, one.last_in, one.label): one for one in [*out, *slips]}
    return [Lesson(features(one), LABELS.index(one.label)) for one in seen.values()]


def _slipped(row: Row) -> Row:
    text = noisy(row.text, 1)
    return Row(text, row.label, row.family, row.lang, row.last_in, row.minutes)


def learn(rows: Sequence[Row]) -> str:
    """The file of weights learned from these rows."""
    biases, columns = fit(lessons_of(rows), len(LABELS), PACE)
    return render_scorer(LABELS, biases, columns)


def main(words: Sequence[str]) -> int:
    """The command."""
    rows = read_all()
    book = learn(rows)
    if "--check" in words:
        same = WEIGHTS.read_text(encoding="utf-8") == book
        sys.stdout.write(f"the shipped weights {'are the same' if same else 'DIFFER'}\n")
        return 0 if same else 1
    WEIGHTS.write_text(book, encoding="utf-8")
    sys.stdout.write(f"{len(rows)} rows, {len(lessons_of(rows))} texts, {len(book) // 1024} KB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
