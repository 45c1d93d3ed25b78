"""What is asked when all was thrown: nothing acknowledged is lost, nothing is there twice.

Not here: what was thrown (`calls`).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg

from lotline.store.sealed import contact_key, open_words
from tests.fuzz.hands import Report, digest

if TYPE_CHECKING:
    from lotline.actions.context import Context

SHOWN = 5
_TEXTS = """
select t.carrier_id, t.id, t.contact_id, t.body_ct, k.key_wrapped
from texts t join contacts k on k.group_id = t.group_id and k.id = t.contact_id
where t.direction = 'in' and t.group_id = %s order by t.id
"""


def ask_everything(ctx: Context, group: UUID, dsn: str, log: Path, report: Report) -> None:
    """Whatever is wrong is added to the report."""
    there = Counter[str]()
    wrong = []
    with (
        ctx.db.transaction(group) as tx,
        psycopg.connect(dsn) as link,
        link.cursor("texts") as cursor,
    ):
        cursor.itersize = 5000
        for sid, text, contact, body_ct, wrapped in cursor.execute(_TEXTS, [group]):
            there[sid] += 1
            said = report.acknowledged.get(sid)
            if said is None:
                continue
            key = contact_key(tx, contact, wrapped)
            report.opened += 1
            if digest(open_words(key, body_ct, "texts", "body_ct", group, text)) != said:
                wrong.append(sid)
    report.stored = sum(there.values())
    lost = [sid for sid in report.acknowledged if sid not in there]
    twice = [sid for sid, times in there.items() if times > 1]
    for name, sids in (("lost", lost), ("there twice", twice), ("other words", wrong)):
        if sids:
            report.broken.append(f"{name}: {len(sids)}, {sids[:SHOWN]}")
    broke = Counter(
        line.strip()[:200]
        for line in log.read_text(errors="replace").splitlines()
        if "a call broke" in line or "Traceback" in line
    )
    report.broken += [f"the log, {n} times: {line}" for line, n in broke.most_common(SHOWN)]
