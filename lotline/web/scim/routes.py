"""The way in for an identity provider. Its library is large, so the first call loads it.

Not here: what is answered (`calls`), the owner's page (`web.identity`).
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def scim(request: HttpRequest, place: str = "") -> HttpResponse:
    """No session and no form: only the token that the call itself carries opens anything."""
    from lotline.web.scim.calls import respond  # noqa: PLC0415  # a second of start that few need

    return respond(request, place.strip("/"))


urlpatterns = [path("scim/v2/", scim), path("scim/v2/<path:place>", scim)]
