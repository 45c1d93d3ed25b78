"""Only yours, and out means out (P6, P7): everybody who may not, on every address that there is.

Each route of Django's router and of the edge is asked with the real ids of one store's customers,
plainly, as a fragment and as a form, by each kind of outsider. What comes back holds no name, no
number and no word of those customers, and what was sent changes nothing. That the owner does see
them on the same addresses is what gives the outsiders' emptiness its meaning.

Not here: reach within one loader (`tests.store.test_reads_reach`), row-level security
(`tests.store.test_rights`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from tests.attack.outsiders import ANSWERED, NAME, SECRETS, Elm, Route
from tests.attack.who_may import ROLES, opens
from tests.conftest import Database
from tests.web.site import a_site

# Open to whoever comes, by hand and each for its reason. Everything else stands behind a door.
PUBLIC = {
    "": "leads to the inbox or to the way in",
    "sign-in/": "the way in",
    "sign-in/again/": "the library's, behind our door when somebody is signed in",
    "sign-in/closed/": "says that an account is closed",
    "sign-in/none/": "what the library has and we do without: never there",
    "sign-out/": "ends the caller's own session",
    "signed-out/": "shows that one is out",
    "switch/": "a shared tablet's screen, behind its own key; shows the names of its people",
    "switch/leave/": "ends the caller's own session",
    "me/lock/": "locks the caller's own device",
    "locked/": "asks the locked device's own person for proof",
    "manifest.webmanifest": "the same for everybody, of no company",
    "sw.js": "the same for everybody, of no company",
    "offline.html": "the same for everybody, of no company",
    "favicon.ico": "a picture",
    "invited/<str:token>/": "a signed link for one person, spent once",
    "opt-in/<slug:slug>/": "a customer says yes; tells nothing of any customer",
    "opt-in/<slug:slug>/thanks/": "the same for everybody, whatever was typed",
    "opt-in/<slug:slug>/do-not-call/": "the company's do-not-call policy, for whoever asks",
    "opt-in/<slug:slug>/qr.svg": "the public page's address as a picture",
    "sign-in/company/": "takes a company's own sign-in link; names no company to who has none",
    "sign-in/with/<uuid:provider_id>/": "the way to a company's provider, for who has its link",
    "sign-in/with/<uuid:provider_id>/back/": "the way back, which opens nothing without its state",
    "scim/v2/": "an identity provider's, opened by its token and by no session",
    "scim/v2/<path:place>": "as above",
    "start/owner/": "behind the link that works once, for a house without a company",
}
OUT = ("nobody", "suspended", "leaver", "ended device", "locked device")
ELSEWHERE = ("staff of another line", "manager of another store")
ASKED: tuple[dict[str, Any], ...] = (
    {},
    {"HTTP_X_LOTLINE": "1"},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "conv"},
)
QUERY = (
    "?q=philippa&box=team&is=open&level=any&before=&ids=&as=json"
    "&c={conversation_id}&line={line_id}&ids={text_id}"
)
# What belongs to a company; a session, an event and a counter of tries may come and go.
KEPT = (
    "contacts",
    "consent_entries",
    "conversations",
    "texts",
    "decisions",
    "outbox",
    "notes",
    "drafts",
    "templates",
    "lines",
    "line_pauses",
    "members",
    "member_reach",
    "suspensions",
    "wordings",
    "optin_pages",
    "groups",
    "stores",
    "policies",
    "identity_providers",
    "identities",
    "provider_groups",
    "ledger_leaves",
    "legal_holds",
    "legal_hold_lifts",
    "erasures_asked",
    "retention_choices",
)


@pytest.fixture(scope="module")
def elm(module_db: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elm]:
    folder: Path = tmp_path_factory.mktemp("outsiders")
    with a_site(module_db, folder) as site:
        made = Elm(site)
        made.furnish()
        made.invite_everybody()
        yield made
        site.house.close()


def asked(client: Client, route: Route, elm: Elm, more: dict[str, Any]) -> Any:
    return client.get(route.path + QUERY.format(**elm.ids), **more)


def posted(client: Client, route: Route, elm: Elm, more: dict[str, Any]) -> Any:
    return client.post(route.path, elm.form(), **more)


def leaks(answer: Any) -> list[str]:
    """Each secret that stands in a body or in a header."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    whole = body.decode("utf-8", "replace") + repr(dict(answer.headers))
    return [word for word in SECRETS if word in whole]


