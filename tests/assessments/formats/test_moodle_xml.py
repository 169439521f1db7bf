"""What Moodle XML says is what our questions say; what they cannot say is told."""

from __future__ import annotations

import base64
import io
import time
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from assessments.formats import ParsedQuestion, ReadProblem, Unreadable, get_format
from assessments.formats.moodle_xml.source import grade_of
from tests.assessments.formats.strategies import PNG

DATA = Path(__file__).parent / "data"
FORMAT = get_format("moodle_xml")


@pytest.fixture(autouse=True)
def _in_english() -> Any:
    with translation.override("en"):
        yield


def read(xml: str | bytes) -> list[ParsedQuestion | ReadProblem]:
    data = xml if isinstance(xml, bytes) else f'<?xml version="1.0" encoding="UTF-8"?><quiz>{xml}</quiz>'.encode()
    return list(FORMAT.read(io.BytesIO(data)))


def one(kind: str, inner: str, text: str = "Câu hỏi", attributes: str = 'format="html"') -> ParsedQuestion:
    (item,) = read(
        f'<question type="{kind}"><name><text>Tên</text></name>'
        f"<questiontext {attributes}><text><![CDATA[{text}]]></text></questiontext>{inner}</question>"
    )
    assert isinstance(item, ParsedQuestion), item
    return item


def told(item: ParsedQuestion | ReadProblem) -> str:
    return " ".join(str(note) for note in item.notes) if isinstance(item, ParsedQuestion) else str(item.reason)


@pytest.fixture(scope="module")
def by_name() -> dict[str, ParsedQuestion | ReadProblem]:
    with (DATA / "moodle_types.xml").open("rb") as file:
        return {item.name: item for item in FORMAT.read(file)}


def question(by_name: dict[str, Any], name: str) -> ParsedQuestion:
    item = by_name[name]
    assert isinstance(item, ParsedQuestion), item
    return item


# Types ----------------------------------------------------------------------------------------------------------


def test_choices_keep_every_digit_of_their_fractions_and_what_belongs_to_the_question(by_name: dict[str, Any]) -> None:
    found = question(by_name, "Ba phần")

    assert found.type == "multiple_choice"
    assert [choice["fraction"] for choice in found.body["choices"]] == [0.3333333, 0.3333333, 0.3333333, -1.0]
    assert found.body["choices"][0]["feedback"] == "Đúng"
    assert (found.body["mark"], found.body["penalty"]) == (2.0, 0.3333333)  # as Moodle mends a rounded third
    assert (found.body["feedback"], found.body["feedback_right"], found.body["feedback_wrong"]) == (
        "Xem bài 3",
        "Giỏi",
        "Chưa đúng",
    )
    assert found.body["hints"] == ["Có ba"]
    assert (found.idnumber, found.tags, found.ref) == ("mc-1", ("thiết bị", "mạng"), "line 9")


def test_the_category_path_loses_its_context_and_keeps_a_slash_in_a_name(by_name: dict[str, Any]) -> None:
    assert question(by_name, "Ba phần").category == ("Tin học/Mạng", "Cơ bản")


def test_settings_that_we_do_not_keep_are_told(by_name: dict[str, Any]) -> None:
    notes = told(question(by_name, "Ba phần"))
    for setting in ("hidden “1”", "answernumbering “iii”", "hint shownumcorrect, clearwrong", "category “Cơ bản”"):
        assert setting in notes
    assert "shownumcorrect" in told(one("description", "<shownumcorrect/>"))
    assert "selectcount “3”" in told(question(by_name, "Thứ tự"))
    assert "showmisplaced" in told(question(by_name, "Đánh dấu"))
    assert "filetypeslist “document”" in told(question(by_name, "Tự luận"))
    assert "dataset “a” shared" in told(question(by_name, "Chọn kết quả"))


