"""What one call asks for: the body, the query, the version that it must be, and pages of an answer.

Not here: whose call it is (`calls`), what is listed (`people`, `groups`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from scim2_models import (
    Context,
    ListResponse,
    Meta,
    PreconditionFailedException,
    ResponseParameters,
    SearchRequest,
)

from lotline.web.scim.shapes import PAGE, PAGE_MAX, Group, User

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scim2_models import Resource

    from lotline.actions.context import Context as House
    from lotline.actions.provisioning_calls import Caller

TYPE = "application/scim+json"
_NOWHERE = UUID(int=0)


@dataclass(slots=True)
class Asked:
    """One call, as its handler sees it."""

    ctx: House
    caller: Caller
    request: HttpRequest
    base: str
    body: Any = None
    id: UUID = _NOWHERE
    name: str = ""
    kind: Any = field(default=None)

    @property
    def match(self) -> str:
        return self.request.headers.get("If-Match", "").strip()

    def must_match(self, tag: str) -> None:
        """The version that the caller says it changes."""
        if (
            self.match
            and self.match != "*"
            and tag not in {one.strip() for one in self.match.split(",")}
        ):
            raise PreconditionFailedException

    def meta(self, kind: str, place: str) -> Meta:
        return Meta(resource_type=kind, location=f"{self.base}/{place}")

    def search(self, kind: Any) -> SearchRequest[Any]:
        """The query, or the body that stands in its place."""
        given: Any = self.body if self.request.method == "POST" else self.request.GET.dict()
        found: SearchRequest[Any] = SearchRequest[kind].model_validate(
            given, scim_ctx=Context.SEARCH_REQUEST if self.request.method == "POST" else None
        )
        return found

    def parameters(self, kind: Any) -> ResponseParameters[Any]:
        """Which attributes are wanted of a single thing."""
        wanted = ("attributes", "excludedAttributes")
        given = {name: self.request.GET[name] for name in wanted if name in self.request.GET}
        found: ResponseParameters[Any] = ResponseParameters[kind].model_validate(given)
        return found

    def listed(self, found: Sequence[Resource[Any]], kind: Any = User | Group) -> HttpResponse:
        """A page of those that are sought, in the order that is asked for."""
        search = self.search(kind)
        sought = search.filter
        kept = [one for one in found if sought is None or sought.match(one)]
        if search.sort_by is not None:
            kept = search.sort(kept)
        first = search.start_index or 1
        count = min(PAGE if search.count is None else search.count, PAGE_MAX)
        page = kept[first - 1 : first - 1 + count]
        whole = ListResponse[kind](
            total_results=len(kept),
            start_index=first,
            items_per_page=len(page),
            resources=page,
        )
        told = whole.model_dump(
            scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=search
        )
        return answer(told)

    def one(self, shown: Resource[Any], kind: Any, status: int = 200) -> HttpResponse:
        """A single thing, with its version; nothing where the caller has that one."""
        assert shown.meta is not None, "what is shown has been kept"
        tag = shown.meta.version or ""
        had = self.request.headers.get("If-None-Match", "")
        if self.request.method == "GET" and tag and tag in had:
            response = HttpResponse(status=304)
        else:
            context = {
                "POST": Context.RESOURCE_CREATION_RESPONSE,
                "PUT": Context.RESOURCE_REPLACEMENT_RESPONSE,
                "PATCH": Context.RESOURCE_PATCH_RESPONSE,
            }.get(str(self.request.method), Context.RESOURCE_QUERY_RESPONSE)
            wanted = self.parameters(kind)
            told = shown.model_dump(scim_ctx=context, response_parameters=wanted)
            response = answer(told, status)
        response["ETag"] = tag
        response["Location" if status == 201 else "Content-Location"] = shown.meta.location or ""
        return response


def answer(told: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(told), content_type=TYPE, status=status)
