"""A search is its text, and what cannot be asked is said in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lotline.core.messaging.search import (
    CHOICES,
    FILTERS,
    LONGEST,
    MOST,
    NAMES,
    BadSearch,
    Search,
    Term,
    read_search,
)

READ = [
    ("consent:none from:casey after:2026-11-12", "consent:none from:casey after:2026-11-12"),
    ("RAV4  blue", "RAV4 blue"),
    ('from:"Casey Lee" trade-in', 'from:"Casey Lee" trade-in'),
    ("-is:DONE -sold", "-is:done -sold"),
    ("IS:held Purpose:Offer", "is:held purpose:offer"),
    ("blue blue blue", "blue"),
    ("   ", ""),
    ("!!! - --", ""),
    ("at 10:30", 'at "10:30"'),
    ("see https://example.com/x", 'see "https://example.com/x"'),
    ("Re: the truck", '"Re:" the truck'),
    ('"-5 degrees"', '"-5 degrees"'),
    ('say "open', "say open"),
    ("before:20261112", "before:2026-11-12"),
]
BAD = [
    ("sender:casey", "There is no filter sender:"),
    ("from:", "After from: say a name"),
    ("from:!!", "After from: say a name"),
    ("is:lost", "After is: say one of unread, waiting"),
    ("consent:maybe", "After consent: say one of offers"),
    ("before:tomorrow", "like before:2026-11-12"),
    ("after:2026-02-30", "like after:2026-11-12"),
    ("near:here", "the id of a text"),
    ("has:", "After has: say one of photo, note"),
    ("x" * (LONGEST + 1), "characters at most"),
    (" ".join(f"w{n}" for n in range(MOST + 1)), "at most"),
]


@pytest.mark.parametrize("typed, written", READ)
def test_what_is_read(typed: str, written: str) -> None:
    assert str(read_search(typed)) == written


@pytest.mark.parametrize("typed, says", BAD)
def test_what_cannot_be_asked(typed: str, says: str) -> None:
    with pytest.raises(BadSearch) as refused:
        read_search(typed)
    assert says in str(refused.value)


names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 '.-]{0,12}", fullmatch=True).map(
    lambda name: " ".join(name.split())
)
terms = st.one_of(
    st.builds(Term, st.just(""), names, st.booleans()),
    st.builds(Term, st.sampled_from(sorted(NAMES)), names, st.booleans()),
    st.sampled_from([(name, value) for name in CHOICES for value in CHOICES[name]]).flatmap(
        lambda both: st.builds(Term, st.just(both[0]), st.just(both[1]), st.booleans())
    ),
    st.builds(
        Term, st.sampled_from(["before", "after"]), st.dates().map(lambda day: day.isoformat())
    ),
    st.builds(Term, st.just("near"), st.uuids().map(str), st.booleans()),
)


@given(st.lists(terms, max_size=8, unique=True))
def test_every_search_is_read_back(several: list[Term]) -> None:
    search = Search(tuple(several))
    assert read_search(str(search)) == search


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_search_that_reads_back_or_a_sentence(typed: str) -> None:
    try:
        search = read_search(typed)
    except BadSearch:
        return
    assert read_search(str(search)) == search
    for term in search.terms:
        assert term not in search.without(term).terms


def test_each_filter_can_be_turned_round() -> None:
    for name in FILTERS:
        value = (*CHOICES.get(name, ()), "2026-11-12")[0]
        value = "01a2019c-e16c-7001-beae-1b28e5278c01" if name == "near" else value
        plain, turned = read_search(f"{name}:{value}"), read_search(f"-{name}:{value}")
        assert not plain.terms[0].no
        assert turned.terms[0].no
        assert plain.values(name) == turned.values(name, no=True)
