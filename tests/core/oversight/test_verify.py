"""A bundle is whole or says where it is not: nothing in it can be changed, dropped or moved."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lotline.core.consent.entry import Says, Scope
from lotline.core.ledger.checkpoint import PublicKey
from lotline.core.ledger.leaf import Head, LeafKind, next_link, to_base64
from lotline.core.oversight.checking import Unreadable
from lotline.core.oversight.evidence import write_bundle
from lotline.core.oversight.verify import Report, verify_bundle
from tests.core.oversight.history import (
    BUNDLE,
    DANA,
    LINE,
    STRANGER,
    WHOLE,
    Town,
    dana,
    signer,
)

Path = tuple[str | int, ...]


def values(found: Any, at: Path = ()) -> Iterator[Path]:
    """The way to every scalar of a JSON value."""
    if isinstance(found, dict):
        for name, inner in found.items():
            yield from values(inner, (*at, name))
    elif isinstance(found, list):
        for place, inner in enumerate(found):
            yield from values(inner, (*at, place))
    else:
        yield at


def holders(found: Any, at: Path = ()) -> Iterator[Path]:
    """The way to every object and list."""
    if isinstance(found, dict | list):
        yield at
        for name, inner in found.items() if isinstance(found, dict) else enumerate(found):
            yield from holders(inner, (*at, name))


def within(found: Any, path: Path) -> Any:
    for step in path:
        found = found[step]
    return found


VALUES = list(values(BUNDLE))
HOLDERS = list(holders(BUNDLE))
OPTIONAL = ("log", "earlier")  # supporting checkpoints: fewer of them proves less, not falsely


def check(bundle: Any, trusted: tuple[PublicKey, ...] = ()) -> Report:
    return verify_bundle(write_bundle(bundle), trusted)


def says(report: Report) -> str:
    return "\n".join(f"{found.where}: {found.says}" for found in report.problems)


def broken(bundle: Any) -> str:
    """What is found, with the fact that something was. A bundle that cannot be read is no pass."""
    try:
        report = check(bundle)
    except Unreadable as error:
        return f"unreadable: {error}"
    assert not report.whole
    return says(report)


def test_the_bundle_is_whole() -> None:
    report = verify_bundle(WHOLE, [signer().public])
    assert says(report) == ""
    assert report.whole
    assert report.key_was_known
    assert report.story is not None
    assert (report.story.company, report.story.contact) == ("Northside Subaru", "Dana Whitfield")
    assert report.story.kinds == {
        "consent": 2,
        "text": 7,
        "decision": 2,
        "access": 1,
        "policy_signature": 1,
        "export": 1,
    }
    assert report.story.standing.stopped is Scope.ALL


def test_without_a_key_of_ones_own_the_report_says_so() -> None:
    assert not verify_bundle(WHOLE).key_was_known


def test_every_value_is_held_by_something() -> None:
    """Each scalar of the bundle in turn, replaced by a near neighbour: another kind each time."""
    for turn, path in enumerate(VALUES):
        nearby = neighbours(within(BUNDLE, path))
        changed = json.loads(WHOLE)
        within(changed, path[:-1])[path[-1]] = nearby[turn % len(nearby)]
        assert broken(changed), path


def neighbours(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value, int(value), None]
    if isinstance(value, int):
        return [value + 1, value - 1, str(value)]
    if value is None:
        return ["", 0, False]
    text: str = value
    swapped = text.swapcase()
    first = chr(ord(text[0]) ^ 1) + text[1:] if text else "x"
    last = text[:-1] + chr(ord(text[-1]) ^ 1) if text else "y"
    return [found for found in (first, last, text + " ", swapped, None) if found != text]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_value_can_be_replaced(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(VALUES))
    before = within(BUNDLE, path)
    strings = st.text() | st.sampled_from(
        [v for p in VALUES if type(v := within(BUNDLE, p)) is str]
    )
    other = data.draw(st.none() | st.booleans() | st.integers(-(2**40), 2**40) | strings)
    if other == before and type(other) is type(before):
        return
    changed = copy.deepcopy(BUNDLE)
    within(changed, path[:-1])[path[-1]] = other
    assert broken(changed)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_nothing_can_be_dropped_added_or_moved(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([p for p in HOLDERS if p[:2] != OPTIONAL or len(p) > 2]))
    changed = copy.deepcopy(BUNDLE)
    holder = within(changed, path)
    names = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    act = data.draw(st.sampled_from(["add"] if not names else ["drop", "add", "double", "move"]))
    if act == "drop":
        del holder[data.draw(st.sampled_from(names))]
    elif isinstance(holder, dict):
        if act == "add" or len(names) < 2:
            holder["x"] = data.draw(st.none() | st.text() | st.just({}))
        else:
            one, other = data.draw(st.lists(st.sampled_from(names), min_size=2, max_size=2))
            holder[one], holder[other] = holder[other], holder[one]
    elif act == "add":
        holder.append(data.draw(st.none() | st.text() | st.just({})))
    elif act == "double":
        at = data.draw(st.sampled_from(names))
        holder.insert(at, copy.deepcopy(holder[at]))
    else:
        one, other = data.draw(st.lists(st.sampled_from(names), min_size=2, max_size=2))
        holder[one], holder[other] = holder[other], holder[one]
    if write_bundle(changed) != WHOLE:
        assert broken(changed)


@given(at=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_is_found_or_changes_nothing(at: int, byte: int) -> None:
    """Space between values means nothing; anything else does."""
    data = bytearray(WHOLE)
    data[at] = byte
    try:
        report = verify_bundle(bytes(data))
    except Unreadable:
        return
    assert not report.whole or bytes(data).strip() == WHOLE.strip()


@pytest.mark.parametrize("length", range(len(BUNDLE["chain"])))
def test_a_chain_cut_short_is_found(length: int) -> None:
    cut = {**BUNDLE, "chain": BUNDLE["chain"][:length]}
    assert "its end is missing" in broken(cut)


@pytest.mark.parametrize("at", range(len(BUNDLE["chain"]) - 1))
def test_a_dropped_row_is_found(at: int) -> None:
    chain = BUNDLE["chain"]
    found = broken({**BUNDLE, "chain": chain[:at] + chain[at + 1 :]})
    assert f"leaf {at + 2} of the chain stands where {at + 1} must" in found


def test_a_withheld_part_is_found() -> None:
    changed = copy.deepcopy(BUNDLE)
    del changed["chain"][3]["shown"]["decision"]
    assert "does not show what its export says" in broken(changed)


def test_a_row_moved_is_found() -> None:
    changed = copy.deepcopy(BUNDLE)
    chain = changed["chain"]
    chain[2], chain[4] = chain[4], chain[2]
    assert "stands where" in broken(changed)


def test_a_swapped_proof_is_found() -> None:
    changed = copy.deepcopy(BUNDLE)
    one, other = changed["chain"][1], changed["chain"][2]
    one["proof"], other["proof"] = other["proof"], one["proof"]
    assert "chain[1]: leaf 4 is not in the signed log" in broken(changed)


def test_another_logs_key_is_found() -> None:
    changed = copy.deepcopy(BUNDLE)
    changed["log"]["keys"] = [str(signer(2).public)]
    assert "nobody known" in broken(changed)
    changed["log"]["keys"] = [str(signer().public), str(signer(2).public)]
    assert "a key that signed nothing here" in broken(changed)


def test_a_log_signed_all_over_again_is_known_by_its_key() -> None:
    """Whoever forges everything needs the company's key, which the reader may hold."""
    town = dana()
    town.signed.clear()
    forged = town.export()
    forged["log"]["checkpoint"] = town.sign(signer(2))
    forged["log"]["keys"] = [str(signer(2).public)]
    assert check(forged).whole
    report = check(forged, (signer().public,))
    assert "not signed by the key you gave" in says(report)


