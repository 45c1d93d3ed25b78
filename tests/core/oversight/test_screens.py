"""Each screen on both sides of its boundary, and what may be relied on of all of them."""

from __future__ import annotations

import timeit
import tomllib
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.oversight.flagged import told
from lotline.core.oversight.flat import flat
from lotline.core.oversight.masking import hidden_in, masked
from lotline.core.oversight.screens import load_screens, screens_in, without_ours
from lotline.core.oversight.watch import (
    Step,
    careful,
    is_sampled,
    marks_of,
    maskable,
    read_watch,
    reasons_for,
    reasons_of,
    watch_to_json,
    watchable,
)

SPECIMENS = tomllib.loads((Path(__file__).parent / "screens.toml").read_text(encoding="utf-8"))
FEWEST = 15
NOTHING_TO_SEE = (
    "Hi Dale, the gray F-150 is still here and I can have it out front at 4:30. Thanks, Sam",
    "I can come by around 5pm tomorrow, my trade is a 2016 Accord with 81,000 miles on it",
)


@pytest.mark.parametrize("screen", sorted(SPECIMENS))
def test_a_screen_speaks_and_is_silent(screen: str) -> None:
    both = SPECIMENS[screen]
    assert min(len(both["fires"]), len(both["silent"])) >= FEWEST
    missed = [text for text in both["fires"] if screen not in found(text)]
    false = [text for text in both["silent"] if screen in found(text)]
    assert (missed, false) == ([], [])


def found(text: str) -> set[str]:
    return {one.screen for one in screens_in(text)}


def test_each_screen_of_words_or_numbers_has_specimens() -> None:
    assert set(SPECIMENS) == set(watchable()) - {"house_words"}


def test_a_plain_text_costs_next_to_nothing() -> None:
    for text in NOTHING_TO_SEE:
        assert screens_in(text) == ()
        best = min(timeit.repeat(partial(screens_in, text), number=200, repeat=5)) / 200
        assert best < 50e-6, best


def test_our_own_numbers_and_sites_are_no_finds() -> None:
    finds = screens_in("Call 614-555-0101 or see https://shop.northgate.com/x and example.com")
    left = without_ours(finds, numbers={"6145550101"}, hosts={"northgate.com"})
    assert [one.of for one in left] == ["example.com"]
    assert [one.of for one in without_ours(finds, hosts={"gate.com"})][:1] == ["6145550101"]


def test_a_stores_words_are_whole_words() -> None:
    def says(text: str) -> bool:
        return "house_words" in {one.screen for one in screens_in(text, words=("VIP", "side deal"))}

    assert says("He is a vip.")
    assert says("a Side  deal then")
    assert not says("viper, sidedeal, side-deals")


@given(st.text(max_size=200))
def test_a_flat_text_keeps_every_place(text: str) -> None:
    assert len(flat(text)) == len(text)


@given(st.text(alphabet="0123456789 -.abcdlsn#:", max_size=80))
def test_hiding_changes_nothing_but_what_was_found(text: str) -> None:
    spans = hidden_in(text)
    hidden = masked(text, spans, maskable())
    assert len(hidden) == len(text)
    inside = {n for one in spans for n in range(one.start, one.end)}
    assert all(hidden[n] == text[n] for n in range(len(text)) if n not in inside)
    assert all(hidden[n] == text[n] or hidden[n] == "•" for n in inside)


@pytest.mark.parametrize("screen", ["card_number", "social_security_number", "bank_number"])
def test_what_is_hidden_cannot_be_read_back(screen: str) -> None:
    for text in SPECIMENS[screen]["fires"]:
        digits = [char for char in text if char.isdigit()]
        left = [char for char in masked(text, hidden_in(text), maskable()) if char.isdigit()]
        assert len(left) <= len(digits) - 5, text


def test_the_careful_choice_is_written_and_read_back() -> None:
    base = careful()
    assert read_watch(watch_to_json(base), base.words) == base
    odd = {"out": {"promise": "shout", "nobody": "hold"}, "came": {"promise": "block"}}
    read = read_watch({**odd, "mask": ["promise"], "sample": -1})
    assert (read.out["promise"], read.came["promise"]) == (base.out["promise"], Step.OFF)
    assert (read.mask, read.sample) == (frozenset(), base.sample)
    assert all(step in {Step.OFF, Step.FLAG} for step in base.came.values())


def test_marks_say_which_screen_and_what_follows() -> None:
    finds = screens_in("Guaranteed approval, see example.com or call me at 614-555-0142")
    marks = marks_of(finds, careful())
    assert marks == {
        "screen_hold_promise",
        "screen_flag_personal_number",
        "screen_warn_unknown_link",
    }
    assert reasons_of(marks) == ("promise", "personal_number")
    assert reasons_for(screens_in("this is ridiculous"), careful()) == ("upset",)


def test_one_in_so_many_is_even_and_always_the_same() -> None:
    ids = [UUID(int=(n << 64) + n * 7919) for n in range(5_000)]
    hits = [one for one in ids if is_sampled(one, 50)]
    assert 60 < len(hits) < 145
    assert hits == [one for one in ids if is_sampled(one, 50)]
    assert not any(is_sampled(one, 0) for one in ids)
    assert all(is_sampled(one, 1) for one in ids[:50])


def test_why_is_told_in_the_words_that_were_written() -> None:
    assert told(["promise"], "So: Guaranteed approval!", detail={}) == (
        "Says “Guaranteed approval”",
    )
    assert told(["promise"], "nothing of it", detail={}) == ("Found a promise of credit or price",)
    assert told(["purpose"], "", detail={"from": "offer", "to": "reply"}) == (
        "Purpose changed from Offer to Reply",
    )
    assert told(["sampled"], "", detail={"n": 50}) == ("Sampled 1 in 50",)
    assert set(load_screens()) >= {"purpose", "sampled", "by_hand"}
