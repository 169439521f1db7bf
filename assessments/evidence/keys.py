"""The keys that sign evidence: Ed25519 (RFC 8032), one for each of the installation's field secrets.

The newest secret signs; older ones stay known, so that bundles from before a change of secrets are still ours.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from common.crypto import derived_keys

PURPOSE = b"evidence signature"


def sign(message: bytes) -> dict[str, str]:
    """The signature of a message by the newest key: algorithm, key id, public key and signature (base64)."""
    key = _own_keys()[0]
    public = _raw(key.public_key())
    return {
        "algorithm": "Ed25519",
        "key_id": key_id(public),
        "public_key": base64.b64encode(public).decode("ascii"),
        "signature": base64.b64encode(key.sign(message)).decode("ascii"),
    }


def is_signed(message: bytes, signature: Mapping[str, Any]) -> bool:
    """Whether the signature is that of the key it names, over this message."""
    try:
        public = base64.b64decode(signature["public_key"], validate=True)
        if signature["algorithm"] != "Ed25519" or signature["key_id"] != key_id(public):
            return False
        Ed25519PublicKey.from_public_bytes(public).verify(
            base64.b64decode(signature["signature"], validate=True), message
        )
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return False
    return True


def key_id(public: bytes) -> str:
    """The name of a public key (its 32 bytes): the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def own_public_keys() -> dict[str, str]:
    """Key id → public key (base64), newest first: what this installation has signed with."""
    found = {}
    for key in _own_keys():
        public = _raw(key.public_key())
        found[key_id(public)] = base64.b64encode(public).decode("ascii")
    return found


def read_keys(path: Path) -> dict[str, str]:
    """Published keys from a file `{"keys": {key id: public key}}`. Raises OSError, and ValueError when it is another."""
    try:
        keys = json.loads(path.read_text("utf-8"))["keys"]
        named = {str(name): str(public) for name, public in keys.items()}
        wrong = [name for name, public in named.items() if key_id(base64.b64decode(public, validate=True)) != name]
    except (KeyError, TypeError, AttributeError, UnicodeError) as problem:
        raise ValueError("no key file") from problem
    if wrong:
        raise ValueError(f"the key {wrong[0]} is not the one that its name says")
    return named


def _own_keys() -> list[Ed25519PrivateKey]:
    return [Ed25519PrivateKey.from_private_bytes(seed) for seed in derived_keys(PURPOSE)]


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
