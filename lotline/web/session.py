"""Signing in and out: a password or a passkey, and a second step where the role asks for one.

The e-mail address that is typed is hashed before anything else sees it; the library that checks
passwords, passkeys and codes knows accounts by that hash alone. A device is opened when the last
step has passed, never before.

Not here: what a device may do (`lotline.store.viewer`), ending one (`lotline.actions.devices`).
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from allauth.account import views as account_views
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.account.utils import user_pk_to_url_str
from allauth.core import context as allauth_context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, URLResolver, include, path
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lotline.actions import devices
from lotline.actions.provider_sign_in import must_come_by
from lotline.store import accounts
from lotline.store.database import Unavailable
from lotline.store.identity import Provider, has_open_provider, load_open_provider
from lotline.web.doors import TABLET_COOKIE, WAY_COOKIE

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.base_user import AbstractBaseUser

    from lotline.actions.context import Context
    from lotline.core.base.sealing import Root

OIDC = "openid_connect"  # how the library names our addresses to itself
TOO_MANY = "Too many tries. Wait five minutes, then try again."
NOWHERE = "That link leads nowhere. Ask an owner of your company for its sign-in link."
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST = 500


def context_of(request: HttpRequest) -> Context:
    return cast("Context", request.lotline)  # type: ignore[attr-defined]  # set by the middleware


def root_of(request: HttpRequest) -> Root:
    keys = context_of(request).db.keys
    assert keys is not None, "the pages' database is opened with keys"
    return cast("Root", keys.ring.root)  # type: ignore[attr-defined]  # the kept keys know their ring


class EmailLoginForm(LoginForm):  # type: ignore[misc]  # the library has no types
    """Asks for an e-mail address and looks for its hash."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.EmailField(
            label="Email",
            widget=forms.EmailInput(attrs={"autocomplete": "username webauthn", "class": "input"}),
            error_messages={"required": "Enter your email address."},
        )
        self.fields["password"].widget.attrs["class"] = "input"
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""
        self.fields["password"].error_messages = {"required": "Enter your password."}
        self.order_fields(["login", "password"])
        self.provider = remembered(self.request)  # it stands on its page
        self.others = _any_provider(self.request)

    def clean_login(self) -> str:
        return accounts.username_of(root_of(self.request), self.cleaned_data["login"])


class PasswordAgainForm(ReauthenticateForm):  # type: ignore[misc]  # the library has no types
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs["class"] = "input"
        self.fields["password"].widget.attrs.pop("placeholder", None)


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # the library has no types
    """A passkey is named by its number: a name typed here would be kept in clear."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget = forms.HiddenInput()
        self.fields["name"].required = False
        if "passwordless" in self.fields:
            self.fields["passwordless"].initial = True
            self.fields["passwordless"].label = "Sign in with it instead of a password"

    def clean_name(self) -> str:
        count = self.user.authenticator_set.filter(type="webauthn").count()
        return f"Passkey {count + 1}"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Nobody signs up by themselves, and no mail is sent: there is no address to send it to."""

    error_messages = {  # noqa: RUF012  # the library's own shape
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "That email and password don’t match. Try again, or ask an "
        "owner for a new password.",
        "too_many_login_attempts": TOO_MANY,
    }

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False

    def send_mail(self, *_args: Any, **_kwargs: Any) -> None:
        return

    def send_notification_mail(self, *_args: Any, **_kwargs: Any) -> None:
        return

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def pre_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse | None:
        """A company may have its people come by its provider alone; its owners never have to."""
        closed: HttpResponse | None = super().pre_login(request, user, **more)
        if closed is not None or hasattr(request, "by_provider") or not hasattr(request, "lotline"):
            return closed
        provider = must_come_by(context_of(request), user.pk)
        if provider is None:
            return None
        said = {"provider": provider}
        return render(request, "session/by_provider.html", said, status=403)

    def get_login_stages(self) -> list[str]:
        """Ours is not asked for where the provider says that it asked for one of its own."""
        stages: list[str] = super().get_login_stages()
        if getattr(allauth_context.request, "provider_second_step", False):
            return [one for one in stages if not one.startswith("allauth.mfa.")]
        return stages

    def add_message(self, *_args: Any, **_kwargs: Any) -> None:
        """The pages say what happened themselves."""


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # the library has no types
    """Secrets are wrapped by the root key; what an authenticator shows is the person's own name."""

    def encrypt(self, text: str) -> str:
        return accounts.seal_secret(root_of(allauth_context.request), text)

    def decrypt(self, encrypted_text: str) -> str:
        return accounts.open_secret(root_of(allauth_context.request), encrypted_text)

    def _get_user_identifier(self, _user: AbstractBaseUser) -> str:
        viewer = getattr(allauth_context.request, "viewer", None)
        return viewer.name if viewer is not None else "Lotline"

    def get_totp_issuer(self) -> str:
        viewer = getattr(allauth_context.request, "viewer", None)
        return f"Lotline {viewer.company}" if viewer is not None else "Lotline"

    def build_totp_svg(self, url: str) -> str:
        import segno  # noqa: PLC0415  # few pages draw one, and every start would load it

        out = BytesIO()
        segno.make(url, error="m").save(
            out, kind="svg", scale=5, border=4, dark="#111", light="#fff", xmldecl=False
        )
        return out.getvalue().decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": allauth_context.request.get_host().partition(":")[0], "name": "Lotline"}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        name = self._get_user_identifier(user)
        return {"id": user_pk_to_url_str(user).encode(), "display_name": name, "name": name}


