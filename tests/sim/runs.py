"""Lives by the hundred: what a test, a soak and a broken build all run.

Not here: what a life is (`life`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lotline.config.cluster import Cluster
from lotline.store.migrate import migrate
from tests.conftest import Database, temporary_dir
from tests.sim.ground import Ground
from tests.sim.life import Life
from tests.sim.memory import Memory
from tests.sim.real import Real

MOMENTS_IN_MEMORY = 14
MOMENTS_OF_THE_REAL = 12


class Found(AssertionError):
    """A promise broke under a seed."""

    def __init__(self, ring: str, seed: int, what: str, story: list[tuple[object, ...]]) -> None:
        self.seed, self.what, self.story = seed, what, story
        super().__init__(f"seed {seed} of ring {ring}: {what}\n{told(story)}")


@dataclass(slots=True)
class Tally:
    """What many lives came to."""

    lives: int = 0
    moments: int = 0
    offered: int = 0
    words: dict[str, int] = field(default_factory=dict)

    def add(self, life: Life) -> None:
        self.lives += 1
        self.moments += len(life.story)
        self.offered += life.auditor.offered
        for word, *_ in life.story:
            self.words[word] = self.words.get(word, 0) + 1


def told(story: list[tuple[object, ...]]) -> str:
    """The story of a life, a line for each thing that happened."""
    return "\n".join("  " + " ".join(str(word) for word in line) for line in story)


def live_in_memory(seed: int, moments: int = MOMENTS_IN_MEMORY) -> Life:
    """One life of ring one."""
    return _live("one", Life(Memory(seed), seed), moments)


def live_for_real(
    ground: Ground, seed: int, moments: int = MOMENTS_OF_THE_REAL, *, within: bool = True
) -> Life:
    """One life of ring two, whose processes may end between any two statements."""
    house = Real(*ground.place(seed))
    try:
        return _live("two", Life(house, seed, within=within), moments)
    finally:
        house.forget()


def _live(ring: str, life: Life, moments: int) -> Life:
    try:
        life.live(moments)
    except Exception as trouble:
        what = str(trouble) if isinstance(trouble, AssertionError) else repr(trouble)
        raise Found(ring, life.seed, what, life.story) from trouble
    return life


@contextmanager
def a_ground() -> Iterator[Ground]:
    """A server of its own, for whoever has none."""
    with temporary_dir() as folder:
        cluster = Cluster.start(folder, durable=False)
        try:
            migrate(cluster.dsn("owner"))
            with ground_on(Database(cluster, "lotline"), folder) as ground:
                yield ground
        finally:
            cluster.stop()


@contextmanager
def ground_on(database: Database, folder: Path) -> Iterator[Ground]:
    """Lives in a database that is there already; at the end its last company is looked over."""
    ground = Ground(database, folder)
    try:
        yield ground
        ground.check()
    finally:
        ground.close()
