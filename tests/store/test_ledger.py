"""The ledger as it is kept: every leaf gets one place, in an order nobody could have bent (P5)."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

from lotline.actions.sequence import sequence
from lotline.core.ledger.checkpoint import open_checkpoint, signers_of
from lotline.core.ledger.leaf import read_leaf
from lotline.core.ledger.merkle import (
    includes,
    inclusion_nodes,
    inclusion_proof,
)
from lotline.store.ledger import load_checkpoint, load_nodes, record_leaf
from tests.actions.house import House


def test_every_leaf_has_its_place_and_its_proof(lived_in: House) -> None:
    house = lived_in
    sequence(house.ctx, house.town.group_id)
    leaves = house.ask(
        "select p.seq, l.leaf, l.leaf_hash from ledger_leaves l"
        " join ledger_places p on p.leaf_id = l.id order by p.seq"
    )
    assert len(leaves) == house.ask("select count(*) from ledger_leaves")[0][0] > 5
    assert [seq for seq, _, _ in leaves] == list(range(len(leaves)))
    with house.ctx.db.transaction(house.town.group_id) as tx:
        kept = load_checkpoint(tx)
        origin = "elmdock.example"
        known = [signer.public for signer in signers_of(origin, tx.keys)]
        checkpoint = open_checkpoint(kept.note, known, origin)
        assert (checkpoint.size, checkpoint.root) == (len(leaves), bytes(kept.root))
        for seq, data, digest in leaves:
            assert read_leaf(bytes(data)).hash == bytes(digest)
            nodes = load_nodes(tx, inclusion_nodes(seq, checkpoint.size))
            proof = inclusion_proof(seq, checkpoint.size, nodes)
            assert includes(
                leaf=bytes(digest),
                index=seq,
                size=checkpoint.size,
                proof=proof,
                root=checkpoint.root,
            )


def test_a_chain_has_no_gap(lived_in: House) -> None:
    rows = lived_in.ask(
        "select contact_id, chain_seq, leaf, leaf_hash from ledger_leaves"
        " where contact_id is not null order by contact_id, chain_seq"
    )
    heads: dict[UUID, bytes] = {}
    counts: dict[UUID, int] = {}
    for contact_id, seq, data, digest in rows:
        link = read_leaf(bytes(data)).link
        assert link is not None
        assert (link.of, link.seq, link.prev) == (contact_id, seq, heads.get(contact_id))
        assert seq == counts.get(contact_id, 0) + 1
        heads[contact_id], counts[contact_id] = bytes(digest), seq
    kept = lived_in.ask("select id, chain_seq, chain_head from contacts where chain_seq > 0")
    assert {one: (counts[one], heads[one]) for one in counts} == {
        one: (seq, bytes(head)) for one, seq, head in kept
    }


def test_a_leaf_of_a_slow_transaction_never_comes_late(lived_in: House) -> None:
    """The sequencer waits for whoever may still come before."""
    house = lived_in
    group = house.town.group_id

    def act(tx: Any) -> UUID:
        row_id = house.ctx.new_id()
        record_leaf(tx, "access", row_id, None, {"act": {"id": str(row_id)}}, house.ctx.now())
        return row_id

    sequence(house.ctx, group)
    written, go_on = threading.Event(), threading.Event()
    slow_ids: list[UUID] = []

    def slow() -> None:
        with house.ctx.db.transaction(group) as tx:
            slow_ids.append(act(tx))
            written.set()
            go_on.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    written.wait(10)
    with house.ctx.db.transaction(group) as tx:
        quick_id = act(tx)
    placed_meanwhile = sequence(house.ctx, group)
    go_on.set()
    thread.join(10)
    sequence(house.ctx, group)
    places = dict(house.ask("select leaf_id, seq from ledger_places"))
    assert placed_meanwhile == 0
    assert places[slow_ids[0]] < places[quick_id]


def test_sequencers_beside_each_other_give_each_place_once(lived_in: House) -> None:
    house = lived_in
    group = house.town.group_id
    for _ in range(20):
        with house.ctx.db.transaction(group) as tx:
            row_id = house.ctx.new_id()
            record_leaf(tx, "access", row_id, None, {"act": {"id": str(row_id)}}, house.ctx.now())
    threads = [threading.Thread(target=sequence, args=(house.ctx, group)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    sequence(house.ctx, group)
    (leaves, places, biggest) = house.ask(
        "select (select count(*) from ledger_leaves), count(*), max(seq) from ledger_places"
    )[0]
    assert leaves == places == biggest + 1
