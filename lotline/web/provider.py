"""Signing in by the company's identity provider: there, back, and in as who works here already.

The library speaks the protocol (code with PKCE, state); we add a nonce, always check the token and
its signature, keep nothing of what it says, and let every call out go by the guarded way. A device
is opened by the same steps as after a password.

Not here: whom its word is about (`actions.provider_sign_in`), the owner's settings (`identity`).
"""

from __future__ import annotations

import logging
import secrets
import time
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import jwt
import requests
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from lotline.actions import devices
from lotline.actions.errors import Refused
from lotline.actions.provider_sign_in import find_vouched
from lotline.store import accounts
from lotline.store.identity import Provider, load_open_provider
from lotline.web.context import the_way_out
from lotline.web.doors import WAY_COOKIE, context_of

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND = "openid_connect"
WELL_KNOWN = "/.well-known/openid-configuration"
# Signed with a key that the provider alone has; what is signed with a shared secret is not.
SIGNED_BY = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
SLACK_S = 60  # clocks
WAY_S = 365 * 24 * 3600  # so long a browser remembers by whom its person came in
FRESH_S = 120  # so long ago somebody may have proved to be there, to open a lock
NOT_ASKED = "Your company’s sign-in did not ask who you are. Sign out here, then sign in again."
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
log = logging.getLogger("lotline.provider")


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Where the library asks for a way out, and says that something failed."""

    def get_requests_session(self) -> Any:
        return the_way_out()

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: Any) -> bool:
        return False

    def on_authentication_error(
        self, request: HttpRequest, _provider: Any, exception: Any = None, **_more: Any
    ) -> None:
        if exception is not None:
            log.warning("signing in by a provider failed: %s", type(exception).__name__)
        raise ImmediateHttpResponse(_failed(request))


class OurProvider(OpenIDConnectProvider):  # type: ignore[misc]  # the library has no types
    """A company's provider, as the library wants one."""

    def get_oauth2_adapter(self, request: HttpRequest) -> Way:
        return Way(request, _of(request, self.app.provider_id))


