"""Normal form, folding and dictionary order."""

from __future__ import annotations

import itertools
import random
import unicodedata

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from common.vietnamese import collation_key, fold, name_sort_key, nfc

VOWELS = "aăâeêioôơuưy"
LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONES = ["", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"]  # ngang huyền hỏi ngã sắc nặng
ALL_LETTERS = [
    unicodedata.normalize("NFC", letter + tone) for letter in LETTERS for tone in (TONES if letter in VOWELS else [""])
]
vietnamese = st.text(
    alphabet=st.sampled_from([*ALL_LETTERS, *map(str.upper, ALL_LETTERS), " ", "-", "1", "9"]), max_size=30
)


def test_nfc_takes_out_what_nobody_sees_and_keeps_lines_and_tabs():
    assert nfc("\ufeffa\u200b\u200d\u00ad\u202eb\x00\x1b\n\tc\r\nd\re\u2028f") == "ab\n\tc\nd\ne\nf"


def test_nfc_joins_marks_that_an_invisible_character_kept_apart():
    assert nfc("e\u200b\u0302\u0323") == "ệ"
    assert nfc("e\u034f\u0302") == "ê"


def test_nfc_takes_out_what_no_database_stores():
    assert nfc("a\ud800b\uffffc\ufdd0d\x00") == "abcd"


@given(st.text(alphabet=st.characters()))
def test_nfc_twice_is_nfc_once(text):
    once = nfc(text)
    assert nfc(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")


@pytest.mark.parametrize("text", ["Hoà", "Hòa", "HÒA", unicodedata.normalize("NFD", "Hoà"), " hoa ", "HOA"])
def test_fold_makes_all_spellings_of_a_syllable_one(text):
    assert fold(text) == "hoa"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đặng Thị Đào", "dang thi dao"),
        ("ÐẶNG", "dang"),  # Ð is the Icelandic letter that old keyboards gave for Đ
        ("  Nguyễn\u00a0 Văn\n\tAn ", "nguyen van an"),
        ("H'Hen Niê; (K'Ho) – 1.234", "h'hen nie; (k'ho) – 1.234"),
        ("ÉCOLE Français", "ecole francais"),
        ("", ""),
    ],
)
def test_fold_drops_tones_marks_and_case_and_keeps_punctuation(text, folded):
    assert fold(text) == folded


def test_fold_turns_every_vietnamese_letter_into_one_ascii_letter():
    for letter in ALL_LETTERS:
        for form in (letter, letter.upper(), unicodedata.normalize("NFD", letter)):
            assert fold(form) in "abcdefghijklmnopqrstuvwxyz"
            assert len(fold(form)) == 1


@given(st.text())
def test_fold_twice_is_fold_once_and_forms_do_not_matter(text):
    once = fold(text)
    assert fold(once) == once
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    assert fold(f"  {text}\n") == once


@given(vietnamese)
def test_fold_of_vietnamese_is_ascii_whatever_the_case(text):
    assert fold(text).isascii()
    assert fold(text) == fold(text.upper()) == fold(text.lower())


# Facts of the dictionary order: CLDR `vi` and the Vietnam Lexicography Centre.
@pytest.mark.parametrize(
    "words",
    [
        ["nang", "nàng", "nảng", "nãng", "náng", "nạng", "năng", "nắng", "nặng", "nâng"],
        ["Hoa", "Hoà", "Hóa"],
        ["Dạt", "Đạt"],
        ["áng", "anh"],
        [
            "a",
            "A",
            "à",
            "À",
            "ả",
            "ã",
            "á",
            "ạ",
            "ă",
            "Ă",
            "ằ",
            "ẳ",
            "ẵ",
            "ắ",
            "ặ",
            "â",
            "ầ",
            "ẩ",
            "ẫ",
            "ấ",
            "ậ",
            "b",
        ],
        ["d", "đ", "e", "ẹ", "ê", "ề", "f", "g"],
        ["o", "ọ", "ô", "ộ", "ơ", "ợ", "p"],
        ["u", "ụ", "ư", "ự", "v"],
        ["an", "an bình", "án bình", "anh"],
        ["Bài 1", "Bài 2", "bài a"],
        ["1", "9", "a"],
        ["", " -", "a"],
        ["Xã A", "Xã Á", "xã b"],
        ["ta", "Ta", "tà", "Tà"],
    ],
)
def test_collation_key_gives_dictionary_order(words):
    shuffled = words[:]
    random.Random(1).shuffle(shuffled)
    assert sorted(shuffled, key=collation_key) == words
    keys = [collation_key(word) for word in words]
    assert all(before < after for before, after in itertools.pairwise(keys))


