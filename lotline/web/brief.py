"""The brief as a page, on paper from the browser, and as a PDF: the same blocks each time.

Which states it is about stands in the address; without any, those of the company's own lines.

Not here: what it says (`core.oversight.brief`).
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lotline.core.base.numbers import BadNumber, parse_number
from lotline.core.base.places import place_of
from lotline.core.oversight.brief import ident_of, title_of, write_brief
from lotline.core.oversight.paper import Block, Bullets, Heading, Paragraph, Table, make_pdf
from lotline.store.lines import load_lines
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.rulebook import head_of, house_rules, reviewed_by, states_of

_MOST_STATES = 60


def _states(request: HttpRequest) -> list[str]:
    """The states that were asked for, each once; else where our lines are."""
    ctx = context_of(request)
    asked = [code.upper() for code in request.GET.getlist("state")[:_MOST_STATES]]
    if "state" in request.GET:
        return [code for code in dict.fromkeys(asked) if code in ctx.book.states]
    return states_here(request)


def states_here(request: HttpRequest) -> list[str]:
    """Where the company does business, as far as its lines' numbers tell."""
    ctx, viewer = context_of(request), viewer_of(request)
    with ctx.db.transaction(viewer.group_id) as tx:
        lines = load_lines(tx, viewer)
    found: dict[str, None] = {}
    for line in lines:
        try:
            place = place_of(parse_number(line.number))
        except BadNumber:
            continue
        found.update(dict.fromkeys(code for code in place.states if code in ctx.book.states))
    return list(found)


@members("all")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """To read, and to print from the browser."""
    viewer, house = viewer_of(request), house_rules(request)
    states, today = _states(request), context_of(request).now().date()
    reviewed = reviewed_by(house)
    blocks = write_brief(house.book, states, today, company=viewer.company, reviewed=reviewed)
    context = {
        **head_of(house),
        "title": title_of(house.book, states),
        "blocks": [_shown(block) for block in blocks[1:]],
        "chosen": states,
        "states": states_of(house.book),
        "query": "&".join(f"state={code}" for code in states) or "state=",
        "ident": ident_of(house.book, states, today),
    }
    return render(request, "rules/brief.html", context)


def _shown(block: Block) -> dict[str, object]:
    kinds = {Heading: "heading", Paragraph: "words", Bullets: "list", Table: "table"}
    return {"kind": kinds.get(type(block), ""), "block": block}


@members("all")
@require_GET
def pdf(request: HttpRequest) -> HttpResponse:
    """The same as a file; `size=a4` for the paper of most of the world."""
    viewer, house = viewer_of(request), house_rules(request)
    states, now, reviewed = _states(request), context_of(request).now(), reviewed_by(house)
    made = make_pdf(
        write_brief(house.book, states, now.date(), company=viewer.company, reviewed=reviewed),
        title=title_of(house.book, states),
        ident=ident_of(house.book, states, now.date()),
        made_at=now.replace(hour=0, minute=0, second=0, microsecond=0),
        size="a4" if request.GET.get("size") == "a4" else "letter",
    )
    name = f"texting-rules-{'-'.join(states).lower() or 'federal'}-{now.date()}.pdf"
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response
