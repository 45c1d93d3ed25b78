"""A program of somebody else's: it knows an address and a token, and speaks HTTP.

Not here: the town (`tests.town`), what the tests say.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import urllib3

from lotline.actions.programs import Choice, make_program
from lotline.core.people.programs import Scope
from tests.actions.house import House
from tests.peers.whole import served

NOBODY = UUID(int=0)
EVERYTHING = tuple(one.value for one in Scope)


@dataclass(frozen=True)
class Told:
    """An answer."""

    status: int
    headers: dict[str, str]
    data: bytes = field(repr=False)

    @property
    def body(self) -> Any:
        return json.loads(self.data) if self.data else None


@dataclass
class Client:
    """One token at one address."""

    url: str
    token: str
    program_id: UUID = NOBODY
    _http: Any = field(default_factory=lambda: urllib3.PoolManager(retries=False, timeout=30))

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Told:
        """`body` as JSON, or the bytes as they are."""
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = body
        if body is not None:
            sent["Content-Type"] = "application/json"
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent |= {name.replace("_", "-"): said for name, said in headers.items()}
        answer = self._http.request(method, self.url + path, body=data, headers=sent)
        told = {name.lower(): said for name, said in answer.headers.items()}
        return Told(answer.status, told, answer.data)

    def post(self, path: str, body: Any, **headers: str) -> Told:
        return self.ask("POST", "/api/v1" + path, body, **headers)

    def get(self, path: str, **headers: str) -> Told:
        return self.ask("GET", "/api/v1" + path, **headers)

    def close(self) -> None:
        self._http.clear()


@dataclass
class Served:
    """A house whose edge is served."""

    house: House
    url: str
    made: list[Client] = field(default_factory=list)

    def program(self, *, by: str = "ada", lines: tuple[str, ...] = (), **more: Any) -> Client:
        """A token that the owner made; without lines it reaches the whole company."""
        town = self.house.town
        chosen = {"scopes": EVERYTHING, "per_minute": 60_000, **more}
        chosen.setdefault("whole_group", not lines and "store_ids" not in chosen)
        choice = Choice("DMS", line_ids=tuple(town.lines[one] for one in lines), **chosen)
        made = make_program(self.house.ctx, town.sign_in(by), choice)
        return self.client(made.token, made.program_id)

    def client(self, token: str, program_id: UUID = NOBODY) -> Client:
        client = Client(self.url, token, program_id)
        self.made.append(client)
        return client


@contextmanager
def serving(house: House) -> Iterator[Served]:
    """The edge alone, over real HTTP."""
    listener = socket.create_server(("127.0.0.1", 0))
    ctx = replace(house.ctx)
    with served(ctx, house.database, listener):
        found = Served(house, f"http://127.0.0.1:{listener.getsockname()[1]}")
        try:
            yield found
        finally:
            for one in found.made:
                one.close()
