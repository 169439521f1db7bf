"""What people call the fields of a question in JSON, in Vietnamese and English."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from assessments.formats.keys import LETTERS
from common.tabular import header_key

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# In the order of preference: the first that an object has is the one that is meant.
QUESTION = _words(
    "question cau_hoi cauhoi question_text questiontext noi_dung_cau_hoi stem de_bai prompt cau_dan content noi_dung text q title ten_cau_hoi cau"
)
OPTIONS = _words(
    "options choices phuong_an cac_phuong_an lua_chon cac_lua_chon alternatives dap_ans cac_dap_an danh_sach_dap_an answers dap_an responses answer_options answer_choices opts"
)
WRONG_OPTIONS = _words("incorrect_answers wrong_answers distractors dap_an_sai")
ANSWER = _words(
    "correct_answer correct_answers correct_answer_index correct_index correct_option correct_option_index correct_options correct_choice correct_choices correct_key correct_keys correct_ids correct answer_index answer_key right_answer dap_an_dung dapandung dap_an_chinh_xac phuong_an_dung cau_tra_loi_dung answer dap_an answers ans key tra_loi solution"
)
EXPLANATION = _words(
    "explanation giai_thich loi_giai huong_dan_giai rationale explain general_feedback feedback phan_hoi solution huong_dan"
)
LEVEL = _words("difficulty level do_kho muc_do cap_do")
# From the outermost in.
CATEGORIES = _words(
    "exam subject mon course module mo_dun phan part chapter chuong category danh_muc chuyen_de topic chu_de section lesson bai"
)
ID = _words("id ma ma_cau ma_cau_hoi idnumber code question_id uid uuid _id")
NUMBER = _words("stt no number so tt index cau order so_thu_tu")
TAGS = _words("tags tag nhan the keywords")
MARK = _words("points point mark marks score diem")
TYPE = _words("type question_type loai loai_cau_hoi dang kind")
IMAGE = _words("image images img hinh hinh_anh anh image_url picture pictures figure image_data")
NATURE = _words("nature tinh_chat loai_kien_thuc")
OUTCOME = _words("outcome chuan_dau_ra learning_outcome")
NAME = _words("name ten title tieu_de")
PAIRS = _words("pairs cap cac_cap matches")
HINTS = _words("hint hints goi_y")

OPTION_TEXT = _words(
    "text content noi_dung answer_text option_text answer option dap_an value title html label description"
)
OPTION_RIGHT = _words(
    "is_correct iscorrect correct is_right right dung la_dap_an_dung is_answer isanswer is_true true is_dap_an"
)
OPTION_KEY = _words("key letter id ma label ky_hieu value order")
OPTION_FEEDBACK = _words("feedback explanation giai_thich rationale phan_hoi")
# Names of lists and groups that say nothing about what is in them.
CONTAINERS = frozenset(
    _words(
        "questions question_list cau_hoi ds_cau_hoi danh_sach_cau_hoi danh_sach data items results records rows list content quiz quizzes exam exams bank de_thi payload sections chapters modules topics categories parts bai chuong chu_de subtopics sub_topics subcategories sub_categories subsections children lessons units groups subjects nhom cac_nhom cac_chuong cac_bai chuyen_de"
    )
)
_OPTION_FIELD = re.compile(
    r"(?:(?:option|opt|choice|answer|ans|dap_an|dapan|phuong_an|lua_chon|pa|da|cau_tra_loi)_?)?([a-t])"
    r"|(?:option|opt|choice|answer|ans|dap_an|dapan|phuong_an|lua_chon|pa|da|cau_tra_loi)_?(\d{1,2})"
)


def folded_key(key: str) -> str:
    """`correctAnswer`, `Correct answer` and `correct_answer` are one."""
    return header_key(_CAMEL.sub("_", key[:100]))


def first_of(fields: Mapping[str, Any], names: Iterable[str], used: set[str]) -> Any:
    """The value of the first of these names that is there and not used yet; it is used then. None when there is none."""
    for name in names:
        if name in fields and name not in used and fields[name] not in (None, "", [], {}):
            used.add(name)
            return fields[name]
    return None


def option_fields(fields: Mapping[str, Any], used: set[str]) -> dict[str, Any]:
    """Choices in fields of their own (A, optionB, dap_an_c, option_1): letter → value, without a gap from A on."""
    found: dict[str, tuple[str, Any]] = {}
    for name, value in fields.items():
        match = _OPTION_FIELD.fullmatch(name)
        if match and name not in used and value not in (None, "") and not isinstance(value, list):
            number = int(match[2]) if match[2] else 0
            letter = match[1].upper() if match[1] else LETTERS[number - 1] if 1 <= number <= len(LETTERS) else ""
            if letter and letter not in found:
                found[letter] = (name, value)
    letters = [letter for letter in LETTERS if letter in found]
    if len(letters) < 2 or "".join(letters) != LETTERS[: len(letters)]:
        return {}
    used.update(found[letter][0] for letter in letters)
    return {letter: found[letter][1] for letter in letters}
