"""What needs whoever opens the dashboard: a few links, each with how many and whose.

Not here: the numbers (`store.dashboard`), the rest of the page (`dashboard_page`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lotline.web.clock import ago, month_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lotline.actions.dashboard import Seen
    from lotline.web.clock import Clock
    from lotline.web.dashboard_query import Query


def needs(
    seen: Seen, query: Query, clock: Clock, people: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What is waiting for whoever reads this; the last only while access is due for review."""
    board = seen.board
    named = {one.id: one.name for one in seen.people}
    without = sorted(board.without_by_author.items(), key=lambda one: -one[1])[:3]
    waiting = sum(one.n for one in board.waiting)
    longest = board.waiting[0] if board.waiting else None
    label = {line.id: line.label for line in seen.scope.lines}
    lacking = [one["name"] for one in people if one["state"][1] == "hold"]
    targets = {line.target_s for line in seen.scope.lines}
    over = f"{next(iter(targets)) // 60} min" if len(targets) == 1 else "target"
    return [
        {
            "tone": "stop", "icon": "flag", "n": seen.flags, "href": "/review/",
            "words": "flagged text" if seen.flags == 1 else "flagged texts",
            "says": f"Oldest waiting {ago(clock.now, seen.flagged_since)}"
            if seen.flagged_since else "Nothing to review",
        },
        {
            "tone": "hold", "icon": "v-none", "n": board.without, "words": "texted without opt-in",
            "href": query.address("/dashboard/no-opt-in/"),
            "says": ", ".join(f"{named.get(one, 'Nobody')} {n}" for one, n in without)
            or "The goal is zero",
        },
        {
            "tone": "hold", "icon": "clock", "n": waiting, "words": f"waiting over {over}",
            "href": query.address("/dashboard/waiting/"),
            "says": f"Longest {ago(clock.now, longest.since)}, {label[longest.line_id]}"
            if longest else "Nobody waits too long",
        },
        {
            "tone": "note", "icon": "pen", "n": len(lacking), "href": "/policy/people/",
            "words": "can’t text yet",
            "says": ", ".join([*lacking[:2], *(["others"] if lacking[2:] else [])])
            or "Everybody signed and trained",
        },
        *_access(seen, clock),
    ]  # fmt: skip


def _access(seen: Seen, clock: Clock) -> list[dict[str, Any]]:
    """Nobody has looked for too long at what these people may open."""
    due = seen.access
    if not due.overdue or due.next_at is None:
        return []
    day = month_day(clock.local(due.next_at).date(), clock.today)
    return [
        {
            "tone": "note", "icon": "checks", "n": due.overdue, "href": "/team/access/",
            "words": f"{'person’s' if due.overdue == 1 else 'people’s'} access to review",
            "says": f"The longest has been due since {day}",
        }
    ]  # fmt: skip
