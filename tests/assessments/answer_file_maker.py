"""Answer files as static/js/answer-file.js makes them, made in Python; and twisted as somebody might."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from assessments.answer_seal import FORMAT, public_key
from assessments.models import Sitting
from assessments.papers.disguise import disguised_response, names_of


def answer(sitting: Sitting, seq: int, slot: int, choice: str = "a") -> dict[str, Any]:
    """An event that chooses an answer, under the name that this paper gives it."""
    place = next(one for one in sitting.paper.slots if one["slot"] == slot)
    names = names_of(seed=sitting.paper.seed, slot=place)
    return {
        "seq": seq,
        "kind": "answer",
        "slot": slot,
        "response": disguised_response({"choice": choice}, names),
        "client_time": "2026-11-25T02:00:00.000Z",
    }


def content_of(sitting: Sitting, events: Sequence[dict[str, Any]], **twists: Any) -> dict[str, Any]:
    """What is inside a file, chained to the sitting's log as it is now."""
    lines = [json.dumps(event, ensure_ascii=False) for event in events]
    head = twists.get("anchor", {"head": sitting.chain_head})["head"]
    link = head
    for line in lines:
        link = hashlib.sha256(f"{link}\n{line}".encode()).hexdigest()
    return {
        "sitting": str(sitting.public_id),
        "device": "0123456789abcdef",
        "made_at": "2026-11-25T02:30:00.000Z",
        "acknowledged": sitting.last_seq,
        "anchor": {"seq": sitting.last_seq, "head": head},
        "server_time": "2026-11-25T02:00:00Z",
        "events": lines,
        "head": link,
        **twists,
    }


def sealed(content: Any, *, sitting: str, key: dict[str, str] | None = None) -> bytes:
    """The file with this content."""
    key = key or public_key()
    theirs = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), base64.b64decode(key["public"]))
    ours = generate_private_key(SECP256R1())
    ephemeral = ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    lock = HKDF(algorithm=SHA256(), length=32, salt=ephemeral, info=FORMAT.encode()).derive(
        ours.exchange(ECDH(), theirs)
    )
    iv = os.urandom(12)
    data = AESGCM(lock).encrypt(iv, json.dumps(content).encode(), f"{FORMAT}\n1\n{sitting}\n{key['id']}".encode())
    encoded = {
        name: base64.b64encode(value).decode() for name, value in (("ephemeral", ephemeral), ("iv", iv), ("data", data))
    }
    return json.dumps({"format": FORMAT, "version": 1, "sitting": sitting, "key": key["id"], **encoded}).encode()


def answer_file(sitting: Sitting, events: Sequence[dict[str, Any]], **twists: Any) -> bytes:
    """A whole file."""
    return sealed(content_of(sitting, events, **twists), sitting=str(sitting.public_id))
