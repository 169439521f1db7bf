"""Bytes of unknown encoding."""

from __future__ import annotations

import codecs
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.vietnamese import LegacyFontText, UndecodableText, decode_bytes, legacy_font, nfc

SENTENCE = "Họ và tên;Đơn vị\nNguyễn Thị Ánh Tuyết;Phường Long Hoa\nTrần Văn Được;Xã Tân Hưng\n"

# Single letters of the old TCVN 5712 (ABC) fonts, and what VNI typed for each Vietnamese letter.
TCVN3 = dict(
    zip(
        "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂÊÔƠƯĐ",
        "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\xadõö÷øùúûüýþ¡¢£¤¥¦§",
        strict=True,
    )
)
_VNI_SHAPES = {"ă": ("aê", "aè", "aú", "aü", "aé", "aë"), "â": ("aâ", "aà", "aå", "aã", "aá", "aä")}
_VNI_SHAPES |= {"ê": ("eâ", "eà", "eå", "eã", "eá", "eä"), "ô": ("oâ", "oà", "oå", "oã", "oá", "oä")}
VNI_TONES = "\u0300\u0309\u0303\u0301\u0323"


def to_tcvn3(text: str) -> str:
    return "".join(TCVN3.get(char, char if char.isascii() else unicodedata.normalize("NFD", char)[0]) for char in text)


def to_vni(text: str) -> str:
    made = []
    for char in text:
        base, *marks = unicodedata.normalize("NFD", char)
        tone = next((VNI_TONES.index(mark) + 1 for mark in marks if mark in VNI_TONES), 0)
        letter = unicodedata.normalize("NFC", base + "".join(mark for mark in marks if mark not in VNI_TONES)).lower()
        if letter in _VNI_SHAPES:
            typed = _VNI_SHAPES[letter][tone]
        elif letter in "ơư":
            typed = {"ơ": "ô", "ư": "ö"}[letter] + ("", "ø", "û", "õ", "ù", "ï")[tone]
        elif letter == "đ":
            typed = "ñ"
        else:
            typed = letter + ("", "ø", "û", "õ", "ù", "ï")[tone]
        made.append(typed.upper() if char.isupper() else typed)
    return "".join(made)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (SENTENCE.encode(), "utf-8"),
        (unicodedata.normalize("NFD", SENTENCE).encode(), "utf-8"),
        (codecs.BOM_UTF8 + SENTENCE.encode(), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + SENTENCE.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + SENTENCE.encode("utf-16-be"), "utf-16-be"),
        (SENTENCE.encode("utf-16-le"), "utf-16-le"),
        (SENTENCE.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_unicode_is_read_in_all_its_forms(data, encoding):
    assert decode_bytes(data) == (SENTENCE, encoding)


def to_cp1258(text: str) -> bytes:
    """Vowels with their shape as one letter, tones as marks after it, as Windows typed it."""
    parts = []
    for char in text:
        base, *marks = unicodedata.normalize("NFD", char)
        tones = "".join(mark for mark in marks if mark in VNI_TONES)
        shape = unicodedata.normalize("NFC", base + "".join(mark for mark in marks if mark not in VNI_TONES))
        parts.append(shape + tones)
    return "".join(parts).encode("cp1258")


def test_cp1258_is_read_and_its_tones_joined():
    assert decode_bytes(to_cp1258(SENTENCE)) == (SENTENCE, "cp1258")


@pytest.mark.parametrize(
    "text", ["Lê Văn Đường", "Hồ Ngọc Hà", "ĐẶNG THUỲ TRÂM", "Huỳnh Quốc Khoẻ", "Nghiêm Xuân Uyên"]
)
def test_short_names_in_cp1258_are_recognised(text):
    assert decode_bytes(to_cp1258(text))[0] == text


@pytest.mark.parametrize("text", ["Élève à l'école, déjà reçu", "Müller & Söhne Größe", "Curriculum “final” – 5 €"])
def test_western_text_is_windows_1252(text):
    assert decode_bytes(text.encode("cp1252")) == (text, "windows-1252")


def test_plain_ascii_is_utf_8():
    assert decode_bytes(b"ho,ten\r\n1,2") == ("ho,ten\n1,2", "utf-8")
    assert decode_bytes(b"") == ("", "utf-8")


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b"abc\x00\x01\x02d", 3),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00", 8),
        (codecs.BOM_UTF8 + b"abc\xff", 6),
        (codecs.BOM_UTF16_LE + b"a\x00b", 4),
        (b"caf\xe9 \x81 x", 3),
        (b"abc\x07d", 3),
        ("é".encode() + b"\x07", 2),
    ],
)
def test_what_is_no_text_is_refused_with_its_byte(data, offset):
    with pytest.raises(UndecodableText) as refused:
        decode_bytes(data)
    assert refused.value.offset == offset
    assert str(offset) in str(refused.value)


@pytest.mark.parametrize(("encode", "name"), [(to_tcvn3, "TCVN3"), (to_vni, "VNI")])
def test_text_of_old_fonts_is_refused_as_bytes_and_as_unicode(encode, name):
    legacy = encode(SENTENCE)
    for data in (legacy.encode("latin-1"), legacy.encode("utf-8"), legacy.encode("utf-16")):
        with pytest.raises(LegacyFontText) as refused:
            decode_bytes(data)
        assert refused.value.encoding == name
        assert name in str(refused.value)


def test_a_roster_in_an_old_font_is_told_from_its_names_alone():
    assert legacy_font(to_tcvn3("nguyễn thị tuyết")) is not None
    assert legacy_font(to_vni("Trần Thị Đượm")) is not None


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE,
        "Hoà Bình, Khoá học, Thuỷ điện, toán, hoàn, hoãn, loạn, đoàn, oánh",
        "L'école française a déjà coûté très cher à l'été; maïs, Noël, naïveté et cætera, élèves reçus",
        "«Học Số»® – Microsoft® ©2026 §5 µm 1ª",
        "Señor Peña, mañana; Ñuñoa",
        "iPhone ÁO DÀI đẹp",
        "",
    ],
)
def test_no_other_text_is_taken_for_an_old_font(text):
    assert legacy_font(text) is None


@given(st.text())
def test_every_text_saved_as_utf_8_with_its_mark_comes_back(text):
    tidy = nfc(text).replace("\x7f", "")
    if legacy_font(tidy) is None:
        assert decode_bytes(codecs.BOM_UTF8 + tidy.encode())[0] == tidy


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(data):
    try:
        text, encoding = decode_bytes(data)
    except UndecodableText:
        return
    assert nfc(text) == text
    assert encoding
