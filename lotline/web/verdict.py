"""The strip over the box: the gate's word in the interface's words, and what Send will do.

The reason is the gate's own sentence (`Finding.sentence`), never one of ours. What cannot be
decided is an error strip: the words stay, and nothing goes.

Not here: deciding (`core.gate`), asking (`actions.submit.preview`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lotline.core.gate.decision import Decision, Finding, Remedy, Verdict
from lotline.web.clock import Clock, ago
from lotline.web.says import sentence, ways_said
from lotline.web.words import Mark, first_name, level, purpose

if TYPE_CHECKING:
    from lotline.core.messaging.segments import Segments

OK = Mark("v-ok", "Allowed", "ok", solid=True)
HOLD = Mark("v-hold", "Held", "hold", solid=True)
STOP = Mark("v-stop", "Not allowed", "stop", solid=True)
NONE = Mark("v-none", "No opt-in yet")
ERROR = Mark("i-x", "Not checked", "stop")
SCREENS = "HOUSE-REVIEW"
LOCK = Mark("i-lock", "Not allowed to text")


@dataclass(frozen=True, slots=True)
class Strip:
    """What the strip says, and what the button beside it says and does."""

    state: str  # quiet | allow | hold | block | none | gate | error
    title: str
    why: str = ""
    mark: Mark = OK
    tone: str = ""
    rule: str = ""
    rule_name: str = ""
    button: str = "Send"
    go: bool = False  # pressing Send does something
    purpose: str = "reply"
    purpose_word: str = "Reply"
    purpose_tone: str = ""
    picked: bool = False  # the purpose was picked by hand
    count: str = ""
    many: bool = False
    laxer: bool = False  # picked as something that is asked less of: a reason is wanted
    added: str = ""
    wake: str = ""  # when the gate would let an offer go, as an instant
    wake_said: str = ""
    acts: tuple[str, ...] = ()  # what would make it go


@dataclass(frozen=True, slots=True)
class Asked:
    """What the strip needs to know beside the decision."""

    name: str
    level: str
    there: Clock
    last_in_at: datetime | None
    book: Any  # core.gate.rulebook.Rulebook
    words: dict[str, str] = field(default_factory=dict)


def rule_name(book: Any, rule: str) -> str:
    """The rule's short title, from the rulebook; its id when the book does not know it."""
    known = getattr(book, "rules", {}).get(rule) if rule else None
    return str(getattr(known, "title", "") or rule)


def quiet(asked: Asked, **more: Any) -> Strip:
    """Nothing typed: one line about what may be sent at all."""
    said = {"offers": "Replies and offers OK", "replies": "Replies only"}.get(asked.level)
    mark = level(asked.level)
    return Strip("quiet", said or mark.word, mark=mark, tone=mark.tone, **more)


def unchecked() -> Strip:
    """The gate could not be asked: closed, and it says so."""
    return Strip(
        "error",
        "Can’t check the rules right now",
        "Your text is kept here and nothing sends.",
        mark=ERROR,
        button="Try again",
    )


def counted(segments: Segments | None) -> tuple[str, bool]:
    """Says "1 text · 128/160", and whether it is more than three."""
    if segments is None or segments.count == 0:
        return "", False
    texts = "1 text" if segments.count == 1 else f"{segments.count} texts"
    culprit = ""
    if segments.count > 1 and segments.encoding == "ucs2" and segments.culprits:
        culprit = f" · {segments.culprits[0]} makes it longer"
    return f"{texts} · {segments.used}/{segments.limit}{culprit}", segments.count > 3


