"""An account: something that signs in. It holds a keyed hash of the e-mail address, never the
address, and knows nothing of groups or roles: a seat says where it sits.

Not here: what its member may do (`members`, `member_reach`), how it signs in (`web`).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts from a hash that the caller computed; the address never comes here."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Account:
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """`username` is the keyed hash of the e-mail address, in hex."""

    id = models.UUIDField(primary_key=True)
    username = models.CharField(max_length=64, unique=True)
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "accounts"

    def __str__(self) -> str:
        """Nothing that tells who it is."""
        return str(self.id)