def state_of(elm: Elm) -> dict[str, str]:
    """Every row of the company's, as one number a table."""
    ask = elm.site.house.ask
    return {
        table: hashlib.sha256(
            repr(ask(f"select t::text from {table} t order by t::text")).encode()
        ).hexdigest()
        for table in KEPT
    }


def test_every_route_stands_behind_a_door_or_says_why_not(elm: Elm) -> None:
    routes = elm.routes()
    assert len(routes) > 80
    without = {route.pattern for route in routes if route.who is None and not route.from_library}
    library = {route.pattern for route in routes if route.from_library}
    assert without <= PUBLIC.keys(), without - PUBLIC.keys()
    assert all(one in PUBLIC or one.startswith("me/") for one in library), library
    stale = PUBLIC.keys() - without - library
    assert not stale, f"no such address any more: {stale}"


def test_the_owner_sees_them_where_the_outsiders_must_not(elm: Elm) -> None:
    """Were these pages empty for everybody, the tests below would say nothing."""
    owner = elm.people["owner"]
    seen: dict[str, list[str]] = {}
    for route in elm.routes():
        if route.who is None:
            continue
        found: set[str] = set()
        for more in ASKED:
            answer = asked(owner, route, elm, more)
            assert answer.status_code in {200, 204, 302, 400, 404, 405}, (route, answer.status_code)
            found |= set(leaks(answer))
        if found:
            seen[route.pattern] = sorted(found)
    telling = [
        "inbox/",
        "inbox/row/<uuid:conversation_id>/",
        "c/<uuid:conversation_id>/",
        "c/<uuid:conversation_id>/items/",
        "c/<uuid:conversation_id>/foot/",
        "c/<uuid:conversation_id>/templates/",
        "customers/",
        "customers/<uuid:contact_id>/",
        "customers/<uuid:contact_id>/consent/",
        "customers/<uuid:contact_id>/consent/add/",
        "customers/<uuid:contact_id>/stop/",
        "customers/<uuid:contact_id>/evidence/",
        "search/",
        "menu/",
    ]
    assert {one for one in telling if not seen.get(one)} == set()
    told = {word for words in seen.values() for word in words}
    assert {"Philippa", "marzipan", "zeppelin", "gyroscope", "ukulele", "walrus", "xylophone"} <= (
        told
    ), set(SECRETS) - told


@pytest.mark.parametrize("who", [*OUT, *ELSEWHERE])
def test_an_outsider_is_told_nothing_anywhere(elm: Elm, who: str) -> None:
    client = elm.people[who]
    before = state_of(elm)
    for route in elm.routes():
        public = route.pattern in PUBLIC
        for more in ASKED:
            answer = asked(client, route, elm, more)
            assert leaks(answer) == [], (who, route.pattern, more)
            assert answer.status_code < 500, (who, route.pattern, more)
            if who in OUT and not public:
                assert answer.status_code in {302, 401, 403, 405, 423}, (who, route.pattern)
                assert answer.status_code != 302 or _leads_out(answer), (route, answer["Location"])
        if who in OUT and public:
            continue
        if route.pattern in {"sign-out/", "switch/leave/", "me/lock/"}:
            continue  # they may end what is their own, and are needed once more
        for more in ASKED[:2]:
            answer = posted(client, route, elm, more)
            assert leaks(answer) == [], (who, route.pattern, more)
            assert answer.status_code < 500, (who, route.pattern, more)
            if "<uuid:" in route.pattern and not public:
                refused = {401, 403, 404, 405, 410, 422, 423} | ({302} if who in OUT else set())
                assert answer.status_code in refused, (who, route.pattern, answer.status_code)
    changed = {table for table, now in state_of(elm).items() if now != before[table]}
    assert changed <= _may_change(who), (who, changed)


