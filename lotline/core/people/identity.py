"""Identities: people as an identity provider describes them, and what its word is worth here.

Invariant: no provider ever makes an owner, and nobody comes in whom we do not know already. What a
provider's groups mean is the owner's to say; without that they mean nothing.

Not here: rows (`store.identity`), the protocols (`web.scim`, `web.provider`), roles themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from lotline.core.people.roles import Role

TOKEN_MARK = "lotid_"  # the beginning of every provisioning token, so that a leaked one is known
PER_MINUTE = 600
# What a group may mean, the strongest first. An auditor reads everything, so whoever is also staff
# is staff: the smaller reach wins over the wider look.
MAPPED = (Role.MANAGER, Role.STAFF, Role.AUDITOR)
_SEVERAL_STEPS = 2
_KINDS = {
    **dict.fromkeys(("pwd", "pin", "kba"), "knows"),
    **dict.fromkeys(("otp", "hwk", "swk", "sms", "tel", "sc", "pop"), "has"),
    **dict.fromkeys(("face", "fpt", "iris", "retina", "vbm"), "is"),
}
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Described:
    """Somebody in the provider's words; `wire` is all of it that is kept.

    `active`: whether they work there; None says nothing, and leaves it as it was.
    """

    user_name: str
    external_id: str = ""
    name: str = ""
    title: str = ""
    emails: tuple[str, ...] = ()
    active: bool | None = None
    wire: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where they may be known from: each address, and the user name when it is one."""
        named = (self.user_name,) if "@" in self.user_name else ()
        return tuple(dict.fromkeys(plain_address(one) for one in (*named, *self.emails)))

    @property
    def shown_name(self) -> str:
        return " ".join((self.name or self.user_name).split())[:_LONGEST] or "Somebody new"

    @property
    def shown_title(self) -> str:
        return " ".join(self.title.split())[:_LONGEST]


class Rights(NamedTuple):
    """What a member's groups give them."""

    role: Role
    stores: frozenset[UUID]


class Meaning(NamedTuple):
    """What the owner says that one group means."""

    role: str | None
    store_ids: tuple[UUID, ...]


def plain_address(address: str) -> str:
    return address.strip().casefold()


def rights_of(meanings: Iterable[Meaning]) -> Rights | None:
    """The strongest role and all stores of groups that mean something; None when none does."""
    telling = [one for one in meanings if one.role is not None or one.store_ids]
    if not telling:
        return None
    roles = {Role(one.role) for one in telling if one.role is not None}
    assert Role.OWNER not in roles, "no group means an owner"
    role = next((one for one in MAPPED if one in roles), Role.STAFF)
    return Rights(role, frozenset(store for one in telling for store in one.store_ids))


def read_domains(typed: str) -> tuple[str, ...]:
    """Domains as they are kept; raises `ValueError` for what is none."""
    found = []
    for one in typed.replace(",", " ").split():
        domain = one.strip().lstrip("@").rstrip(".").casefold()
        if "." not in domain or "@" in domain or "/" in domain or not domain.isascii():
            raise ValueError(one)
        found.append(domain)
    return tuple(dict.fromkeys(found))


def proven_address(
    claims: Mapping[str, Any], domains: Iterable[str], *, trusts_silence: bool
) -> str:
    """The e-mail address that the provider vouches for, in an allowed domain; nothing otherwise.

    A provider that says nothing about having checked it is believed only where the owner says so.
    """
    address = claims.get("email")
    if not isinstance(address, str):
        return ""
    plain = plain_address(address)
    said = claims.get("email_verified", "silent")
    proven = said is True or said == "true" or (trusts_silence and said == "silent")
    return plain if proven and plain.rpartition("@")[2] in set(domains) else ""


def subjects_of(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """By what the provider may know them in provisioning: its subject, or its own object id."""
    found = (claims.get(name) for name in ("sub", "oid"))
    return tuple(one for one in found if isinstance(one, str) and one)


def second_step_passed(claims: Mapping[str, Any], acr: str = "") -> bool:
    """Whether the provider says that there was one: in so many words, or by methods of two kinds.

    `acr`: a level that the owner takes for one.
    """
    if acr and claims.get("acr") == acr:
        return True
    said = claims.get("amr")
    methods = {one for one in said if isinstance(one, str)} if isinstance(said, list) else set()
    if "mfa" in methods:
        return True
    return len({_KINDS[one] for one in methods & _KINDS.keys()}) >= _SEVERAL_STEPS
