"""Asking the gate for a page, closed when in doubt: no answer is an answer that sends nothing (P9).

Not here: deciding (`core.gate`), the words of the strip (`verdict`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from lotline.actions.errors import NotAllowed, NotYours
from lotline.actions.submit import preview
from lotline.core.gate.decision import Decision

if TYPE_CHECKING:
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


def ask_gate(
    ctx: Any,
    viewer: Viewer,
    conversation_id: UUID,
    body: str,
    purpose: Purpose | None = None,
) -> Word:
    """What would become of these words now."""
    try:
        found = preview(ctx, viewer, conversation_id, body, purpose)
    except (NotYours, NotAllowed):
        raise
    except Exception:  # whatever went wrong, the screen must say that nothing can be checked
        log.exception("the gate could not be asked")
        return Word(None, body=body)
    return Word(
        found.decision,
        found.purpose.value,
        found.guess.purpose.value,
        found.guess.reasons,
        found.segments,
        found.added,
        found.body,
        found.template_gaps,
        found.laxer,
    )
