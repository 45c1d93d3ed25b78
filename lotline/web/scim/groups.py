"""Groups: as the provider has them. What one means here is the owner's to say, and nobody else's.

Not here: what follows for members (`actions.provisioning`), lists and versions (`asked`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from scim2_models import Context, InvalidValueException, NotFoundException, PatchOp

from lotline.actions import provisioning
from lotline.store.provisioning import ProviderGroup, load_groups
from lotline.web.scim.shapes import Group, etag, group_people, group_words, shown_group

if TYPE_CHECKING:
    from collections.abc import Callable

    from lotline.web.scim.asked import Asked


def everything(asked: Asked) -> list[Group]:
    with asked.ctx.db.transaction(asked.caller.group_id) as tx:
        found = load_groups(tx)
    return [shown_group(one, asked.base) for one in found]


def _list(asked: Asked) -> HttpResponse:
    asked.search(Group)  # what cannot be asked for is said before anything is read
    return asked.listed(everything(asked), Group)


def _add(asked: Asked) -> HttpResponse:
    group = Group.model_validate(asked.body, scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    asked.id = provisioning.add_group(asked.ctx, asked.caller, group_words(group), _people(group))
    return asked.one(_one(asked)[1], Group, 201)


def _get(asked: Asked) -> HttpResponse:
    return asked.one(_one(asked)[1], Group)


def _put(asked: Asked) -> HttpResponse:
    told = Group.model_validate(asked.body, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)

    def change(before: Group) -> Group:
        after = told.model_copy(deep=True)
        after.replace(before)
        return after

    return _changed(asked, change)


def _patch(asked: Asked) -> HttpResponse:
    patch = PatchOp[Group].model_validate(asked.body, scim_ctx=Context.RESOURCE_PATCH_REQUEST)

    def change(before: Group) -> Group:
        after = before.model_copy(deep=True)
        patch.patch(after)
        return after

    return _changed(asked, change)


def _changed(asked: Asked, change: Callable[[Group], Group]) -> HttpResponse:
    before, shown = _one(asked)
    asked.must_match(etag(before.version))
    after = change(shown)
    words, people = group_words(after), _people(after)
    if words != group_words(shown) or people != set(before.people):
        provisioning.change_group(asked.ctx, asked.caller, asked.id, words, people, before.version)
    return asked.one(_one(asked)[1], Group)


def _delete(asked: Asked) -> HttpResponse:
    before, _ = _one(asked)
    asked.must_match(etag(before.version))
    version = before.version if asked.match else None
    provisioning.remove_group(asked.ctx, asked.caller, asked.id, version)
    return HttpResponse(status=204)


def _people(group: Group) -> set[UUID]:
    try:
        return group_people(group)
    except ValueError:
        raise InvalidValueException(detail="A member is named by the id we gave it.") from None


def _one(asked: Asked) -> tuple[ProviderGroup, Group]:
    with asked.ctx.db.transaction(asked.caller.group_id) as tx:
        found = load_groups(tx, [asked.id])
    if not found:
        raise NotFoundException
    return found[0], shown_group(found[0], asked.base)


HANDLERS: dict[str, Callable[[Asked], HttpResponse]] = {
    "list": _list,
    "search": _list,
    "add": _add,
    "GET": _get,
    "PUT": _put,
    "PATCH": _patch,
    "DELETE": _delete,
}
