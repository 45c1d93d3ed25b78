"""Opt-in pages: a customer says yes with their own hand, and staff hand them the way there.

The public page shows the stored wording and nothing else to agree to; the box is never ticked for
anybody. What it answers never tells a stranger anything about a number.

Not here: the yes itself (`actions.consent`), the wording's elements (`core.consent.wording`).
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_http_methods

from lotline.actions import consent as consent_acts
from lotline.actions import optin_pages
from lotline.actions.errors import NotYours, Refused
from lotline.core.base.numbers import BadNumber, parse_number
from lotline.core.consent.wording import first_wording, what_it_needs
from lotline.core.people.roles import may_change_rules
from lotline.store.buckets import take
from lotline.store.lines import load_lines
from lotline.store.optin import find_page, find_slug, load_newest_wording, load_place, load_wording
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.ids import read_id
from lotline.web.session import address_of

if TYPE_CHECKING:
    from lotline.store.optin import Page

# Nobody signs up so many people by hand; a program that tries is slowed down, not told why.
TRIES_OF_AN_ADDRESS = 20
TRIES_OF_A_NUMBER = 4
COUNTED_FOR_S = 3600
QR_KEPT_S = 3600


class TooMany(Refused):
    """Asked again and again."""


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The public page: no session, no script needed."""
    found = find_page(context_of(request).db, slug)
    if found is None:
        raise Http404
    shown = _shown(request, found)
    if found.closed:
        return render(request, "optin/closed.html", shown, status=410)
    if request.method != "POST":
        return render(request, "optin/page.html", shown)
    try:
        _sign_up(request, found)
    except TooMany as refused:
        return _again(request, shown, {"": refused.says}, 429)
    except _Wrong as wrong:
        return _again(request, shown, wrong.problems, 422)
    return redirect(f"/opt-in/{found.slug}/thanks/")


@require_GET
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    """The same for everybody, whatever was typed."""
    found = find_page(context_of(request).db, slug)
    if found is None:
        raise Http404
    return render(request, "optin/thanks.html", _shown(request, found))


@require_GET
def do_not_call(request: HttpRequest, slug: str) -> HttpResponse:
    """The company's do-not-call policy, for whoever asks; open also when the page is closed."""
    found = find_page(context_of(request).db, slug)
    if found is None:
        raise Http404
    law = context_of(request).book.law
    shown = {
        **_shown(request, found),
        "days": law["stop"]["business_days"],
        "years": law["stop"]["kept_years"],
        "list_days": law["lists"]["national_max_days"],
        "rule": context_of(request).book.rules["FED-IDNC-1"],
    }
    return render(request, "optin/do_not_call.html", shown)


@require_GET
def code(request: HttpRequest, slug: str) -> HttpResponse:
    """The page's address as a QR code."""
    found = find_page(context_of(request).db, slug)
    if found is None or found.closed:
        raise Http404
    response = HttpResponse(_drawn(_address(request, slug)), content_type="image/svg+xml")
    response["Cache-Control"] = f"public, max-age={QR_KEPT_S}"
    return response


@members("staff+")
@require_GET
def card(request: HttpRequest, slug: str) -> HttpResponse:
    """A card to print and lay on a desk."""
    found = find_page(context_of(request).db, slug)
    viewer = viewer_of(request)
    if found is None or found.group_id != viewer.group_id or found.line_id not in viewer.line_ids:
        raise NotYours
    return render(request, "optin/card.html", {**_shown(request, found), **_way(request, slug)})


@members("staff+")
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The page of each line in reach: its link, its code, its card."""
    ctx, viewer = context_of(request), viewer_of(request)
    asked = _line_asked(request)
    if request.method == "POST":
        if asked is None:
            raise NotYours
        optin_pages.page_of(ctx, viewer, asked)
        return redirect(f"/opt-in/?line={asked}")
    with ctx.db.transaction(viewer.group_id) as tx:
        lines = load_lines(tx, viewer, ctx.now())
        wording = load_newest_wording(tx)
        slugs = {line.id: find_slug(tx, line.id) for line in lines}
    ways = []
    for line in lines:
        slug = slugs[line.id]
        ways.append({"line": line, "slug": slug, **(_way(request, slug) if slug else {})})
    ways.sort(key=lambda way: way["line"].id != asked)
    said = {"ways": ways, "asked": asked, "wording": wording}
    return render(request, "optin/index.html", {**said, "writes": may_change_rules(viewer.role)})


@members("owner")
@require_http_methods(["GET", "POST"])
def wording(request: HttpRequest) -> HttpResponse:
    """What customers read before they say yes; what is missing from it is named."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        newest = load_newest_wording(tx)
    body = newest.body if newest is not None else first_wording(viewer.company)
    problem = ""
    if request.method == "POST":
        body = request.POST.get("body", "")
        try:
            optin_pages.write_wording(ctx, viewer, body)
        except Refused as refused:
            problem = refused.says
        else:
            return redirect("/opt-in/")
    said = {"newest": newest, "body": body, "problem": problem, "needs": what_it_needs()}
    return render(request, "optin/wording.html", said, status=422 if problem else 200)


