"""The rows Django itself must know: who signs in. Every other table is plain SQL.

Not here: members and their reach (`0002_town.sql`), sessions and passkeys (their own apps).
"""

from __future__ import annotations

from lotline.store.models.account import Account

__all__ = ["Account"]
