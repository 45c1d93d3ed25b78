"""Evidence about many customers leaves the house: what one member wrote, what went over one line.

The customers are walked twice, a handful at a time: once to say in the ledger what leaves, and
again, under the checkpoint that vouches for it, to write it. Whatever was erased in between makes
it another export than was said, so nothing is handed out and whoever asked may ask again.

Not here: one customer's bundle (`evidence`), its form (`core.oversight.many`), pages (`web`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING
from uuid import UUID

from lotline.actions.allowed import must
from lotline.actions.errors import NotYours, Refused
from lotline.actions.evidence import (
    LONGEST_PURPOSE,
    Asked,
    Exporter,
    sequence_past,
)
from lotline.actions.evidence_walk import About, Said, Walk
from lotline.core.ledger.checkpoint import BadNote, PublicKey, open_note, signers_of
from lotline.core.oversight.content import EXPORT
from lotline.core.oversight.evidence import bundle_nodes
from lotline.core.oversight.exhibits_many import many_pdf
from lotline.core.oversight.many import (
    Digest,
    Run,
    run_nodes,
    write_end,
    write_head,
    write_run,
)
from lotline.core.oversight.package import pack
from lotline.core.people.roles import may_export_evidence
from lotline.store.evidence import (
    load_places,
)
from lotline.store.exports import (
    Customer,
    in_handfuls,
)
from lotline.store.groups import load_group
from lotline.store.ledger import load_checkpoint, load_nodes
from lotline.store.members import load_members

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from io import BytesIO

    from lotline.actions.context import Context
    from lotline.core.oversight.paper import Size
    from lotline.store.shown import Viewer


@dataclass(frozen=True, slots=True)
class ExportedMany:
    """The package, and what a person should know of it. `changed` names rows that were changed."""

    export_id: UUID
    file: BytesIO
    customers: int
    leaves: int
    changed: tuple[str, ...]
    key: str
    made_at: datetime


def export_member(ctx: Context, viewer: Viewer, member_id: UUID, asked: Asked) -> ExportedMany:
    """What a member wrote, within the viewer's reach."""
    must(viewer, may_export_evidence)
    if not viewer.sees_all:
        with ctx.db.transaction(viewer.group_id) as tx:
            within = {one.id for one in load_members(tx, viewer, ctx.now())}
        if member_id not in within:
            raise NotYours
    return _export(ctx, viewer.group_id, About("member", member_id), _exporter(viewer), asked)


def export_line(ctx: Context, viewer: Viewer, line_id: UUID, asked: Asked) -> ExportedMany:
    """What went over a line."""
    must(viewer, may_export_evidence)
    if not viewer.sees_all and line_id not in viewer.line_ids:
        raise NotYours
    return _export(ctx, viewer.group_id, About("line", line_id), _exporter(viewer), asked)


def export_many_by_command(
    ctx: Context, group_id: UUID, about: About, asked: Asked, *, name: str
) -> ExportedMany:
    """For whoever runs the installation, and for what leaves by the clock."""
    return _export(ctx, group_id, about, Exporter(None, name), asked)


def _exporter(viewer: Viewer) -> Exporter:
    return Exporter(viewer.member_id, viewer.name, None if viewer.sees_all else viewer.line_ids)


def _export(
    ctx: Context, group_id: UUID, about: About, who: Exporter, asked: Asked
) -> ExportedMany:
    why = " ".join(asked.purpose.split())
    if not why or len(why) > LONGEST_PURPOSE:
        raise Refused("Say what the evidence is for.")
    if asked.since is not None and asked.until is not None and asked.since >= asked.until:
        raise Refused("The last day must not be before the first.")
    asked = replace(asked, purpose=why)
    walk = Walk(ctx, group_id, about, who, asked)
    said = walk.say()
    sequence_past(ctx, group_id, said.export_id)
    writing = _Writing(walk, said)
    file = pack(
        writing.pieces(),
        lambda bundle, digest: _paper(bundle, digest, asked.paper),
        made_at=ctx.now(),
    )
    assert said.made_at is not None, "it was said"
    return ExportedMany(
        said.export_id,
        file,
        len(said.customers),
        said.leaves,
        tuple(said.changed),
        writing.key,
        said.made_at,
    )


def _paper(bundle: IO[bytes], digest: str, size: Size) -> bytes:
    return many_pdf(bundle, digest, size=size)


# --- then: write it under a signature --------------------------------------------------------


class _Writing:
    """The bundle, piece by piece."""

    def __init__(self, walk: Walk, said: Said) -> None:
        self._walk, self._said = walk, said
        self.key = ""

    def pieces(self) -> Iterator[bytes]:
        walk, said = self._walk, self._said
        assert said.export is not None, "it was said"
        with walk.ctx.db.transaction(walk.group_id) as tx:
            signed = load_checkpoint(tx)
            origin = load_group(tx).origin
            known = [signer.public for signer in signers_of(origin, tx.keys)]
            places = load_places(tx, [one.leaf.id for one in (said.export, *said.beside)])
            export = replace(said.export, index=places[said.export.leaf.id])
            beside = [replace(one, index=places[one.leaf.id]) for one in said.beside]
            nodes = load_nodes(tx, bundle_nodes(signed.size, [export, *beside]))
        self.key = str(known[0])
        yield write_head(
            origin=origin,
            keys=[key for key in known if _signed(signed.note, key)],
            note=signed.note,
            size=signed.size,
            export=export,
            beside=beside,
            nodes=nodes,
        )
        digest = Digest()
        first = True
        for runs in self._handfuls(said.customers):
            with walk.ctx.db.transaction(walk.group_id) as tx:
                nodes = load_nodes(tx, run_nodes(signed.size, runs))
            for run in runs:
                digest.take_run(run)
                yield write_run(run, signed.size, nodes, first=first)
                first = False
        yield write_end()
        shown = digest.end((one.leaf.hash, one.parts) for one in said.beside)
        if shown != said.export.parts[EXPORT]["shown"]:
            raise Refused("Something was erased or changed while this was made. Ask again.")

    def _handfuls(self, customers: Sequence[Customer]) -> Iterator[list[Run]]:
        for handful in in_handfuls(customers):
            yield [run for run, _ in self._walk.runs(handful, self._said.export_id)]


def _signed(note: str, key: PublicKey) -> bool:
    try:
        open_note(note, [key])
    except BadNote:
        return False
    return True
