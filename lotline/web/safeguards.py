"""The Safeguards report, as a page and as a PDF: generated at the moment it is asked for.

Not here: what it says (`core.oversight.safeguards`), what is counted (`store.safeguards`).
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from lotline.core.oversight.paper import make_pdf
from lotline.core.oversight.safeguards import Report, report_blocks, write_report
from lotline.store.safeguards import load_safeguards
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.rooms import rooms_of
from lotline.web.team import house_clock


def _report(request: HttpRequest) -> Report:
    ctx, viewer, now = context_of(request), viewer_of(request), house_clock(request).now
    over_tls = ctx.settings.public_url.startswith("https://")
    with ctx.db.transaction(viewer.group_id) as tx:
        facts = load_safeguards(tx, viewer, now, over_tls=over_tls)
    assert facts is not None, "the door let nobody else in"
    return write_report(facts, company=viewer.company, now=now)


@members("records")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Element by element."""
    said = {
        "report": _report(request),
        "clock": house_clock(request),
        "rooms": rooms_of(viewer_of(request)),
    }
    return render(request, "oversight/safeguards.html", said)


@members("records")
@require_GET
def pdf(request: HttpRequest) -> HttpResponse:
    """The same as a file; `size=a4` for the paper of most of the world."""
    report = _report(request)
    made = make_pdf(
        report_blocks(report),
        title="Safeguards report",
        ident=f"Safeguards report · {report.company} · {report.made_at:%Y-%m-%d}",
        made_at=report.made_at.replace(microsecond=0),
        size="a4" if request.GET.get("size") == "a4" else "letter",
    )
    answer = HttpResponse(made, content_type="application/pdf")
    name = f"safeguards-{report.made_at:%Y-%m-%d}.pdf"
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


urlpatterns = [
    path("audit/safeguards/", page, name="safeguards"),
    path("audit/safeguards.pdf", pdf),
]
