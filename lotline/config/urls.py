"""Every address that Django answers: one list per area, in the order in which they are tried.

Not here: what the edge answers (`lotline.web.edge`), which address belongs to whom (the areas).
"""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

AREAS = (
    "session",
    "urls",
    "team",
    "invitations",
    "leaving",
    "lines",
    "dashboard",
    "programs",
    "policy",
    "current",
    "training",
    "coaching",
    "review",
    "watch",
    "me",
    "push",
    "bring",
    "tablets",
    "access_reviews",
    "lock",
    "optin",
    "first_run",
    "company",
    "oversight",
    "audit",
    "exports",
    "erase",
    "holds",
    "retention",
    "safeguards",
    "settings",
    "identity",
    "scim.routes",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"lotline.web.{area}")) for area in AREAS if find_spec(f"lotline.web.{area}")
]
handler404 = "lotline.web.pages.not_found"
handler500 = "lotline.web.pages.failed"