def test_collation_key_follows_the_alphabet_letter_by_letter():
    assert sorted(LETTERS, key=collation_key) == list(LETTERS)


def test_both_tone_placements_have_one_place():
    assert collation_key("Hoà") == collation_key("Hòa") == collation_key("Ho\u00e0".replace("à", "a\u0300"))
    assert collation_key("thuý") == collation_key("thúy")


def test_a_tone_typed_before_its_shape_counts_as_the_letter():
    assert collation_key("é\u0302") == collation_key("ế")


def reference_key(text: str) -> tuple[list[int], list[list[int]], list[bool]]:
    """The order written down plainly: letters; tones a syllable at a time; cases."""
    letters, tones, cases = [], [[]], []
    for char in " ".join(text.split()):
        base, *marks = unicodedata.normalize("NFD", char.lower())
        shape = "".join(mark for mark in marks if mark not in TONES)
        letter = unicodedata.normalize("NFC", base + shape)
        if letter in LETTERS:
            letters.append(100 + LETTERS.index(letter))
            tones[-1] += [TONES.index(mark) for mark in marks if mark in TONES]
            cases.append(char.isupper())
        else:
            letters.append({" ": 0, "-": 1}.get(letter, ord(letter)))
            tones.append([])
    return letters, tones, cases


@given(vietnamese, vietnamese)
def test_byte_order_of_keys_is_the_order_of_the_rules(one, other):
    key, other_key = collation_key(one), collation_key(other)
    expected, other_expected = reference_key(one), reference_key(other)
    assert (key < other_key) == (expected < other_expected)
    assert (key == other_key) == (expected == other_expected)


@given(st.text())
def test_keys_are_printable_ascii_and_need_no_form(text):
    key = collation_key(text)
    assert key.isascii()
    assert key.isprintable()
    assert collation_key(unicodedata.normalize("NFD", text)) == collation_key(unicodedata.normalize("NFC", text))


@given(st.text(max_size=15), st.text(max_size=15))
def test_a_beginning_comes_before_what_begins_with_it(start, rest):
    letters = collation_key(start).split(" ")[0]
    longer = collation_key(f"{start} {rest}").split(" ")[0]
    assert longer.startswith(letters)


@pytest.mark.django_db
def test_the_database_sorts_keys_as_python_does():
    names = [
        "Đỗ Ánh",
        "Đỗ Anh",
        "Dương Ân",
        "Lê Đạt",
        "Lê Dạt",
        "Trần Thị Ý",
        "Nguyễn Văn Hoà",
        "Nguyễn Văn Hóa",
        "Á",
        "z",
    ]
    binary = "BINARY" if connection.vendor == "sqlite" else '"C"'
    rows = " UNION ALL ".join(["SELECT CAST(%s AS varchar(500)) AS k"] * len(names))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT k FROM ({rows}) keys ORDER BY k COLLATE {binary}",
            [name_sort_key(name) for name in names],
        )
        found = [row[0] for row in cursor.fetchall()]
    assert found == sorted(map(name_sort_key, names))


def test_people_are_sorted_by_given_name_then_family_name_then_middle_name():
    names = [
        "Y",
        "Lê Thị An",
        "Nguyễn An",
        "NGUYỄN VĂN AN",
        "Trần Bá An",
        "Nguyễn Án",
        "Trần Văn Ân",
        "Lê Dạt",
        "Lê Đạt",
        "Đặng Hoà",
        "Lê Hòa",
        "Ngô Hoá",
    ]
    expected = names[1:] + names[:1]
    shuffled = names[:]
    random.Random(2).shuffle(shuffled)
    assert sorted(shuffled, key=name_sort_key) == expected


def test_capitals_do_not_take_a_name_out_of_its_place():
    names = ["Lê Văn AN", "LÊ THỊ AN", "Lê Thị An", "Trần An"]
    assert sorted(names, key=name_sort_key) == ["Lê Thị An", "LÊ THỊ AN", "Lê Văn AN", "Trần An"]


def test_a_name_key_is_short_even_for_a_name_that_is_not():
    assert len(name_sort_key("Ừ " * 1000)) <= 500
    assert len(name_sort_key("Nguyễn Thị Thanh Thuỷ")) < 50
    assert name_sort_key("") == name_sort_key("  ") == ""


@given(st.text(max_size=300))
def test_name_keys_are_ascii_and_never_longer_than_the_column(name):
    key = name_sort_key(name)
    assert key.isascii()
    assert len(key) <= 500
