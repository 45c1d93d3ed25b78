"""Checkpoints are those of C2SP: known notes open, and no changed letter passes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.ledger.checkpoint import (
    BadCheckpoint,
    BadNote,
    Checkpoint,
    PublicKey,
    Signer,
    open_checkpoint,
    open_note,
    read_checkpoint,
    read_public_key,
    sign_checkpoint,
    sign_note,
)
from lotline.core.ledger.leaf import from_base64, to_base64
from lotline.core.ledger.merkle import EMPTY_ROOT, hash_leaf

# A log of the wide world: the Go module checksum database, its published key, a head it signed.
SUMDB_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
SUMDB_NOTES = [
    (
        6476701,
        "mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=",
        "Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=",
    ),
    (
        65209736,
        "5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=",
        "Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/akvkMdlUErfcZz7l/R3cVtYspg3dxXABkGZZKdsQ8=",
    ),
]
# The example of Go's note package: a text, its key, and the key's private half.
NEUMANN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
NEUMANN_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n"
)

ORIGIN = "lotline.example/northside"
ROOT = hash_leaf(b"root")


def signer(name: str = ORIGIN, seed: int = 1) -> Signer:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return Signer(PublicKey(name, private.public_key().public_bytes_raw()), private.sign)


OURS = signer()
NOTE = sign_checkpoint(Checkpoint(ORIGIN, 42, ROOT), [OURS])


@pytest.mark.parametrize("size,root,signature", SUMDB_NOTES)
def test_a_head_of_a_public_log_opens(size: int, root: str, signature: str) -> None:
    note = f"go.sum database tree\n{size}\n{root}\n\n— sum.golang.org {signature}\n"
    found = open_checkpoint(note, [read_public_key(SUMDB_KEY)], "go.sum database tree")
    assert found == Checkpoint("go.sum database tree", size, from_base64(root))


def test_the_known_example_opens_and_is_signed_alike() -> None:
    """Ed25519 is deterministic: our signature of the same text is the same line."""
    key = read_public_key(NEUMANN_KEY)
    text, signed_by = open_note(NEUMANN_NOTE, [key])
    assert signed_by == (key,)
    assert str(key) == NEUMANN_KEY
    private = Ed25519PrivateKey.from_private_bytes(from_base64(NEUMANN_SECRET)[1:])
    assert sign_note(text, [Signer(key, private.sign)]) == NEUMANN_NOTE


def test_a_checkpoint_is_three_lines_and_a_signature() -> None:
    """Golden: outsiders' tools read this form."""
    assert (
        "lotline.example/northside\n"
        "42\n"
        f"{to_base64(ROOT)}\n"
        "\n"
        f"— lotline.example/northside "
        f"{to_base64(OURS.public.id + OURS.sign(Checkpoint(ORIGIN, 42, ROOT).text.encode()))}\n"
    ) == NOTE
    assert open_checkpoint(NOTE, [OURS.public], ORIGIN) == Checkpoint(ORIGIN, 42, ROOT)
    assert read_public_key(str(OURS.public)) == OURS.public


def test_an_empty_log_has_a_checkpoint() -> None:
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert open_checkpoint(sign_checkpoint(empty, [OURS]), [OURS.public], ORIGIN) == empty


@given(at=st.integers(0, len(NOTE) - 1), letter=st.characters())
def test_no_letter_can_be_changed(at: int, letter: str) -> None:
    if NOTE[at] == letter:
        return
    with pytest.raises((BadNote, BadCheckpoint)):
        open_checkpoint(NOTE[:at] + letter + NOTE[at + 1 :], [OURS.public], ORIGIN)


@given(at=st.integers(0, len(NOTE) - 1))
def test_no_letter_can_be_dropped_or_doubled(at: int) -> None:
    for changed in (NOTE[:at] + NOTE[at + 1 :], NOTE[:at] + NOTE[at] + NOTE[at:]):
        with pytest.raises((BadNote, BadCheckpoint)):
            open_checkpoint(changed, [OURS.public], ORIGIN)


@pytest.mark.parametrize(
    "known",
    [
        [],
        [signer(seed=2).public],
        [signer(name="lotline.example/other").public],
    ],
)
def test_only_a_known_key_counts(known: list[PublicKey]) -> None:
    with pytest.raises(BadNote, match="nobody known"):
        open_note(NOTE, known)


def test_a_replaced_key_signs_beside_the_old_one() -> None:
    """Whoever knows either key can read on; strangers' lines are passed over."""
    old, new, stranger = signer(seed=1), signer(seed=2), signer("witness.example/w", 3)
    note = sign_checkpoint(Checkpoint(ORIGIN, 43, ROOT), [stranger, old, new])
    for known in ([old.public], [new.public], [old.public, new.public]):
        assert open_note(note, known)[1] == tuple(known)


def test_one_false_signature_of_a_known_key_spoils_the_note() -> None:
    forged = Signer(signer(seed=2).public, OURS.sign)
    note = sign_checkpoint(Checkpoint(ORIGIN, 43, ROOT), [OURS, forged])
    with pytest.raises(BadNote, match="does not fit"):
        open_note(note, [OURS.public, forged.public])


def test_a_checkpoint_of_another_log_is_refused() -> None:
    with pytest.raises(BadCheckpoint, match="another log"):
        open_checkpoint(NOTE, [OURS.public], "lotline.example/southside")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        "a\n01\nROOT\n",
        "a\n-1\nROOT\n",
        "a\n1.0\nROOT\n",
        "a\n1 \nROOT\n",
        "a\n١\nROOT\n",
        "\n1\nROOT\n",
        "a\n1\nROOT\n\n",
        "a\n1\nAAAA\n",
        "a\n1\nROOT",
        "a\n99999999999999999999\nROOT\n",
    ],
)
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(BadCheckpoint):
        read_checkpoint(text.replace("ROOT", to_base64(ROOT)))


def test_lines_after_the_third_are_others_business() -> None:
    text = f"a\n1\n{to_base64(ROOT)}\nanything\n"
    assert read_checkpoint(text) == Checkpoint("a", 1, ROOT)


@pytest.mark.parametrize(
    "damage",
    [
        lambda key: key.replace("+", " ", 1),
        lambda key: key.replace("lotline", "Lotline"),
        lambda key: key[:-4] + "AAA=",
        lambda key: key + "A",
        lambda key: "+" + key.split("+", 1)[1],
        lambda key: "",
    ],
)
def test_what_is_no_public_key(damage: Callable[[str], str]) -> None:
    with pytest.raises(BadNote):
        read_public_key(damage(str(OURS.public)))


def test_a_text_with_empty_lines_is_parted_at_the_last() -> None:
    text = "one\n\n— not a signature\n\nthree\n"
    note = sign_note(text, [OURS])
    assert open_note(note, [OURS.public])[0] == text
