"""Sealing: what is kept encrypted, under keys that are derived from the operator's secret."""

import base64
import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from orchat.errors import SealError
from orchat.settings import Settings

_PURPOSE = b"orchat: keys of people"


class Seal:
    """Seals text for one owner. Of several secrets the first one seals and each one opens, so that it can change."""

    def __init__(self, secrets: list[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derived(secret)) for secret in secrets])

    def close(self, owner: str, text: str) -> bytes:
        """Encrypt a text that only this owner can get back."""
        return self._fernet.encrypt(json.dumps([owner, text]).encode())

    def open(self, owner: str, sealed: bytes) -> str:
        """Decrypt a text.

        Raises:
            SealError: it was sealed with another secret, for another owner, or has been changed.
        """
        try:
            sealed_for, text = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            raise SealError(
                "What is kept encrypted cannot be read: it was sealed with another ORCHAT_SECRET."
            ) from None
        if sealed_for != owner:
            raise SealError("What is kept encrypted belongs to somebody else.")
        return str(text)


def _derived(secret: str) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return base64.urlsafe_b64encode(key)


def secrets_of(settings: Settings) -> list[str]:
    """Return the operator's secrets, the one that seals first."""
    secret = settings.secret.get_secret_value() if settings.secret else ""
    return [part for part in secret.split(",") if part]


def seal_of(settings: Settings) -> Seal | None:
    """Return what closes and opens people's secrets here; None where the operator has set no secret."""
    secrets = secrets_of(settings)
    return Seal(secrets) if secrets else None
