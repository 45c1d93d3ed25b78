"""`python -m training.hear`: learn what texts ask for, and write the weights that are shipped.

    (nothing)   learn and write `weights.toml`
    --check     learn and say whether the shipped weights are the same, to the byte
    --curve     what the layers and the scores do together on rows left out in turn

Not here: the figures on rows kept aside (`report`).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from zlib import crc32

from lotline.core.base.scorer import Features, Scorer, ordered, parse_scorer, render_scorer
from lotline.core.consent.hearing.hear import by_tables, weigh
from lotline.core.consent.hearing.lexicon import load_lexicon
from lotline.core.consent.hearing.normalise import fold, tidy
from lotline.core.consent.hearing.quotes import own_words
from lotline.core.consent.hearing.scored import (
    LABELS,
    features_of_text,
    load_limits,
    proper_of,
    score_text,
)
from training.fit import Lesson, Pace, fit
from training.noise import noisy
from training.rows import HERE, ROOT, Row, pick, read_lines, read_rows, written_out

WEIGHTS = ROOT / "lotline/core/consent/hearing/weights.toml"
FIRST = ROOT / "tests/core/hearing/sentences.tsv"
_LABEL_OF = {
    "revoke": "stop",
    "revoke_partial": "limit",
    "wrong_number": "wrong",
    "reopt_in": "return",
    "help": "none",
    "none": "none",
    "ambiguous": "unclear",
}
_TIMES = {
    "revoke": 14,
    "revoke_partial": 16,
    "wrong_number": 16,
    "none": 14,
    "ambiguous": 8,
    "reopt_in": 8,
}
_SLIPS = {"revoke": 1, "wrong_number": 1}
_CURVE = ((0.7, 0.2), (0.8, 0.25), (0.85, 0.3), (0.9, 0.35), (0.9, 0.5), (0.95, 0.5), (2.0, 2.0))
_ALONE, _MATTERS = 2.0, {"none": 1.3, "revoke_partial": 1.3}
PACE = Pace()


def read_all() -> list[Row]:
    """Every row to learn from, unexpanded."""
    lists = sorted((HERE / "hearings").glob("*.txt"))
    alone = [FIRST, *sorted((HERE / "hearings").glob("*.tsv"))]
    rows = [row for path in alone for row in read_rows(path)]
    return [*rows, *(row for path in lists for row in read_lines(path)), *asked_of_us()]


def asked_of_us() -> list[Row]:
    """What customers wrote in the rows about purposes: everyday texts, where no table objects."""
    tables = sorted((HERE / "purposes").glob("*.tsv"))
    found = {row.last_in: row for path in tables for row in read_rows(path) if row.last_in}
    return [
        Row(said, "none", said, row.lang, note="everyday")
        for said, row in found.items()
        if by_tables(said)[0].decision == "none"
    ]


def features(text: str) -> Features:
    """As the product sees the text."""
    clean = tidy(text[:2000])
    return ordered(features_of_text(own_words(fold(clean)).words, proper_of(clean)))


def lessons_of(rows: Sequence[Row]) -> list[Lesson]:
    """Every row written out, with slips, and some behind others."""
    out = [one for row in rows for one in written_out(row, _TIMES.get(row.label, 4))]
    texts = {(one.text, one.label): _weight(one) for one in out}
    for one in out:
        for turn in range(_SLIPS.get(one.label, 0)):
            texts.setdefault((noisy(one.text, turn), one.label), 1.0)
    for text, label in _side_by_side(out):
        texts.setdefault((text, label), 1.0)
    texts |= {(word, "none"): 1.0 for word in sorted(load_lexicon().not_typos)}
    return [
        Lesson(features(text), LABELS.index(_LABEL_OF[label]), weight)
        for (text, label), weight in texts.items()
    ]


def _weight(row: Row) -> float:
    """A row that stands for itself alone counts more; so do limits and what asks for nothing."""
    alone = _ALONE if row.text == row.family else 1.0
    return alone * _MATTERS.get(row.label, 1.0)


def _side_by_side(rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """A text behind another that asks for nothing; the one that asks gives its label."""
    plain = [row.text for row in rows if row.label == "none" and 2 < len(row.text.split()) < 14]
    for row in rows:
        dice = crc32(f"beside:{row.text}".encode())
        if dice % 4 or len(row.text.split()) < 2 or row.label not in _TIMES:
            continue
        other = pick(plain, f"other:{row.text}")
        joint = pick([". ", "\n", " ", ", ", "! "], f"joint:{row.text}")
        pair = (other, row.text) if dice % 8 else (row.text, other)
        yield joint.join(pair), row.label


def learn(rows: Sequence[Row]) -> str:
    """The file of weights learned from these rows."""
    biases, columns = fit(lessons_of(rows), len(LABELS), PACE)
    return render_scorer(LABELS, biases, columns)


def left_out(rows: Sequence[Row], parts: int) -> Iterator[tuple[Scorer, list[Row]]]:
    """Weights learned without a part of the rows, and that part, in turn."""
    for part in range(parts):
        kept = [row for row in rows if crc32(row.family.encode()) % parts != part]
        rest = [row for row in rows if crc32(row.family.encode()) % parts == part]
        yield parse_scorer(learn(kept)), rest


def main(words: Sequence[str]) -> int:
    """The command."""
    rows = read_all()
    if "--curve" in words:
        show_curve(rows)
        return 0
    book = learn(rows)
    if "--check" in words:
        same = WEIGHTS.read_text(encoding="utf-8") == book
        show("the shipped weights are the same" if same else "the shipped weights DIFFER")
        return 0 if same else 1
    WEIGHTS.write_text(book, encoding="utf-8")
    show(f"{len(rows)} rows, {len(lessons_of(rows))} texts, {len(book) // 1024} KB")
    show(str(dict(Counter(row.label for row in rows))))
    return 0


def show_curve(rows: Sequence[Row]) -> None:
    """What each pair of thresholds would do, on families of rows left out of learning in turn."""
    known = {row.family for row in read_rows(FIRST)}
    seen = []
    for scorer, rest in left_out(rows, 3):
        for row in (row for row in rest if row.family not in known):
            for one in written_out(row, 6):
                heard, own, clean = by_tables(one.text)
                scored = score_text(own, clean, scorer) if own else None
                seen.append((one.label, heard, scored))
    show(f"{'block':>6}{'hold':>6}  caught  at once  wrong  precision  none held")
    for block, hold in _CURVE:
        limits = replace(load_limits(), stop_blocks=block, wrong_blocks=block, holds=hold)
        went = Counter(
            (label, (weigh(heard, scored, limits) if scored else heard).decision)
            for label, heard, scored in seen
        )
        show(_curve_line(block, hold, went))


def _curve_line(block: float, hold: float, went: Counter[tuple[str, str]]) -> str:
    def count(labels: Sequence[str], how: Sequence[str]) -> int:
        return sum(
            n for (label, decision), n in went.items() if label in labels and decision in how
        )

    def share(label: str, *how: str) -> float:
        return count([label], how) / max(1, sum(n for (of, _), n in went.items() if of == label))

    blocks, acted = ("block", "wrong_number"), ("block", "wrong_number", "partial", "hold")
    harmed = count(("none", "help", "reopt_in"), blocks)
    precision = 1 - harmed / max(1, count(tuple(_LABEL_OF), blocks))
    return (
        f"{block:6.2f}{hold:6.2f}{share('revoke', *acted):8.3f}{share('revoke', *blocks):9.3f}"
        f"{share('wrong_number', *acted):7.3f}{precision:11.3f}"
        f"{share('none', 'hold', 'partial'):11.3f}"
    )


def show(line: str) -> None:
    """A line for the person who learns."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
