"""Fields encrypted at rest, and the keyed index to find them by.

Keys are derived by HKDF-SHA256 from the secrets in settings: FIELD_KEYS (newest first; every one can decrypt, the
first encrypts, so a new secret goes to the front and rows are rewritten at leisure) and INDEX_KEY (one, stable:
changing it means rebuilding every index).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from common.exceptions import CannotDecrypt

__all__ = ["CannotDecrypt", "decrypt", "derived_keys", "encrypt", "keyed_index", "uses_newest_key"]


@lru_cache(maxsize=64)
def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"hoc-so", info=purpose).derive(secret.encode("utf-8"))


@lru_cache(maxsize=16)
def _fernet(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derive(key, b"field encryption"))) for key in secrets])


def _secrets() -> tuple[str, ...]:
    secrets = getattr(settings, "FIELD_KEYS", None)
    if not isinstance(secrets, list | tuple) or not secrets or not all(secrets):
        raise ImproperlyConfigured("FIELD_KEYS: a list of secrets, newest first, is needed.")
    return tuple(secrets)


def encrypt(text: str) -> str:
    """The text encrypted and authenticated (Fernet) with the newest key, as ASCII; different every time."""
    return _fernet(_secrets()).encrypt(text.encode("utf-8")).decode("ascii")


def decrypt(token: str) -> str:
    """The text that `encrypt` was given. Raises CannotDecrypt when no key fits or the token was changed."""
    return _open(token, _secrets())


def uses_newest_key(token: str) -> bool:
    """Whether the token needs no rewriting after a key was added. Raises CannotDecrypt."""
    secrets = _secrets()
    try:
        _open(token, secrets[:1])
    except CannotDecrypt:
        _open(token, secrets)
        return False
    return True


def _open(token: str, secrets: tuple[str, ...]) -> str:
    try:
        return _fernet(secrets).decrypt(token.encode("ascii")).decode("utf-8")
    except (InvalidToken, UnicodeError):
        raise CannotDecrypt(
            _("A protected field cannot be read: its key is missing or the data was changed.")
        ) from None


def derived_keys(purpose: bytes) -> list[bytes]:
    """32 secret bytes for another purpose from each secret of FIELD_KEYS, newest first."""
    return [_derive(secret, purpose) for secret in _secrets()]


def keyed_index(text: str) -> str:
    """HMAC-SHA256 of the text under INDEX_KEY in 64 hexadecimal digits: equal texts have equal indexes."""
    secret = getattr(settings, "INDEX_KEY", "")
    if not secret:
        raise ImproperlyConfigured("INDEX_KEY: a secret is needed.")
    return hmac.new(_derive(secret, b"field index"), text.encode("utf-8"), hashlib.sha256).hexdigest()