def test_how_a_question_looks_is_told_once_for_the_file_and_what_it_asks_each_time() -> None:
    category = '<question type="category"><category><text>$course$/top/{0}</text></category><info><text>x</text></info></question>'
    choices = '<answer fraction="100"><text>a</text></answer><answer fraction="0"><text>b</text></answer>'
    asked = (
        '<question type="{0}"><name><text>Q</text></name><questiontext><text>T</text></questiontext>'
        f"<shownumcorrect/><hidden>1</hidden>{choices}</question>"
    )
    problem, first, second = read(
        category.format("Một") + asked.format("lạ") + asked.format("multichoice")
        + category.format("Hai") + asked.format("multichoice")
    )  # fmt: skip

    assert isinstance(problem, ReadProblem)
    assert told(first) == (
        "Descriptions and identifiers of categories are not kept, as of the category “Một”. "
        "Not kept: hidden in Moodle (hidden “1”). "
        "Not kept, here and in the questions after it: telling how many parts are right (shownumcorrect)."
    )
    assert told(second) == "Not kept: hidden in Moodle (hidden “1”)."


@pytest.mark.parametrize(
    ("kind", "inner", "sentence"),
    [
        ("multichoice", ('<answer fraction="100"><text>a</text></answer><answer fraction="0"><text> </text></answer>'
         '<answer fraction="0"><text>b</text></answer>'), "Choices that say nothing were left out."),
        ("multichoice", '<answer fraction="50"><text>a</text></answer><answer fraction="0"><text>b</text></answer>',
         "No choice is worth the whole mark: at most 50 % can be earned."),
        ("numerical", '<answer fraction="100"><text>1</text></answer><units><unit><unit_name></unit_name></unit></units>',
         "A unit without a name or a multiplier was left out."),
    ],
)  # fmt: skip
def test_what_is_left_out_as_moodle_does_is_told(kind: str, inner: str, sentence: str) -> None:
    assert sentence in told(one(kind, inner))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("pmatch", "We have no question type “pmatch”: write it as a short answer, with * for any text."),
        ("chưa-từng-thấy", "We have no question type “chưa-từng-thấy”."),
        ("", "The file does not say of which type it is."),
    ],
)
def test_a_type_of_a_plugin_is_refused_with_what_to_do(kind: str, reason: str) -> None:
    (problem,) = read(f'<question type="{kind}"><name><text>Q</text></name></question>')
    assert isinstance(problem, ReadProblem)
    assert (told(problem), problem.ref) == (reason, "line 1")


def test_an_order_is_marked_in_the_way_that_the_file_names(by_name: dict[str, Any]) -> None:
    body = question(by_name, "Thứ tự").body
    assert [item["text"] for item in body["items"]] == ["Vật lý", "Mạng", "Ứng dụng"]
    assert body["scoring"] == "next_and_last"


def test_words_are_dragged_into_the_gaps_that_name_them(by_name: dict[str, Any]) -> None:
    found = question(by_name, "Kéo từ")
    assert found.type == "gap_drag"
    assert [(word["id"], word["text"], word["reusable"]) for word in found.body["words"]] == [
        ("1", "HTTP", False),
        ("2", "SMTP", True),
    ]


def test_pictures_and_words_go_to_places_of_a_picture(by_name: dict[str, Any]) -> None:
    found = question(by_name, "Kéo vào hình")

    assert found.body["background"] == {"src": "media:nền.png", "alt": "", "width": 1, "height": 1}
    assert [(drag["label"], drag["src"], drag["group"], drag["reusable"]) for drag in found.body["drags"]] == [
        ("chuột", "", 1, False),
        ("phím", "media:phím.png", 2, True),
    ]
    assert [(zone["x"], zone["y"], zone["label"], zone["drag"]) for zone in found.body["zones"]] == [
        (10.0, 20.0, "trái", "2"),
        (30.0, 40.0, "", "1"),
    ]
    assert set(found.media) == {"nền.png", "phím.png"}
    assert found.body["shuffle"] is True


def test_markers_go_into_regions_of_a_picture(by_name: dict[str, Any]) -> None:
    body = question(by_name, "Đánh dấu").body
    assert [(marker["label"], marker["count"]) for marker in body["markers"]] == [("Start", 2), ("Đồng hồ", 0)]
    assert [(zone["shape"], list(zone["coords"]), zone["marker"]) for zone in body["zones"]] == [
        ("circle", [5.0, 6.0, 7.0], "1"),
        ("rectangle", [1.0, 2.0, 30.0, 40.0], "2"),
        ("polygon", [1.0, 2.0, 3.0, 4.0, 5.0, 0.0], "1"),
    ]
    assert body["shuffle"] is False


