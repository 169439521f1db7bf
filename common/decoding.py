"""Bytes of unknown encoding into Vietnamese text, and refusing what only looks like text."""

from __future__ import annotations

import codecs
import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from common.exceptions import LegacyFontText, UndecodableText
from common.messages import filled
from common.unicode import nfc


def _undecodable(offset: int) -> UndecodableText:
    return UndecodableText(
        filled(
            _("The file is not readable text (byte %(byte)d). Save it as CSV UTF-8 or XLSX and try again."),
            {"byte": offset},
        ),
        offset=offset,
    )


_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_WORD = re.compile(r"[^\W\d_]+")


def decode_bytes(data: bytes) -> tuple[str, str]:
    """The text (NFC, without BOM) and the name of its encoding.

    Tried in this order: a BOM, UTF-16 without BOM, UTF-8, CP1258 when it makes Vietnamese syllables, and
    windows-1252. Raises UndecodableText with the byte offset, and LegacyFontText for TCVN3 and VNI.
    """
    text, encoding = _decode(data)
    refuse_legacy_fonts(text)
    return nfc(text), encoding


def _decode(data: bytes) -> tuple[str, str]:
    for bom, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(bom):
            return _strictly(data, len(bom), encoding.removesuffix("-sig")), encoding
    if b"\0" in data:
        encoding = _guess_utf16(data)
        return _strictly(data, 0, encoding), encoding
    try:
        return _refuse_controls(data.decode("utf-8"), data, "utf-8"), "utf-8"
    except UnicodeDecodeError as problem:
        offset = problem.start
    vietnamese = _as_cp1258(data)
    if vietnamese is not None:
        return _refuse_controls(vietnamese, data, "cp1258"), "cp1258"
    try:
        return _refuse_controls(data.decode("cp1252"), data, "cp1252"), "windows-1252"
    except UnicodeDecodeError:
        raise _undecodable(offset) from None


def _strictly(data: bytes, start: int, encoding: str) -> str:
    try:
        text = data[start:].decode(encoding)
    except UnicodeDecodeError as problem:
        raise _undecodable(start + problem.start) from None
    return _refuse_controls(text, data, encoding, start)


def _refuse_controls(text: str, data: bytes, encoding: str, start: int = 0) -> str:
    """The text, unless it holds characters that no text file has (so it is some binary file)."""
    found = _CONTROL.search(text)
    if found is None:
        return text
    if encoding == "cp1258":  # tones were joined to their letters: count in the bytes
        raise _undecodable(next(i for i, byte in enumerate(data) if _CONTROL.match(chr(byte))))
    raise _undecodable(start + len(text[: found.start()].encode(encoding)))


def _guess_utf16(data: bytes) -> str:
    """Which UTF-16 a text with NUL bytes is. Raises UndecodableText when it is neither."""
    # ASCII in UTF-16 has its zero in the high byte: the odd places of LE, the even ones of BE.
    low, high = data[0::2].count(0), data[1::2].count(0)
    if len(data) % 2 == 0 and min(low, high) == 0:
        return "utf-16-le" if high else "utf-16-be"
    raise _undecodable(data.index(0))


# CP1258 -----------------------------------------------------------------------------------------------------

_SYLLABLE = re.compile(
    r"(?:ngh|ch|gh|gi|kh|ng|nh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
    r"(?:uyê|iêu|yêu|oai|oay|oeo|uây|uôi|uya|uyu|ươi|ươu|[iyu]ê|uô|ươ|uâ|oă|o[aeio]|u[aeiyơu]|"
    r"[aeêiouưâơ][iuyo]|[iư]a|ưu|[aăâeêioôơuưy])"
    r"(?:ch|ng|nh|[cmnpt])?"
)
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))


def _as_cp1258(data: bytes) -> str | None:
    """The bytes as CP1258 when most words with non-ASCII letters are then Vietnamese syllables, else None."""
    try:
        text = unicodedata.normalize("NFC", data.decode("cp1258"))
    except UnicodeDecodeError:
        return None
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    good = sum(map(_is_syllable, words))
    return text if good and good * 10 >= len(words) * 6 else None


def _is_syllable(word: str) -> bool:
    decomposed = unicodedata.normalize("NFD", word.lower())
    bare = unicodedata.normalize("NFC", decomposed.translate(_TONES))
    tones = len(decomposed) - len(decomposed.translate(_TONES))
    return tones <= 1 and _SYLLABLE.fullmatch(bare) is not None


# TCVN3 and VNI ----------------------------------------------------------------------------------------------
#
# Both put Vietnamese shapes on Latin-1 characters, so a text of theirs reads “NguyÔn V¨n” (TCVN3) or “Nguyeãn
# Vaên” (VNI). A word counts against a text when it holds what neither Vietnamese nor its neighbours write.

_TCVN3 = re.compile(
    "[a-zµ¶·¸¹®¨©ª¬][À-ÖØ-Þ]|[A-Za-z][¨©ª¬µ¶·¸¹¼½¾®\xad](?=[A-Za-zµ¶·¸¹]|$)|^[®§][A-Za-z¨©ª¬µ¶·¸¹À-ÿ]|[¨©¬µ¶·¸¹](?=[a-z])"
)
_VNI = re.compile(
    "[aeiouyôö][øûï]|[aeo]â|[ae][áàãåä]|o[åä]|a[êéèüë]|[ôö][ùøûõï]|öô|^ñ[aeiouyôö]"
    "|[AEIOUYÔÖ][ØÛÏ]|[AEO]Â|[AE][ÁÀÃÅÄ]|O[ÅÄ]|A[ÊÉÈÜË]|[ÔÖ][ÙØÛÕÏ]|ÖÔ|^Ñ[AEIOUYÔÖ]"
)
_CHUNK = re.compile(r"[^\s,;|/()\"'<>.:!?\d-]+")


def legacy_font(text: str) -> tuple[str, str] | None:
    """("TCVN3" or "VNI", a telling word) when the text is typed in a pre-Unicode font, else None.

    Two telling words are needed, and a third of all words that are not plain ASCII: a quoted foreign word
    does not make a text suspect.
    """
    if text.isascii():
        return None
    # One by one: a long text has millions of words, most of them of no interest.
    chunks = (found[0] for found in _CHUNK.finditer(unicodedata.normalize("NFC", text)))
    words = [word for word in chunks if not word.isascii()]
    for encoding, pattern in (("TCVN3", _TCVN3), ("VNI", _VNI)):
        telling = [word for word in words if pattern.search(word)]
        if len(telling) >= 2 and len(telling) * 3 >= len(words):
            return encoding, telling[0]
    return None


def refuse_legacy_fonts(text: str) -> None:
    """Raises LegacyFontText when the text is TCVN3 or VNI."""
    found = legacy_font(text)
    if found is not None:
        raise LegacyFontText(*found)
