"""`python -m training.report [hearing|purpose]`: the figures on rows kept aside, as docs have them.

Each share has its 95 % interval (Wilson). The rows in `aside/` shape nothing: neither tables nor
weights nor thresholds are changed because of them.

Not here: how the weights were learned (`hear`, `purpose`).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from math import sqrt

from lotline.core.consent.hearing import hear
from lotline.core.messaging.purpose import guess_purpose
from training.rows import HERE, Row, read_rows

_Z = 1.959964
_ACTED = ("block", "wrong_number", "partial", "hold")
_BLOCKED = ("block", "wrong_number")
Seen = Sequence[tuple[Row, str]]


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if not whole:
        return 0.0, 1.0
    share, squared = part / whole, _Z * _Z
    middle = share + squared / (2 * whole)
    reach = _Z * sqrt(share * (1 - share) / whole + squared / (4 * whole * whole))
    return max(0.0, (middle - reach) / (1 + squared / whole)), (middle + reach) / (
        1 + squared / whole
    )


def _line(name: str, target: str, part: int, whole: int) -> str:
    if not whole:
        return f"| {name} | {target} | - | - | 0 |"
    low, high = wilson(part, whole)
    return f"| {name} | {target} | {part / whole:.3f} | {low:.3f} to {high:.3f} | {part}/{whole} |"


_HEAD = "| measure | target | here | 95 % interval | rows |\n| --- | --- | --- | --- | --- |"


def render_hearing(rows: Sequence[Row]) -> str:
    """The table of hearing."""
    seen = [(row, hear(row.text).decision) for row in rows]

    def share(name: str, target: str, of: Callable[[Row], bool], *how: str) -> str:
        said = [decision for row, decision in seen if of(row)]
        return _line(name, target, sum(decision in how for decision in said), len(said))

    def label(*labels: str) -> Callable[[Row], bool]:
        return lambda row: row.label in labels

    def revoke(*langs: str) -> Callable[[Row], bool]:
        return lambda row: row.label == "revoke" and row.lang in langs

    blocked = [row for row, decision in seen if decision in _BLOCKED]
    harmed = sum(row.label in {"none", "help", "reopt_in"} for row in blocked)

    def plain(note: str) -> Callable[[Row], bool]:
        return lambda row: row.label == "none" and row.note == note

    lines = [
        share("revoke blocked or held, en", "≥ 0.99", revoke("en"), *_ACTED),
        share("revoke blocked or held, es and fr", "≥ 0.97", revoke("es", "fr"), *_ACTED),
        share("revoke blocked or held, others", "-", revoke(*_OTHERS), *_ACTED),
        share("revoke blocked at once", "≥ 0.90", label("revoke"), *_BLOCKED),
        share("wrong number caught", "≥ 0.97", label("wrong_number"), *_ACTED),
        _line("block precision", "≥ 0.97", len(blocked) - harmed, len(blocked)),
        share("partial turned into full block", "≤ 0.10", label("revoke_partial"), *_BLOCKED),
        share("partial missed", "≤ 0.03", label("revoke_partial"), "none", "help"),
        share("ambiguous held or stopped", "-", label("ambiguous"), *_ACTED),
        share("none held, hard", "≤ 0.10", plain("hard"), "hold", "partial"),
        share("none held, everyday", "≤ 0.01", plain("everyday"), "hold", "partial"),
        share("start taken wrongly", "0", lambda row: row.label != "reopt_in", "start"),
    ]
    counts = Counter(row.label for row in rows)
    return "\n".join([f"{len(rows)} rows: {_counted(counts)}", "", _HEAD, *lines])


_OTHERS = ("pt", "vi", "zh", "tl", "de")


def render_purpose(rows: Sequence[Row]) -> str:
    """The table of purpose."""
    seen = [
        (row, guess_purpose(row.text, last_in=row.last_in or None, minutes_since=row.minutes))
        for row in rows
    ]
    lines = []
    for name, langs in (("en", {"en"}), ("es", {"es"}), ("all", {"en", "es"})):
        offers = [
            guess.purpose for row, guess in seen if row.label == "offer" and row.lang in langs
        ]
        others = [
            guess.purpose for row, guess in seen if row.label != "offer" and row.lang in langs
        ]
        missed = sum(purpose != "offer" for purpose in offers)
        taken = sum(purpose == "offer" for purpose in others)
        lines.append(_line(f"offers missed, {name}", "≤ 0.02", missed, len(offers)))
        lines.append(_line(f"others taken for offers, {name}", "≤ 0.05", taken, len(others)))
    counts = Counter(row.label for row in rows)
    return "\n".join([f"{len(rows)} rows: {_counted(counts)}", "", _HEAD, *lines])


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{label} {count}" for label, count in sorted(counts.items()))


def main(words: Sequence[str]) -> int:
    """The command."""
    for name, render in (("hearing", render_hearing), ("purpose", render_purpose)):
        if not words or name in words:
            rows = read_rows(HERE / "aside" / f"{name}.tsv")
            sys.stdout.write(f"## {name}\n\n{render(rows)}\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
