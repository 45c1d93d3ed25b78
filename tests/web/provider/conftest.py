"""A town that signs in by a real provider of OpenID Connect, which runs here over real HTTP."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from django.conf import settings
from django.test import Client

from lotline.actions.context import Context
from lotline.actions.identity import keep_way, name_provider
from lotline.adapters.guarded import Session
from lotline.store.identity import Way, load_provider
from tests.conftest import Database
from tests.web.site import Site, a_site

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own libraries are about to change
    import oidc_provider_mock  # type: ignore[import-untyped]  # the library has no types

HERE = Path(__file__).parent
DOMAINS = ("elmdock.example",)


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """The provider's address. Anybody may sign in there as anybody."""
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@dataclass
class Town:
    """The town, and hands that sign in by its provider."""

    site: Site
    ctx: Context
    issuer: str
    provider_id: UUID
    links: dict[str, Any] = field(default_factory=dict)

    def way(self, **changes: Any) -> None:
        """How people sign in from now on."""
        required = changes.pop("required", False)
        way = Way(self.issuer, "lotline", "a-secret", DOMAINS)
        keep_way(
            self.ctx,
            self.site.town.sign_in("ada"),
            replace(way, **changes),
            sign_in=True,
            required=required,
        )

    def knows(self, sub: str, **claims: Any) -> None:
        """What the provider says of somebody."""
        put = httpx.put(f"{self.issuer}/users/{sub}", json=claims)
        assert put.status_code == 204

    def there(self, client: Client, sub: str, query: str = "") -> str:
        """To the provider and through its form; where it sends them back to."""
        sent: Any = client.get(f"/sign-in/with/{self.provider_id}/{query}")
        assert sent.status_code == 302, sent.content
        assert sent["Location"].startswith(self.issuer)
        answer = httpx.post(sent["Location"], data={"sub": sub})
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    def sign_in(self, sub: str, client: Client | None = None, query: str = "") -> Any:
        """All of it; the page's last answer."""
        browser = client or Client()
        answer: Any = browser.get(self.there(browser, sub, query))
        answer.browser = browser
        return answer

    def devices(self, who: UUID) -> int:
        sql = "select count(*) from devices where member_id = %s and ended_at is null"
        found: int = self.site.house.ask(sql, who)[0][0]
        return found


@pytest.fixture(scope="module")
def town(
    module_db: Database, tmp_path_factory: pytest.TempPathFactory, issuer: str
) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("provider")
    with a_site(module_db, folder, choices={"training_required": True}) as site:
        chosen = replace(site.house.ctx.settings, private_webhooks=True)
        ctx = replace(site.house.ctx, settings=chosen)
        settings.LOTLINE_CONTEXT = lambda: ctx
        before = settings.LOTLINE_WAY_OUT
        settings.LOTLINE_WAY_OUT = lambda: Session(private=True)
        ada = site.town.sign_in("ada")
        name_provider(ctx, ada, "Elm directory")
        with ctx.db.transaction(ada.group_id) as tx:
            provider = load_provider(tx)
        assert provider is not None
        made = Town(site, ctx, issuer, provider.id)
        made.way()
        try:
            yield made
        finally:
            settings.LOTLINE_WAY_OUT = before


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What the provider's own libraries are about to change is theirs."""
    theirs = pytest.mark.filterwarnings("ignore::DeprecationWarning")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(theirs)
