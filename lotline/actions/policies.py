"""The texting policy: the owner adopts a version, and each member signs it.

A version is never changed; a signature is a row, a leaf of the ledger, and the typed name under the
very words that were shown.

Not here: what an unsigned member may not do (`core.gate`), the training (`actions.training`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from lotline.actions.allowed import must, must_be_here
from lotline.actions.errors import Refused
from lotline.core.ledger.leaf import LeafKind
from lotline.core.oversight.content import ACT, act_part
from lotline.core.people.roles import may_change_rules
from lotline.store.access import record_act
from lotline.store.events import record_event
from lotline.store.ledger import record_leaf
from lotline.store.members import load_policy, record_signature, seal_counsel
from lotline.store.sealed import words_of

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.store.shown import Viewer

LONGEST_POLICY = 60_000
LONGEST_CHANGES = 2_000
LONGEST_WAIT = timedelta(days=90)  # so long the version before may go on counting


@dataclass(frozen=True, slots=True)
class Counsel:
    """The lawyer who read a version, and when."""

    name: str
    on: date


def adopt_policy(
    ctx: Context,
    viewer: Viewer,
    body: str,
    sign_by: datetime | None = None,
    *,
    changes: str = "",
    counsel: Counsel | None = None,
) -> int:
    """The number of the new version. Until `sign_by` a signature under the old one still counts."""
    must(viewer, may_change_rules)
    words = "\n".join(line.rstrip() for line in body.strip().splitlines())
    _check(ctx, words, changes, sign_by, counsel)
    with ctx.db.transaction(viewer.group_id) as tx:
        at = ctx.now()
        last = load_policy(tx, at)
        version = 1 if last is None else last.version + 1
        if last is not None and last.body == words:
            raise Refused("Nothing is different from the version in force.")
        digest = sha256(words.encode()).digest()
        tx.run(
            "members.record_policy",
            version=version,
            body=words,
            body_sha256=digest,
            at=at,
            sign_by=sign_by or at,
            changes=changes.strip(),
            counsel_ct=seal_counsel(tx, version, counsel.name) if counsel else None,
            counsel_on=counsel.on if counsel else None,
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


def _check(
    ctx: Context, words: str, changes: str, sign_by: datetime | None, counsel: Counsel | None
) -> None:
    now = ctx.now()
    if not words:
        raise Refused("Write the policy first.")
    if len(words) > LONGEST_POLICY:
        raise Refused(f"That is too long. A policy has at most {LONGEST_POLICY:,} letters.")
    if len(changes) > LONGEST_CHANGES:
        raise Refused(f"Say what changed in at most {LONGEST_CHANGES:,} letters.")
    if sign_by is not None and not now - timedelta(days=1) <= sign_by <= now + LONGEST_WAIT:
        raise Refused(f"Choose a day to sign by within {LONGEST_WAIT.days} days from today.")
    if counsel is not None and (not counsel.name.strip() or counsel.on > now.date()):
        raise Refused("Give the lawyer's name and a day that is not in the future, or neither.")


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