def show_decision(
    decision: Decision,
    asked: Asked,
    *,
    kind: str,
    picked: bool = False,
    reasons: tuple[str, ...] = (),
    segments: Segments | None = None,
    added: str = "",
    gaps: tuple[str, ...] = (),
    laxer: bool = False,
    loosened: str = "",
) -> Strip:
    """The strip for words that were typed."""
    count, many = counted(segments)
    mark = purpose(kind)
    found = decision.binding
    strip = Strip(
        "allow",
        "Sends now",
        f"{_basis(found, asked, kind)} {loosened}".strip(),
        go=True,
        purpose=kind,
        purpose_word=mark.word,
        purpose_tone=mark.tone,
        picked=picked,
        count=count,
        many=many,
        added=" ".join(added.split()),
        laxer=laxer,
        acts=tuple(way.value for way in decision.remedies),
    )
    if gaps:
        return replace(
            strip, state="block", title="Can’t send yet", why=f"Fill in: {', '.join(gaps)}.",
            mark=STOP, go=False,
        )  # fmt: skip
    if decision.verdict is Verdict.ALLOW:
        strip = replace(strip, why=_warned(strip.why, decision, asked))
        if added:
            first = first_name(asked.name)
            said = f"First text to {first}: the locked words below will be added."
            return replace(strip, why=f"{strip.why} {said}".strip())
        return strip
    why = f"{_because(found, asked, reasons, kind)} {loosened}".strip()
    if decision.without_offer is Verdict.ALLOW:
        why = f"{why} Without the offer, your text can go now."
    strip = replace(strip, why=why, rule=found.rule, rule_name=rule_name(asked.book, found.rule))
    if decision.verdict is Verdict.HOLD:
        return _held(strip, decision, asked)
    ways = " ".join(ways_said([way for way in found.remedies if way is not Remedy.DROP_OFFER]))
    return replace(
        strip,
        state="block",
        title="Can’t send as written",
        why=f"{why} {ways}".strip(),
        mark=STOP,
        go=False,
    )


def _warned(why: str, decision: Decision, asked: Asked) -> str:
    """What the house's screens found, after what lets it go."""
    said = [sentence(one, asked.words) for one in decision.findings if one.rule == SCREENS]
    return " ".join([why, *said]).strip()


def _held(strip: Strip, decision: Decision, asked: Asked) -> Strip:
    first = first_name(asked.name)
    until = decision.hold_until
    if until is None:
        return replace(
            strip, state="hold", title="Will wait for a manager", mark=HOLD, button="Hold"
        )
    said = asked.there.until(until)
    return replace(
        strip,
        state="hold",
        title=f"Will hold until {said} {first}’s time",
        mark=HOLD,
        button=f"Hold to {said}",
        wake=until.isoformat(),
        wake_said=f"{said} there",
    )


def _basis(found: Finding, asked: Asked, kind: str) -> str:
    if kind == "reply" and asked.last_in_at is not None:
        first = first_name(asked.name)
        return f"Answers {first}’s text from {ago(asked.there.now, asked.last_in_at)} ago."
    return sentence(found, asked.words)


def _because(found: Finding, asked: Asked, reasons: tuple[str, ...], kind: str) -> str:
    said = sentence(found, asked.words)
    if kind == "offer" and reasons and found.rule != SCREENS:
        return f"“{reasons[0]}” makes this an offer. {said}"
    return said


# --- the box is replaced ---------------------------------------------------------------------

_PERSON = {
    Remedy.CUSTOMER_START: ("block", STOP, "You can’t text {name}"),
    Remedy.ASK_CONSENT: ("none", NONE, "{name} hasn’t said yes to texts"),
    Remedy.CONFIRM_NUMBER: (
        "block",
        Mark("i-help", "Check number", "hold"),
        "Check {name}’s number first",
    ),
    Remedy.SIGN_POLICY: ("gate", LOCK, "Sign the texting policy to start texting"),
    Remedy.PASS_TRAINING: ("gate", LOCK, "Finish the training to start texting"),
    Remedy.ASK_OWNER: ("gate", LOCK, "You can’t text from this line"),
    Remedy.OTHER_LINE: ("gate", LOCK, "This line can’t text right now"),
}


def _without(title: str, why: str) -> str:
    """A reason does not begin by saying the title again."""
    begins = why.replace("'", "’").startswith(f"{title}.")
    return why[len(title) + 1 :].strip() if begins else why


def show_gone(decision: Decision, asked: Asked) -> Strip | None:
    """The strip that stands instead of the box, when no words at all could go; else None."""
    if decision.verdict is not Verdict.BLOCK:
        return None
    found = decision.binding
    way = next((way for way in found.remedies if way in _PERSON), None)
    if way is None:
        return None
    state, mark, title = _PERSON[way]
    first = first_name(asked.name)
    said = title.format(name=first)
    return Strip(
        state,
        said,
        _without(said, sentence(found, asked.words)),
        mark=mark,
        rule=found.rule,
        rule_name=rule_name(asked.book, found.rule),
        button="",
        acts=tuple(way.value for way in decision.remedies),
    )
