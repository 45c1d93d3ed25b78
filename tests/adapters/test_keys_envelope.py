"""Sealed words open in their own row, under their own key, and nowhere else."""

from __future__ import annotations

import pickle
from threading import Thread
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from lotline.adapters.envelope import ContactKey, Envelope, OpenGroupKeys
from lotline.adapters.keys import KeyFile
from lotline.core.base.sealing import (
    GroupKeys,
    Keyring,
    SealBroken,
    StoredGroupKeys,
    UnknownKey,
    row_identity,
)
from lotline.core.ledger.checkpoint import (
    Checkpoint,
    PublicKey,
    open_note,
    sign_checkpoint,
    signers_of,
)
from lotline.core.ledger.merkle import EMPTY_ROOT

GROUP = UUID("018f0000-0000-7000-8000-000000000001")
OTHER = UUID("018f0000-0000-7000-8000-000000000002")
DANA = UUID("018f0000-0000-7000-8000-0000000000d1")
MARCUS = UUID("018f0000-0000-7000-8000-0000000000d2")
ROW = row_identity("texts", "body_ct", GROUP, DANA)
BODY = b"Is the blue Outback still there?"


@pytest.fixture(scope="module")
def envelope(tmp_path_factory: pytest.TempPathFactory) -> Envelope:
    return Envelope(KeyFile.create(tmp_path_factory.mktemp("keys") / "root.key"))


@pytest.fixture
def stored(envelope: Envelope) -> StoredGroupKeys:
    return envelope.new_group(GROUP)


@pytest.fixture
def group(envelope: Envelope, stored: StoredGroupKeys) -> OpenGroupKeys:
    return envelope.open_group(GROUP, stored)


def test_the_adapter_is_the_port(envelope: Envelope, group: OpenGroupKeys) -> None:
    """The types check this line; at run time it only names the two faces."""
    keyring: Keyring = envelope
    keys: GroupKeys = group
    assert keyring.root is envelope.root
    assert keys.group == GROUP


@given(body=st.binary(max_size=300), aad=st.binary(max_size=60))
def test_a_contact_key_opens_what_it_sealed(body: bytes, aad: bytes) -> None:
    key = ContactKey(b"k" * 32)
    sealed = key.seal(body, aad)
    assert key.open(sealed, aad) == body
    assert key.seal(body, aad) != sealed
    assert len(sealed) == len(body) + 29


@pytest.mark.parametrize("which", ["group", "contact"])
def test_every_changed_byte_is_noticed(group: OpenGroupKeys, which: str) -> None:
    key = group if which == "group" else group.new_contact_key(DANA).key
    sealed = key.seal(BODY, ROW)
    assert key.open(sealed, ROW) == BODY
    for at in range(len(sealed)):
        for change in (1, 128):
            changed = bytearray(sealed)
            changed[at] ^= change
            with pytest.raises(SealBroken):
                key.open(bytes(changed), ROW)
    for cut in range(len(sealed)):
        with pytest.raises(SealBroken):
            key.open(sealed[:cut], ROW)
    with pytest.raises(SealBroken):
        key.open(sealed + b"\0", ROW)


@pytest.mark.parametrize(
    "place",
    [
        row_identity("texts", "body_ct", GROUP, MARCUS),
        row_identity("texts", "body_ct", OTHER, DANA),
        row_identity("texts", "added_ct", GROUP, DANA),
        row_identity("notes", "body_ct", GROUP, DANA),
        row_identity("texts", "body_ct", GROUP),
        row_identity("texts", "body_ct", GROUP, DANA, DANA),
        b"",
    ],
)
def test_a_word_moved_to_another_row_does_not_open(group: OpenGroupKeys, place: bytes) -> None:
    for key in (group, group.new_contact_key(DANA).key):
        sealed = key.seal(BODY, ROW)
        with pytest.raises(SealBroken):
            key.open(sealed, place)


def test_one_contacts_key_does_not_open_anothers_words(group: OpenGroupKeys) -> None:
    dana, marcus = group.new_contact_key(DANA), group.new_contact_key(MARCUS)
    sealed = dana.key.seal(BODY, ROW)
    with pytest.raises(SealBroken):
        marcus.key.open(sealed, ROW)
    with pytest.raises(SealBroken):  # a wrapped key swapped between two rows
        group.open_contact_key(MARCUS, dana.wrapped)


