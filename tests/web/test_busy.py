"""Busy is said as busy: 503, when to come back, and what was typed is still there."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import OperationalError
from django.test import RequestFactory

from lotline.store.database import Unavailable
from lotline.web import pages
from lotline.web.edge import listen
from lotline.web.edge.looking import Answer, Question
from lotline.web.edge.room import Waiting
from tests.looping import run_alone


@pytest.mark.parametrize(
    "trouble, status, says",
    [
        (Unavailable("gone"), 503, "Lotline is busy"),
        (OperationalError("gone"), 503, "Lotline is busy"),
        (KeyError("ours"), 500, "Something of ours broke"),
    ],
)
def test_a_page_says_so(trouble: Exception, status: int, says: str) -> None:
    request = RequestFactory().post("/c/1/texts/", {"body": "See you at four", "client_id": "x"})
    try:
        raise trouble
    except type(trouble):
        response = pages.failed(request)
    assert response.status_code == status
    assert response.get("Retry-After") == ("5" if status == 503 else None)
    page = response.content.decode()
    assert says in page
    assert "See you at four" in page


def test_a_process_takes_so_many_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "STREAMS_MAX", 2)

    def away(asked: Question) -> Answer:
        raise Unavailable(str(asked.group_id))

    async def fill() -> list[bool]:
        hub = listen.Hub("postgresql://nobody@127.0.0.1:1/none", away)
        seen = [hub.is_full()]
        streams = [Waiting(UUID(int=n), UUID(int=n), UUID(int=n), (1, 0)) for n in range(2)]
        for one in streams:
            hub.join(one)
            seen.append(hub.is_full())
        hub.leave(streams[0])
        seen.append(hub.is_full())
        await hub.close()
        return seen

    assert run_alone(fill()) == [False, False, True, False]