def test_calculated_questions_come_with_their_variables_and_sets_of_values(by_name: dict[str, Any]) -> None:
    number, choice = question(by_name, "Dung lượng"), question(by_name, "Chọn kết quả")

    assert number.type == "calculated"
    assert number.body["datasets"] == [{"mb": 3.0}, {"mb": 7.0}]
    (answer,) = number.body["answers"]
    assert (answer["formula"], answer["tolerance"], answer["tolerance_type"]) == ("{mb} * 1024", 0.5, "absolute")
    assert (answer["significant"], number.body["unit_penalty_of"], number.body["unit_penalty"]) == (4, "maximum", 0.2)
    assert choice.type == "calculated_choice"
    assert choice.body["variables"][0]["distribution"] == "loguniform"
    assert choice.body["choices"][0]["decimals"] == 0


def test_essays_keep_how_they_are_written_and_files_are_handed_in(by_name: dict[str, Any]) -> None:
    essay, upload = question(by_name, "Tự luận"), question(by_name, "Nộp tệp")

    wanted = {"format": "monospaced", "lines": 20, "min_words": 50, "max_words": None, "attachments_allowed": 20}
    assert wanted.items() <= essay.body.items()
    assert (essay.body["most_megabytes"], list(essay.body["file_types"])) == (5, [".docx", ".pdf"])
    assert (essay.body["grader_info"], essay.body["template"]) == ("Mỗi ý 1 điểm", "Bài làm")
    assert (upload.type, upload.body["most_files"], list(upload.body["file_types"])) == ("file_upload", 2, [".xlsx"])


def test_a_matrix_knows_the_right_column_of_each_row(by_name: dict[str, Any]) -> None:
    body = question(by_name, "Đúng sai").body
    assert body["right"] == {"r1": ["c1"], "r2": ["c2"]}
    assert body["scoring"] == "per_row"


def test_a_type_that_we_do_not_have_is_told_with_its_line_and_the_rest_is_read(by_name: dict[str, Any]) -> None:
    other, draw = by_name["Chạy mã"], by_name["Ngẫu nhiên"]
    assert isinstance(other, ReadProblem)
    assert (other.type, other.ref) == ("coderunner", "line 130")
    assert "coderunner" in told(other)
    assert "random" in told(draw)


def test_units_are_divided_by_their_multiplier_and_cost_nothing_unless_they_are_marked() -> None:
    units = "<units><unit><multiplier>100</multiplier><unit_name>cm</unit_name></unit></units>"
    answers = (
        '<answer fraction="100"><text>2,5</text><tolerance>0.01</tolerance></answer>'
        '<answer fraction="0"><text>*</text><feedback><text>Không</text></feedback></answer>'
    )
    free = one("numerical", f"{answers}{units}<unitgradingtype>0</unitgradingtype><unitpenalty>0.1</unitpenalty>")
    marked = one("numerical", f"{answers}{units}<unitgradingtype>1</unitgradingtype><unitpenalty>0.1</unitpenalty>")

    assert free.body["units"] == [{"symbol": "cm", "factor": 0.01}]
    assert (free.body["unit_penalty"], marked.body["unit_penalty"]) == (0.0, 0.1)
    assert [answer["value"] for answer in free.body["answers"]] == [2.5]
    assert (free.body["other_fraction"], free.body["other_feedback"]) == (0.0, "Không")


def test_true_and_false_of_old_files_are_taken_by_their_place_and_that_is_told() -> None:
    found = one(
        "truefalse", '<answer fraction="0"><text>Đúng</text></answer><answer fraction="100"><text>Sai</text></answer>'
    )
    assert found.body["answer"] is False
    assert "by its place" in told(found)


def test_a_question_that_its_type_refuses_is_told_with_the_reason() -> None:
    (item,) = read('<question type="shortanswer"><name><text>A</text></name></question>')
    assert isinstance(item, ReadProblem)
    assert item.ref == "line 1"
    assert told(item)


