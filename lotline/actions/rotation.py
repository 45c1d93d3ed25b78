"""Keys are rotated while everything runs; each step is an act, and a leaf of the ledger.

Root key: a new one wraps from now on, then each company's wrapped keys and every second step's
secret are wrapped anew. Group keyset: a key is added, learned by every process, made primary,
learned again; then contacts' keys and the company's words are sealed under it. The step that was
done last stands in the log, so a rotation that was cut off goes on where it was.

Older keys stay until `retire` finds nothing under them. A key whose rows may never change (a
signature under the policy) is kept for those rows, and said.

Not here: cryptography (`adapters`), the rows (`store.rotation`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from uuid import UUID

from lotline.actions.context import again
from lotline.actions.errors import Refused
from lotline.core.ledger.checkpoint import signers_of
from lotline.core.ledger.leaf import LeafKind
from lotline.store import keys as kept_keys
from lotline.store.access import record_act
from lotline.store.groups import (
    load_group,
    load_group_ids,
    load_stored_keys,
    record_stored_keys,
)
from lotline.store.rotation import (
    LastStep,
    count_contacts,
    count_held_back,
    is_current,
    key_name,
    load_last_step,
    lock_stored_keys,
    reseal_words,
    rewrap_contacts,
    rewrap_second_steps,
)

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.core.base.sealing import Root
    from lotline.store.database import Tx

ADDED, PROMOTED = "group_key_added", "group_key_promoted"
REWRAPPED, DROPPED = "group_key_rewrapped", "group_keys_dropped"
ROOT_ROTATED, ROOT_RETIRED = "root_key_rotated", "root_key_retired"
SLACK_S = 5.0  # beyond how long a process keeps a keyset open
RETIRE_AFTER = timedelta(hours=1)  # a process that was stopped for long may still seal as before
ROUNDS_MAX = 20
_FIRST = UUID(int=0)

Wait = Callable[[float], object]
SecondSteps = Callable[["Root"], int]


@runtime_checkable
class RootFile(Protocol):
    """A root whose keys we rotate ourselves; a KMS rotates its own."""

    @property
    def names(self) -> tuple[str, ...]: ...

    def rotate(self) -> str: ...

    def retire(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class RootRotated:
    """`resumed`: an earlier rotation had been cut off, and was finished instead of a new one."""

    name: str
    groups: int
    second_steps: int
    resumed: bool


@dataclass(frozen=True, slots=True)
class GroupKeysState:
    """One company's keys, for a person to look at."""

    group_id: UUID
    origin: str
    public: str
    root_current: bool
    contacts: int
    older: int
    held_back: int
    step: str  # the newest of any rotation, or ""


@dataclass(frozen=True, slots=True)
class Retired:
    """What is gone now, and in sentences what had to stay."""

    roots: tuple[str, ...]
    groups: int
    stays: tuple[str, ...]


def load_state(ctx: Context, group_id: UUID) -> GroupKeysState:
    """What `lotline keys show` says of one company."""
    with ctx.db.transaction(group_id) as tx:
        stored = load_stored_keys(tx)
        keys = ctx.ring.open_group(group_id, stored)
        counted = count_contacts(tx, keys)
        step = load_last_step(tx)
        origin = load_group(tx).origin
        return GroupKeysState(
            group_id=group_id,
            origin=origin,
            public=str(signers_of(origin, keys)[0].public),
            root_current=is_current(ctx.ring.root, stored),
            contacts=counted.contacts,
            older=counted.older,
            held_back=sum(count_held_back(tx)),
            step=step.what if step is not None else "",
        )


# --- the root key ----------------------------------------------------------------------------


def rotate_root(ctx: Context, second_steps: SecondSteps = rewrap_second_steps) -> RootRotated:
    """A new root key, or the end of a rotation that was cut off."""
    root = root_file(ctx)
    groups = load_group_ids(ctx.db)
    unfinished = len(root.names) > 1 and not all(_is_current(ctx, one) for one in groups)
    name = ctx.ring.root.current if unfinished else root.rotate()
    changed = sum(again(partial(_rewrap, ctx, one, name)) for one in groups)
    return RootRotated(name, changed, second_steps(ctx.ring.root), unfinished)


def root_file(ctx: Context) -> RootFile:
    """The key file, or a sentence about who rotates it."""
    root: object = ctx.ring.root
    if not isinstance(root, RootFile):
        raise Refused("The root key is kept by a KMS: rotate it there.")
    return root


def _is_current(ctx: Context, group_id: UUID) -> bool:
    with ctx.db.transaction(group_id) as tx:
        return is_current(ctx.ring.root, load_stored_keys(tx))


def _rewrap(ctx: Context, group_id: UUID, name: str) -> bool:
    with ctx.db.transaction(group_id) as tx:
        stored = ctx.ring.rewrap_group(group_id, lock_stored_keys(tx))
        if stored is None:
            return False
        record_stored_keys(tx, stored)
        _note(ctx, tx, ROOT_ROTATED, {"to": name})
        return True


# --- a group's keyset ------------------------------------------------------------------------


def rotate_group(ctx: Context, group_id: UUID, wait: Wait, say: Callable[[str], object]) -> None:
    """From wherever the last rotation stopped to its end. `wait` sleeps, `say` tells of steps."""
    step = _last_step(ctx, group_id)
    if step is None or step.what in {REWRAPPED, DROPPED}:
        say("adding a key")
        step = again(partial(_add, ctx, group_id))
    if step.what == ADDED:
        say("waiting until every process knows it")
        _wait_since(ctx, step, wait)
        say("making it primary")
        step = again(partial(_promote, ctx, group_id))
    say("waiting until every process seals with it")
    _wait_since(ctx, step, wait)
    contacts, words = _seal_again(ctx, group_id)
    with ctx.db.transaction(group_id) as tx:
        _note(ctx, tx, REWRAPPED, {"contacts": contacts, "words": words})
    say(f"{contacts} contacts' keys and {words} of the company's words are under it")


