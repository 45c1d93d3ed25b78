"""The evidence bundle: one contact's history, handed to an outsider with everything to check it.

It holds every leaf of the contact's chain from the first to the export itself, each with its proof
of inclusion under one signed checkpoint, and the parts that are shown with their salts. The last
leaf says who exported what, and commits to which leaves and parts the bundle shows, so nothing can
be left out of it afterwards. There is nothing in it beside: what is not committed to is not there.

Not here: checking it (`verify`), gathering it from rows (`store`), pages for people (`web`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from lotline.core.ledger.canonical import canonical, parse
from lotline.core.ledger.checkpoint import PublicKey
from lotline.core.ledger.leaf import Leaf, part_salt, to_base64
from lotline.core.ledger.merkle import (
    Node,
    Nodes,
    Proof,
    consistency_nodes,
    consistency_proof,
    inclusion_nodes,
    inclusion_proof,
)

FORMAT = "lotline-evidence/1"
BUNDLE = "evidence.json"  # what the file is called, alone or in a package


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A leaf, its place in the log, and what of it is shown.

    `salt` is the leaf's own (`Seal.salt(leaf.id)`); it stays inside. Only the salts of the parts
    that are shown go into the bundle.
    """

    leaf: Leaf
    index: int
    salt: bytes = b""
    parts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An older checkpoint that the reader may hold; the bundle proves that the log grew from it."""

    note: str
    size: int


def shown_digest(shown: Iterable[tuple[Leaf, Iterable[str]]]) -> str:
    """What the export commits to: which leaves (the chain's in order, then those beside it) and
    which of their parts the bundle shows, without the export's own leaf.
    """
    listed = [[to_base64(leaf.hash), sorted(parts)] for leaf, parts in shown]
    return to_base64(sha256(canonical(listed)).digest())


def bundle_nodes(
    size: int, exhibits: Sequence[Exhibit], earlier: Sequence[Earlier] = ()
) -> frozenset[Node]:
    """Every stored node that the bundle's proofs read: one query fetches them."""
    wanted: set[Node] = set()
    for exhibit in exhibits:
        wanted |= inclusion_nodes(exhibit.index, size)
    for older in earlier:
        wanted |= consistency_nodes(older.size, size)
    return frozenset(wanted)


def make_bundle(
    *,
    origin: str,
    keys: Sequence[PublicKey],
    note: str,
    size: int,
    chain: Sequence[Exhibit],
    beside: Sequence[Exhibit] = (),
    earlier: Sequence[Earlier] = (),
    nodes: Nodes,
) -> dict[str, Any]:
    """The bundle under the checkpoint `note` of `size` leaves.

    `chain` is the contact's whole chain in order, the export's leaf last; `beside` are leaves of
    no chain that belong to the story (the authors' signatures under the policy). `keys` are those
    that signed any of the notes, and no other.
    """
    return {
        "format": FORMAT,
        "log": {
            "origin": origin,
            "keys": [str(key) for key in keys],
            "checkpoint": note,
            "earlier": [
                {
                    "checkpoint": older.note,
                    "proof": _written(consistency_proof(older.size, size, nodes)),
                }
                for older in earlier
            ],
        },
        "chain": [write_exhibit(exhibit, size, nodes) for exhibit in chain],
        "beside": [write_exhibit(exhibit, size, nodes) for exhibit in beside],
    }


def write_bundle(bundle: Mapping[str, Any]) -> bytes:
    """The file: canonical, with a newline at its end."""
    return canonical(dict(bundle)) + b"\n"


def write_exhibit(exhibit: Exhibit, size: int = 0, nodes: Nodes | None = None) -> dict[str, Any]:
    """A leaf as a bundle holds it. Without nodes it has no proof: another's proof holds it."""
    proof = () if nodes is None else inclusion_proof(exhibit.index, size, nodes)
    return {
        "index": exhibit.index,
        "leaf": parse(exhibit.leaf.data),
        "proof": _written(proof),
        "shown": {
            name: {"salt": to_base64(part_salt(exhibit.salt, name)), "content": content}
            for name, content in exhibit.parts.items()
        },
    }


def _written(proof: Proof) -> list[str]:
    return [to_base64(step) for step in proof]
