"""The two kinds of things that a provider speaks of, as SCIM has them, and what we announce.

Only what means something here is declared; what else a provider sends is ignored, as are the small
liberties that large providers take with a PATCH.

Not here: reading and writing them (`people`, `groups`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import Field
from scim2_models import (
    URN,
    CaseExact,
    ComplexAttribute,
    Meta,
    Mutability,
    Reference,
    Required,
    Resource,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Uniqueness,
)
from scim2_models.resources.user import Email, GroupMembership, Name

from lotline.core.people.identity import Described

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lotline.store.provisioning import Person, ProviderGroup

BASE = "/scim/v2"
PAGE = 100  # given when nothing is said of how many
PAGE_MAX = 1000


class User(Resource[Any]):
    """Somebody who works here, or did."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Name | None = None
    display_name: str | None = None
    title: str | None = None
    active: bool | None = None
    emails: list[Email] | None = None
    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None


class InGroup(ComplexAttribute):
    """One of a group's people; what they are called is their own entry's to say."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference[User] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])


class Group(Resource[Any]):
    """A group at the provider."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true] = None
    members: list[InGroup] | None = None


POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
_ANNOUNCED = {
    "schemas": [str(ServiceProviderConfig.__schema__)],
    "patch": {"supported": True},
    "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
    "filter": {"supported": True, "maxResults": PAGE_MAX},
    "changePassword": {"supported": False},
    "sort": {"supported": True},
    "etag": {"supported": True},
    "pagination": {
        "cursor": False,
        "index": True,
        "defaultPaginationMethod": "index",
        "defaultPageSize": PAGE,
        "maxPageSize": PAGE_MAX,
    },
    "authenticationSchemes": [
        {
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "The token that an owner makes in Lotline, in the Authorization header.",
            "primary": True,
        }
    ],
}
SERVICE = ScimProvider(
    models=[User, Group],
    config=ServiceProviderConfig.model_validate(_ANNOUNCED),
    policy=POLICY,
)


def etag(version: int) -> str:
    return f'W/"{version}"'


def shown_person(one: Person, groups: Mapping[UUID, str], base: str) -> User:
    """As the provider described them, and whether they work here now."""
    wire = dict(one.wire)
    if wire.get("active") is not None:
        wire["active"] = one.active
    user = User.model_validate(wire, scim_policy=POLICY)
    user.id = str(one.id)
    user.meta = Meta(
        resource_type="User",
        created=one.made_at,
        last_modified=one.changed_at,
        location=f"{base}/Users/{one.id}",
        version=etag(one.version),
    )
    found = [
        GroupMembership.model_validate(
            {"value": str(group), "$ref": f"{base}/Groups/{group}", "display": name}
        )
        for group, name in groups.items()
    ]
    user.groups = found or None
    return user


def shown_group(one: ProviderGroup, base: str) -> Group:
    found = [
        InGroup.model_validate(
            {"value": str(person), "$ref": f"{base}/Users/{person}", "type": "User"}
        )
        for person in one.people
    ]
    return Group(
        id=str(one.id),
        external_id=one.external_id or None,
        display_name=one.name,
        members=found or None,
        meta=Meta(
            resource_type="Group",
            created=one.made_at,
            last_modified=one.changed_at,
            location=f"{base}/Groups/{one.id}",
            version=etag(one.version),
        ),
    )


def described(user: User) -> Described:
    """What we make of it. What the server says itself is not kept."""
    kept = user.model_copy(update={"id": None, "meta": None, "groups": None})
    name = user.name
    parts = (name.given_name or "", name.family_name or "") if name else ()
    whole = (name.formatted if name else None) or " ".join(parts).strip()
    return Described(
        user_name=user.user_name or "",
        external_id=user.external_id or "",
        name=user.display_name or whole or "",
        title=user.title or "",
        emails=tuple(str(one.value) for one in user.emails or () if one.value),
        active=user.active,
        wire=kept.model_dump(exclude_none=True, by_alias=True, mode="json"),
    )


def group_words(group: Group) -> dict[str, str]:
    return {"name": group.display_name or "", "external_id": group.external_id or ""}


def group_people(group: Group) -> set[UUID]:
    """Raises `ValueError` for what is no id of ours."""
    return {UUID(one.value) for one in group.members or () if one.value}
