"""Carrier accounts: where a group's carrier is reached, and the secrets that prove who calls.

Secrets are sealed under the group's keyset and opened only to build the carrier that uses them.

Not here: speaking to a carrier (`adapters`), which adapter is chosen (`config.wiring`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lotline.store.arrivals import OfLine, find_line
from lotline.store.keys import door_hash
from lotline.store.sealed import open_json, open_words, seal_json

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from lotline.core.base.sealing import Keyring
    from lotline.store.database import Tx


@dataclass(frozen=True, slots=True)
class CarrierAccount:
    """`secrets`: auth_tokens (the current one first), api_key [id, secret], shared_keys {id: …}."""

    carrier: str
    account: str
    base_url: str
    secrets: dict[str, Any] = field(repr=False)


def record_carrier_account(tx: Tx, account: CarrierAccount, at: datetime) -> None:
    """Kept, or changed when its secrets were rotated."""
    sealed = seal_json(tx.keys, {"account": account.account, **account.secrets}, *_place(tx))
    tx.run(
        "arrivals.record_account",
        carrier=account.carrier,
        account=account.account,
        base_url=account.base_url,
        secrets_ct=sealed,
        at=at,
    )


def load_carrier_account(tx: Tx, carrier: str, account: str) -> CarrierAccount | None:
    row = tx.one("arrivals.account", carrier=carrier, account=account)
    if row is None:
        return None
    secrets = open_json(tx.keys, row.secrets_ct, *_place(tx))
    assert secrets.pop("account") == row.account, "the secrets are those of this account"
    return CarrierAccount(row.carrier, row.account, row.base_url, secrets)


def load_carrier_accounts(tx: Tx) -> list[CarrierAccount]:
    """Every account of the transaction's company."""
    known = [
        load_carrier_account(tx, row.carrier, row.account) for row in tx.all("arrivals.accounts")
    ]
    return [one for one in known if one is not None]


def load_numbers(tx: Tx, account: str) -> list[str]:
    """Our numbers that text through an account, in E.164."""
    return [
        open_words(tx.keys, row.number_ct, "lines", "number_ct", tx.group_id, row.id)
        for row in tx.all("arrivals.numbers", account=account)
    ]


def record_line_number(
    tx: Tx, ring: Keyring, *, carrier: str, account: str, number: str, line_id: UUID
) -> None:
    """The directory's entry for one of our numbers, so that a webhook finds its tenant."""
    tx.run(
        "arrivals.record_line",
        carrier=carrier,
        account=account,
        number_hash=door_hash(ring, number),
        of_group=tx.group_id,
        line_id=line_id,
    )


def find_line_of_number(
    tx: Tx, ring: Keyring, carrier: str, account: str, number: str
) -> OfLine | None:
    """Whose line this number is, asked at the door."""
    return find_line(tx, carrier, account, door_hash(ring, number))


def _place(tx: Tx) -> tuple[str, str, UUID]:
    """The account's own id is no UUID, so it stands inside what is sealed."""
    return ("carrier_accounts", "secrets_ct", tx.group_id)