@pytest.mark.parametrize(
    ("part", "kind", "layout", "shuffle"),
    [
        ("MULTICHOICE", "multiple_choice_one", "dropdown", False),
        ("MC", "multiple_choice_one", "dropdown", False),
        ("MCV", "multiple_choice_one", "vertical", False),
        ("MULTICHOICE_H", "multiple_choice_one", "horizontal", False),
        ("MCS", "multiple_choice_one", "dropdown", True),
        ("MULTICHOICE_VS", "multiple_choice_one", "vertical", True),
        ("MCHS", "multiple_choice_one", "horizontal", True),
        ("MULTIRESPONSE", "multiple_response", "vertical", False),
        ("MRH", "multiple_response", "horizontal", False),
        ("MRS", "multiple_response", "vertical", True),
        ("MULTIRESPONSE_HS", "multiple_response", "horizontal", True),
    ],
)
def test_every_name_of_a_part_with_choices_is_known(part: str, kind: str, layout: str, shuffle: bool) -> None:
    (found,) = one("cloze", "", f"Chọn {{2:{part}:Sai#Không~=Đúng#Phải}} nhé").body["parts"]
    assert (found["kind"], found["layout"], found["body"]["shuffle"], found["weight"]) == (kind, layout, shuffle, 2.0)
    assert [(choice["text"], choice["feedback"]) for choice in found["body"]["choices"]] == [
        ("Sai", "Không"),
        ("Đúng", "Phải"),
    ]


@pytest.mark.parametrize(
    ("part", "case_sensitive"), [("SHORTANSWER", False), ("SA", False), ("MW", False), ("SHORTANSWER_C", True), ("SAC", True), ("MWC", True)]
)  # fmt: skip
def test_every_name_of_a_part_to_type_is_known(part: str, case_sensitive: bool) -> None:
    found = one("multianswer", "", f"Gõ {{:{part}:=Ctrl~%50,5%Control#Tên đầy đủ~*#Sai}}")
    (typed,) = found.body["parts"]
    assert found.body["stem"] == "Gõ {#1}"
    assert [(answer["text"], answer["fraction"]) for answer in typed["body"]["answers"]] == [
        ("Ctrl", 1.0),
        ("Control", 0.505),
        ("*", 0.0),
    ]
    assert typed["body"]["case_sensitive"] is case_sensitive
    assert typed["weight"] == 1.0


def test_numbers_in_a_text_have_their_tolerance_and_the_mark_is_the_sum_of_the_weights() -> None:
    found = one("cloze", "<defaultgrade>9</defaultgrade>", "{3:NM:=3,14:0.005~%50%3:1~*#Không} {1:NUMERICAL:=-1e3}")
    first, second = found.body["parts"]
    assert [(answer["value"], answer["tolerance"], answer["fraction"]) for answer in first["body"]["answers"]] == [
        (3.14, 0.005, 1.0),
        (3.0, 1.0, 0.5),
    ]
    assert first["body"]["other_feedback"] == "Không"
    assert second["body"]["answers"][0]["value"] == -1000.0
    assert found.body["mark"] == 4.0


def test_escaped_signs_and_entities_in_a_part_are_the_signs_themselves() -> None:
    (found,) = one("cloze", "", r"{1:SA:=a\}b\~c\#d\/e\"f&#39;g~%0%&lt;html&gt;#x \} y}").body["parts"]
    assert [(answer["text"], answer["feedback"]) for answer in found["body"]["answers"]] == [
        ("a}b~c#d/e\"f'g", ""),
        ("<html>", "x } y"),
    ]


def test_the_right_ones_of_several_share_everything_and_wrong_ones_cancel_one_unless_weighed() -> None:
    plain = one("cloze", "", "{1:MR:=a~=b~c}").body["parts"][0]["body"]["choices"]
    weighed = one("cloze", "", "{1:MR:%50%a~%50%b~%-25%c~d}").body["parts"][0]["body"]["choices"]
    assert [choice["fraction"] for choice in plain] == [0.5, 0.5, -0.5]
    assert [choice["fraction"] for choice in weighed] == [0.5, 0.5, -0.25, 0.0]


@pytest.mark.parametrize("text", ["không có phần nào", "{1:SA:=không đóng", "{1:NM:=chữ}", "đã có {#1} {1:SA:=x}"])
def test_a_text_whose_parts_cannot_be_read_is_told(text: str) -> None:
    (item,) = read(
        f'<question type="cloze"><name><text>A</text></name><questiontext><text>{text}</text></questiontext></question>'
    )
    assert isinstance(item, ReadProblem)


