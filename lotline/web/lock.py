"""The idle lock: the page is replaced, not covered, until its person proves to be there.

The server decides that a device was alone too long (`lotline.store.viewer`); this page only asks
for the proof, a password or a passkey, and leads back to the same place.

Not here: which devices are locked, the page's own clock (`idle.js`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme

from lotline.actions import devices
from lotline.store import accounts
from lotline.store.identity import Provider, load_provider
from lotline.web.session import context_of

if TYPE_CHECKING:
    from uuid import UUID

    from lotline.store.shown import Viewer

WRONG = "That isn’t right. Try again, or sign out."
TOO_MANY = "Too many tries. Wait five minutes, then try again."


def locked(request: HttpRequest) -> HttpResponse:
    """The lock itself. Whoever is not locked is led on; whoever is nobody signs in."""
    viewer: Viewer | None = getattr(request, "viewer", None)
    if viewer is None or not viewer.active:
        return redirect("/sign-in/")
    if not viewer.locked:
        return HttpResponseRedirect(_back(request))
    if viewer.tablet_id is not None:
        return redirect("/switch/")  # whose turn it is now, nobody knows
    problem, status = "", 200
    if request.method == "POST":
        problem = _prove(request)
        if not problem:
            devices.unlock(context_of(request), viewer)
            return HttpResponseRedirect(_back(request))
        status = 422
    has_passkey = (
        "webauthn" in accounts.load_second_steps([_account_id(request)])[_account_id(request)]
    )
    return render(
        request,
        "session/locked.html",
        {
            "problem": problem,
            "minutes": viewer.idle_minutes,
            "next": _back(request),
            "has_passkey": has_passkey,
            "provider": _provider(request, viewer),
            "js_data": {"request_options": begin_authentication(request.user)}
            if has_passkey
            else {},
        },
        status=status,
    )


def _provider(request: HttpRequest, viewer: Viewer) -> Provider | None:
    """By whom the company's people prove it instead, if they do."""
    with context_of(request).db.transaction(viewer.group_id) as tx:
        found = load_provider(tx)
    return found if found is not None and found.sign_in else None


def _prove(request: HttpRequest) -> str:
    """Nothing when the proof holds, else a sentence."""
    if not ratelimit.consume(
        request, app="allauth.account", action="reauthenticate", user=request.user
    ):
        return TOO_MANY
    if request.POST.get("credential"):
        form: Any = ReauthenticateWebAuthnForm(request.POST, user=request.user)
        return "" if form.is_valid() else WRONG
    right = get_adapter(request).reauthenticate(request.user, request.POST.get("password", ""))
    return "" if right else WRONG


def _account_id(request: HttpRequest) -> UUID:
    return cast("UUID", request.user.pk)


def _back(request: HttpRequest) -> str:
    """Where they were, if that is here."""
    asked = request.POST.get("next") or request.GET.get("next") or "/inbox/"
    ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure())
    return asked if ours else "/inbox/"


urlpatterns = [path("locked/", locked, name="locked")]
