"""Seeding: the demo town is made once, whole or not at all, and kept from then on.

A database that holds a company of somebody else is never touched. What a kill left half done is
taken up at the next start: the town is one transaction, accounts and the told passwords are made
anew as long as nobody was told.

Not here: what the town is (town.toml, `building`, `living`), the simulator's side (`introducing`).
"""

from __future__ import annotations

import json
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import django
from django.contrib.auth.hashers import make_password

from lotline.actions.devices import end_device, open_device
from lotline.actions.optin_pages import page_of, write_wording
from lotline.actions.programs import (
    PER_MINUTE_MAX,
    Choice,
    make_program,
    new_token,
    revoke_program,
)
from lotline.actions.sequence import sequence
from lotline.config.demo.building import AGE, Town, build
from lotline.config.demo.content import Content, load_content
from lotline.config.demo.living import Living
from lotline.config.demo.past import Past
from lotline.config.demo.reviewing import review
from lotline.config.wiring import build_context
from lotline.core.base.sealing import Root
from lotline.core.consent.wording import first_wording
from lotline.core.people.programs import Scope
from lotline.store.carrier_accounts import CarrierAccount
from lotline.store.groups import load_group, load_group_ids
from lotline.store.programs import load_listed
from lotline.store.viewer import load_viewer

if TYPE_CHECKING:
    from lotline.actions.context import Context
    from lotline.config.settings import Settings
    from lotline.store.shown import Viewer

SECOND_STEP_FROM = timedelta(days=30)
HELP_PHONE = "(816) 555-0100"
PROGRAM = "Demo program"
_PASSWORD_LETTERS = 12


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told to whoever starts the demo: shown once, kept only in demo.json."""

    emails: dict[str, str]
    passwords: dict[str, str]
    api_token: str


def seed(settings: Settings) -> None:
    """Make the town if there is none; put right what is missing of it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")
    django.setup()
    ctx = build_context(settings, direct=True, connections=2)
    try:
        group_ids = load_group_ids(ctx.db)
        if any(not _is_demo(ctx, one) for one in group_ids):
            print("lotline: this database holds a company, so the demo town is not made in it")
            return
        told_in = settings.data / "demo.json"
        if not group_ids:
            told_in.unlink(missing_ok=True)  # of a town that is gone
            _make(ctx, settings, told_in)
        elif not told_in.exists():
            _tell_again(ctx, settings, told_in)
    finally:
        ctx.db.close()


def _is_demo(ctx: Context, group_id: UUID) -> bool:
    with ctx.db.transaction(group_id) as tx:
        return bool(load_group(tx).settings.get("demo"))


def _make(ctx: Context, settings: Settings, told_in: Path) -> None:
    print("lotline: making the demo town", flush=True)
    content = load_content(ctx.now())
    told = _new_secrets(content)
    accounts = _account_ids(ctx, told)
    carrier = CarrierAccount(
        carrier="twilio",
        account=f"AC{secrets.token_hex(16)}",
        base_url=settings.simulator_url or "http://127.0.0.1:8701",
        secrets={"auth_tokens": [secrets.token_hex(16)]},
    )
    past = Past(ctx, start=ctx.now() - AGE, account=carrier.account)
    town = Town(past, content, accounts)
    with ThreadPoolExecutor(1) as beside, past.db.begun():
        hashed = beside.submit(_hashed, told.passwords)
        build(town, settings=_company_settings(ctx, content), carrier=carrier)
        _opt_in_pages(town)
        _keep_token(town.past.ctx, town.owner, told)
        Living(town, photo_url=f"{carrier.base_url}/sim/static/photo.png").live()
        review(town.past.ctx, town.owner, town.viewers["morgan"])
        _keep_accounts(ctx, told, accounts, hashed.result())
    while sequence(ctx, town.group_id):
        pass
    _tell(told_in, settings, content, told)


