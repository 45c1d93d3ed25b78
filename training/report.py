"""`python -m training.report [hearing|purpose]`: the figures on rows kept aside, as docs have them.

    --write DAY put them, with the day and the operating curve, into `docs/`

Each share has its 95 % interval (Wilson). The rows in `aside/` shape nothing: neither tables nor
weights nor thresholds are changed because of them.

Not here: how the weights were learned (`hear`, `purpose`).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from math import sqrt

from lotline.core.consent.hearing import hear
from lotline.core.consent.hearing.hear import by_tables, decide
from lotline.core.consent.hearing.scored import load_limits, score_text
from lotline.core.messaging.purpose import Purpose, guess_purpose, read_text, settle
from lotline.core.messaging.purpose_scored import score_text as score_purpose
from training.rows import HERE, ROOT, Row, read_rows

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


_LIMITS = (0.25, 0.5, 0.75, 1.0, 1.7, 2.5)


def render_purpose_curve(rows: Sequence[Row]) -> str:
    """What other limits would have done on the same rows; nothing is chosen by it."""
    seen = []
    for row in rows:
        said = read_text(row.text, last_in=row.last_in or None, minutes_since=row.minutes)
        seen.append((row, said, score_purpose(said.plain, said.asked, said.marks)))
    lines = ["| limit times | offers missed | others taken for offers |", "| --- | --- | --- |"]
    for times in _LIMITS:
        made = [
            (row.label == "offer", settle(said, likely, times) is Purpose.OFFER)
            for row, said, likely in seen
        ]
        missed = [not taken for offer, taken in made if offer]
        wrong = [taken for offer, taken in made if not offer]
        share = f"{sum(missed) / len(missed):.3f} | {sum(wrong) / len(wrong):.3f}"
        lines.append(f"| {times} | {share} |")
    return "\n".join(lines)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{label} {count}" for label, count in sorted(counts.items()))


_CURVE = ((0.7, 0.15), (0.7, 0.3), (0.8, 0.3), (0.9, 0.15), (0.9, 0.3), (0.9, 0.5), (0.97, 0.5))
_BEGIN, _END = "<!-- written by python -m training.report --write -->", "<!-- until here -->"


def render_curve(rows: Sequence[Row]) -> str:
    """What other thresholds would have done on the same rows; nothing is chosen by it."""
    seen = []
    for row in rows:
        tables, own, clean = by_tables(row.text)
        seen.append((row, tables, own, score_text(own, clean) if own else None))
    lines = [
        (
            "| block from | hold from | revoke caught | at once | wrong number caught | precision "
            "| hard none held | everyday none held |"
        ),
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for block, hold in _CURVE:
        limits = replace(load_limits(), stop_blocks=block, wrong_blocks=block, holds=hold)
        said = [
            (row, (decide(tables, own, scored, limits) if scored else tables).decision)
            for row, tables, own, scored in seen
        ]
        lines.append(f"| {block} | {hold} | {' | '.join(_points(said))} |")
    return "\n".join(lines)


def _points(said: Seen) -> list[str]:
    def share(of: Callable[[Row], bool], how: Sequence[str]) -> str:
        rows = [decision for row, decision in said if of(row)]
        return f"{sum(one in how for one in rows) / max(1, len(rows)):.3f}"

    blocked = [row for row, decision in said if decision in _BLOCKED]
    harmed = sum(row.label in {"none", "help", "reopt_in"} for row in blocked)
    return [
        share(lambda row: row.label == "revoke", _ACTED),
        share(lambda row: row.label == "revoke", _BLOCKED),
        share(lambda row: row.label == "wrong_number", _ACTED),
        f"{1 - harmed / max(1, len(blocked)):.3f}",
        share(lambda row: row.label == "none" and row.note == "hard", ("hold", "partial")),
        share(lambda row: row.label == "none" and row.note == "everyday", ("hold", "partial")),
    ]


def main(words: Sequence[str]) -> int:
    """The command."""
    for name, render in (("hearing", render_hearing), ("purpose", render_purpose)):
        if name not in words and {"hearing", "purpose"} & set(words):
            continue
        rows = read_rows(HERE / "aside" / f"{name}.tsv")
        page = render(rows)
        if "--write" not in words:
            sys.stdout.write(f"## {name}\n\n{page}\n\n")
            continue
        if name == "hearing":
            page += f"\n\n### The operating curve on the same rows\n\n{render_curve(rows)}"
        else:
            page += f"\n\n### The same at other limits\n\n{render_purpose_curve(rows)}"
        day = date.fromisoformat(words[-1])
        _write(name, f"Figures of {day:%-d %B %Y}, from `training/aside/{name}.tsv`.\n\n{page}")
    return 0


def _write(name: str, page: str) -> None:
    path = ROOT / "docs" / f"{name}.md"
    before, _, rest = path.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    path.write_text(f"{before}{_BEGIN}\n{page}\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