# Texts and files ------------------------------------------------------------------------------------------------


def test_each_format_of_a_text_is_understood(by_name: dict[str, Any]) -> None:
    assert question(by_name, "Tự luận").body["stem"] == "Nêu 2 &lt; 3 lợi ích<br>của đám mây"
    assert question(by_name, "Lời dẫn").body["stem"] == "<p>Đọc <strong>kỹ</strong> đề</p>"
    automatic = one("description", "", "Một\n\nhai <b>ba</b>\n<ul>\n<li>x</li>\n</ul>", 'format="moodle_auto_format"')
    assert automatic.body["stem"] == "Một<br><br>hai <b>ba</b> <ul> <li>x</li> </ul>"


def test_blocks_that_we_do_not_have_join_no_words() -> None:
    assert one("description", "", "<div>Một</div><div>hai</div>").body["stem"] == "<p>Một</p><p>hai</p>"


@pytest.mark.parametrize(
    ("text", "shown", "language"),
    [
        ('<span lang="en" class="multilang">A</span> <span class="multilang" lang="vi">B</span>!', "B!", "vi"),
        ('<span lang="de" class="multilang">A</span><span lang="en" class="multilang">B</span>', "B", "en"),
        ('<span lang="de" class="multilang">A</span><span lang="fr" class="multilang">B</span>', "A", "de"),
        ('<span lang="en_us" class="multilang">A</span><span lang="vi_vn" class="multilang">B</span>', "B", "vi_vn"),
        ('x <span lang="en" class="multilang">một mình</span> y', "x <span>một mình</span> y", ""),
        ("1 {mlang en}A{mlang}{mlang vi}B{mlang} 2 {mlang fr}C{mlang}{mlang other}D{mlang}", "1 B 2 D", "vi"),
        ("{mlang en}A", "{mlang en}A", ""),
        ('<span lang="en" class="multilang">A', "<span>A</span>", ""),
    ],
)
def test_of_texts_in_several_languages_the_vietnamese_one_is_kept_and_that_is_told(
    text: str, shown: str, language: str
) -> None:
    found = one("description", "", text=text)
    assert found.body["stem"].replace(' lang="en"', "") == shown
    assert (f"“{language}”" in told(found)) == bool(language)


def test_script_is_taken_out_of_every_text_and_that_is_told() -> None:
    found = one(
        "truefalse",
        '<answer fraction="100"><text>true</text><feedback><text>&lt;iframe src="//x">&lt;/iframe></text></feedback></answer>',
        '<p onclick="x()">Đúng<script>alert(1)</script></p>',
    )
    assert found.body["stem"] == "<p>Đúng</p>"
    assert "<script>" in told(found)
    assert "<iframe>" in told(found)


def file_tag(name: str, content: bytes) -> str:
    return f'<file name="{name}" path="/" encoding="base64">{base64.b64encode(content).decode()}</file>'


def test_files_come_with_the_texts_that_show_them_and_equal_names_do_not_mix() -> None:
    (found,) = read(
        '<question type="truefalse"><name><text>A</text></name><questiontext format="html">'
        '<text><![CDATA[<img src="@@PLUGINFILE@@/so%20do.png" alt="sơ đồ">]]></text>'
        + file_tag("so do.png", PNG)
        + '</questiontext><answer fraction="100"><text>true</text><feedback format="html"><text>'
        '<![CDATA[<img src="@@PLUGINFILE@@/so%20do.png" alt="">]]></text>'
        + file_tag("so do.png", b"other")
        + "</feedback>"
        "</answer></question>"
    )
    assert isinstance(found, ParsedQuestion)
    assert found.body["stem"] == '<img src="media:so_do-2.png" alt="sơ đồ">'
    assert found.body["feedback_true"] == '<img src="media:so_do.png" alt="">'
    assert {name: file.content for name, file in found.media.items()} == {"so_do.png": b"other", "so_do-2.png": PNG}


def test_a_file_that_is_missing_is_told() -> None:
    assert "x.png" in told(one("description", "", '<img src="@@PLUGINFILE@@/x.png" alt="">'))


