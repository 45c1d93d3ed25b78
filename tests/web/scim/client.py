"""Calling as an identity provider would: over HTTP with a token, or straight into the pages.

Not here: what is expected (the tests beside this).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from django.test import Client
from scim2_client import BaseSyncSCIMClient
from scim2_client.errors import RequestNetworkException

from lotline.actions.identity import make_token, name_provider
from tests.web.site import Site

JSON = "application/scim+json"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def token_of(site: Site, **heir: Any) -> str:
    """The owner names a provider, and makes it a token."""
    ada = site.town.sign_in("ada")
    name_provider(site.house.ctx, ada, "Elm directory", **heir)
    return make_token(site.house.ctx, ada).token


@dataclass
class Provider:
    """An identity provider with a token, and nothing else."""

    token: str = field(repr=False)
    _client: Client = field(default_factory=Client)

    def __call__(
        self, method: str, place: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        answer: Any = self._client.generic(
            method,
            f"/scim/v2/{place}",
            b"" if body is None else json.dumps(body).encode(),
            content_type=JSON,
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )
        told = json.loads(answer.content) if answer.content else None
        return answer.status_code, told

    def add(self, user_name: str, **more: Any) -> dict[str, Any]:
        """Somebody new; they must be taken."""
        status, told = self("POST", "Users", user(user_name, **more))
        assert status == 201, told
        found: dict[str, Any] = told
        return found

    def patch(self, place: str, *operations: Mapping[str, Any]) -> tuple[int, Any]:
        body = {"schemas": [PATCH], "Operations": list(operations)}
        return self("PATCH", place, body)

    def activate(self, identity: str, active: Any) -> tuple[int, Any]:
        return self.patch(f"Users/{identity}", {"op": "replace", "path": "active", "value": active})

    def group(self, name: str, *members: str) -> str:
        body = {"schemas": [GROUP], "displayName": name}
        status, told = self("POST", "Groups", body | {"members": [{"value": m} for m in members]})
        assert status == 201, told
        return str(told["id"])


def user(user_name: str, **more: Any) -> dict[str, Any]:
    return {"schemas": [USER], "userName": user_name, "active": True, **more}


class OverHttp(BaseSyncSCIMClient):
    """The conformance suite's own client, on the library for HTTP that is here."""

    def __init__(self, link: httpx.Client) -> None:
        super().__init__()
        self._link = link

    def _stays_under_base_url(self, endpoint: str) -> bool:
        whole = str(self._link.build_request("GET", endpoint).url)
        return whole.startswith(str(self._link.base_url).rstrip("/"))

    def _parse_json(self, response: Any) -> Any:
        return response.json()

    def request(self, method: str, url: str, **more: Any) -> Any:
        try:
            return self._link.request(method, url, **more)
        except httpx.HTTPError as error:
            raise RequestNetworkException from error