def _company_settings(ctx: Context, content: Content) -> dict[str, Any]:
    return {
        "demo": True,
        "zone": content.zone,
        "policy_required": True,
        "training_required": True,
        "mfa_from": (ctx.now() + SECOND_STEP_FROM).isoformat(),
        "help_phone": HELP_PHONE,
        "first_run": "done",
    }


def _opt_in_pages(town: Town) -> None:
    ctx = town.past.ctx
    write_wording(ctx, town.owner, first_wording(town.owner.company))
    for line_id in town.lines.values():
        page_of(ctx, town.owner, line_id)


def _keep_token(ctx: Context, owner: Viewer, told: _Told) -> None:
    """A program that may do all that programs may, in place of the one before."""
    with ctx.db.transaction(owner.group_id) as tx:
        before = [one.id for one in load_listed(tx) if one.name == PROGRAM and not one.revoked_at]
    for one in before:
        revoke_program(ctx, owner, one)
    everything = tuple(one.value for one in Scope)
    choice = Choice(PROGRAM, everything, whole_group=True, per_minute=PER_MINUTE_MAX)
    make_program(ctx, owner, choice, told.api_token)


def _owner(ctx: Context, content: Content, told: _Told) -> Viewer:
    """The owner, signed in for this moment with a key that nobody holds."""
    account = _account_ids(ctx, told)[content.members[0]["key"]]
    session = secrets.token_urlsafe(24)
    open_device(ctx, account, session, label="Setting up", address="192.0.2.17")
    found = load_viewer(ctx.db, account, session, ctx.now())
    assert found is not None, "who just signed in is somebody"
    end_device(ctx, found, found.device_id)
    return found


def _new_secrets(content: Content) -> _Told:
    domain = content.company["email_domain"]
    return _Told(
        emails={
            one["key"]: f"{one['name'].split()[0].lower()}@{domain}" for one in content.members
        },
        passwords={one["key"]: _password() for one in content.members},
        api_token=new_token(),
    )


def _password() -> str:
    """Three groups that can be typed from a screen."""
    letters = "abcdefghjkmnpqrstvwxyz23456789"
    drawn = "".join(secrets.choice(letters) for _ in range(_PASSWORD_LETTERS))
    return "-".join(drawn[n : n + 4] for n in range(0, _PASSWORD_LETTERS, 4))


def _account_ids(ctx: Context, told: _Told) -> dict[str, UUID]:
    """Who will sign in; an account that an earlier start left behind is taken over."""
    from lotline.store.accounts import find_account

    root: Root = ctx.ring.root
    known = {key: find_account(root, email) for key, email in told.emails.items()}
    return {
        key: ctx.new_id() if found is None else UUID(str(found.pk)) for key, found in known.items()
    }


def _keep_accounts(ctx: Context, told: _Told, ids: dict[str, UUID], hashed: dict[str, str]) -> None:
    from lotline.store.accounts import keep_account

    for key, account_id in ids.items():
        keep_account(ctx.ring.root, account_id, told.emails[key], hashed[key])


def _hashed(passwords: dict[str, str]) -> dict[str, str]:
    """Slow on purpose, so it is done beside the building of the town."""
    return {key: make_password(one) for key, one in passwords.items()}


def _tell_again(ctx: Context, settings: Settings, told_in: Path) -> None:
    """Nobody knows the passwords (any more): new ones, and a new token."""
    content = load_content(ctx.now())
    told = _new_secrets(content)
    _keep_accounts(ctx, told, _account_ids(ctx, told), _hashed(told.passwords))
    _keep_token(ctx, _owner(ctx, content, told), told)
    _tell(told_in, settings, content, told)


def _tell(told_in: Path, settings: Settings, content: Content, told: _Told) -> None:
    members = [
        {
            "email": told.emails[one["key"]],
            "password": told.passwords[one["key"]],
            "role": one["role"],
        }
        for one in content.members
    ]
    facts = {"url": settings.url, "members": members, "api_token": told.api_token}
    beside = told_in.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(facts, file, indent=2)
    beside.replace(told_in)
