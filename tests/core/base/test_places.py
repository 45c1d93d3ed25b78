"""A place is every candidate: evidence adds, and only what the person said takes away."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumber
from phonenumbers.timezone import time_zones_for_geographical_number

from lotline.core.base.atlas import (
    clock_twins,
    load_area_codes,
    load_states,
    load_zips,
    zone_named,
)
from lotline.core.base.numbers import Number, NumberKind, parse_number
from lotline.core.base.places import Place, clocks, place_of, same_clock, state_name

SPECIMENS = tomllib.loads(
    Path(__file__).with_name("places_specimens.toml").read_text(encoding="utf-8")
)["specimen"]
WINTER, SUMMER = datetime(2027, 1, 15, 12, tzinfo=UTC), datetime(2027, 7, 15, 12, tzinfo=UTC)
EASTERN, CENTRAL = "America/New_York", "America/Chicago"
MOUNTAIN, PACIFIC = "America/Denver", "America/Los_Angeles"
AREAS = st.sampled_from(sorted(load_area_codes().state))
ZIPS = st.sampled_from(sorted(load_zips().states)).map(lambda prefix: prefix.ljust(5, "1")[:5])


def near(area: str, exchange: str = "555") -> Number:
    return Number(f"+1{area}{exchange}0142", NumberKind.MOBILE, area)


@pytest.mark.parametrize("row", SPECIMENS, ids=lambda row: f"{row['area_code']}-{row.get('zip')}")
def test_specimens(row: dict[str, Any]) -> None:
    place = place_of(
        parse_number(f"{row['area_code']} 555 0142"),
        zip_code=row.get("zip"),
        zip_given=row.get("zip_given", False),
    )

    assert set(place.states) == set(row["states"])
    offsets = {row["at"].astimezone(ZoneInfo(zone)).utcoffset() for zone in row["zones"]}
    assert {row["at"].astimezone(ZoneInfo(zone)).utcoffset() for zone in place.zones} == offsets
    assert len(place.zones) == len(row["zones"]), "each clock once"


# -- ZIPs on both sides of the lines --------------------------------------------------------


@pytest.mark.parametrize(
    "code, states, zones",
    [
        ("32501", {"FL"}, {CENTRAL}),
        ("32301", {"FL"}, {EASTERN}),
        ("32456", {"FL"}, {CENTRAL, EASTERN}),
        ("40202", {"KY"}, {EASTERN}),
        ("42001", {"KY"}, {CENTRAL}),
        ("42701", {"KY"}, {CENTRAL, EASTERN}),
        ("37203", {"TN"}, {CENTRAL}),
        ("37902", {"TN"}, {EASTERN}),
        ("37347", {"TN"}, {CENTRAL, EASTERN}),
        ("46204", {"IN"}, {EASTERN}),
        ("46402", {"IN"}, {CENTRAL}),
        ("46534", {"IN"}, {CENTRAL, EASTERN}),
        ("47708", {"IN"}, {CENTRAL}),
        ("47978", {"IN"}, {CENTRAL, EASTERN}),
        ("48201", {"MI"}, {EASTERN}),
        ("49938", {"MI"}, {CENTRAL, EASTERN}),
        ("58102", {"ND"}, {CENTRAL}),
        ("58601", {"ND"}, {CENTRAL, MOUNTAIN}),
        ("57104", {"SD"}, {CENTRAL}),
        ("57701", {"SD"}, {MOUNTAIN}),
        ("57501", {"SD"}, {CENTRAL, MOUNTAIN}),
        ("68102", {"NE"}, {CENTRAL}),
        ("69361", {"NE"}, {MOUNTAIN}),
        ("69201", {"NE"}, {CENTRAL, MOUNTAIN}),
        ("67202", {"KS"}, {CENTRAL}),
        ("67735", {"KS"}, {CENTRAL, MOUNTAIN}),
        ("75201", {"TX"}, {CENTRAL}),
        ("79901", {"TX"}, {MOUNTAIN}),
        ("88510", {"TX"}, {MOUNTAIN}),
        ("79843", {"TX"}, {CENTRAL}),
        ("79839", {"TX"}, {MOUNTAIN}),
        ("79855", {"TX"}, {CENTRAL, MOUNTAIN}),
        ("83702", {"ID"}, {MOUNTAIN}),
        ("83814", {"ID"}, {PACIFIC}),
        ("83530", {"ID"}, {PACIFIC, MOUNTAIN}),
        ("83414", {"WY"}, {MOUNTAIN}),
        ("97201", {"OR"}, {PACIFIC}),
        ("97914", {"OR"}, {MOUNTAIN}),
        ("97907", {"OR"}, {PACIFIC, MOUNTAIN}),
        ("89101", {"NV"}, {PACIFIC}),
        ("89883", {"NV"}, {MOUNTAIN}),
        ("89825", {"NV"}, {PACIFIC, MOUNTAIN}),
        ("85001", {"AZ"}, {"America/Phoenix"}),
        ("86001", {"AZ"}, {"America/Phoenix"}),
        ("86033", {"AZ"}, {MOUNTAIN}),
        ("86503", {"AZ"}, {MOUNTAIN}),
        ("86505", {"AZ"}, {MOUNTAIN}),
        ("86515", {"AZ"}, {MOUNTAIN}),
        ("86045", {"AZ"}, {MOUNTAIN, "America/Phoenix"}),
        ("86502", {"AZ"}, {MOUNTAIN, "America/Phoenix"}),
        ("86039", {"AZ"}, {"America/Phoenix"}),
        ("99501", {"AK"}, {"America/Anchorage"}),
        ("99546", {"AK"}, {"America/Adak"}),
        ("96813", {"HI"}, {"Pacific/Honolulu"}),
        ("96799", {"AS"}, {"Pacific/Pago_Pago"}),
        ("96910", {"GU"}, {"Pacific/Guam"}),
        ("96950", {"MP"}, {"Pacific/Saipan"}),
        ("00601", {"PR"}, {"America/Puerto_Rico"}),
        ("00926", {"PR"}, {"America/Puerto_Rico"}),
        ("00802", {"VI"}, {"America/St_Thomas"}),
        ("36867", {"AL"}, {CENTRAL, EASTERN}),
        ("35203", {"AL"}, {CENTRAL}),
        ("42223", {"KY", "TN"}, {CENTRAL}),
        ("06390", {"NY"}, {EASTERN}),
        ("06103", {"CT"}, {EASTERN}),
        ("00501", {"NY"}, {EASTERN}),
        ("20500", {"DC"}, {EASTERN}),
        ("20166", {"VA"}, {EASTERN}),
    ],
)
def test_a_zip_the_person_gave(code: str, states: set[str], zones: set[str]) -> None:
    place = place_of(near("888"), zip_code=code, zip_given=True)

    assert set(place.states) == states
    assert set(clocks(place.zones, WINTER)) | set(clocks(place.zones, SUMMER)) == set(place.zones)
    twin = clock_twins()
    assert {twin.get(zone, zone) for zone in place.zones} == {twin.get(z, z) for z in zones}
    assert place.source == "zip"


def test_post_from_abroad_says_they_are_abroad() -> None:
    for code in ("09012", "34002", "96201", "96960"):
        assert place_of(near("614"), zip_code=code, zip_given=True) == Place()


@pytest.mark.parametrize("code", ["", "  ", "00000", "4321", "abcde", "432155", "21300", "99"])
def test_a_zip_that_does_not_exist_is_no_evidence(code: str) -> None:
    assert place_of(near("614"), zip_code=code, zip_given=True) == place_of(near("614"))


@pytest.mark.parametrize("code", ["43215", "43215-1234", "432151234", " 43215 "])
def test_the_last_four_digits_do_not_matter(code: str) -> None:
    assert place_of(near("919"), zip_code=code, zip_given=True).states == ("OH",)


# -- what adds and what takes away ----------------------------------------------------------


@given(area=AREAS, code=ZIPS)
def test_a_zip_from_a_vendor_never_takes_a_candidate_away(area: str, code: str) -> None:
    without, with_zip = place_of(near(area)), place_of(near(area), zip_code=code)

    assert set(without.states) <= set(with_zip.states)
    for at in (WINTER, SUMMER):
        assert offsets(without, at) <= offsets(with_zip, at)


@given(area=AREAS, code=ZIPS)
def test_a_given_zip_replaces_the_zones_but_not_a_presuming_state(area: str, code: str) -> None:
    alone = place_of(near("888"), zip_code=code, zip_given=True)
    place = place_of(near(area), zip_code=code, zip_given=True)

    if alone.zones:
        state = load_area_codes().state[area]
        assert place.zones == alone.zones
        presumed = {state} if load_states()[state].presumes else set()
        assert set(place.states) == set(alone.states) | presumed


def test_the_states_that_presume_residence() -> None:
    presuming = {code for code, state in load_states().items() if state.presumes}

    assert presuming == {"FL", "OK", "CT", "VA", "SC", "OR"}


def test_a_stated_state_beats_the_area_code_with_all_its_zones() -> None:
    place = place_of(near("212"), stated_state="Texas")

    assert place == Place(("TX",), (CENTRAL, MOUNTAIN), "stated")


def test_a_stated_state_that_fits_the_number_keeps_its_finer_zones() -> None:
    assert place_of(near("214"), stated_state="tx").zones == (CENTRAL,)


def test_a_state_that_presumes_residence_stays_against_a_stated_one() -> None:
    assert place_of(near("786"), stated_state="GA").states == ("GA", "FL")


def test_a_given_zip_and_a_stated_state_that_disagree_are_both_candidates() -> None:
    place = place_of(near("614"), zip_code="94103", zip_given=True, stated_state="OH")

    assert set(place.states) == {"CA", "OH"}
    assert set(place.zones) == {PACIFIC, EASTERN}


@pytest.mark.parametrize("area", ["800", "888", "500", "533", "604", "441", "232", "809"])
def test_numbers_without_a_place_here_are_unknown(area: str) -> None:
    assert place_of(near(area)) == Place()


def test_a_number_abroad_is_unknown() -> None:
    assert place_of(parse_number("+44 7400 123456")) == Place()


def test_a_vendor_zip_is_all_there_is_for_a_toll_free_number() -> None:
    assert place_of(near("888"), zip_code="94103").states == ("CA",)


# -- the tables against the library ---------------------------------------------------------


@given(area=AREAS, exchange=st.integers(200, 999))
def test_the_library_never_knows_a_clock_that_we_leave_out(area: str, exchange: int) -> None:
    """Except where it is known to be wrong, by name."""
    number = near(area, str(exchange))
    asked = PhoneNumber(country_code=1, national_number=int(number.e164[2:]))
    theirs = {str(zone) for zone in time_zones_for_geographical_number(asked)}
    if area in load_area_codes().mistaken or len(theirs) > 6 or theirs == {"Pacific/Honolulu"}:
        return

    assert offsets(Place(zones=tuple(theirs)), WINTER) <= offsets(place_of(number), WINTER)


@pytest.mark.parametrize("area", ["219", "850", "448", "364", "930", "458", "729", "928", "423"])
def test_split_codes_keep_both_zones_for_every_exchange(area: str) -> None:
    for exchange in range(200, 1000, 7):
        assert len(place_of(near(area, str(exchange))).zones) == 2


def test_every_zone_named_exists_and_twins_are_twins() -> None:
    for state in load_states().values():
        for zone in state.zones:
            assert zone_named(zone).utcoffset(WINTER.replace(tzinfo=None)) is not None
    for zone, twin in clock_twins().items():
        for month in range(1, 13):
            assert same_clock((zone, twin), datetime(2027, month, 10, 3, tzinfo=UTC)), zone


def test_each_prefix_lies_in_zones_of_its_state() -> None:
    zips, states, twin = load_zips(), load_states(), clock_twins()
    custom = {"36854", "36855", "36863", "36867", "36868", "36869", "36870", "36874", "36877"}
    custom |= {"99903"}
    for code, zones in zips.zones.items():
        of = zips.states.get(code) or zips.states[code[:3]]
        known = {twin.get(z, z) for state in of for z in states[state].zones}
        assert code in custom or {twin.get(z, z) for z in zones} <= known, code


def test_detroit_and_new_york_are_the_same_clock_and_phoenix_only_in_winter() -> None:
    assert same_clock(("America/Detroit", EASTERN), SUMMER)
    assert same_clock(("America/Phoenix", MOUNTAIN), WINTER)
    assert not same_clock(("America/Phoenix", MOUNTAIN), SUMMER)
    assert clocks(("America/Detroit", EASTERN, CENTRAL), SUMMER) == ("America/Detroit", CENTRAL)
    assert same_clock((), SUMMER)


def test_names_for_people() -> None:
    assert state_name("OH") == "Ohio"
    assert state_name("DC") == "District of Columbia"


def offsets(place: Place, at: datetime) -> set[object]:
    return {at.astimezone(zone_named(zone)).utcoffset() for zone in place.zones}
