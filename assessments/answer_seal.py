"""Answer files: sealed by a candidate's browser for this installation alone, opened and checked here. No ORM.

The file is JSON: `{"format": "hoc-so-answers", "version": 1, "sitting", "key", "ephemeral", "iv", "data"}`, the last three in
base64. `data` is AES-256-GCM under HKDF-SHA-256 (salt: the ephemeral point, info: the format's name) of an ECDH P-256
agreement with the key that `key` names; format, version, sitting and key are authenticated with it. Inside is JSON as
static/js/answer-file.js writes it; its events are texts, chained by SHA-256 over link, line end and text, and the chain
begins with the digest of the server's own log that the browser knew last. The private keys come from FIELD_KEYS: the
newest is given to pages, every one opens. Anybody can seal for a public key, so the chain proves after which acknowledged
event a file was made and that nothing is missing in it; that it was made in time is for a person to decide.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import AnswerFileRefused
from common.crypto import derived_keys

FORMAT, VERSION = "hoc-so-answers", 1
PURPOSE = b"answer file"
MOST_BYTES = 2 * 1024 * 1024
MOST_EVENTS = 5000
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256, FIPS 186-5
NO_FILE = _("This is no answer file, or only a part of one: choose the file that the page of the sitting saved.")
ALTERED = _("This answer file was altered or damaged after it was saved; nothing of it was taken.")


@dataclass(frozen=True, slots=True)
class SealedAnswers:
    """What a file holds: where the server's log stood (`anchor_seq`, `anchor_head`), and what was done after it."""

    sitting: str
    device: str
    made_at: str
    acknowledged: int
    anchor_seq: int
    anchor_head: str
    events: tuple[dict[str, Any], ...]


def public_key() -> dict[str, str]:
    """`{"id", "public"}` of the newest key: what pages carry."""
    point = _raw(_keys()[0])
    return {"id": _key_id(point), "public": base64.b64encode(point).decode("ascii")}


def open_answers(content: bytes) -> SealedAnswers:
    """What a file says. Raises AnswerFileRefused when it is too large, no answer file, altered, or for another server."""
    if len(content) > MOST_BYTES:
        raise AnswerFileRefused(_("An answer file has at most 2 MB; this one is larger."))
    outer = _json_object(content)
    if outer.get("format") != FORMAT:
        raise AnswerFileRefused(NO_FILE)
    if outer.get("version") != VERSION:
        raise AnswerFileRefused(_("This answer file has a form that is not known here; tell the exam office."))
    key = next((one for one in _keys() if _key_id(_raw(one)) == outer.get("key")), None)
    if key is None:
        raise AnswerFileRefused(_("This answer file was made for another server; nothing of it can be read here."))
    return _checked(_opened(outer, key), str(outer.get("sitting")))


def _opened(outer: dict[str, Any], key: EllipticCurvePrivateKey) -> dict[str, Any]:
    try:
        ephemeral, iv, data = (base64.b64decode(outer[name], validate=True) for name in ("ephemeral", "iv", "data"))
        theirs = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), ephemeral)
        shared = key.exchange(ECDH(), theirs)
        lock = HKDF(algorithm=SHA256(), length=32, salt=ephemeral, info=FORMAT.encode()).derive(shared)
        associated = "\n".join([FORMAT, str(VERSION), str(outer.get("sitting")), str(outer["key"])]).encode()
        text = AESGCM(lock).decrypt(iv, data, associated)
    except (InvalidTag, KeyError, TypeError, ValueError, UnicodeError):
        raise AnswerFileRefused(ALTERED) from None
    return _json_object(text)


def _checked(inner: dict[str, Any], sitting: str) -> SealedAnswers:
    anchor, lines = inner.get("anchor"), inner.get("events")
    if inner.get("sitting") != sitting or not isinstance(anchor, dict) or not isinstance(lines, list):
        raise AnswerFileRefused(ALTERED)
    if not 1 <= len(lines) <= MOST_EVENTS or not all(isinstance(line, str) for line in lines):
        raise AnswerFileRefused(_("There are no answers in this file."))
    seq, head, acknowledged = anchor.get("seq"), anchor.get("head"), inner.get("acknowledged")
    if type(seq) is not int or type(acknowledged) is not int or not isinstance(head, str):
        raise AnswerFileRefused(ALTERED)
    link = head
    for line in lines:
        link = hashlib.sha256(f"{link}\n{line}".encode("utf-8", "surrogatepass")).hexdigest()
    if link != inner.get("head"):
        raise AnswerFileRefused(ALTERED)
    return SealedAnswers(
        sitting=sitting,
        device=str(inner.get("device", ""))[:64],
        made_at=str(inner.get("made_at", ""))[:40],
        acknowledged=acknowledged,
        anchor_seq=seq,
        anchor_head=head,
        events=tuple(_json_object(line.encode("utf-8", "surrogatepass")) for line in lines),
    )


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise AnswerFileRefused(NO_FILE) from None
    if not isinstance(value, dict):
        raise AnswerFileRefused(NO_FILE)
    return value


def _keys() -> list[EllipticCurvePrivateKey]:
    # One more than the remainder: a private key is from 1 to ORDER - 1.
    numbers = [int.from_bytes(secret, "big") % (ORDER - 1) + 1 for secret in derived_keys(PURPOSE)]
    return [derive_private_key(number, SECP256R1()) for number in numbers]


def _raw(key: EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _key_id(point: bytes) -> str:
    return hashlib.sha256(point).hexdigest()[:16]