def address_of(request: HttpRequest) -> str:
    """Where the request came from; a proxy is believed only when the server was told to."""
    return str(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104  # unknown, not a bind


def device_label(agent: str) -> str:
    """What a person would call the device, from the browser's own description of itself."""
    system = next(
        (
            word
            for mark, word in (
                ("iPhone", "iPhone"),
                ("iPad", "iPad"),
                ("Android", "Android"),
                ("CrOS", "Chromebook"),
                ("Windows", "Windows"),
                ("Mac OS X", "Mac"),
                ("Linux", "Linux"),
            )
            if mark in agent
        ),
        "Unknown device",
    )
    browser = next(
        (
            word
            for mark, word in (
                ("Edg", "Edge"),
                ("SamsungBrowser", "Samsung Internet"),
                ("Firefox", "Firefox"),
                ("FxiOS", "Firefox"),
                ("CriOS", "Chrome"),
                ("Chrome", "Chrome"),
                ("Safari", "Safari"),
            )
            if mark in agent
        ),
        "",
    )
    return f"{system}, {browser}" if browser else system


@receiver(user_logged_in)
def open_device(request: HttpRequest, user: AbstractBaseUser, **_kwargs: Any) -> None:
    """The last step has passed: this session is a device from now on."""
    if not hasattr(request, "lotline"):
        return  # signed in by a test's own client, which opens its device itself
    if not request.session.session_key:
        request.session.save()
    from lotline.web.tablets import on_tablet  # noqa: PLC0415  # its pages know this module

    on, tablet = on_tablet(request)
    label = device_label(request.headers.get("User-Agent", ""))
    devices.open_device(
        context_of(request),
        account_id=user.pk,
        session_key=str(request.session.session_key),
        label=f"{tablet} ({label})" if tablet else label,
        address=address_of(request),
        on=on,
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this device and its session. A plain form does it, without script."""
    viewer = getattr(request, "viewer", None)
    if viewer is not None:
        devices.end_device(context_of(request), viewer, viewer.device_id, why="signed_out")
    logout(request)
    answer = redirect("/signed-out/")
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@require_GET
def signed_out(request: HttpRequest) -> HttpResponse:
    """What a device shows once it is out: nothing of anyone."""
    if getattr(request, "viewer", None) is None and request.user.is_authenticated:
        logout(request)  # the session outlived its device
    if TABLET_COOKIE in request.COOKIES:
        return redirect("/switch/")  # there, whose turn it is comes next
    return render(request, "session/signed_out.html", {"why": request.GET.get("why", "")[:20]})


class SecondStep:
    """A role that must have a second step sets one up before it sees anything else."""

    OPEN = ("/me/security/", "/sign-in/", "/sign-out/", "/signed-out/", "/static/", "/locked/")

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        viewer = getattr(request, "viewer", None)
        if viewer is None or not viewer.mfa_required or request.path.startswith(self.OPEN):
            return self.answer(request)
        if context_of(request).now().isoformat() < str(viewer.group_settings.get("mfa_from", "")):
            return self.answer(request)  # a new company has days to set it up; the page says so
        if not request.session.get("second_step"):
            steps = accounts.load_second_steps([cast("UUID", request.user.pk)])
            if not any(steps.values()):
                return redirect("/me/security/?must=1")
            request.session["second_step"] = True
        return self.answer(request)


def remembered(request: HttpRequest) -> Provider | None:
    """By whom somebody came in from this browser before. A stranger's page names no company, and
    without a database it is a page all the same.
    """
    return _provider(request, request.COOKIES.get(WAY_COOKIE, ""))


def _any_provider(request: HttpRequest) -> bool:
    try:
        return has_open_provider(context_of(request).db)
    except Unavailable:
        return False


def _provider(request: HttpRequest, said: str) -> Provider | None:
    """Of the id in what is said, if people sign in by it."""
    found = _ID.search(said.casefold())
    if found is None:
        return None
    try:
        return load_open_provider(context_of(request).db, UUID(found[0]))
    except Unavailable:
        return None


@require_http_methods(["GET", "POST"])
def company(request: HttpRequest) -> HttpResponse:
    """By the company's own link, typed where no address bar is. It leads on by a link and no form:
    our policy lets no form lead to another site.
    """
    problem, status = "", 200
    if request.method == "POST":
        if not ratelimit.consume(request, app="allauth.account", action="login"):
            problem, status = TOO_MANY, 429
        elif (found := _provider(request, request.POST.get("link", "")[:_LONGEST])) is not None:
            return render(request, "session/by_provider.html", {"provider": found, "chosen": True})
        else:
            problem, status = NOWHERE, 422
    return render(request, "session/company.html", {"problem": problem}, status=status)


def by_provider(request: HttpRequest, provider_id: UUID, way: str) -> HttpResponseBase:
    """There and back. What speaks the protocol is loaded by the first who comes by it."""
    from lotline.web import provider  # noqa: PLC0415  # half a second of start that few need

    view = provider.back if way == "back" else provider.there
    return view(request, provider_id)


def not_here(_request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    """A page of the sign-in library that Lotline does without, under the name it asks for."""
    raise Http404


def qr(text: str) -> SafeString:
    """A QR code as inline SVG."""
    return SafeString(SecondStepAdapter().build_totp_svg(text))


urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", account_views.login, name="account_login"),
    path("sign-out/", sign_out, name="account_logout"),
    path("signed-out/", signed_out, name="signed_out"),
    path("sign-in/company/", company),
    path("sign-in/with/<uuid:provider_id>/", by_provider, {"way": "there"}, name=f"{OIDC}_login"),
    path(
        "sign-in/with/<uuid:provider_id>/back/",
        by_provider,
        {"way": "back"},
        name=f"{OIDC}_callback",
    ),
    path("sign-in/again/", account_views.reauthenticate, name="account_reauthenticate"),
    path("sign-in/closed/", account_views.account_inactive, name="account_inactive"),
    path("sign-in/none/", not_here, name="account_signup"),
    path("sign-in/none/", not_here, name="account_reset_password"),
    path("sign-in/none/", not_here, name="account_email"),
    path("sign-in/none/", not_here, name="account_set_password"),
    path("me/password/", account_views.password_change, name="account_change_password"),
    path("me/security/", include("allauth.mfa.urls")),
]
