"""Names, numbers and words are unreadable in the database, wherever one looks (P8)."""

from __future__ import annotations

import subprocess

from lotline.actions.contacts import erase
from tests.actions.house import House

SAID = (
    "Zanzibar",
    "Wolverhampton",
    "heliotrope",
    "opted out",
    "Elm & Dock",
    "Elm sales",
    "Quist",
    "Ostrander",
    "Dockside",
)
NUMBERS = ("6145550142", "614555014", "555-0142", "6145550101")


def dump(house: House) -> str:
    """As a backup would take it: everything, by the owner of the cluster."""
    command = [
        str(house.database.cluster.bindir / "pg_dump"),
        "--inserts",
        "--dbname",
        house.database.dsn("superuser"),
    ]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return done.stdout


def test_a_dump_shows_no_word_and_no_number(lived_in: House) -> None:
    text = dump(lived_in)
    assert "INSERT INTO public.texts" in text, "the dump has the rows"
    for word in (*SAID, *NUMBERS):
        assert word not in text, word
        assert word.encode().hex() not in text, f"{word}, as bytes"


def test_a_name_of_ones_own_is_looked_for_too(lived_in: House) -> None:
    """The search finds what is there: a word that is kept in clear on purpose."""
    assert "America/New_York" in dump(lived_in)


def test_what_a_forgotten_contact_said_opens_for_nobody(lived_in: House) -> None:
    house = lived_in
    ada = house.town.sign_in("ada")
    (contact_id,) = house.ask("select c.id from contacts c where c.level = 'out' limit 1")[0]
    erase(house.ctx, ada, contact_id, "asked")
    rows = house.ask(
        "select key_wrapped, number_ct, name_ct from contacts where id = %s", contact_id
    )
    assert rows == [(None, b"", b"")]
    assert house.text_in("+16145550142", "Is the shop open?").heard == "none"
    assert house.tap("+16145550142", "Hello.").state == "blocked", "the stop outlives the person"
