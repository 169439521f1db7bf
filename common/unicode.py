"""The one Unicode form in which text is stored."""

from __future__ import annotations

import unicodedata


def _build_control_table() -> dict[int, str | None]:
    """Line ends become \\n; control, zero-width, direction marks, surrogates and noncharacters go."""
    table: dict[int, str | None] = {}
    # Every Cc and Cf is in these two stretches; looking through all of Unicode would cost each process 0.1 s.
    for point in [*range(0xD800), *range(0xE000, 0x20000), *range(0xE0000, 0xE0080)]:
        if unicodedata.category(chr(point)) in ("Cc", "Cf"):
            table[point] = None
    table.update(dict.fromkeys(range(0xD800, 0xE000)))  # lone surrogates: no encoding can store them
    table.update(dict.fromkeys(range(0xFDD0, 0xFDF0)))  # noncharacters, here and at the end of each plane
    table.update(dict.fromkeys(plane + end for plane in range(0, 0x110000, 0x10000) for end in (0xFFFE, 0xFFFF)))
    table[0x034F] = None  # combining grapheme joiner: invisible, but a mark to Unicode
    table.update(dict.fromkeys((0x0D, 0x85, 0x2028, 0x2029), "\n"))
    for kept in "\n\t":
        table.pop(ord(kept), None)
    return table


_CONTROLS = _build_control_table()


def nfc(text: str) -> str:
    """The text in NFC, without BOM, zero-width, direction and control characters; \\n and \\t stay, \\r\\n is
    \\n.

    Doing it twice changes nothing.
    """
    if text.isprintable():  # no Cc, Cf, Cs and no line ends: only the joiner can be left to remove
        if text.isascii():
            return text
        return unicodedata.normalize("NFC", text.replace("\u034f", ""))
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").translate(_CONTROLS))