def test_a_picture_written_into_the_text_becomes_a_file() -> None:
    data = base64.b64encode(PNG).decode()
    found = one("description", "", f'<img src="data:image/png;base64,{data}" alt="hình">')
    assert found.body["stem"] == '<img src="media:picture.png" alt="hình">'
    assert found.media["picture.png"].content == PNG


def test_the_picture_of_a_file_from_before_moodle_2_is_shown_below_the_text() -> None:
    data = base64.b64encode(PNG).decode()
    found = one("description", f"<image>a/b.png</image><image_base64>{data}</image_base64>", "Xem", "")
    assert found.body["stem"] == 'Xem <img src="media:b.png" alt="">'
    assert found.media["b.png"].content == PNG


# Files that are not what they should be -------------------------------------------------------------------------

LAUGHS = '<!DOCTYPE q [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
XXE = '<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("doctype", [LAUGHS, XXE, '<!DOCTYPE quiz SYSTEM "http://x.example/quiz.dtd">'])
def test_a_document_type_is_refused_in_one_sentence(doctype: str) -> None:
    with pytest.raises(Unreadable, match="DOCTYPE"):
        read(f"{doctype}<quiz><question>&x;</question></quiz>".encode())


SMALL = (
    '<quiz><question type="description"><name><text>Tên</text></name>'
    "<questiontext><text>Tiếng Việt: “ngữ”</text></questiontext></question></quiz>"
)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + f'<?xml version="1.0" encoding="UTF-8"?>{SMALL}'.encode(),
        f'<?xml version="1.0" encoding="UTF-16"?>{SMALL}'.encode("utf-16"),
        f'<?xml version="1.0" encoding="UTF-8"?>{SMALL}'.encode("utf-16"),  # saved anew, its declaration kept
        f'<?xml version="1.0" encoding="utf-8"?>{SMALL}'.encode("utf-16-le"),
        f'\n\n  <?xml version="1.0" encoding="UTF-8"?>{SMALL}'.encode(),
        f'<?xml version="1.0" encoding="windows-1258"?>{SMALL}'.replace("ế", "ê\u0301").replace("ệ", "ê\u0323").replace("ữ", "ư\u0303").encode("cp1258"),
    ],
)  # fmt: skip
def test_a_file_is_read_in_the_encoding_that_it_shows_or_declares(data: bytes) -> None:
    assert FORMAT.recognises(data, "")
    (found,) = read(data)
    assert isinstance(found, ParsedQuestion)
    assert found.body["stem"] == "Tiếng Việt: “ngữ”"


def test_windows_1252_is_read_by_its_declaration() -> None:
    text = SMALL.replace("Tiếng Việt: “ngữ”", "déjà “vu” €")
    (found,) = read(f'<?xml version="1.0" encoding="windows-1252"?>{text}'.encode("cp1252"))
    assert isinstance(found, ParsedQuestion)
    assert found.body["stem"] == "déjà “vu” €"


@pytest.mark.parametrize("name", ["base64", "utf-7", "gb2312", "x-unknown", "rot13"])
def test_an_encoding_that_we_do_not_read_is_told(name: str) -> None:
    with pytest.raises(Unreadable):
        read(f'<?xml version="1.0" encoding="{name}"?><quiz>é</quiz>'.encode())


def test_a_truncated_file_gives_its_whole_questions_and_says_where_it_ends() -> None:
    data = SMALL.encode().replace(b"</quiz>", b"\n<question type='essay'><name>")
    items = FORMAT.read(io.BytesIO(data))

    assert next(items).name == "Tên"
    with pytest.raises(Unreadable, match="ends in the middle, at line 2"):
        next(items)


@pytest.mark.parametrize("data", [b"", b"   ", b"{}", b"<html></html>", b"\x00\x01", b"<quiz", b"<quiz>\xff</quiz>"])
def test_what_is_no_moodle_xml_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read(data)


def test_deep_and_endless_elements_are_refused_without_holding_them() -> None:
    with pytest.raises(Unreadable, match="nested"):
        read("<a>" * 5000)
    (item, after) = read(
        '<question type="description"><name><text>A</text></name>' + "<a/>" * 200_000 + "</question>"
        '<question type="description"><name><text>B</text></name><questiontext><text>x</text></questiontext></question>'
    )
    assert isinstance(item, ReadProblem)
    assert isinstance(after, ParsedQuestion)


