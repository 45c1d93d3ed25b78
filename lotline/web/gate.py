"""Asking the gate for a page, closed when in doubt: no answer is an answer that sends nothing (P9).

Not here: deciding (`core.gate`), the words of the strip (`verdict`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.errors import NotAllowed, NotYours
from lotline.actions.profiles import load_profile
from lotline.actions.submit import Preview, preview_each
from lotline.core.gate.decision import Decision
from lotline.web.says import loosened_said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lotline.core.messaging.purpose import Purpose
    from lotline.core.messaging.segments import Segments
    from lotline.store.shown import Viewer

log = logging.getLogger("lotline.web.gate")


@dataclass(frozen=True, slots=True)
class Word:
    """The gate's answer about some words; `decision` is None when it could not be asked."""

    decision: Decision | None
    purpose: str = "reply"
    guessed: str = "reply"
    reasons: tuple[str, ...] = ()
    segments: Segments | None = None
    added: str = ""
    body: str = ""
    gaps: tuple[str, ...] = ()
    laxer: bool = False
    loosened: str = ""  # on whose word the careful reading was left, where it was


def ask_gate(
    ctx: Any,
    viewer: Viewer,
    conversation_id: UUID,
    body: str,
    purpose: Purpose | None = None,
) -> Word:
    """What would become of these words now."""
    return ask_gate_each(ctx, viewer, conversation_id, [(body, purpose)])[0]


def ask_gate_each(
    ctx: Any,
    viewer: Viewer,
    conversation_id: UUID,
    asked: Sequence[tuple[str, Purpose | None]],
) -> list[Word]:
    """What would become of each of these now, on the same facts."""
    try:
        found = preview_each(ctx, viewer, conversation_id, asked)
        return [_word(one, loosened(ctx, viewer, one.decision)) for one in found]
    except (NotYours, NotAllowed):
        raise
    except Exception:  # whatever went wrong, the screen must say that nothing can be checked
        log.exception("the gate could not be asked")
        return [Word(None, body=body) for body, _ in asked]


def _word(one: Preview, loosened: str) -> Word:
    return Word(
        one.decision,
        one.purpose.value,
        one.guess.purpose.value,
        one.guess.reasons,
        one.segments,
        one.added,
        one.body,
        one.template_gaps,
        one.laxer,
        loosened,
    )


def loosened(ctx: Any, viewer: Viewer, decision: Decision) -> str:
    """Who loosened what this verdict rests on, by whose advice; empty where nobody did."""
    if not any("setting" in dict(found.params) for found in decision.findings):
        return ""  # as almost always: the house's choices are read only to be named
    return loosened_said(decision, load_profile(ctx, viewer).chosen)
