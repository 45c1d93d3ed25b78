"""The training's pages: six cards with a composer that the gate answers, then the quiz.

Every page works without script, can be left at any time and is found again as it was left.

Not here: the course (`core.policy.course`), what counts (`actions.training`).
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from lotline.actions.errors import Refused
from lotline.actions.training import Tried, answer_question, open_quiz, show_choices, try_card
from lotline.core.gate.decision import Verdict
from lotline.core.messaging.purpose import Purpose
from lotline.core.policy.course import PASS_MARK, Course, Question, load_course
from lotline.store.training import Quiz, load_learner, load_quiz, load_steps
from lotline.web.doors import context_of, members, viewer_of
from lotline.web.says import sentence
from lotline.web.team import house_clock
from lotline.web.verdict import HOLD, OK, STOP, rule_name

_MARKS = {Verdict.ALLOW: OK, Verdict.HOLD: HOLD, Verdict.BLOCK: STOP}
_WORDS = {Purpose.REPLY: "Reply", Purpose.UPDATE: "Update", Purpose.OFFER: "Offer"}


@members("staff+")
def index(request: HttpRequest) -> HttpResponse:
    """Where the member stands, and the one next thing to do."""
    ctx, viewer = context_of(request), viewer_of(request)
    course = load_course()
    with ctx.db.transaction(viewer.group_id) as tx:
        done = load_steps(tx, viewer.member_id, course.version)
        quiz = load_quiz(tx, viewer.member_id)
        learner = load_learner(tx, viewer.member_id, ctx.now())
    left = [card for card in course.cards if card.id not in done]
    running = quiz is not None and quiz.course == course.version and not quiz.is_over
    shown = {
        "course": course,
        "cards": [(n, card, card.id in done) for n, card in enumerate(course.cards, 1)],
        "next": left[0] if left else None,
        "running": running,
        "until": learner.trained_until,
        "passed": learner.trained_until is not None and learner.trained_until > ctx.now(),
        "clock": house_clock(request),
        "pass_mark": PASS_MARK,
    }
    return render(request, "training/index.html", shown)


@members("staff+")
def card(request: HttpRequest, card_id: str) -> HttpResponse:
    """One lesson, and the composer at its end."""
    course = load_course()
    found = course.card(card_id)
    if found is None:
        raise Http404
    words, tried, problem, status = "", None, "", 200
    if request.method == "POST":
        words = request.POST.get("body", "")
        try:
            tried = try_card(context_of(request), viewer_of(request), card_id, words)
        except Refused as refused:
            problem, status = str(refused), 422
    place = course.cards.index(found)
    following = course.cards[place + 1] if place + 1 < len(course.cards) else None
    shown = {
        "card": found,
        "number": place + 1,
        "of": len(course.cards),
        "following": following,
        "words": words,
        "problem": problem,
        "tried": _answer(request, tried) if tried else None,
    }
    return render(request, "training/card.html", shown, status=status)


def _answer(request: HttpRequest, tried: Tried) -> dict[str, Any]:
    found = tried.decision.binding
    return {
        "mark": _MARKS[tried.decision.verdict],
        "title": {
            Verdict.ALLOW: "Sends now",
            Verdict.HOLD: "Will be held",
            Verdict.BLOCK: "Can’t be sent",
        }[tried.decision.verdict],
        "says": sentence(found, {"name": "This customer", "line": "the line"}),
        "rule": found.rule,
        "rule_name": rule_name(context_of(request).book, found.rule),
        "purpose": _WORDS.get(tried.purpose, ""),
        "reasons": tried.reasons,
        "as_meant": tried.as_meant,
    }


@members("staff+")
def quiz(request: HttpRequest) -> HttpResponse:
    """The question that is next; after the last one the result. Beginning is pressing a button."""
    ctx, viewer = context_of(request), viewer_of(request)
    if request.method == "POST":
        try:
            open_quiz(ctx, viewer)
        except Refused as refused:
            return render(request, "training/refused.html", {"problem": str(refused)}, status=422)
        return redirect("/training/quiz/")
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_quiz(tx, viewer.member_id)
    if found is None or found.course != load_course().version:
        return redirect("/training/")
    following = found.next_question
    if following is None:
        return render(request, "training/result.html", _result(request, found))
    return redirect(f"/training/quiz/{following + 1}/")


@members("staff+")
def question(request: HttpRequest, number: int) -> HttpResponse:
    """One question; once it has its answer, what was right and why."""
    ctx, viewer = context_of(request), viewer_of(request)
    course = load_course()
    with ctx.db.transaction(viewer.group_id) as tx:
        found = load_quiz(tx, viewer.member_id)
    if found is None or not 1 <= number <= len(found.questions):
        raise Http404
    asked = course.question(found.questions[number - 1])
    if asked is None:  # a question of an older course; that quiz is over
        return redirect("/training/")
    problem, status = "", 200
    if request.method == "POST" and asked.id not in found.answers:
        choice = request.POST.get("choice", "")
        if choice.isdigit() and int(choice) < len(asked.choices):
            answered = answer_question(ctx, viewer, found.id, asked.id, int(choice))
            if answered.is_right:
                return redirect("/training/quiz/")
            return redirect(request.path)
        problem, status = "Choose one of the answers.", 422
    shown = {
        **_question(request, found, asked, course),
        "number": number,
        "of": len(found.questions),
        "problem": problem,
        "back": number - 1,
    }
    return render(request, "training/question.html", shown, status=status)


def _question(request: HttpRequest, quiz: Quiz, asked: Question, course: Course) -> dict[str, Any]:
    given = quiz.answers.get(asked.id)
    return {
        "asked": asked,
        "choices": show_choices(quiz, asked),
        "given": given[0] if given else None,
        "answered": given is not None,
        "was_right": bool(given and given[1]),
        "why": _why(request, asked),
        "course": course,
    }


def _why(request: HttpRequest, asked: Question) -> str:
    """The rulebook's own sentence where a rule says it."""
    rule = context_of(request).book.rules.get(asked.rule) if asked.rule else None
    return str(rule.summary) if rule is not None else asked.why


def _result(request: HttpRequest, quiz: Quiz) -> dict[str, Any]:
    course = load_course()
    missed = [
        (one, one.choices[one.right], _why(request, one))
        for name in quiz.questions
        if not quiz.answers[name][1] and (one := course.question(name)) is not None
    ]
    return {
        "score": quiz.score,
        "of": len(quiz.questions),
        "passed": quiz.score >= PASS_MARK,
        "pass_mark": PASS_MARK,
        "missed": missed,
        "signed": viewer_of(request).policy_signed,
    }


urlpatterns = [
    path("training/", index, name="training"),
    path("training/cards/<slug:card_id>/", card, name="training_card"),
    path("training/quiz/", quiz, name="quiz"),
    path("training/quiz/<int:number>/", question, name="quiz_question"),
]
