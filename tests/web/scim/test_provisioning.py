"""What follows from a provider's word: who begins, who leaves, what groups give, and what never.

Each promise is tried from the outside, as a provider would call.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from lotline.actions.identity import end_token, make_token, map_group, name_provider
from lotline.actions.leaving import Successor, let_go
from lotline.actions.members import set_role
from lotline.actions.push import subscribe
from lotline.actions.submit import submit
from lotline.store.identity import load_sits
from lotline.store.leaving import load_leaving
from lotline.store.members import load_members
from lotline.store.provisioning import load_calls, load_people
from lotline.store.viewer import load_viewer
from tests.adapters.push_peer import Phone
from tests.web.scim.client import PATCH, Provider
from tests.web.site import Site


def member_of(site: Site, identity: str) -> UUID:
    with site.house.ctx.db.transaction(site.town.group_id) as tx:
        (found,) = load_people(tx, [UUID(identity)])
    assert found.member_id is not None
    return found.member_id


def card(site: Site, member_id: UUID) -> Any:
    ada = site.town.sign_in("ada")
    with site.house.ctx.db.transaction(ada.group_id) as tx:
        (found,) = [one for one in load_members(tx, ada, site.town.clock()) if one.id == member_id]
    return found


def train(site: Site, member_id: UUID) -> None:
    """They have passed, and may text."""
    site.house.ask(
        "insert into training_passes (group_id, id, member_id, score, passed_at, valid_until)"
        " values (%s, %s, %s, 100, now(), now() + interval '1 year') returning id",
        site.town.group_id,
        site.house.ctx.new_id(),
        member_id,
    )


def acts(site: Site, member_id: UUID) -> list[tuple[str, Any]]:
    sql = "select what, actor_id from access_acts where about_id = %s order by id"
    return [(what, actor) for what, actor in site.house.ask(sql, member_id)]


def provider_id(site: Site) -> UUID:
    found: UUID = site.house.ask("select id from identity_providers")[0][0]
    return found


def test_somebody_new_works_here_without_sign_in_or_the_right_to_text(
    town_site: Site, provider: Provider
) -> None:
    told = provider.add(
        "avery@elmdock.example",
        externalId="00u1",
        name={"givenName": "Avery", "familyName": "Quill"},
        title="Sales",
    )
    member = card(town_site, member_of(town_site, told["id"]))
    assert (member.name, member.role, member.active) == ("Avery Quill", "staff", True)
    assert (member.stores, member.lines, member.trained) == ((), (), False)
    with town_site.house.ctx.db.transaction(town_site.town.group_id) as tx:
        sits = load_sits(tx, member.id)
    assert sits is not None
    assert sits.account_id is None
    assert acts(town_site, member.id) == [("member_added", provider_id(town_site))]
    provider.patch(f"Users/{told['id']}", {"op": "replace", "value": {"displayName": "Avery Q."}})
    assert card(town_site, member.id).name == "Avery Q."


def test_what_is_kept_is_sealed(town_site: Site, provider: Provider) -> None:
    provider.add(
        "zebulon.narwhal@elmdock.example", externalId="ext-zebulon", displayName="Zebulon Narwhal"
    )
    provider.group("Zebulon's circle")
    whole = "".join(
        str(town_site.house.ask(f"select t::text from {table} t"))
        for table in ("identities", "provider_groups", "provisioning_calls", "members", "events")
    )
    assert "ebulon" not in whole
    assert "arwhal" not in whole


@pytest.mark.parametrize("how", ["active", "text", "without path", "delete"])
def test_whom_the_provider_ends_has_left(town_site: Site, provider: Provider, how: str) -> None:
    """Sessions, texts that wait, conversations and programs, with a receipt that names it."""
    site, town = town_site, town_site.town
    who = {"active": "ben", "text": "bea", "without path": "cy", "delete": "mo"}[how]
    line = {"ben": "sales", "bea": "service", "cy": "dock", "mo": "sales"}[who]
    viewer = town.sign_in(who)
    number = {"ben": "0150", "bea": "0151", "cy": "0152", "mo": "0153"}[who]
    talk = town.meet(f"+1614555{number}", "Customer", by=who, line=line)
    town.hear(talk, "Is the truck there?")
    site.house.ask(
        "update conversations set assignee_id = %s where id = %s returning id",
        viewer.member_id,
        talk,
    )
    train(site, viewer.member_id)
    submit(site.house.ctx, viewer, talk, "Yes.", client_id=site.house.ctx.new_id())
    subscribe(site.house.ctx, viewer, Phone(f"https://push.example.com/{who}").said())
    told = provider.add(f"{who}@elmdock.example", externalId=f"x-{who}")
    assert member_of(site, told["id"]) == viewer.member_id, "they sign in with that address"
    place = f"Users/{told['id']}"
    if how == "delete":
        assert provider("DELETE", place) == (204, None)
        assert provider("GET", place)[0] == 404
    else:
        operation: dict[str, Any] = {"op": "replace", "path": "active", "value": False}
        if how == "text":
            operation = {"op": "Replace", "path": "active", "value": "False"}
        if how == "without path":
            operation = {"op": "replace", "value": {"active": False}}
        status, shown = provider.patch(place, operation)
        assert (status, shown["active"]) == (200, False)
    assert (
        load_viewer(site.house.ctx.db, town.accounts[who], f"session-of-{who}", town.clock())
        is None
    )
    taking = "select count(*)::int from push_subscriptions where member_id = %s"
    assert site.house.ask(taking, viewer.member_id) == [(0,)]
    with site.house.ctx.db.transaction(town.group_id) as tx:
        leaving = load_leaving(tx, viewer.member_id)
        sits = load_sits(tx, viewer.member_id)
    assert leaving is not None
    assert leaving.let_go_by == provider_id(site)
    assert leaving.receipt["devices"] == [str(viewer.device_id)]
    assert (leaving.receipt["unassigned"], leaving.receipt["cancelled"]) == (
        1,
        1,
    )
    assert sits is not None
    assert sits.suspended
    assert not site.house.ask("select is_active from accounts where id = %s", town.accounts[who])[
        0
    ][0]
    assert ("left", provider_id(site)) in acts(site, viewer.member_id)
    page: Any = site.client("ada").get(f"/team/{viewer.member_id}/left/")
    assert "let go by Elm directory" in page.content.decode()


def test_whoever_comes_back_is_new_and_may_not_text(town_site: Site, provider: Provider) -> None:
    told = provider.add("rue@elmdock.example", displayName="Rue Ansel")
    first = member_of(town_site, told["id"])
    train(town_site, first)
    assert card(town_site, first).trained
    provider.activate(told["id"], active=False)
    assert provider.activate(told["id"], active=True)[1]["active"] is True
    second = member_of(town_site, told["id"])
    assert second != first
    assert not card(town_site, second).trained
    assert not card(town_site, first).active


def test_whom_a_person_let_go_the_provider_does_not_bring_back(
    town_site: Site, provider: Provider
) -> None:
    told = provider.add("ivo@elmdock.example", displayName="Ivo Marsh")
    let_go(
        town_site.house.ctx,
        town_site.town.sign_in("ada"),
        member_of(town_site, told["id"]),
        Successor(),
    )
    assert provider("GET", f"Users/{told['id']}")[1]["active"] is False
    status, error = provider.activate(told["id"], active=True)
    assert (status, error["status"]) == (403, "403")
    assert "let go here" in error["detail"]


def test_a_pause_by_hand_stays(town_site: Site, provider: Provider) -> None:
    told = provider.add("kit@elmdock.example", displayName="Kit Sorrel")
    member = member_of(town_site, told["id"])
    town_site.client("ada").post(f"/team/{member}/suspension/", {"reason": "asked"})
    provider.activate(told["id"], active=True)
    provider.patch(f"Users/{told['id']}", {"op": "replace", "path": "title", "value": "x"})
    assert not card(town_site, member).active


def test_the_last_owner_stays_and_a_second_one_can_go(town_site: Site, provider: Provider) -> None:
    ada = provider.add("ada@elmdock.example", displayName="Ada Quist")
    assert card(town_site, member_of(town_site, ada["id"])).role == "owner"
    for status, error in (
        provider.activate(ada["id"], active=False),
        provider("DELETE", f"Users/{ada['id']}"),
    ):
        assert status == 403
        assert "needs an owner" in error["detail"]
    assert provider("GET", f"Users/{ada['id']}")[1]["active"] is True
    told = provider.add("odd@elmdock.example", displayName="Odd Second")
    second = member_of(town_site, told["id"])
    set_role(town_site.house.ctx, town_site.town.sign_in("ada"), second, "owner")
    assert provider.activate(told["id"], active=False)[0] == 200


def test_groups_give_roles_and_stores_and_never_an_owner(
    town_site: Site, provider: Provider
) -> None:
    site, stores = town_site, town_site.town.stores
    ada = site.town.sign_in("ada")
    told = provider.add("lea@elmdock.example", displayName="Lea Worth")
    member = member_of(site, told["id"])
    leads = provider.group("Elm leads", told["id"])
    assert card(site, member).role == "staff", "it means nothing yet"
    for role in ("owner", "boss"):
        with pytest.raises(Exception, match="A group can mean"):
            map_group(site.house.ctx, ada, UUID(leads), role, ())
    map_group(site.house.ctx, ada, UUID(leads), "manager", (stores["elm"],))
    found = card(site, member)
    assert (found.role, found.stores) == ("manager", ("Elm Street Motors",))
    docks = provider.group("Dock")
    map_group(site.house.ctx, ada, UUID(docks), "staff", (stores["dock"],))
    add = {"op": "add", "path": "members", "value": [{"value": told["id"]}]}
    assert provider.patch(f"Groups/{docks}", add)[0] == 200
    assert set(card(site, member).stores) == {"Elm Street Motors", "Dockside Motors"}
    remove = {"op": "remove", "path": f'members[value eq "{told["id"]}"]'}
    assert provider.patch(f"Groups/{leads}", remove)[0] == 200
    found = card(site, member)
    assert (found.role, found.stores) == ("staff", ("Dockside Motors",))
    assert provider("DELETE", f"Groups/{docks}")[0] == 204
    assert card(site, member).stores == ()
    # An owner in a group stays what they are, and a group made anew after a return gives again.
    (owner,) = provider("GET", 'Users?filter=userName eq "ada@elmdock.example"')[1]["Resources"]
    provider.patch(f"Groups/{leads}", add | {"value": [{"value": owner["id"]}]})
    assert card(site, site.town.members["ada"]).role == "owner"


def test_filters_pages_versions_and_what_is_wrong(town_site: Site, provider: Provider) -> None:
    names = [f"page{number}@elmdock.example" for number in range(5)]
    made = [provider.add(name, externalId=name[:5]) for name in names]
    status, found = provider("GET", 'Users?filter=userName eq "PAGE3@elmdock.example"')
    assert (status, [one["userName"] for one in found["Resources"]]) == (200, [names[3]])
    status, found = provider(
        "GET",
        'Users?filter=userName sw "page"&startIndex=2&count=2'
        "&sortBy=userName&sortOrder=descending&attributes=userName",
    )
    assert (found["totalResults"], found["startIndex"], found["itemsPerPage"]) == (5, 2, 2)
    assert [one["userName"] for one in found["Resources"]] == [names[3], names[2]]
    assert "externalId" not in found["Resources"][0]
    assert provider("GET", "Users?filter=userName eq")[1]["scimType"] == "invalidFilter"
    assert provider("GET", 'Users?filter=shoeSize eq "9"')[1]["scimType"] == "invalidFilter"
    one = made[0]
    tag, place = one["meta"]["version"], f"Users/{one['id']}"
    assert provider("GET", place, **{"If-None-Match": tag})[0] == 304
    body = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "title", "value": "A"}]}
    assert provider("PATCH", place, body, **{"If-Match": tag})[0] == 200
    assert provider("PATCH", place, body, **{"If-Match": tag})[0] == 412
    assert provider("DELETE", place, **{"If-Match": tag})[0] == 412
    again = {"schemas": one["schemas"], "userName": names[1]}
    assert provider("POST", "Users", again)[1]["scimType"] == "uniqueness"
    assert provider("PUT", place, again)[0] == 409
    assert provider("POST", "Users", {"schemas": one["schemas"]})[0] == 400
    assert provider("PATCH", place, {"schemas": [PATCH], "Operations": []})[0] == 400
    assert provider("GET", "Users/not-an-id")[0] == 404
    assert provider("POST", "Bulk", {})[0] == 501
    group = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "g"}
    assert provider("POST", "Groups", group | {"members": [{"value": one["id"][:-1] + "0"}]})[
        0
    ] in {
        400,
        403,
    }


def test_only_a_token_that_is_good_opens_it_and_each_call_is_written_down(
    town_site: Site, provider: Provider
) -> None:
    site, ctx = town_site, town_site.house.ctx
    ada = site.town.sign_in("ada")
    for token in ("", "lotid_nobodys", "lot_" + provider.token, provider.token + "x"):
        assert Provider(token)("GET", "Users")[0] == 401
    cookie: Any = site.client("ada").get("/scim/v2/Users")
    assert cookie.status_code == 401, "a session opens nothing here"
    second = make_token(ctx, ada)
    assert Provider(second.token)("GET", "Groups")[0] == 200
    assert provider("GET", "Groups")[0] == 200, "for a day"
    end_token(ctx, ada, second.token_id)
    assert Provider(second.token)("GET", "Groups")[0] == 401
    provider("GET", 'Users?filter=userName eq "secret.person@elmdock.example"')
    provider("GET", "Users/secret.person@elmdock.example")
    with ctx.db.transaction(site.town.group_id) as tx:
        calls = load_calls(tx)
    assert [(one.method, one.place, one.status) for one in calls[:3]] == [
        ("GET", "Users/elsewhere", 404),
        ("GET", "Users", 200),
        ("GET", "Groups", 200),
    ]
    kept = str(site.house.ask("select t::text from provisioning_tokens t"))
    assert second.token not in kept
    assert second.token[10:] not in kept


def test_the_heir_takes_what_was_open(town_site: Site, provider: Provider) -> None:
    site, ctx, town = town_site, town_site.house.ctx, town_site.town
    ada = town.sign_in("ada")
    name_provider(ctx, ada, "Elm directory", heir="member", heir_id=town.members["ada"])
    told = provider.add("heirs@elmdock.example", displayName="Leaver")
    member = member_of(site, told["id"])
    talk = town.meet("+16145550160", "Customer", by="ada", line="dock")
    site.house.ask(
        "update conversations set assignee_id = %s where id = %s returning id", member, talk
    )
    provider.activate(told["id"], active=False)
    assert site.house.ask("select assignee_id from conversations where id = %s", talk) == [
        (town.members["ada"],)
    ]
