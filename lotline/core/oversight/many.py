"""Evidence about many customers: what one member wrote, what went over one line, what is new.

Each customer is a *run*: their whole chain from its first leaf to where it ended then, linked hash
to hash, so that one proof of its last leaf holds them all. What is not shown of a leaf stays a
commitment. The export's own leaf commits to every run, to which parts it shows, and to whom it is
about. A run stands on a line of its own, so a bundle is written and read without holding it whole.

Not here: one customer's bundle (`evidence`), checking (`verify_many`), gathering (`actions`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any

from lotline.core.ledger.canonical import canonical, parse
from lotline.core.ledger.checkpoint import PublicKey
from lotline.core.ledger.leaf import commit, part_salt, to_base64
from lotline.core.ledger.merkle import Node, Nodes, inclusion_nodes, inclusion_proof
from lotline.core.oversight.evidence import Exhibit, write_exhibit

FORMAT = "lotline-evidence/2"
WHOM = "whom"
LONGEST_LINE = 1 << 28  # one customer's run; far beyond what anybody ever wrote
_RUNS = b'"runs":['
_END = b"]}"


@dataclass(frozen=True, slots=True)
class Run:
    """One customer's chain. `whom` names them and the devices of texts; `salt` is of the run."""

    whom: Mapping[str, Any]
    salt: bytes
    leaves: tuple[Exhibit, ...]

    @property
    def last(self) -> Exhibit:
        return self.leaves[-1]


class Digest:
    """What the export commits to, gathered run by run: whom, which leaves, which of their parts."""

    def __init__(self) -> None:
        self._sum = sha256()

    def take(self, whom: bytes, shown: Iterable[tuple[bytes, Iterable[str]]]) -> None:
        """`whom` is the salted commitment to whom it is about, `shown` leaf hashes with parts."""
        listed = [[to_base64(leaf), sorted(parts)] for leaf, parts in shown]
        self._sum.update(canonical([to_base64(whom), listed]) + b"\n")

    def take_run(self, run: Run) -> None:
        shown = ((one.leaf.hash, one.parts) for one in run.leaves)
        self.take(commit(dict(run.whom), run.salt), shown)

    def end(self, beside: Iterable[tuple[bytes, Iterable[str]]]) -> str:
        """With what stands beside; nothing can be added afterwards."""
        listed = [[to_base64(leaf), sorted(parts)] for leaf, parts in beside]
        self._sum.update(canonical(listed) + b"\n")
        return to_base64(self._sum.digest())


def whom_salt(export_salt: bytes) -> bytes:
    """From what the customer's own key gives for the export: gone when the key is gone."""
    return part_salt(export_salt, WHOM)


def run_nodes(size: int, runs: Iterable[Run]) -> frozenset[Node]:
    """Every stored node that the runs' proofs read."""
    wanted: set[Node] = set()
    for run in runs:
        wanted |= inclusion_nodes(run.last.index, size)
    return frozenset(wanted)


def write_head(
    *,
    origin: str,
    keys: Sequence[PublicKey],
    note: str,
    size: int,
    export: Exhibit,
    beside: Sequence[Exhibit],
    nodes: Nodes,
) -> bytes:
    """The first line: everything but the runs. Their names sort last, so this is canonical."""
    head = {
        "beside": [write_exhibit(one, size, nodes) for one in beside],
        "export": write_exhibit(export, size, nodes),
        "format": FORMAT,
        "log": {
            "origin": origin,
            "keys": [str(key) for key in keys],
            "checkpoint": note,
            "earlier": [],
        },
    }
    return canonical(head)[:-1] + b"," + _RUNS + b"\n"


def write_run(run: Run, size: int, nodes: Nodes, *, first: bool) -> bytes:
    """The line of one customer."""
    last = run.last.index
    told = {
        "index": last,
        "leaves": [
            {"leaf": written["leaf"], "shown": written["shown"]}
            for written in (write_exhibit(one) for one in run.leaves)
        ],
        "proof": [to_base64(step) for step in inclusion_proof(last, size, nodes)],
        WHOM: {"salt": to_base64(run.salt), "content": dict(run.whom)},
    }
    return (b"" if first else b",\n") + canonical(told)


def write_end() -> bytes:
    return b"\n" + _END + b"\n"


def is_many(first_line: bytes) -> bool:
    """Whether a file that begins so is laid out as here."""
    return first_line.endswith(_RUNS + b"\n")


def read_head(first_line: bytes) -> Any:
    """What the first line holds, without the runs."""
    return parse(first_line[: -len(_RUNS) - 2] + b"}")


def read_lines(source: IO[bytes]) -> Iterator[bytes]:
    """The JSON of each run, after the first line was read. Stops at the end of the list.

    A file that is cut off before it, or goes on after it, gives a line that is no JSON.
    """
    while line := source.readline(LONGEST_LINE):
        if line.rstrip(b"\n") == _END:
            if rest := source.readline(64):
                yield rest
            return
        if line != b"\n":
            yield line.removesuffix(b"\n").removesuffix(b",")
    yield b""
