"""Many texts leave as one file, in the memory of a few customers, the packed file and the paper."""

from __future__ import annotations

import io
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from lotline.core.ledger.checkpoint import Checkpoint, sign_checkpoint
from lotline.core.ledger.leaf import Head, LeafKind, make_leaf, next_link
from lotline.core.ledger.merkle import Frontier, Node, append
from lotline.core.oversight import content
from lotline.core.oversight.evidence import Exhibit
from lotline.core.oversight.exhibits_many import many_pdf
from lotline.core.oversight.many import Digest, Run, run_nodes, write_end, write_head, write_run
from lotline.core.oversight.package import pack
from lotline.core.oversight.unpacking import open_package
from lotline.core.oversight.verify_many import verify_many
from tests.core.oversight.history import BEN, GROUP, LINE, ORIGIN, salt_of, signer

CUSTOMERS, EACH = 100, 20
MOST_MB = 60
AT = datetime(2026, 11, 21, 18, tzinfo=UTC)


def a_run(n: int, places: Iterator[int]) -> Run:
    """A customer who wrote and was answered, each answer decided twice, with facts as they are."""
    contact, head, leaves = UUID(int=(n + 1) << 64), None, []

    def add(kind: LeafKind, at: datetime, parts: dict[str, dict[str, object]], row: UUID) -> Head:
        salt = salt_of(row)
        link = next_link(contact, head)
        made = make_leaf(kind=kind, group=GROUP, id=row, at=at, parts=parts, salt=salt, link=link)
        leaves.append(Exhibit(made, next(places), salt, parts))
        return made.head

    for m in range(EACH):
        at = AT + timedelta(minutes=m)
        text, first, second = (UUID(int=((n + 1) << 32) + 4 * m + k) for k in range(3))
        out = m % 2
        if out:
            for row, stage in ((first, "submit"), (second, "dispatch")):
                part = content.decision_part(
                    row,
                    text=text,
                    contact=contact,
                    stage=stage,
                    verdict="allow",
                    rulebook="2026.11.21-1",
                    findings=[{"rule": "FED-REPLY-1", "says": "They wrote first.", "x": "y" * 900}],
                    hold_until=None,
                    decided_at=at,
                )
                facts: dict[str, object] = {"member": {"trained": True}, "long": "z" * 900}
                head = add(LeafKind.DECISION, at, {"decision": part, "facts": facts}, row)
        part = content.text_part(
            text,
            contact=contact,
            line=LINE,
            direction="out" if out else "in",
            sender="person" if out else "customer",
            author=BEN if out else None,
            purpose="reply" if out else None,
            body=f"Words number {m} of customer {n}, about the car with the long name",
            added=None,
            media=[],
            written_at=at,
        )
        head = add(LeafKind.TEXT, at, {"text": part}, text)
    whom = {"id": str(contact), "name": f"Customer {n}", "number": "+16145550142", "devices": {}}
    return Run(whom, salt_of(contact), tuple(leaves))


def walk(places: Iterator[int]) -> Iterator[Run]:
    for n in range(CUSTOMERS):
        yield a_run(n, places)


@pytest.mark.slow
def test_two_thousand_texts(capsys: pytest.CaptureFixture[str]) -> None:
    digest, grown, nodes = Digest(), Frontier(), dict[Node, bytes]()
    for run in walk(iter(range(1 << 30))):
        digest.take_run(run)
        appended = append(grown, [one.leaf.hash for one in run.leaves])
        grown, _ = appended.frontier, nodes.update(appended.nodes)
    export = UUID(int=7)
    part = content.many_part(
        export,
        group=GROUP,
        group_name="Northside",
        about={"kind": "member", "id": str(BEN), "name": "Ben Ostrander"},
        exporter=BEN,
        exporter_name="Ada Quist",
        purpose="large",
        made_at=AT,
        includes=["consent", "texts"],
        people={BEN: "Ben Ostrander"},
        lines={LINE: "+16145550101"},
        shown=digest.end([]),
        span=(None, None),
        zone="America/New_York",
        faults=[],
    )
    leaf = make_leaf(
        kind=LeafKind.EXPORT,
        group=GROUP,
        id=export,
        at=AT,
        parts={"export": part},
        salt=salt_of(export),
    )
    last = Exhibit(leaf, grown.size, salt_of(export), {"export": part})
    appended = append(grown, [leaf.hash])
    nodes.update(appended.nodes)
    size = appended.frontier.size
    note = sign_checkpoint(Checkpoint(ORIGIN, size, appended.frontier.root), (signer(),))

    def pieces() -> Iterator[bytes]:
        yield write_head(
            origin=ORIGIN,
            keys=[signer().public],
            note=note,
            size=size,
            export=last,
            beside=[],
            nodes=nodes,
        )
        for n, run in enumerate(walk(iter(range(1 << 30)))):
            assert run_nodes(size, [run]) <= nodes.keys()
            yield write_run(run, size, nodes, first=not n)
        yield write_end()

    tracemalloc.start()
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    file = pack(pieces(), many_pdf, made_at=AT)
    most = (tracemalloc.get_traced_memory()[1] - before) / 1e6
    tracemalloc.stop()
    began = time.monotonic()
    report = verify_many(open_package(io.BytesIO(file.getvalue())))
    checked = time.monotonic() - began
    with capsys.disabled():
        print(
            f"\n{report.leaves:,} entries, {len(file.getvalue()) / 1e6:.0f} MB; "
            f"{most:.0f} MB of memory at most; checked in {checked:.0f} s"
        )
    assert report.problems == []
    assert report.kinds["text in"] + report.kinds["text out"] == CUSTOMERS * EACH
    assert most < MOST_MB
