"""Logistic regression over labels, by plain steps in a fixed order.

Nothing here is random and nothing depends on a library: the order of the rows comes from a
checksum, the arithmetic is that of the language.

Not here: which rows (`rows`), how weights are kept (`lotline.core.base.scorer`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

from lotline.core.base.scorer import BUCKETS, Features, likelihoods, shares

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOO_SMALL = 0.004  # a row that is right by this much teaches nothing


@dataclass(frozen=True, slots=True)
class Lesson:
    """One text to learn from; `weight` is how much its label matters."""

    features: Features
    label: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast and how long to learn, and how strongly weights are drawn back to nothing."""

    rounds: int = 9
    step: float = 4.0
    slows: float = 0.35
    forgets: float = 0.06


def fit(
    lessons: Sequence[Lesson], labels: int, pace: Pace
) -> tuple[list[float], list[list[float]]]:
    """The biases and the columns of weights; the mean over the later half of the rounds."""
    biases = [0.0] * labels
    columns = [[0.0] * BUCKETS for _ in range(labels)]
    mean_biases, means, kept = [0.0] * labels, [[0.0] * BUCKETS for _ in range(labels)], 0
    for turn in range(pace.rounds):
        step = pace.step / (1 + pace.slows * turn)
        order = sorted(range(len(lessons)), key=lambda at: crc32(f"{turn}:{at}".encode()))
        for at in order:
            _learn(lessons[at], biases, columns, step)
        kept_part = 1 - pace.forgets
        columns = [[weight * kept_part for weight in column] for column in columns]
        if turn >= pace.rounds // 2:
            kept += 1
            mean_biases = [mean + bias for mean, bias in zip(mean_biases, biases, strict=True)]
            means = [
                [mean + weight for mean, weight in zip(*pair, strict=True)]
                for pair in zip(means, columns, strict=True)
            ]
    return [bias / kept for bias in mean_biases], [[w / kept for w in column] for column in means]


def _learn(lesson: Lesson, biases: list[float], columns: list[list[float]], step: float) -> None:
    parts_of = lesson.features
    groups = list(
        zip((parts_of.words, parts_of.letters, parts_of.shapes), shares(parts_of), strict=True)
    )
    sums = [
        bias + sum(by * sum(map(column.__getitem__, buckets)) for buckets, by in groups)
        for bias, column in zip(biases, columns, strict=True)
    ]
    for at, part in enumerate(likelihoods(sums)):
        off = (part - (at == lesson.label)) * lesson.weight
        if abs(off) < _TOO_SMALL:
            continue
        biases[at] -= 0.1 * step * off
        column = columns[at]
        for buckets, by in groups:
            change = step * off * by
            for bucket in buckets:
                column[bucket] -= change
