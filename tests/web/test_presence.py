"""Who is here, told from one process to another: what travels is ids, and it lasts seconds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from lotline.web import presence
from tests.conftest import Database
from tests.town import Town, build_town, make_context

DALE = "+16145550142"


@pytest.fixture
def town(module_db: Database, tmp_path: Path) -> Iterator[Town]:
    ctx = make_context(module_db.app, tmp_path)
    try:
        yield build_town(ctx)
    finally:
        ctx.db.close()


def test_a_beat_is_heard_by_another_process(town: Town, module_db: Database) -> None:
    conversation = town.meet(DALE, "Dale Whitaker", by="ben", line="sales")
    ben, ada = town.sign_in("ben"), town.sign_in("ada")
    with psycopg.connect(module_db.app, autocommit=True) as link:
        link.execute("listen lotline_here")
        presence.beat(town.ctx, ben, conversation, town.lines["sales"], "typing a reply")
        (note,) = link.notifies(timeout=5, stop_after=1)
    assert "Ben" not in note.payload
    presence._here.clear()  # as another process is: it has heard nothing yet
    changes: list[UUID] = []
    presence.on_change(lambda group, one, line: changes.append(one))
    presence.hear(note.payload)
    presence.hear(note.payload)
    assert changes == [conversation], "said once, though it was heard twice"
    seen = presence.others(town.ctx, ada, conversation, town.clock())
    assert [(one.name, one.doing) for one in seen] == [("Ben Ostrander", "typing a reply")]
    assert presence.others(town.ctx, ben, conversation, town.clock()) == []
    later = town.clock() + timedelta(seconds=7)
    assert presence.others(town.ctx, ada, conversation, later) == []
    stranger = dataclasses.replace(ada, group_id=UUID(int=5))
    assert presence.others(town.ctx, stranger, conversation, town.clock()) == []


@pytest.mark.parametrize(
    "payload", ["", "1 2 3", f"{UUID(int=1)} " * 4 + "x 12.5", "a b c d v 1e99"]
)
def test_what_is_no_beat_is_not_heard(payload: str) -> None:
    before = dict(presence._here)
    presence.hear(payload)
    assert presence._here == before
