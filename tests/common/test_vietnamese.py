"""Folding, order, encodings, dates and numbers as Vietnamese has them."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.vietnamese import (
    InvalidDate,
    LegacyFontText,
    UndecodableText,
    collation_key,
    decode_bytes,
    fold,
    format_number,
    long_date,
    name_sort_key,
    nfc,
    parse_date,
)


@pytest.mark.parametrize("text", ["Hoà", "Hòa", "HÒA", "hoa", unicodedata.normalize("NFD", "Hoà")])
def test_old_and_new_tone_placement_case_and_nfd_fold_to_one(text: str) -> None:
    assert fold(text) == "hoa"


def test_d_with_stroke_folds_although_unicode_does_not_decompose_it() -> None:
    assert fold("Đặng Đình ĐỨC") == "dang dinh duc"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_dictionary_order_is_letters_then_tones() -> None:
    words = ["nang", "nàng", "nảng", "nãng", "náng", "nạng", "nắng", "nặng", "nâng"]
    assert sorted(set(words), key=collation_key) == [
        "nang",
        "nàng",
        "nảng",
        "nãng",
        "náng",
        "nạng",
        "nắng",
        "nặng",
        "nâng",
    ]
    assert sorted(["Đạt", "Hóa", "Dạt", "Hoa", "Hoà"], key=collation_key) == ["Dạt", "Đạt", "Hoa", "Hoà", "Hóa"]
    assert collation_key("áng") < collation_key("anh")


@given(st.text(max_size=40))
def test_collation_keys_are_ascii_so_that_every_database_sorts_them_alike(text: str) -> None:
    assert collation_key(text).isascii()


def test_people_sort_by_given_name_first() -> None:
    names = ["Nguyễn Văn An", "Đỗ Thị Bình", "Lê Ánh", "Mai", "Âu Dương Khải Minh"]
    assert sorted(names, key=name_sort_key) == [
        "Nguyễn Văn An",
        "Lê Ánh",
        "Đỗ Thị Bình",
        "Mai",
        "Âu Dương Khải Minh",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_is_read_in_the_encodings_that_offices_use(encoding: str) -> None:
    assert decode_bytes("Nguyễn Thị Hương;Tân Ninh\n".encode(encoding))[0] == "Nguyễn Thị Hương;Tân Ninh\n"


def test_cp1258_with_combining_tones_becomes_nfc() -> None:
    raw = b"Nguy\xea\xden Th\xf2 H\xfd\xfeng"  # combining tilde, dot below; ư as one byte
    text, encoding = decode_bytes(b"Nguy\xea\xden Th\x69\xf2 H\xfdng")
    assert (text, encoding) == ("Nguyễn Thị Hưng", "cp1258")
    assert unicodedata.is_normalized("NFC", decode_bytes(raw)[0])


def test_text_in_an_old_font_is_refused_with_what_to_do() -> None:
    with pytest.raises(LegacyFontText, match="Unikey"):
        decode_bytes("NguyÔn V¨n B×nh, TrÇn ThÞ Hång, §µo Quèc C­êng".encode("cp1252"))


def test_a_cut_off_file_is_named_as_such() -> None:
    with pytest.raises(UndecodableText):
        decode_bytes(b"\xff\xfea\x00b")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("5/3/1990", date(1990, 3, 5)),
        ("05-03-1990", date(1990, 3, 5)),
        ("1990-03-05", date(1990, 3, 5)),
        (32937, date(1990, 3, 5)),
    ],
)
def test_dates_are_read_as_people_and_spreadsheets_write_them(text: str | int, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize("text", ["31/02/2020", "29/02/2023", "1/1/90", "13/13/2020", "hôm qua", "", "1/1/1899", "0"])
def test_impossible_dates_are_refused(text: str) -> None:
    with pytest.raises(InvalidDate):
        parse_date(text)


def test_numbers_and_long_dates_are_written_the_vietnamese_way() -> None:
    assert format_number(1234567.5) == "1.234.567,5"
    assert format_number(1234.5, language="en") == "1,234.5"
    assert long_date(date(2015, 4, 13)) == "Thứ Hai, ngày 13 tháng 4 năm 2015"
    assert long_date(date(2026, 2, 1)) == "Chủ nhật, ngày 01 tháng 02 năm 2026"


def test_invisible_characters_are_taken_out() -> None:
    assert nfc("\ufeffNguyễn\u200b Thị\x00") == "Nguyễn Thị"
