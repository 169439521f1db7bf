"""The columns of the template: their headings, other names for them, and what the second sheet says about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from assessments.formats.keys import LETTERS
from common.tabular import header_key

# So many choices have columns in what we write; reading knows A to T.
WRITTEN_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column: our name for it, the heading that we write, other headings that mean it, what belongs into it."""

    name: str
    heading: str
    others: str
    help: str


COLUMNS = (
    Column(
        "id",
        "Mã",
        "id, idnumber, mã câu, mã câu hỏi, ma_cau_hoi, question_id, code",
        "Mã riêng của câu, không trùng trong ngân hàng. Để trống cũng được; có mã thì lần nhập sau sẽ cập nhật đúng câu này.",
    ),
    Column(
        "type",
        "Loại",
        "type, loại câu hỏi, dạng, dạng câu hỏi, kiểu, question type, qtype",
        "Để trống thì tự đoán: một đáp án, nhiều đáp án, đúng sai, trả lời ngắn, số, ghép cặp, tự luận. Ghi rõ khi cần: Sắp xếp, Bảng đúng sai, Nội dung (chỉ để đọc).",
    ),
    Column(
        "question",
        "Câu hỏi",
        "question, câu, nội dung câu hỏi, đề bài, stem, question text, cau_hoi, noi dung, content, title text, câu dẫn",
        "Văn bản thường, xuống dòng bằng Alt+Enter. Muốn định dạng thì bắt đầu ô bằng HTML: rồi viết HTML.",
    ),
    Column(
        "answer",
        "Đáp án",
        "answer, answers, correct, đáp án đúng, correct answer, right answer, key, dap_an_dung, phương án đúng, trả lời đúng, correct option, correctindex, correct index, answer index",
        "Chữ cái (B hoặc A,C), số thứ tự (1 là A), hoặc nguyên văn phương án. Đúng sai: Đúng hoặc Sai. Trả lời ngắn: các đáp án được chấp nhận cách nhau bằng |. Số: 3,14 ± 0,01. Ghép cặp: mỗi dòng một cặp, bên trái -> bên phải. Sắp xếp: mỗi dòng một mục, theo đúng thứ tự. Bảng đúng sai: mỗi dòng một ý, ý -> Đúng. Để trống mà có phương án in đậm, gạch chân hoặc tô màu thì phương án đó là đúng; để trống và không có phương án là tự luận.",
    ),
    *(
        Column(
            letter.lower(),
            letter,
            f"phương án {letter}, đáp án {letter}, option {letter}, option{letter}, choice {letter}, answer {letter}, lựa chọn {letter}, option {number}, option{number}, choice {number}, phương án {number}, đáp án {number}, lựa chọn {number}, answer {number}",
            "Các phương án, từ A đến T; ít nhất hai.",
        )
        for number, letter in enumerate(LETTERS, start=1)
    ),
    *(
        Column(
            f"feedback_{letter.lower()}",
            f"Phản hồi {letter}",
            f"feedback {letter}, phan_hoi_{letter}, giải thích {letter}, explanation {letter}",
            "Điều nói với người chọn phương án này. Câu đúng sai: A là Đúng, B là Sai.",
        )
        for letter in LETTERS
    ),
    Column(
        "feedback",
        "Giải thích",
        "explanation, feedback, lời giải, hướng dẫn giải, giai_thich, phản hồi, general feedback, rationale",
        "Hiện ra sau khi trả lời.",
    ),
    Column("mark", "Điểm", "mark, marks, points, point, score, grade, default mark", "Số điểm của câu, thường là 1."),
    Column("difficulty", "Độ khó", "difficulty, mức độ, level, cấp độ, muc_do", "Cơ bản, Trung bình hoặc Nâng cao."),
    Column(
        "category",
        "Chương",
        "category, chủ đề, topic, module, chuyên đề, bài, section, chapter, phần, danh mục, mô đun, chu_de",
        "Các cấp cách nhau bằng dấu gạch chéo có khoảng trắng hai bên: Chương 1 / Bài 2.",
    ),
    Column("tags", "Thẻ", "tags, tag, nhãn, từ khóa, keywords", "Cách nhau bằng dấu phẩy."),
    Column("nature", "Loại kiến thức", "nature, knowledge type, tính chất", "Kiến thức hoặc Tình huống."),
    Column(
        "outcome",
        "Chuẩn đầu ra",
        "outcome, learning outcome, mục tiêu, yêu cầu cần đạt",
        "Mã chuẩn đầu ra, ví dụ IU01.2.",
    ),
    Column(
        "exam_only",
        "Chỉ thi",
        "exam only, exam_only, chỉ dùng thi, reserved",
        "Có: câu chỉ dùng trong đề thi, không cho ôn tập.",
    ),
    Column("name", "Tên", "name, tên câu, title, tiêu đề", "Tên ngắn để tìm câu; để trống thì lấy đầu câu hỏi."),
    Column(
        "body",
        "Nội dung (YAML/JSON)",
        "body, yaml, json, nội dung yaml, nội dung json, source",
        "Cho các loại mà những cột trên không nói được (điền khuyết, kéo thả, ma trận…): phần riêng của loại, viết như trong gói nội dung. Khi dùng cột này thì để trống các cột đáp án và phương án.",
    ),
    Column("files", "Tệp", "files, media, tệp đính kèm", "Do phần mềm ghi: tên các hình của câu."),
    Column(
        "extra",
        "Dữ liệu của phần mềm",
        "extra, software data",
        "Do phần mềm ghi khi xuất, để nhập lại đúng nguyên vẹn. Xoá được; sửa câu hỏi thì phần này không còn dùng.",
    ),
)
# All choices in one cell, and running numbers: read where others have them, and not written.
CHOICES, NUMBER = "choices", "number"
_CHOICES_NAMES = "phương án, các phương án, phương án trả lời, các phương án trả lời, lựa chọn, các lựa chọn, options, choices, answer options"
NUMBER_COLUMN = frozenset(["stt", "no", "tt", "so_thu_tu", "#"])
BY_NAME = {column.name: column for column in COLUMNS}


@cache
def _names() -> dict[str, str]:
    found = {header_key(text): CHOICES for text in _CHOICES_NAMES.split(",")}  # “options” is not the option S
    for column in COLUMNS:
        for text in (column.heading, *column.others.split(",")):
            found.setdefault(header_key(text), column.name)
    return found


def is_heading(keys: Sequence[str]) -> bool:
    """Whether these folded texts are the headings of a table of questions."""
    names = names_of(keys).values()
    return "question" in names and len(set(names)) >= 2


def names_of(keys: Iterable[str]) -> Mapping[str, str]:
    """Our names of the headings (folded) that mean something to us; the first of two that mean the same."""
    found: dict[str, str] = {}
    keys = list(keys)
    known = {key: _names()[key] for key in keys if key in _names()}
    # “Nội dung” is the question, except beside a column that says so better.
    better = any(name == "question" and key not in _LOOSE for key, name in known.items())
    for key, name in known.items():
        if key in _LOOSE and better:
            continue
        if name not in found.values():
            found[key] = name
    return found


_LOOSE = frozenset(["noi_dung", "content"])
WRITTEN = tuple(
    column.name
    for column in COLUMNS
    if len(column.name.rpartition("_")[2]) > 1 or column.name[-1].upper() in LETTERS[:WRITTEN_CHOICES]
)
QUESTIONS_SHEET = "Câu hỏi"
GUIDE_SHEET = "Hướng dẫn"
FILES_SHEET = ("Tệp", ("Tên tệp", "Phần", "Dữ liệu (Base64)"))