def test_one_groups_keys_do_not_open_anothers(
    envelope: Envelope, group: OpenGroupKeys, stored: StoredGroupKeys
) -> None:
    other_stored = envelope.new_group(OTHER)
    other = envelope.open_group(OTHER, other_stored)
    with pytest.raises(UnknownKey):
        other.open(group.seal(BODY, ROW), ROW)
    with pytest.raises(SealBroken):
        other.open_contact_key(DANA, group.new_contact_key(DANA).wrapped)
    with pytest.raises(SealBroken):  # a whole row given to another group
        envelope.open_group(OTHER, stored)
    mixed = StoredGroupKeys(stored.keyset, stored.blind, stored.signer, other_stored.public)
    with pytest.raises(SealBroken):
        envelope.open_group(GROUP, mixed)


def test_every_changed_byte_of_a_groups_row_is_noticed(
    envelope: Envelope, stored: StoredGroupKeys
) -> None:
    for column in ("keyset", "blind", "signer", "public"):
        whole: bytes = getattr(stored, column)
        for at in range(0, len(whole), 7):
            changed = bytearray(whole)
            changed[at] ^= 1
            kept = {"keyset": stored.keyset, "blind": stored.blind, "signer": stored.signer}
            kept |= {"public": stored.public, column: bytes(changed)}
            with pytest.raises(SealBroken):
                envelope.open_group(GROUP, StoredGroupKeys(**kept))


def test_an_erased_key_leaves_nothing_to_read(envelope: Envelope, group: OpenGroupKeys) -> None:
    """With its wrapped form gone from the row, neither this process nor a fresh one opens it."""
    made = group.new_contact_key(DANA)
    sealed = made.key.seal(BODY, ROW)
    salt = made.key.salt(DANA)
    del made
    group.forget_contact_key(DANA)

    again = group.new_contact_key(DANA)
    with pytest.raises(SealBroken):
        again.key.open(sealed, ROW)
    with pytest.raises(SealBroken):
        group.open(sealed, ROW)
    assert again.key.salt(DANA) != salt


def test_a_changed_wrapped_key_is_noticed_even_when_the_key_is_open(group: OpenGroupKeys) -> None:
    made = group.new_contact_key(DANA)
    assert group.open_contact_key(DANA, made.wrapped) is made.key
    for at in range(len(made.wrapped)):
        changed = bytearray(made.wrapped)
        changed[at] ^= 1
        with pytest.raises(SealBroken):
            group.open_contact_key(DANA, bytes(changed))


def test_open_keys_are_few(envelope: Envelope, stored: StoredGroupKeys) -> None:
    small = Envelope(envelope.root, opened_keys=2).open_group(GROUP, stored)
    contacts = [UUID(int=n) for n in range(5)]
    wrapped = {contact: small.new_contact_key(contact).wrapped for contact in contacts}
    assert len(small._opened) == 2
    for contact in contacts:  # those that were let go open again from their rows
        small.open_contact_key(contact, wrapped[contact])
    assert list(small._opened) == contacts[-2:]


def test_rotation_of_the_group_key(
    envelope: Envelope, stored: StoredGroupKeys, group: OpenGroupKeys
) -> None:
    """Add, promote, rewrap in batches, drop: at no step does a running process fail to read."""
    sealed = group.seal(BODY, ROW)
    wrapped = group.new_contact_key(DANA).wrapped
    words = group.open_contact_key(DANA, wrapped).seal(BODY, ROW)
    hashed = group.blind("number", "+16145550142")

    added = envelope.add_group_key(GROUP, stored)
    learned = envelope.open_group(GROUP, added)
    assert group.open(learned.seal(BODY, ROW), ROW) == BODY  # not used before all know it
    assert learned.rewrap_contact_key(DANA, wrapped) is None

    promoted = envelope.promote_group_key(GROUP, added)
    ahead = envelope.open_group(GROUP, promoted)
    assert learned.open(ahead.seal(BODY, ROW), ROW) == BODY
    with pytest.raises(UnknownKey):  # one that slept through the first step reads its row again
        group.open(ahead.seal(BODY, ROW), ROW)
    assert ahead.open(sealed, ROW) == BODY
    rewrapped = ahead.rewrap_contact_key(DANA, wrapped)
    assert rewrapped is not None
    assert ahead.rewrap_contact_key(DANA, rewrapped) is None

    alone = envelope.open_group(GROUP, envelope.drop_old_group_keys(GROUP, promoted))
    assert alone.open_contact_key(DANA, rewrapped).open(words, ROW) == BODY
    assert alone.blind("number", "+16145550142") == hashed
    assert alone.public == group.public
    with pytest.raises(UnknownKey):
        alone.open(sealed, ROW)


