"""The texting policy: the owner adopts a version, each member signs it, training is passed.

A signature is a row, a leaf of the ledger, and the typed name under the very words that were shown.

Not here: what an unsigned member may not do (`core.gate`), the training itself (`web`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

from lotline.actions.allowed import must, must_be_here
from lotline.actions.errors import Refused
from lotline.core.ledger.leaf import LeafKind
from lotline.core.oversight.content import ACT, act_part
from lotline.core.people.roles import may_change_rules
from lotline.store.access import record_act
from lotline.store.events import record_event
from lotline.store.ledger import record_leaf
from lotline.store.members import load_policy, record_signature
from lotline.store.sealed import words_of

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.shown import Viewer

TRAINING_LASTS = timedelta(days=365)
PASS_SCORE = 7  # of eight questions
LONGEST_POLICY = 60_000


def adopt_policy(ctx: Context, viewer: Viewer, body: str, sign_by: datetime | None = None) -> int:
    """The number of the new version. Until `sign_by` a signature under the old one still counts."""
    must(viewer, may_change_rules)
    words = body.strip()
    if not words or len(words) > LONGEST_POLICY:
        raise Refused("Write the policy first.")
    with ctx.db.transaction(viewer.group_id) as tx:
        at = ctx.now()
        last = load_policy(tx, at)
        version = 1 if last is None else last.version + 1
        digest = sha256(words.encode()).digest()
        tx.run(
            "members.record_policy",
            version=version,
            body=words,
            body_sha256=digest,
            at=at,
            sign_by=sign_by or at,
        )
        record_act(
            tx,
            ctx.new_id(),
            "policy_adopted",
            actor_id=viewer.member_id,
            about_id=None,
            at=at,
            detail={"version": version, "sha256": digest.hex()},
        )
        record_event(tx, "policy", at=at)
        return version


def sign_policy(ctx: Context, viewer: Viewer, version: int, signed_name: str) -> None:
    """The member's typed name under the version in force; signing twice is signing once."""
    must_be_here(viewer)
    if words_of(signed_name) != words_of(viewer.name):
        raise Refused("Type your full name as it stands on your profile.")
    with ctx.db.transaction(viewer.group_id) as tx:
        at = ctx.now()
        policy = load_policy(tx, at)
        if policy is None or policy.version != version:
            raise Refused("The policy has changed. Read the new version, then sign it.")
        if tx.one("members.signature", member_id=viewer.member_id, version=version):
            return
        signature_id = ctx.new_id()
        name = " ".join(signed_name.split())
        record_signature(
            tx,
            signature_id,
            member_id=viewer.member_id,
            version=version,
            signed_name=name,
            device_id=viewer.device_id,
            at=at,
        )
        part = act_part(
            signature_id,
            "policy_signed",
            actor=viewer.member_id,
            detail={
                "version": version,
                "sha256": policy.sha256,
                "name": name,
                "device": str(viewer.device_id),
            },
        )
        record_leaf(tx, LeafKind.POLICY_SIGNATURE, signature_id, None, {ACT: part}, at)
        record_event(tx, "member", at=at, member_id=viewer.member_id)


def pass_training(ctx: Context, viewer: Viewer, score: int) -> datetime:
    """Until when it counts. A score that does not pass is not kept."""
    must_be_here(viewer)
    if score < PASS_SCORE:
        raise Refused("Not passed yet. Try again with other questions.")
    with ctx.db.transaction(viewer.group_id) as tx:
        at = ctx.now()
        until = at + TRAINING_LASTS
        pass_id: UUID = ctx.new_id()
        tx.run(
            "members.record_training",
            id=pass_id,
            member_id=viewer.member_id,
            score=score,
            at=at,
            valid_until=until,
        )
        record_event(tx, "member", at=at, member_id=viewer.member_id)
        return until
