"""Accounts: what signs in. Found by a keyed hash of the e-mail address, which is kept nowhere.

The hash is the installation's own, because an account is asked for before any company is known.

Not here: what a member may do (`members`, `viewer`), how signing in looks (`web.session`).
"""

from __future__ import annotations

import unicodedata
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from lotline.store.models import Account

if TYPE_CHECKING:
    from lotline.core.base.sealing import Root
    from lotline.store.database import Tx

LOGIN = "login"  # the purpose of the keyed hash
_SECOND_STEP = b"authenticators\0data"
_MARK = 24


class AddressTaken(Exception):
    """Two invited the same address at once; the other was first."""


class NoLongerWaits(Exception):
    """Somebody chose a password first, or the link was replaced meanwhile."""


def username_of(root: Root, email: str) -> str:
    """What an account is found by: the same for any case and any width of the same address."""
    plain = unicodedata.normalize("NFKC", email).strip().casefold()
    return root.blind(LOGIN, plain, 24).hex()


def record_account(root: Root, account_id: UUID, email: str, password: str | None) -> Account:
    """A new account; None as password leaves it closed until its invitation is taken up."""
    try:
        return Account.objects.create_user(username_of(root, email), password, id=account_id)
    except IntegrityError:
        raise AddressTaken from None


def keep_account(root: Root, account_id: UUID, email: str, hashed: str) -> None:
    """An account whose password was hashed beforehand; one that is there gets this password."""
    Account.objects.update_or_create(
        id=account_id, defaults={"username": username_of(root, email), "password": hashed}
    )


def find_account(root: Root, email: str) -> Account | None:
    return Account.objects.filter(username=username_of(root, email)).first()


def account_by_id(account_id: UUID) -> Account:
    """As the sign-in library wants one that was found otherwise."""
    return Account.objects.get(id=account_id)


def record_seat(tx: Tx, account_id: UUID, member_id: UUID) -> None:
    """Seat the account as a member of the transaction's company."""
    tx.run("accounts.seat", account_id=account_id, member_id=member_id)


def account_of(tx: Tx, member_id: UUID) -> UUID | None:
    """The account that sits as a member, or None when nobody does (any more)."""
    row = tx.one("accounts.of_member", member_id=member_id)
    return None if row is None else UUID(str(row.account_id))


def load_second_steps(account_ids: list[UUID]) -> dict[UUID, set[str]]:
    """Which second steps each account has set up: totp, webauthn."""
    found: dict[UUID, set[str]] = {one: set() for one in account_ids}
    rows = Authenticator.objects.filter(
        user_id__in=account_ids, type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    )
    for row in rows.values_list("user_id", "type"):
        found[row[0]].add(row[1])
    return found


def drop_passkeys(account_id: UUID) -> int:
    """Take away every passkey of an account, as when the phone that holds them is lost."""
    passkeys = Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.WEBAUTHN)
    count: int = passkeys.delete()[0]
    return count


def close_account(account_id: UUID) -> None:
    """Nobody signs in by it again; its sessions are ended by `devices`."""
    Account.objects.filter(id=account_id).update(is_active=False)


def reopen_account(account_id: UUID) -> None:
    """Somebody came back. Nothing of before opens it: no password, no passkey, no second step."""
    Authenticator.objects.filter(user_id=account_id).delete()
    account = Account.objects.get(id=account_id)
    account.is_active = True
    account.set_unusable_password()
    account.save(update_fields=["is_active", "password"])


def is_there(account_id: UUID) -> bool:
    """A seat is made before its account, and may be alone."""
    return Account.objects.filter(id=account_id).exists()


def waiting_account(account_id: UUID, mark: str | None = None) -> Account | None:
    """An account that has no password yet; with a `mark`, only as long as that is the newest."""
    account = Account.objects.filter(id=account_id, is_active=True).first()
    if account is None or account.has_usable_password():
        return None
    return account if mark is None or compare_digest(mark, mark_of(account)) else None


def mark_of(account: Account) -> str:
    """What a link bears: an account without a password holds a random word in its place."""
    return sha256(account.password.encode()).hexdigest()[:_MARK]


def renew_waiting(account_id: UUID) -> str:
    """Another random word, and its mark: no link of before bears it."""
    account = Account.objects.get(id=account_id)
    _in_place_of(account, make_password(None))
    return mark_of(account)


def set_first_password(account: Account, password: str) -> list[str]:
    """Set the first password; what is wrong with it, if anything, in sentences."""
    try:
        validate_password(password, account)
    except ValidationError as error:
        return list(error.messages)
    _in_place_of(account, make_password(password))
    return []


def _in_place_of(account: Account, hashed: str) -> None:
    """Unless somebody chose a password since the account was read, or its link was replaced."""
    same = Account.objects.filter(id=account.id, is_active=True, password=account.password)
    if account.has_usable_password() or not same.update(password=hashed):
        raise NoLongerWaits
    account.password = hashed


def seal_secret(root: Root, secret: str) -> str:
    """A second step's secret, wrapped by the root key, in hex."""
    return root.wrap(secret.encode(), _SECOND_STEP).hex()


def open_secret(root: Root, sealed: str) -> str:
    return root.unwrap(bytes.fromhex(sealed), _SECOND_STEP).decode()


def rewrap_secrets(root: Root) -> int:
    """Wrap every second step's secret under the current root key; returns how many changed."""
    changed = 0
    for step in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).iterator():
        data = dict(step.data)
        stale = False
        for field in ("secret", "seed"):
            sealed = data.get(field)
            if sealed and not root.is_current(bytes.fromhex(sealed)):
                data[field] = seal_secret(root, open_secret(root, sealed))
                stale = True
        if stale:
            step.data = data
            step.save(update_fields=["data"])
            changed += 1
    return changed