def _last_step(ctx: Context, group_id: UUID) -> LastStep | None:
    with ctx.db.transaction(group_id) as tx:
        return load_last_step(tx)


def _add(ctx: Context, group_id: UUID) -> LastStep:
    with ctx.db.transaction(group_id) as tx:
        stored = lock_stored_keys(tx)
        here = load_last_step(tx)
        if here is not None and here.what in {ADDED, PROMOTED}:
            return here  # somebody else began meanwhile
        record_stored_keys(tx, ctx.ring.add_group_key(group_id, stored))
        return _note(ctx, tx, ADDED, {})


def _promote(ctx: Context, group_id: UUID) -> LastStep:
    with ctx.db.transaction(group_id) as tx:
        stored = lock_stored_keys(tx)
        here = load_last_step(tx)
        if here is not None and here.what != ADDED:
            return here
        promoted = ctx.ring.promote_group_key(group_id, stored)
        record_stored_keys(tx, promoted)
        before, now = (
            key_name(ctx.ring.open_group(group_id, one)).hex() for one in (stored, promoted)
        )
        return _note(ctx, tx, PROMOTED, {"before": before, "now": now})


def _seal_again(ctx: Context, group_id: UUID) -> tuple[int, int]:
    """Everything that may change, until nothing of it is left under an older key."""
    contacts = words = 0
    for _ in range(ROUNDS_MAX):
        with ctx.db.transaction(group_id) as tx:
            keys = ctx.ring.open_group(group_id, load_stored_keys(tx))
            older = count_contacts(tx, keys).older
        after: UUID | None = _FIRST
        while after is not None:
            after = again(partial(_contacts, ctx, group_id, after))
        resealed = 0
        while found := again(partial(_words, ctx, group_id)):
            resealed += found
        contacts, words = contacts + older, words + resealed
        if not older and not resealed:
            return contacts, words
    raise Refused("Somebody keeps sealing with an older key. Restart the programs, then try again.")


def _contacts(ctx: Context, group_id: UUID, after: UUID) -> UUID | None:
    with ctx.db.transaction(group_id) as tx:
        return rewrap_contacts(tx, ctx.ring.open_group(group_id, load_stored_keys(tx)), after)


def _words(ctx: Context, group_id: UUID) -> int:
    with ctx.db.transaction(group_id) as tx:
        return reseal_words(tx, ctx.ring.open_group(group_id, load_stored_keys(tx)))


def _wait_since(ctx: Context, step: LastStep, wait: Wait) -> None:
    whole = kept_keys.KEPT_OPEN_S + SLACK_S
    passed = (ctx.now() - step.at).total_seconds()
    if passed < whole:
        wait(whole - max(passed, 0.0))  # a clock that was put back shortens nothing


# --- older keys end --------------------------------------------------------------------------


def retire(ctx: Context, second_steps: SecondSteps = rewrap_second_steps, *, now: bool) -> Retired:
    """Forget the keys that nothing needs. `now`: without waiting out slow processes."""
    groups = load_group_ids(ctx.db)
    stays: list[str] = []
    dropped = sum(_drop(ctx, one, stays, now=now) for one in groups)
    roots = _retire_roots(ctx, groups, second_steps, stays)
    return Retired(tuple(roots), dropped, tuple(stays))


def _drop(ctx: Context, group_id: UUID, stays: list[str], *, now: bool) -> bool:
    step = _last_step(ctx, group_id)
    if step is None or step.what == DROPPED:
        return False
    if step.what != REWRAPPED:
        stays.append(f"company {group_id}: its rotation is not finished (rotate-group goes on)")
        return False
    if not now and ctx.now() - step.at < RETIRE_AFTER:
        stays.append(f"company {group_id}: rotated less than an hour ago (--now does not wait)")
        return False
    _seal_again(ctx, group_id)
    with ctx.db.transaction(group_id) as tx:
        stored = lock_stored_keys(tx)
        kept = count_held_back(tx)
        if any(kept):
            stays.append(
                f"company {group_id}: {kept.signatures} signatures, {kept.acts} acts and "
                f"{kept.arrivals} calls are never changed, and an older key is kept for them"
            )
            return False
        if count_contacts(tx, ctx.ring.open_group(group_id, stored)).older:
            stays.append(f"company {group_id}: somebody has just sealed with an older key")
            return False
        record_stored_keys(tx, ctx.ring.drop_old_group_keys(group_id, stored))
        _note(ctx, tx, DROPPED, {})
        return True


def _retire_roots(
    ctx: Context, groups: list[UUID], second_steps: SecondSteps, stays: list[str]
) -> list[str]:
    root = root_file(ctx)
    current = ctx.ring.root.current
    older = [name for name in root.names if name != current]
    if not older:
        return []
    if second_steps(ctx.ring.root) or not all(_is_current(ctx, one) for one in groups):
        stays.append("root key: something was still wrapped under an older one; try again")
        return []
    for name in older:
        root.retire(name)
    for group_id in groups:
        with ctx.db.transaction(group_id) as tx:
            _note(ctx, tx, ROOT_RETIRED, {"keys": older})
    return older


def _note(ctx: Context, tx: Tx, what: str, detail: dict[str, object]) -> LastStep:
    at = ctx.now()
    record_act(
        tx,
        ctx.new_id(),
        what,
        actor_id=None,
        about_id=None,
        at=at,
        detail=detail,
        kind=LeafKind.KEY_ROTATION,
    )
    return LastStep(what, at)
