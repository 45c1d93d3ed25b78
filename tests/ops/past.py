"""A few days of a town: who texted, who was answered, who said stop, who was forgotten.

Everything is done by the product's own actions, so every row has its leaf. The names and words are
listed here, so that a test can look for each of them where none may be.
"""

from __future__ import annotations

from uuid import UUID

from lotline.actions.consent import opt_in_by_page
from lotline.actions.optin_pages import page_of, write_wording
from lotline.actions.policies import adopt_policy, sign_policy
from lotline.core.carriers.port import ReceiptWord
from lotline.core.consent.wording import first_wording
from tests.actions.house import House
from tests.town import COMPANY, LINES, MEMBERS, STORES

DANA, MARCUS, JOY = "+16145550142", "+16145550143", "+16145550144"
NIA = "+16145550146"
NAMES = {
    DANA: "Dana Whitfield",
    MARCUS: "Marcus Oyelaran",
    JOY: "Joy Castellano",
    NIA: "Nia Okonjo",
}
SAID = [
    "Is the silver Crosstrek still on your lot?",
    "Yes, you can see it in row seven",
    "Great, I will come by at noon",
    "Your Forester is ready at the service desk",
    "What does the winter tyre package cost?",
    "The package is ninety dollars a wheel",
]
DRAFTED = "Shall I bring the paperwork along"


def live(house: House) -> None:
    """One talks, one stops and comes back, one stops for good, one said yes on our page."""
    town = house.town
    ada = town.sign_in("ada")
    adopt_policy(house.ctx, ada, "We text whoever asked us to, and stop when told.")
    ben = town.sign_in("ben")
    sign_policy(house.ctx, ben, 1, ben.name)
    shown = first_wording(COMPANY)
    write_wording(house.ctx, ada, shown)
    opt_in_by_page(
        house.ctx,
        page_of(house.ctx, ada, town.lines["sales"]),
        number=NIA,
        name=NAMES[NIA],
        words=shown,
        ticked=True,
        address="192.0.2.7",
    )
    town.meet(DANA, NAMES[DANA], by="ben", line="sales")
    house.text_in(DANA, SAID[0])
    _answer(house, DANA, SAID[1])
    house.text_in(DANA, SAID[2])
    town.meet(MARCUS, NAMES[MARCUS], by="bea", line="service")
    house.text_in(MARCUS, "Is my car ready?", line="service")
    _answer(house, MARCUS, SAID[3], by="bea", line="service")
    house.text_in(MARCUS, "STOP", line="service")
    town.clock.pass_by(minutes=1)
    house.dispatch()
    house.text_in(MARCUS, "START", line="service")
    town.clock.pass_by(minutes=1)
    house.dispatch()
    town.meet(JOY, NAMES[JOY], by="ben", line="sales")
    house.text_in(JOY, SAID[4])
    _answer(house, JOY, SAID[5])
    house.text_in(JOY, "stop texting me")
    town.clock.pass_by(minutes=1)
    house.dispatch()
    town.clock.pass_by(minutes=5)


def _answer(house: House, number: str, body: str, *, by: str = "ben", line: str = "sales") -> None:
    text = house.tap(number, body, by=by, line=line)
    house.town.clock.pass_by(minutes=1)
    house.dispatch()
    house.receipt(text.text_id, ReceiptWord.DELIVERED)


def contact_of(house: House, number: str) -> UUID:
    """Whom a number belongs to."""
    from lotline.store.contacts import find_contact

    with house.ctx.db.transaction(house.town.group_id) as tx:
        found = find_contact(tx, number)
    assert found is not None, "they were met"
    return found.contact_id


def secrets_of(_: House) -> list[str]:
    """Every name, number and word that nobody may find in clear."""
    people = [name for name, *_ in MEMBERS.values()]
    numbers = [*NAMES, *(number for _, _, number in LINES.values())]
    digits = [number.removeprefix("+1") for number in numbers]
    return [COMPANY, *STORES.values(), *people, *NAMES.values(), *SAID, *numbers, *digits]
