"""Sign an account in, in the house whose environment this is given; its session's key is printed.

A program of its own, because Django knows one database for its life.

Not here: the device (`crowd`).
"""

from __future__ import annotations

import sys
from uuid import UUID

import django


def main(account_id: UUID) -> str:
    """The key that the browser's cookie holds."""
    django.setup()
    from django.conf import settings
    from django.contrib.auth import login
    from django.contrib.sessions.backends.db import SessionStore
    from django.http import HttpRequest

    from lotline.config.wiring import the_context
    from lotline.store.accounts import record_account

    account = record_account(
        the_context().ring.root, account_id, f"{account_id}@measured.example", None
    )
    request = HttpRequest()
    request.session = SessionStore()
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session["second_step"] = True
    request.session.save()
    return str(request.session.session_key)


if __name__ == "__main__":
    print(main(UUID(sys.argv[1])))
