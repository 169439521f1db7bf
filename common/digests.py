"""Digests of values: equal values have equal digests on every machine, and a chain of them shows any change.

Canonical JSON follows RFC 8785 (JCS). One widening: integers beyond 2**53 keep all their digits.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring as quote
from typing import Any

from common.exceptions import NotCanonical

__all__ = ["NotCanonical", "canonical_json", "chain_digest", "digest_of", "sha256_hex", "verify_chain"]

MOST_LEVELS = 200
_DIGEST = re.compile("[!-~]*")


def canonical_json(value: Any) -> bytes:
    """The one UTF-8 JSON form of a value: sorted keys, no spaces, numbers as JavaScript writes them.

    Takes None, bool, int, float, str, list, tuple and mappings with str keys. Raises NotCanonical, naming the
    path, for anything else, for NaN and infinities, lone surrogates, and more than 200 levels.
    """
    parts: list[str] = []
    _write(value, parts.append, "$", 0)
    return "".join(parts).encode("utf-8")


def _write(value: Any, put: Any, path: str, level: int) -> None:
    if isinstance(value, str):
        put(_string(value, path))
    elif value is None:
        put("null")
    elif value is True:
        put("true")
    elif value is False:
        put("false")
    elif isinstance(value, int):
        put(int.__repr__(value))
    elif isinstance(value, float):
        put(_number(float(value), path))
    elif level >= MOST_LEVELS:
        raise NotCanonical(path, "nested too deeply")
    elif isinstance(value, list | tuple):
        put("[")
        for index, item in enumerate(value):
            if index:
                put(",")
            _write(item, put, f"{path}[{index}]", level + 1)
        put("]")
    elif isinstance(value, Mapping):
        _write_mapping(value, put, path, level)
    else:
        raise NotCanonical(path, f"{type(value).__name__} has no JSON form")


def _write_mapping(value: Mapping[Any, Any], put: Any, path: str, level: int) -> None:
    for key in value:
        if not isinstance(key, str):
            raise NotCanonical(path, f"the key {key!r} is no text")
    put("{")
    for index, key in enumerate(sorted(value, key=_utf16_order)):
        if index:
            put(",")
        put(_string(key, path))
        put(":")
        _write(value[key], put, f"{path}.{key}", level + 1)
    put("}")


def _utf16_order(key: str) -> bytes:
    # RFC 8785 sorts by UTF-16 units, which differs from code points beyond U+FFFF.
    return key.encode("utf-16-be", "surrogatepass")


def _string(text: str, path: str) -> str:
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise NotCanonical(path, "the text holds half a character (a lone surrogate)") from None
    return quote(text)


def _number(value: float, path: str) -> str:
    """A float as ECMAScript's Number::toString writes it."""
    if not math.isfinite(value):
        raise NotCanonical(path, f"{value} has no JSON form")
    if value == 0:
        return "0"
    mantissa, _e, exponent_text = f"{value!r}".partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _point, fraction = mantissa.lstrip("-").partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    # The number is 0.DIGITS × 10**place.
    place = int(exponent_text or 0) + (len(whole) if whole != "0" else len(digits) - len(fraction))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= place <= 21:
        return f"{sign}{digits}{'0' * (place - count)}"
    if 0 < place <= 21:
        return f"{sign}{digits[:place]}.{digits[place:]}"
    if -6 < place <= 0:
        return f"{sign}0.{'0' * -place}{digits}"
    head = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{sign}{head}e{place - 1:+d}"


def sha256_hex(data: bytes) -> str:
    """SHA-256 as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digest_of(value: Any) -> str:
    """The digest of a value's canonical JSON. Raises NotCanonical."""
    return sha256_hex(canonical_json(value))


def chain_digest(previous_hex: str, value: Any) -> str:
    """The digest of a row that follows the row with `previous_hex` ("" begins a chain). Raises NotCanonical.

    It never equals a `digest_of`: canonical JSON holds no line end, and what is hashed here does. Raises
    ValueError when `previous_hex` is no digest (printable ASCII).
    """
    if not _DIGEST.fullmatch(previous_hex):
        raise ValueError("the digest before must be printable ASCII without spaces")
    return sha256_hex(previous_hex.encode("ascii") + b"\n" + canonical_json(value))


def verify_chain(start: str, links: Iterable[tuple[Any, str]], *, head: str | None = None) -> int | None:
    """The index of the first of `links` (value, digest) that does not follow from the one before, or None.

    `start` is the digest before the first. With `head`, the last must be that: a chain that was cut short is
    broken at the index after its end.
    """
    previous, count = start, 0
    for value, digest in links:
        try:
            follows = chain_digest(previous, value) == digest
        except ValueError:
            follows = False
        if not follows:
            return count
        previous, count = digest, count + 1
    return None if head is None or previous == head else count
