"""Places in files are said in the reader's language; what is no place that we know stays as it is."""

from __future__ import annotations

import pytest
from django.utils import translation

from assessments.formats.places import Place


@pytest.mark.parametrize(
    ("ref", "vietnamese", "english"),
    [
        ("line 12", "dòng 12", "line 12"),
        ("row 3", "hàng 3", "row 3"),
        ("sheet “Đề 1”, row 3", "trang tính “Đề 1”, hàng 3", "sheet “Đề 1”, row 3"),
        ("sheet “Đề 1”", "trang tính “Đề 1”", "sheet “Đề 1”"),
        ("item Q7, 8", "mục Q7, 8", "item Q7, 8"),
        ("Câu 5", "Câu 5", "Câu 5"),
        ("", "", ""),
    ],
)
def test_a_place_is_said_in_the_language_of_the_reader(ref: str, vietnamese: str, english: str) -> None:
    place = Place(ref)
    for language, said in (("vi", vietnamese), ("en", english)):
        with translation.override(language):
            assert str(place) == said