class _Wrong(Exception):
    """What has to be put right, by field; "" is the form as a whole."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("the form")
        self.problems = problems


def _sign_up(request: HttpRequest, found: Page) -> None:
    given = {name: request.POST.get(name, "").strip() for name in ("name", "number", "zip")}
    problems = {} if given["name"] else {"name": "Enter your name."}
    e164 = ""
    try:
        e164 = parse_number(given["number"]).e164
    except BadNumber as bad:
        problems["number"] = str(bad)
    if len(given["zip"]) != 5 or not given["zip"].isdecimal():
        problems["zip"] = "Enter your 5-digit ZIP code, so we know when it's night where you are."
    if not request.POST.get("agree"):
        problems["agree"] = "Tick the box if you want texts from us."
    if problems:
        raise _Wrong(problems)
    _count(request, found, e164)
    try:
        consent_acts.opt_in_by_page(
            context_of(request),
            found.slug,
            number=e164,
            name=given["name"],
            zip_code=given["zip"],
            words=_words(request, found),
            ticked=True,
            address=address_of(request),
        )
    except consent_acts.Stays:
        return  # who stopped opens again from their own phone; the next page says how
    except Refused as refused:
        raise _Wrong({"zip" if "ZIP" in refused.says else "": refused.says}) from refused


def _words(request: HttpRequest, found: Page) -> str:
    """The version that stood on the form, by its id; nothing when it is none of ours."""
    wording_id = read_id(request.POST.get("wording", ""))
    if wording_id is None:
        return ""
    with context_of(request).db.transaction(found.group_id) as tx:
        read = load_wording(tx, wording_id)
    return read.body if read is not None else ""


def _count(request: HttpRequest, found: Page, e164: str) -> None:
    """By address and by number, each as a keyed hash, wherever it was tried."""
    ctx = context_of(request)
    for what, value, most in (
        ("address", address_of(request), TRIES_OF_AN_ADDRESS),
        ("number", e164, TRIES_OF_A_NUMBER),
    ):
        name = UUID(bytes=salted_hmac(f"lotline.optin.{what}", value).digest()[:16])
        with ctx.db.transaction(found.group_id) as tx:
            per_s = most / COUNTED_FOR_S
            drawn = take(tx, name, kind="try", per_s=per_s, burst=most, now=ctx.now())
        if not drawn.ok:
            raise TooMany("Too many tries from here. Please wait an hour, or text us START.")


def _shown(request: HttpRequest, found: Page) -> dict[str, Any]:
    """What the public page says. Its company is asked by its own tenant's transaction."""
    with context_of(request).db.transaction(found.group_id) as tx:
        place = load_place(tx, found.line_id)
        words = load_wording(tx, found.wording_id)
    if place is None or words is None:
        raise Http404
    return {"place": place, "wording": words, "page": found, "given": {}, "problems": {}}


def _again(
    request: HttpRequest, shown: dict[str, Any], problems: dict[str, str], status: int
) -> HttpResponse:
    """The form as it was typed, but for the box: it is ticked anew each time."""
    said = {**shown, "given": request.POST, "problems": problems}
    return render(request, "optin/page.html", said, status=status)


def _line_asked(request: HttpRequest) -> UUID | None:
    asked = read_id(request.POST.get("line") or request.GET.get("line", ""))
    return asked if asked in viewer_of(request).line_ids else None


def _way(request: HttpRequest, slug: str) -> dict[str, Any]:
    address = _address(request, slug)
    return {"address": address, "qr": SafeString(_drawn(address))}


def _address(request: HttpRequest, slug: str) -> str:
    """Where customers reach us, whatever name staff use for this machine."""
    return f"{context_of(request).settings.public_url}/opt-in/{slug}/"


def _drawn(address: str) -> str:
    import segno  # noqa: PLC0415  # few pages draw one, and every start would load it

    out = BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", border=4, dark="#111", light="#fff", xmldecl=False, omitsize=True
    )
    return out.getvalue().decode()


urlpatterns = [
    path("opt-in/", index, name="opt_in_links"),
    path("opt-in/wording/", wording, name="opt_in_wording"),
    path("opt-in/<slug:slug>/", page, name="opt_in"),
    path("opt-in/<slug:slug>/thanks/", thanks, name="opt_in_thanks"),
    path("opt-in/<slug:slug>/do-not-call/", do_not_call, name="do_not_call"),
    path("opt-in/<slug:slug>/qr.svg", code, name="opt_in_qr"),
    path("opt-in/<slug:slug>/card/", card, name="opt_in_card"),
]
