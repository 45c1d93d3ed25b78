"""Users: whom the provider tells us of. Who works no more has left when the call is answered.

Not here: what leaving does (`actions.leaving`), lists and versions (`asked`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from scim2_models import Context, NotFoundException, PatchOp, SearchRequest
from scim2_models.path import Comparison

from lotline.actions import invitations, provisioning
from lotline.actions.leaving import Left
from lotline.store.provisioning import Person, load_groups, load_groups_of, load_people
from lotline.web.scim.shapes import User, described, etag, shown_person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lotline.web.scim.asked import Asked


def everybody(asked: Asked) -> list[User]:
    return _shown(asked, None)


def _list(asked: Asked) -> HttpResponse:
    return asked.listed(_shown(asked, asked.search(User)), User)


def _add(asked: Asked) -> HttpResponse:
    user = User.model_validate(asked.body, scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    asked.id = provisioning.add_person(asked.ctx, asked.caller, described(user))
    return asked.one(_one(asked)[1], User, 201)


def _get(asked: Asked) -> HttpResponse:
    return asked.one(_one(asked)[1], User)


def _put(asked: Asked) -> HttpResponse:
    told = User.model_validate(asked.body, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)

    def change(before: User) -> User:
        after = told.model_copy(deep=True)
        after.replace(before)
        return after

    return _changed(asked, change)


def _patch(asked: Asked) -> HttpResponse:
    patch = PatchOp[User].model_validate(asked.body, scim_ctx=Context.RESOURCE_PATCH_REQUEST)

    def change(before: User) -> User:
        after = before.model_copy(deep=True)
        patch.patch(after)
        return after

    return _changed(asked, change)


def _changed(asked: Asked, change: Callable[[User], User]) -> HttpResponse:
    before, shown = _one(asked)
    asked.must_match(etag(before.version))
    told = described(change(shown))
    if told != described(shown):
        left = provisioning.change_person(asked.ctx, asked.caller, asked.id, told, before.version)
        _close(left)
    return asked.one(_one(asked)[1], User)


def _delete(asked: Asked) -> HttpResponse:
    before, _ = _one(asked)
    asked.must_match(etag(before.version))
    version = before.version if asked.match else None
    _close(provisioning.remove_person(asked.ctx, asked.caller, asked.id, version))
    return HttpResponse(status=204)


def _close(left: Left | None) -> None:
    """They are out already; nobody signs in by their account again."""
    if left is not None and left.account_id is not None:
        invitations.close(left.account_id)


def _one(asked: Asked) -> tuple[Person, User]:
    with asked.ctx.db.transaction(asked.caller.group_id) as tx:
        found = load_people(tx, [asked.id])
        names = _groups(tx, found)
    if not found:
        raise NotFoundException
    return found[0], shown_person(found[0], names.get(found[0].id, {}), asked.base)


def _shown(asked: Asked, search: SearchRequest[Any] | None) -> list[User]:
    """All of them, or the few that the plainest of filters names: providers ask no other."""
    named = _named(search)
    with asked.ctx.db.transaction(asked.caller.group_id) as tx:
        found = load_people(
            tx, user_name=named.get("user_name"), external_id=named.get("external_id")
        )
        names = _groups(tx, found)
    return [shown_person(one, names.get(one.id, {}), asked.base) for one in found]


def _named(search: SearchRequest[Any] | None) -> dict[str, str]:
    tree = search.filter.ast if search is not None and search.filter is not None else None
    if not isinstance(tree, Comparison) or tree.op.value != "eq":
        return {}
    words = {"username": "user_name", "externalid": "external_id"}
    word = words.get(tree.attr_path.attr.lower())
    plain = tree.attr_path.sub_attr is None and isinstance(tree.value, str)
    return {word: tree.value} if word and plain else {}


def _groups(tx: Any, found: Iterable[Person]) -> dict[UUID, dict[UUID, str]]:
    within = load_groups_of(tx, [one.id for one in found])
    wanted = {group for groups in within.values() for group in groups}
    names = {one.id: one.name for one in load_groups(tx, wanted)} if wanted else {}
    return {person: {group: names[group] for group in groups} for person, groups in within.items()}


HANDLERS: dict[str, Callable[[Asked], HttpResponse]] = {
    "list": _list,
    "search": _list,
    "add": _add,
    "GET": _get,
    "PUT": _put,
    "PATCH": _patch,
    "DELETE": _delete,
}
