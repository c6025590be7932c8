"""Secrets encrypted at rest, with key rotation (HUB rule 27)."""

import base64
import hashlib
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    derived = (base64.urlsafe_b64encode(hashlib.sha256(b"ofx-field:" + key.encode()).digest()) for key in keys)
    return MultiFernet([Fernet(key) for key in derived])


def encrypt(text: str) -> str:
    """The text under the newest key of settings.FIELD_KEYS; empty stays empty."""
    return _box(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    """The text of an encrypted value. Raises ValueError when none of the keys fits."""
    if not token:
        return ""
    try:
        return _box(tuple(settings.FIELD_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise ValueError("a stored secret fits none of OFX_FIELD_KEYS") from error


def mask(text: str) -> str:
    """How a secret is shown: dots and its last four characters."""
    return f"••••{text[-4:]}" if len(text) > 8 else "••••"


class SecretField(models.TextField):
    """A text column that is ciphertext in the database and plain text in Python."""

    def get_prep_value(self, value: Any) -> Any:
        """Plain → ciphertext."""
        return encrypt(super().get_prep_value(value) or "")

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        """Ciphertext → plain."""
        return None if value is None else decrypt(value)
