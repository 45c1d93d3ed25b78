"""The wording of a written yes: what stands on our page, and what must not be missing from it.

Invariant: a wording that lacks an element of a written yes is refused before any customer reads
it, and what is missing is named. The values are data (`wording.toml`).

Not here: keeping versions of it (`store.optin`), what a yes is worth (`proof`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from lotline.core.consent.proof import Element

# These are true of the page itself, whatever the words are.
BY_THE_PAGE = frozenset({Element.SIGNATURE, Element.UNTICKED, Element.WORDING})


@cache
def _data() -> Mapping[str, Any]:
    file = resources.files("lotline.core.consent").joinpath("wording.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def wording_name() -> str:
    """What versions of it are filed under."""
    name: str = _data()["name"]
    return name


def first_wording(company: str) -> str:
    """Words that hold every element, to begin with."""
    words: str = _data()["en"].strip()
    return words.replace("{company}", company)


def what_it_needs() -> str:
    """In a sentence, for whoever writes one."""
    needs: str = _data()["needs"]
    return needs


def missing_from(body: str, company: str) -> dict[str, str]:
    """Each element that the words lack, with the sentence for whoever wrote them."""
    plain = _plain(body)
    wanted = {**_data()["elements"], **_data()["also"]}
    return {
        name: one["says"]
        for name, one in wanted.items()
        if not any(_plain(way.replace("{company}", company)) in plain for way in one["any"])
    }


def elements_of(body: str, company: str) -> frozenset[Element]:
    """What a yes under these words, ticked by hand on our page, can show."""
    lacking = missing_from(body, company)
    return frozenset(one for one in Element if one in BY_THE_PAGE or one.value not in lacking)


def _plain(words: str) -> str:
    return " ".join(words.replace("’", "'").casefold().split())