class Way(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # the library has no types
    """There and back, for one company's provider."""

    def __init__(self, request: HttpRequest, ours: Provider) -> None:
        super().__init__(request, str(ours.id))
        self.ours = ours
        self.state: Mapping[str, Any] = {}

    def get_provider(self) -> OurProvider:
        way = self.ours.way
        assert way is not None, "only one with a way is found"
        app = SocialApp(
            provider=KIND,
            provider_id=str(self.ours.id),
            name=self.ours.name,
            client_id=way.client_id,
            secret=way.client_secret,
            settings={"server_url": way.issuer, "oauth_pkce_enabled": True},
        )
        return OurProvider(self.request, app=app)

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself, if it is the one that the owner named."""
        found: dict[str, Any] = super().openid_config
        assert self.ours.way is not None, "as above"
        if any(not isinstance(found.get(one), str) for one in NEEDED):
            raise OAuth2Error("incomplete")
        if found["issuer"].rstrip("/") != self.ours.way.issuer:
            raise OAuth2Error("another issuer")
        return found

    def complete_login(
        self, request: HttpRequest, app: Any, token: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Instead of an account of the library's: a member of ours, and their device."""
        claims = self._claims(app, token.token, kwargs["response"])
        raise ImmediateHttpResponse(come_in(request, self.ours, claims, self.state))

    def _claims(self, app: Any, access: str, answer: Mapping[str, Any]) -> dict[str, Any]:
        if not isinstance(answer.get("id_token"), str):
            raise OAuth2Error("no id token")
        claims = _verified(answer["id_token"], self.openid_config, app.client_id)
        nonce = self.state.get("nonce", "")
        if not nonce or not secrets.compare_digest(str(claims.get("nonce", "")), nonce):
            raise OAuth2Error("another nonce")
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            more = self._fetch_user_info(access)
            if more.get("sub") != claims.get("sub"):
                raise OAuth2Error("another subject")
            claims = {**more, **claims}
        return claims


class Back(OAuth2CallbackView):  # type: ignore[misc]  # the library has no types
    """Keeps what was put aside on the way there."""

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, response = super()._get_state(request, provider)
        self.adapter.state = state or {}
        return state, response


@require_GET
def there(request: HttpRequest, provider_id: UUID) -> HttpResponseBase:
    """To the provider. A link and no form: our policy lets no form lead to another site."""
    ours = _of(request, str(provider_id))
    assert ours.way is not None, "as it was found"
    if not ratelimit.consume(request, app="allauth.account", action="login"):
        return _failed(request, "Too many tries. Wait five minutes, then try again.", 429)
    nonce = secrets.token_urlsafe(24)
    asked = {"nonce": nonce}
    if ours.way.acr and not ours.way.own_second_step:
        asked["acr_values"] = ours.way.acr
    viewer = getattr(request, "viewer", None)
    if viewer is not None and viewer.locked:
        asked |= {"prompt": "login", "max_age": "0"}  # whoever sits there proves it anew
    provider = Way(request, ours).get_provider()
    try:
        answer: HttpResponseBase = provider.redirect(
            request, "login", next_url=_next(request), auth_params=asked, nonce=nonce
        )
    except (OAuth2Error, requests.RequestException, ValueError) as error:
        log.warning("a provider was not reached: %s", type(error).__name__)
        return _failed(request)
    except ImmediateHttpResponse as error:
        return cast("HttpResponseBase", error.response)
    return answer


@require_GET
def back(request: HttpRequest, provider_id: UUID) -> HttpResponseBase:
    """From the provider."""
    view = Back.adapter_view(Way(request, _of(request, str(provider_id))))
    try:
        return cast("HttpResponseBase", view(request))
    except (ValueError, KeyError, TypeError) as error:  # an answer of no shape that it should have
        log.warning("a provider's answer was not understood: %s", type(error).__name__)
        return _failed(request)


def come_in(
    request: HttpRequest, ours: Provider, claims: Mapping[str, Any], state: Mapping[str, Any]
) -> HttpResponseBase:
    """In, as the member whom it vouches for; a locked device of theirs wakes instead."""
    try:
        vouched = find_vouched(context_of(request), ours, claims)
    except Refused as refused:
        return _failed(request, refused.says, 403)
    goes_to = state.get("next") or "/"
    viewer = getattr(request, "viewer", None)
    if viewer is not None and viewer.active and viewer.member_id == vouched.member_id:
        if viewer.locked:
            if not _just_now(claims):
                return _failed(request, NOT_ASKED, 403)
            devices.unlock(context_of(request), viewer)
        return redirect(goes_to)
    if request.user.is_authenticated:
        logout(request)
    account = accounts.account_by_id(vouched.account_id)
    request.by_provider = True  # type: ignore[attr-defined]  # read by the account adapter, below
    request.provider_second_step = vouched.second_step  # type: ignore[attr-defined]  # ditto
    record_authentication(request, account, method="socialaccount", provider=str(ours.id))
    response = cast("HttpResponseBase", perform_login(request, account, redirect_url=goes_to))
    if vouched.second_step and request.user.is_authenticated:
        request.session["second_step"] = True
    response.set_cookie(
        WAY_COOKIE,
        str(ours.id),
        max_age=WAY_S,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _verified(token: str, config: Mapping[str, Any], client_id: str) -> dict[str, Any]:
    """What the token says, once it is the provider's, for us, and of now.

    A provider with one key may leave out which it was.
    """
    try:
        answer = the_way_out().get(config["jwks_uri"])
        answer.raise_for_status()
        named = jwt.get_unverified_header(token).get("kid")
        keys = [one for one in jwt.PyJWKSet.from_dict(answer.json()).keys if one.key_type != "oct"]
        fit = keys if named is None else [one for one in keys if one.key_id == named]
        if len(fit) != 1:
            raise OAuth2Error("no such key")
        claims: dict[str, Any] = jwt.decode(
            token,
            fit[0],
            algorithms=SIGNED_BY,
            audience=client_id,
            issuer=config["issuer"],
            leeway=SLACK_S,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError as error:
        raise OAuth2Error(type(error).__name__) from None
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != client_id:
        raise OAuth2Error("for somebody else")
    return claims


def _just_now(claims: Mapping[str, Any]) -> bool:
    """A lock is opened by somebody who proved to be there after it fell, not long before.

    The provider was asked for a sign-in of now, and must then say when it was.
    """
    at = claims.get("auth_time")
    return isinstance(at, int | float) and abs(time.time() - at) < FRESH_S


def metadata_of(issuer: str) -> dict[str, Any]:
    """What a provider says of itself, for the owner who names it; `Refused` when it does not."""
    try:
        answer = the_way_out().get(issuer + WELL_KNOWN)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError):
        raise Refused("Your provider did not answer there. Look at the issuer’s address.") from None
    if not isinstance(found, dict) or any(not isinstance(found.get(one), str) for one in NEEDED):
        raise Refused("What answers there does not speak OpenID Connect.")
    if found["issuer"].rstrip("/") != issuer:
        raise Refused("What answers there calls itself something else. Type its own issuer.")
    return found


def _of(request: HttpRequest, provider_id: str) -> Provider:
    found = load_open_provider(context_of(request).db, UUID(provider_id))
    if found is None:
        raise Http404
    return found


def _next(request: HttpRequest) -> str | None:
    asked = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure())
    return asked if ours else None


def _failed(request: HttpRequest, says: str = "", status: int = 401) -> HttpResponse:
    return render(request, "session/provider_failed.html", {"says": says}, status=status)