def test_keyed_hashes(envelope: Envelope, stored: StoredGroupKeys, group: OpenGroupKeys) -> None:
    number = "+16145550142"
    hashed = group.blind("number", number)
    assert hashed == envelope.open_group(GROUP, stored).blind("number", number)
    assert len(hashed) == 17
    assert len(group.blind("number", number, 32)) == 33
    others = {
        group.blind("word", number),
        group.blind("number", "+16145550143"),
        envelope.open_group(OTHER, envelope.new_group(OTHER)).blind("number", number),
        envelope.root.blind("number", number),
    }
    assert len(others) == 4
    assert hashed not in others
    assert group.blind("a", "b\0c") != group.blind("a", "c")
    with pytest.raises(AssertionError):
        group.blind("a\0b", "c")
    with pytest.raises(AssertionError):
        group.blind("number", number, 8)


def test_a_new_look_up_key_leaves_the_old_findable(
    envelope: Envelope, stored: StoredGroupKeys, group: OpenGroupKeys
) -> None:
    salt = group.salt(DANA)
    before = group.blind("number", "1")
    newer_stored = envelope.add_blind_key(GROUP, stored)
    newer = envelope.open_group(GROUP, newer_stored)
    assert newer.blinds("number", "1") == (newer.blind("number", "1"), before)
    assert newer.blind("number", "1")[0] == 2
    alone = envelope.open_group(GROUP, envelope.drop_old_blind_keys(GROUP, newer_stored))
    assert alone.blinds("number", "1") == (newer.blind("number", "1"),)
    assert alone.salt(DANA) == salt


def test_salts_last_as_long_as_the_key(envelope: Envelope, group: OpenGroupKeys) -> None:
    made = group.new_contact_key(DANA)
    group.forget_contact_key(DANA)
    again = group.open_contact_key(DANA, made.wrapped)
    assert again.salt(MARCUS) == made.key.salt(MARCUS)
    assert len({made.key.salt(MARCUS), made.key.salt(DANA), group.salt(DANA)}) == 3


def test_checkpoints_are_signed_by_the_groups_own_key(group: OpenGroupKeys) -> None:
    Ed25519PublicKey.from_public_bytes(group.public).verify(group.sign(b"note"), b"note")


def test_a_new_signer_signs_beside_the_old_one(
    envelope: Envelope, stored: StoredGroupKeys, group: OpenGroupKeys
) -> None:
    """Whoever knows only the old key can follow the log until it is dropped, then the new one."""
    replaced = envelope.replace_signer(GROUP, stored)
    both = envelope.open_group(GROUP, replaced)
    old, new = PublicKey("log", group.public), PublicKey("log", both.public)
    note = sign_checkpoint(Checkpoint("log", 0, EMPTY_ROOT), signers_of("log", both))
    assert open_note(note, [old])[1] == (old,)
    assert open_note(note, [new])[1] == (new,)

    alone = envelope.open_group(GROUP, envelope.drop_old_signer(GROUP, replaced))
    assert [public for public, _ in alone.signers] == [both.public]
    again = envelope.open_group(GROUP, envelope.replace_signer(GROUP, replaced))
    assert len(again.signers) == 2


def test_nonces_do_not_repeat() -> None:
    key = ContactKey(b"k" * 32)
    assert len({key.seal(b"", b"")[1:13] for _ in range(20_000)}) == 20_000


def test_threads_share_the_open_keys(envelope: Envelope, stored: StoredGroupKeys) -> None:
    shared = Envelope(envelope.root, opened_keys=3).open_group(GROUP, stored)
    made = {n: shared.new_contact_key(UUID(int=n)).wrapped for n in range(6)}
    wrong: list[int] = []

    def read(start: int) -> None:
        for step in range(300):
            n = (start + step * 5) % 6
            key = shared.open_contact_key(UUID(int=n), made[n])
            if key.open(key.seal(BODY, ROW), ROW) != BODY:
                wrong.append(n)

    threads = [Thread(target=read, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(shared._opened) == 3


def test_nothing_shows_a_key(group: OpenGroupKeys) -> None:
    made = group.new_contact_key(DANA)
    assert repr(made.key) == "ContactKey(...)"
    assert repr(group) == f"OpenGroupKeys({GROUP})"
    for held in (made.key, group):
        with pytest.raises(TypeError):
            pickle.dumps(held)
    with pytest.raises(SealBroken) as raised:
        made.key.open(made.key.seal(BODY, ROW), b"elsewhere")
    assert BODY.decode() not in str(raised.value)
    assert raised.value.__cause__ is None