@pytest.mark.parametrize(
    "hostile",
    [
        "<",
        "<div",
        "<p>",
        " \n",
        "[",
        "{1:SA:",
        "{1:SA:=~",
        "@@PLUGINFILE@@/",
        'src="data:a/b,',
        "&amp;",
        "`",
        "*a_",
        "{mlang vi}",
        '<span lang="vi" class="multilang">',
    ],
)
@pytest.mark.parametrize("kind", ["html", "moodle_auto_format", "markdown", "plain_text"])
def test_no_text_takes_long(hostile: str, kind: str) -> None:
    begun = time.process_time()
    for length in (39_000, 299_000):
        text = "x" + hostile * (length // len(hostile))
        read(
            f'<question type="cloze"><name><text>A</text></name><questiontext format="{kind}"><text>'
            f"<![CDATA[{text}]]></text></questiontext></question>"
            f'<question type="description"><name><text>A</text></name><questiontext format="{kind}"><text>'
            f"<![CDATA[{text}]]></text></questiontext></question>"
        )
    assert time.process_time() - begun < 4


def test_questions_come_before_the_file_is_read_to_its_end() -> None:
    many = io.BytesIO(("<quiz>" + SMALL.removeprefix("<quiz>").removesuffix("</quiz>") * 5000 + "</quiz>").encode())
    items = FORMAT.read(many)
    next(items)
    assert many.tell() <= 2 * 64 * 1024


# Writing --------------------------------------------------------------------------------------------------------


def test_what_moodle_cannot_say_comes_back_unless_the_question_was_changed_elsewhere() -> None:
    found = one("shortanswer", '<answer fraction="100"><text>a</text></answer>')
    body = {**found.body, "diacritics_sensitive": False}
    file = io.BytesIO()
    changed = ParsedQuestion(ref="", name="Tên", type="short_answer", body=body, difficulty="basic")
    assert FORMAT.write([changed], file) == []
    written = file.getvalue()

    (same,) = read(written)
    (edited,) = read(written.replace(b"<text>a</text>", b"<text>b</text>"))

    assert isinstance(same, ParsedQuestion)
    assert isinstance(edited, ParsedQuestion)
    assert (same.body["diacritics_sensitive"], same.difficulty) == (False, "basic")
    assert (edited.body["diacritics_sensitive"], edited.difficulty) == (True, "")
    assert edited.body["answers"][0]["text"] == "b"
    assert "changed since" in told(edited)


def test_a_tolerance_that_moodle_does_not_have_is_written_as_its_interval() -> None:
    found = one("numerical", '<answer fraction="100"><text>200</text></answer>')
    body = {**found.body, "answers": [{**found.body["answers"][0], "tolerance": 0.05}], "tolerance_type": "relative"}
    file = io.BytesIO()
    FORMAT.write([ParsedQuestion(ref="", name="A", type="numerical", body=body)], file)
    assert b"<tolerance>10</tolerance>" in file.getvalue()


def test_a_hotspot_which_moodle_does_not_have_is_given_back_with_the_reason() -> None:
    file = io.BytesIO()
    (problem,) = FORMAT.write([ParsedQuestion(ref="q1", name="Chọn vùng", type="hotspot", body={"stem": "x"})], file)
    assert (problem.ref, problem.name) == ("q1", "Chọn vùng")
    assert read(file.getvalue()) == []


@pytest.mark.parametrize(
    ("percent", "fraction"),
    [
        ("33.33333", 0.3333333),
        ("33.333", 0.3333333),
        ("-16.66667", -0.1666667),
        ("66.667", 0.6666667),
        ("33.3", 0.333),
        ("33.333333333333336", 0.3333333),
        ("14.2857142857", 0.1428571),
        ("7.123456789", 0.0712346),
        ("12.5", 0.125),
        ("100", 1.0),
        ("0", 0.0),
    ],
)
def test_a_percentage_that_moodle_offers_is_the_part_that_it_stands_for(percent: str, fraction: float) -> None:
    assert grade_of(percent) == fraction
