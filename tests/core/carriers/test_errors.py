"""Every code is answered in plain words; what we do by kind is right for the codes that matter."""

from __future__ import annotations

import re

import pytest

from lotline.core.carriers.errors import known_codes, meaning_of
from lotline.core.carriers.port import RefusalKind


@pytest.mark.parametrize(
    "code, kind",
    [
        ("21610", RefusalKind.OPTED_OUT),
        ("21211", RefusalKind.BAD_NUMBER),
        ("30005", RefusalKind.BAD_NUMBER),
        ("21614", RefusalKind.LANDLINE),
        ("30006", RefusalKind.LANDLINE),
        ("30003", RefusalKind.UNREACHABLE),
        ("30004", RefusalKind.UNREACHABLE),
        ("30008", RefusalKind.UNREACHABLE),
        ("30007", RefusalKind.FILTERED),
        ("30034", RefusalKind.UNREGISTERED),
        ("20429", RefusalKind.BUSY),
        ("21611", RefusalKind.BUSY),
        ("30036", RefusalKind.BUSY),
        ("63017", RefusalKind.BUSY),
        ("20003", RefusalKind.CONFIG),
        ("21609", RefusalKind.CONFIG),
        ("21606", RefusalKind.CONFIG),
    ],
)
def test_codes_that_we_act_on(code: str, kind: RefusalKind) -> None:
    assert meaning_of("twilio", code).kind is kind


def test_only_the_stop_list_is_an_opt_out() -> None:
    """An opt-out becomes a consent entry, so no other refusal may be taken for one."""
    kinds = {one.code for one in known_codes("twilio") if one.kind is RefusalKind.OPTED_OUT}

    assert kinds == {"21610"}


@pytest.mark.parametrize("code", ["99999", "", "junk"])
def test_an_unknown_code_is_answered_and_guesses_nothing(code: str) -> None:
    meaning = meaning_of("twilio", code)

    assert meaning.kind is RefusalKind.OTHER
    assert (code or "without a code") in meaning.says
    assert meaning_of("nobody", "21610").kind is RefusalKind.OTHER


def test_every_sentence_is_one_for_a_person() -> None:
    for meaning in known_codes("twilio"):
        assert meaning.says.endswith("."), meaning.code
        assert meaning.says[0].isupper(), meaning.code
        assert not re.search(r"\b(API|SID|URL|SMS|HTTP)\b", meaning.says), meaning.code
