"""Proof: what is kept of a yes so that it can be shown later, and how strong a yes that makes.

Invariant: a yes is never stronger than what can be shown of it. What is missing is named, so that
it can be asked for before the customer has left.

Not here: the fold (`standing`), keeping the wording or its hash (`store`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lotline.core.consent.entry import Kind, Source


class Element(StrEnum):
    """What a signed yes to offers must have, 47 CFR 64.1200(f)(9), and when and where it was."""

    SIGNATURE = "signature"  # ticked by hand, typed, drawn, answered by text
    SELLER = "seller"  # this company is named
    AUTOMATED = "automated"  # texts may be sent by automatic means
    NUMBER = "number"  # the number is part of what was signed
    OFFERS = "offers"  # the words say that they are offers
    FREE_CHOICE = "free_choice"  # no purchase depends on it
    UNTICKED = "unticked"  # the box was not ticked beforehand
    WORDING = "wording"  # the exact words shown are kept


WRITTEN_NEEDS = tuple(Element)
_SIGNABLE = frozenset({Source.TEXT, Source.WEB_FORM, Source.PAPER_FORM, Source.EMAIL})


@dataclass(frozen=True, slots=True)
class Proof:
    """What there is to show of one yes."""

    source: Source
    elements: frozenset[Element]

    @property
    def missing(self) -> tuple[Element, ...]:
        """What a written yes would still need."""
        return tuple(need for need in WRITTEN_NEEDS if need not in self.elements)


def kind_of(proof: Proof, *, asked_us_first: bool = False) -> Kind:
    """The strongest kind that the proof bears out.

    A spoken yes is never a written one, however it was noted down, and an import never more than
    an express one: nobody saw the words. To have written to us is an inquiry and no more.
    """
    if proof.source in _SIGNABLE and not proof.missing:
        return Kind.WRITTEN
    if asked_us_first and not proof.elements:
        return Kind.INQUIRY
    return Kind.EXPRESS
