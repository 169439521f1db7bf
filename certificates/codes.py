"""Verification codes: 20 characters of Crockford's base 32, 100 random bits, no look-alikes.

Source: Douglas Crockford, "Base 32" (letters I, L, O and U are not used; I and L read as 1, O as 0).
"""

from __future__ import annotations

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 20
GROUP = 5
_LOOK_ALIKES = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
_IN_ADDRESS = re.compile(r"/kiem-tra/([^/?#]+)")


def new_code() -> str:
    """A fresh code; 100 bits from the operating system, so it cannot be guessed."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_code(text: str) -> str | None:
    """The code in what somebody typed or pasted: spaces, hyphens, case, look-alikes and a whole address forgiven.

    None when it cannot be a code.
    """
    found = _IN_ADDRESS.search(text)
    raw = found.group(1) if found else text
    code = re.sub(r"[\s\-–—.]", "", raw[:200]).upper().translate(_LOOK_ALIKES)
    if len(code) == LENGTH and all(character in ALPHABET for character in code):
        return code
    return None


def grouped(code: str) -> str:
    """For eyes and ears: groups of five."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))