def _may_change(who: str) -> set[str]:
    """What somebody may do in their own place: their own saved replies, opt-in link, choices."""
    if who in OUT:
        return set()
    return {"templates", "optin_pages", "ledger_leaves", "members"}


def _leads_out(answer: Any) -> bool:
    return str(answer["Location"]).startswith(("/sign-in/", "/locked/", "/signed-out/"))


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_a_door_does_not_name_is_refused_there(elm: Elm, role: str) -> None:
    """What the page of who may what says no to is refused, before anything is looked at."""
    client, refused = elm.people[role], 0
    for route in elm.routes():
        if route.who is None or opens(route.who, role):
            continue
        refused += 1
        assert asked(client, route, elm, {}).status_code == 403, (role, route.pattern)
        assert posted(client, route, elm, {}).status_code == 403, (role, route.pattern)
    assert refused or role == "owner"


def test_an_auditor_reads_everything_and_changes_nothing(elm: Elm) -> None:
    client = elm.people["auditor"]
    assert NAME in client.get(f"/c/{elm.ids['conversation_id']}/").content.decode()
    before = state_of(elm)
    for route in elm.routes():
        if route.pattern in {"sign-out/", "switch/leave/", "me/lock/"} or route.from_library:
            continue
        if route.pattern.endswith("/evidence/"):
            continue  # an auditor's own act, and the ledger says so
        answer = posted(client, route, elm, {})
        assert answer.status_code < 500, route.pattern
        if "<uuid:" in route.pattern:
            allowed = {302} if route.pattern.endswith(("/unread/", "/read/")) else set()
            refused = {204, 403, 404, 405, 422} | allowed
            assert answer.status_code in refused, (route.pattern, answer.status_code)
    changed = {table for table, now in state_of(elm).items() if now != before[table]}
    assert changed <= {"members", "ledger_leaves"}, changed  # their own choices


def test_a_form_without_its_token_does_nothing(elm: Elm) -> None:
    """Another site's page cannot press our buttons, whoever is signed in."""
    owner = Client(enforce_csrf_checks=True)
    owner.cookies = elm.people["owner"].cookies
    before = state_of(elm)
    for route in elm.routes():
        answer = owner.post(route.path, elm.form(), HTTP_ORIGIN="https://evil.example")
        no_token = {401} if route.pattern.startswith("scim/") else set()
        assert answer.status_code in {403, 404, 405} | no_token, (route, answer.status_code)
        assert ANSWERED.split()[1] not in answer.content.decode(), route.pattern
    assert state_of(elm) == before


GARBAGE = ("\x00",)
MORE_GARBAGE = ("not-a-uuid", "\ud83d", "9" * 400, "x" * 20_000, "2026-13-45T99:99", "\u202e🦫")


@pytest.mark.parametrize(
    "thrown",
    [*GARBAGE, *(pytest.param(one, marks=pytest.mark.slow) for one in MORE_GARBAGE)],
    ids=range(len(GARBAGE) + len(MORE_GARBAGE)),
)
def test_garbage_in_any_form_is_an_answer_and_no_fault(elm: Elm, thrown: str) -> None:
    """The last of this file: a member may type anything, and the owner's forms do the most."""
    client = elm.people["owner"]
    client.raise_request_exception = False
    said = thrown.encode("utf-8", "replace").decode()
    form = dict.fromkeys(elm.form(), said) | {"csrfmiddlewaretoken": ""}
    query = "?" + "&".join(f"{name}={quote(said[:200])}" for name in _ASKED_FOR)
    broke: list[Any] = []
    for route in elm.routes():
        if route.pattern in {"sign-out/", "switch/leave/", "me/lock/"} or route.pattern.endswith(
            "/suspension/"
        ):
            continue
        answers = (client.post(route.path, form), client.get(route.path + query))
        broke += [(route.pattern, one.request) for one in answers if one.status_code >= 500]
    assert broke == []


_ASKED_FOR = ("q", "box", "is", "level", "before", "after", "ids", "line", "c", "as", "next", "why")
