"""`python -m training.purpose`: learn what texts are for, and write the weights that are shipped.

    (nothing)   learn and write `purpose_weights.toml`
    --check     learn and say whether the shipped weights are the same, to the byte
    --curve     what tables and scores do together on rows left out in turn, at several limits
    --wrong     which of those rows are taken wrongly, to learn what is missing

Not here: the figures on rows kept aside (`report`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from lotline.core.base.scorer import Features, ordered, parse_scorer, render_scorer
from lotline.core.messaging.purpose import Purpose, Said, read_text, settle
from lotline.core.messaging.purpose_scored import LABELS, features_of_text
from training.fit import Lesson, Pace, fit
from training.noise import noisy
from training.rows import HERE, ROOT, Row, read_lines, read_rows, written_out

WEIGHTS = ROOT / "lotline/core/messaging/purpose_weights.toml"
FIRST = ROOT / "tests/core/messaging/purpose.tsv"
TIMES = 20
PACE = Pace(rounds=10)
_CURVE = (0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0)  # times the limit that is shipped


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


@dataclass(frozen=True, slots=True)
class Seen:
    """A row that was left out of learning, and what was made of it."""

    row: Row
    said: Said
    likely: dict[str, float]


def left_out(rows: Sequence[Row], parts: int = 3) -> Iterator[Seen]:
    """Each row with weights that were learned without its family."""
    for part in range(parts):
        scorer = parse_scorer(
            learn([row for row in rows if crc32(row.family.encode()) % parts != part])
        )
        for row in (row for row in rows if crc32(row.family.encode()) % parts == part):
            # One of the many it stands for: else lists of choices would count for too much.
            (one, *_) = written_out(row, 1)
            said = read_text(one.text, last_in=one.last_in or None, minutes_since=one.minutes)
            likely = scorer.score(features_of_text(said.plain, said.asked, said.marks))
            yield Seen(one, said, likely)


def show_left_out(rows: Sequence[Row], *, wrong: bool) -> None:
    """The shares at other limits, and with `wrong` the rows."""
    seen = list(left_out(rows))
    offers = sum(one.row.label == "offer" for one in seen)
    for times in _CURVE:
        taken = [one for one in seen if settle(one.said, one.likely, times) is Purpose.OFFER]
        hit = sum(one.row.label == "offer" for one in taken)
        missed, others = 1 - hit / offers, (len(taken) - hit) / (len(seen) - offers)
        sys.stdout.write(
            f"limit x {times}: offers missed {missed:.3f}, others taken {others:.3f}\n"
        )
    sys.stdout.write(f"{offers} offers, {len(seen) - offers} others\n")
    for one in seen if wrong else ():
        made = settle(one.said, one.likely)
        if (made is Purpose.OFFER) != (one.row.label == "offer"):
            row, likely = one.row, one.likely["offer"]
            sys.stdout.write(f"{row.label}\t{likely:.2f}\t{row.text}\t{row.last_in}\n")


def main(words: Sequence[str]) -> int:
    """The command."""
    rows = read_all()
    if {"--curve", "--wrong"} & set(words):
        show_left_out(rows, wrong="--wrong" in words)
        return 0
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
