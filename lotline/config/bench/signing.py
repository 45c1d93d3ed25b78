"""Sign accounts in, in the house whose environment this is given; their sessions' keys are printed.

Each is given as its id; a number at the end says how many sessions each shall have. A program of
its own, because Django knows one database for its life.

Not here: the device (`crowd`).
"""

from __future__ import annotations

import sys
from typing import Any
from uuid import UUID

import django


def main(account_ids: list[UUID], each: int = 1) -> list[str]:
    """For each account a line: its id, and the keys that its browsers' cookies hold."""
    django.setup()
    from lotline.config.wiring import the_context
    from lotline.store.accounts import record_account

    root, said = the_context().ring.root, []
    for account_id in account_ids:
        account = record_account(root, account_id, f"{account_id}@measured.example", None)
        keys = [_session_of(account) for _ in range(each)]
        said.append(" ".join([str(account_id), *keys]))
    return said


def _session_of(account: Any) -> str:
    from django.conf import settings
    from django.contrib.auth import login
    from django.contrib.sessions.backends.db import SessionStore
    from django.http import HttpRequest

    request = HttpRequest()
    request.session = SessionStore()
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session["second_step"] = True
    request.session.save()
    return str(request.session.session_key)


if __name__ == "__main__":
    given = sys.argv[1:]
    several = int(given.pop()) if given[-1].isdigit() else 1
    print("\n".join(main([UUID(one) for one in given], several)))