def test_a_past_that_was_changed_is_found_by_an_older_checkpoint() -> None:
    town = dana()
    other = Town()
    other.noise(9)
    other.sign()
    town.signed = other.signed  # signed by the same key, over another history
    with_it = town.export()
    assert "log.earlier[0]: the log did not grow from this checkpoint" in broken(with_it)


def test_a_second_signer_must_be_listed() -> None:
    town = dana()
    bundle = town.export()
    bundle["log"]["checkpoint"] = town.sign(signer(), signer(2))
    assert "a signature that no listed key can check" in broken(bundle)
    bundle["log"]["keys"].append(str(signer(2).public))
    assert check(bundle).whole
    assert check(bundle, (signer(2).public,)).key_was_known


def test_consent_alone_can_be_shown() -> None:
    bundle = dana().export(withhold=lambda name: name in {"text", "decision", "facts"})
    report = check(bundle)
    assert says(report) == ""
    assert report.story is not None
    assert report.story.withheld == 7 + 4 * 2 + 2 * 2
    assert b"24,900" not in write_bundle(bundle)


def test_an_erased_contact_leaves_the_log_whole() -> None:
    """Nothing is shown, no salt is left, and every leaf is still in its place."""
    bundle = dana().export(withhold=lambda name: name != "act")
    assert check(bundle).whole


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"{}",
        b"[]",
        b"null",
        b'"x"',
        b"PK\3\4",
        "{}".encode("utf-16"),
        WHOLE[:-2],
        WHOLE.replace(b"evidence/1", b"evidence/2"),
        b'{"format":"lotline-evidence/1",' + WHOLE[1:],
    ],
)
def test_what_cannot_be_read(data: bytes) -> None:
    with pytest.raises(Unreadable):
        verify_bundle(data)


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["keys", "origin", "earlier", "leaf", "index"]), inner)
    ),
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(["log", "chain", "beside"], anything)))
def test_any_json_gets_an_answer(parts: dict[str, Any]) -> None:
    assume(parts)
    assert broken({**BUNDLE, **parts})


def test_a_stranger_hash_is_no_place() -> None:
    changed = copy.deepcopy(BUNDLE)
    changed["chain"][0]["proof"][0] = to_base64(STRANGER)
    assert "is not in the signed log" in broken(changed)


def test_a_leaf_of_another_chain_is_found() -> None:
    town = Town()
    town.consent(Says.YES)
    row = town.row()
    town.record(LeafKind.ACCESS, row, {}, link=next_link(LINE, Head(1, STRANGER)))
    town.heads[DANA] = Head(2, town.log[-1].hash)
    assert "a leaf of another contact's chain" in broken(town.export())
