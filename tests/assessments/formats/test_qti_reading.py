"""What QTI of other programs means here, interaction by interaction."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from assessments.formats import get_format
from assessments.formats.qti.nodes import parse_document
from assessments.formats.qti.xhtml import document
from assessments.question_types import get_type
from tests.assessments.formats.qti_files import (
    CORRECT,
    MAPPED,
    POINTS,
    choices,
    declared,
    item,
    mapped,
    notes,
    package,
    problem,
    question,
    when_correct,
)
from tests.assessments.formats.strategies import PNG


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


PICTURE = '<object type="image/png" data="a.png" width="200" height="100">Bản đồ</object>'


def test_a_single_choice_is_what_the_template_marks() -> None:
    found = question(item(f"<p>Thủ đô?</p>{choices('A', 'B', 'C')}", declared("B"), CORRECT))
    assert (found.type, found.idnumber, found.name, found.ref) == ("single_choice", "q1", "Câu 1", "item q1")
    assert [(row["id"], row["fraction"]) for row in found.body["choices"]] == [("a", 0.0), ("b", 1.0), ("c", 0.0)]
    assert found.body["stem"] == "<p>Thủ đô?</p><p>Chọn?</p>"
    assert found.notes == ()


def test_the_same_in_qti_3_is_the_same_question() -> None:
    text = item(choices("A", "B", most=0), declared("A", "B", cardinality="multiple"), MAPPED)
    text = text.replace("</responseDeclaration>", f"{mapped({'A': 1, 'B': 2}, default=-1)}</responseDeclaration>")
    three = document(parse_document(text.encode()), "3.0")
    assert "<qti-choice-interaction" in three
    assert "base-type=" in three
    assert question(three) == question(text)


def test_partial_marks_of_a_multiple_choice_come_from_its_mapping() -> None:
    mapping = mapped({"H": 1, "O": 1, "Cl": -1}, default=-2, bounds='lowerBound="0" upperBound="2"')
    found = question(
        item(choices("H", "He", "O", "Cl", most=0), declared("H", "O", cardinality="multiple", mapping=mapping), MAPPED)
    )
    assert (found.type, found.body["scoring"], found.body["mark"]) == ("multiple_choice", "partial", 2.0)
    assert [row["fraction"] for row in found.body["choices"]] == [0.5, -1.0, 0.5, -0.5]
    assert found.notes == ()


def test_all_or_nothing_is_recognised_by_what_it_gives() -> None:
    found = question(item(choices("A", "B", "C", most=0), declared("A", "C", cardinality="multiple"), CORRECT))
    assert (found.type, found.body["scoring"]) == ("multiple_choice", "all_or_nothing")
    assert [row["fraction"] > 0 for row in found.body["choices"]] == [True, False, True]


def test_a_limit_of_choices_and_marks_below_zero_are_told() -> None:
    mapping = mapped({"A": 1, "B": 1, "C": -1})
    found = question(
        item(choices("A", "B", "C", most=2), declared("A", "B", cardinality="multiple", mapping=mapping), MAPPED)
    )
    assert "At most 2 may be chosen" in notes(found)
    assert "below zero" in notes(found)


def test_choices_that_say_true_and_false_are_a_statement() -> None:
    text = item(choices("T", "F"), declared("F"), CORRECT).replace("T nói", "True").replace("F nói", "False")
    found = question(text)
    assert (found.type, found.body["answer"]) == ("true_false", False)


def test_choices_with_a_fixed_place_keep_it_while_the_others_are_shuffled() -> None:
    text = item(choices("A", "B"), declared("A"), CORRECT).replace('identifier="B"', 'identifier="B" fixed="true"')
    found = question(text.replace('shuffle="false"', 'shuffle="true"'))
    assert found.body["shuffle"] is True
    assert [row.get("pinned") for row in found.body["choices"]] == [None, True]
    assert "fixed place" not in notes(found)


@pytest.mark.parametrize(
    ("processing", "scoring"),
    [
        (CORRECT, "exact"),
        (
            "<responseProcessing>"
            + "".join(
                f'<responseCondition><responseIf><match><index n="{n}"><variable identifier="RESPONSE"/></index>'
                f'<index n="{n}"><correct identifier="RESPONSE"/></index></match><setOutcomeValue identifier="SCORE"><sum>'
                '<variable identifier="SCORE"/><baseValue baseType="float">1</baseValue></sum></setOutcomeValue>'
                "</responseIf></responseCondition>"
                for n in (1, 2, 3)
            )
            + "</responseProcessing>",
            "position",
        ),
    ],
)
def test_an_order_is_marked_as_the_rules_mark_it(processing: str, scoring: str) -> None:
    rows = "".join(f'<simpleChoice identifier="{name}">{name}</simpleChoice>' for name in "ABC")
    body = (
        f'<orderInteraction responseIdentifier="RESPONSE" shuffle="true"><prompt>Xếp</prompt>{rows}</orderInteraction>'
    )
    found = question(item(body, declared("C", "A", "B", cardinality="ordered"), processing))
    assert (found.type, found.body["scoring"]) == ("ordering", scoring)
    assert [row["text"] for row in found.body["items"]] == ["C", "A", "B"]


def match(rows: str, columns: str, *, most: int = 1, attributes: str = "") -> str:
    def one(names: str, most: int) -> str:
        cells = "".join(
            f'<simpleAssociableChoice identifier="{name}" matchMax="{most}">{name}</simpleAssociableChoice>'
            for name in names
        )
        return f"<simpleMatchSet>{cells}</simpleMatchSet>"

    return (
        f'<matchInteraction responseIdentifier="RESPONSE" shuffle="true" maxAssociations="0" {attributes}>'
        f"<prompt>Ghép</prompt>{one(rows, most)}{one(columns, 0)}</matchInteraction>"
    )


def pairs(*values: str, mapping: str = "") -> str:
    return declared(*values, cardinality="multiple", base="directedPair", mapping=mapping)


def test_a_match_marked_by_pair_is_a_matching_with_its_extra_answers() -> None:
    mapping = mapped({"A X": 1, "B Y": 1, "C X": 1})
    found = question(item(match("ABC", "XYZ"), pairs("A X", "B Y", "C X", mapping=mapping), MAPPED))
    assert (found.type, found.body["mark"], found.notes) == ("matching", 3.0, ())
    assert [(row["prompt"], row["answer"]) for row in found.body["pairs"]] == [("A", "X"), ("B", "Y"), ("C", "X")]
    assert [row["answer"] for row in found.body["extra_answers"]] == ["Z"]


def test_a_match_marked_as_a_whole_is_a_table_that_keeps_its_marks() -> None:
    found = question(item(match("ABC", "XYZ"), pairs("A X", "B Y", "C X"), CORRECT))
    assert (found.type, found.body["scoring"], found.notes) == ("matrix", "all_or_nothing", ())


def test_true_or_false_for_each_of_many_is_a_table() -> None:
    mapping = mapped({"A T": 1, "B F": 1, "C F": 1})
    found = question(item(match("ABC", "TF"), pairs("A T", "B F", "C F", mapping=mapping), MAPPED))
    assert (found.type, found.body["right"]) == ("matrix", {"a": ["t"], "b": ["f"], "c": ["f"]})
    assert found.body["multiple"] is False


def test_several_answers_for_an_item_are_a_table_to_tick() -> None:
    found = question(item(match("AB", "XYZ", most=0), pairs("A X", "A Y", "B Z"), CORRECT))
    assert (found.type, found.body["multiple"], found.body["scoring"]) == ("matrix", True, "all_or_nothing")
    assert found.body["right"] == {"a": ["x", "y"], "b": ["z"]}


def test_a_pair_with_an_item_that_is_not_there_is_reported_and_not_guessed() -> None:
    said = str(problem(item(match("AB", "XY"), pairs("A X", "B Q"), CORRECT)).reason)
    assert "“Q”" in said


def test_pairs_of_unequal_weight_are_taken_and_that_is_told() -> None:
    mapping = mapped({"A X": 1, "B Y": 0.5})
    found = question(item(match("AB", "XY"), pairs("A X", "B Y", mapping=mapping), MAPPED))
    assert (found.type, found.body["mark"]) == ("matching", 1.5)
    assert "Partly right answers earn other marks" in notes(found)


def test_words_for_gaps_are_numbered_by_their_list() -> None:
    body = (
        '<gapMatchInteraction responseIdentifier="RESPONSE" shuffle="false"><prompt>Điền</prompt>'
        '<gapText identifier="W" matchMax="1">winter</gapText><gapText identifier="Su" matchMax="2">summer</gapText>'
        '<blockquote><p>Now is the <gap identifier="G1"/> made <gap identifier="G2"/>.</p></blockquote></gapMatchInteraction>'
    )
    found = question(item(body, pairs("W G1", "Su G2", mapping=mapped({"W G1": 1, "Su G2": 1})), MAPPED))
    assert (found.type, found.notes) == ("gap_drag", ())
    assert found.body["stem"] == "<p>Điền</p><blockquote><p>Now is the [[1]] made [[2]].</p></blockquote>"
    assert [(row["text"], row["reusable"]) for row in found.body["words"]] == [("winter", False), ("summer", True)]


def test_a_field_within_a_sentence_leaves_a_line() -> None:
    body = '<p>Con trai của <textEntryInteraction responseIdentifier="RESPONSE"/>; và</p>'
    mapping = mapped({"York": 1, "york": 0.5})
    found = question(item(body, declared("York", base="string", mapping=mapping), MAPPED))
    assert (found.type, found.body["stem"]) == ("short_answer", "<p>Con trai của _____; và</p>")
    assert [(row["text"], row["fraction"]) for row in found.body["answers"]] == [("York", 1.0), ("york", 0.5)]
    assert found.body["case_sensitive"] is True


def test_a_star_in_an_answer_is_a_star_and_small_letters_may_not_count() -> None:
    body = '<p>Nhân: <textEntryInteraction responseIdentifier="RESPONSE"/></p>'
    mapping = mapped({"a*b": 1}, caseSensitive="false")
    found = question(item(body, declared("a*b", base="string", mapping=mapping), MAPPED))
    assert found.body["stem"] == "<p>Nhân: </p>"
    assert (found.body["answers"][0]["text"], found.body["case_sensitive"]) == ("a\\*b", False)


@pytest.mark.parametrize(
    ("test", "tolerance"),
    [
        ('<equal toleranceMode="absolute" tolerance="0.05 0.05">{}</equal>', 0.05),
        ('<equal toleranceMode="relative" tolerance="1 1">{}</equal>', 0.0981),
        ('<equal toleranceMode="exact">{}</equal>', 0.0),
        ("<match>{}</match>", 0.0),
    ],
)
def test_a_number_has_the_tolerance_of_its_rule(test: str, tolerance: float) -> None:
    expression = test.format('<variable identifier="RESPONSE"/><correct identifier="RESPONSE"/>')
    rule = (
        f"<responseProcessing><responseCondition><responseIf>{expression}<setOutcomeValue identifier='SCORE'>"
        '<baseValue baseType="float">2</baseValue></setOutcomeValue></responseIf></responseCondition></responseProcessing>'
    )
    body = '<p>g = <textEntryInteraction responseIdentifier="RESPONSE"/></p>'
    found = question(item(body, declared("9.81", base="float"), rule))
    assert (found.type, found.body["mark"], found.notes) == ("numerical", 2.0, ())
    assert found.body["answers"][0]["value"] == 9.81
    assert found.body["answers"][0]["tolerance"] == pytest.approx(tolerance)


def test_several_fields_are_parts_with_the_weights_that_their_rules_add() -> None:
    body = (
        '<p>A <inlineChoiceInteraction responseIdentifier="R1" shuffle="false"><inlineChoice identifier="G">Gloucester'
        '</inlineChoice><inlineChoice identifier="L">Lancaster</inlineChoice></inlineChoiceInteraction> b '
        '<textEntryInteraction responseIdentifier="R2"/></p>'
    )
    rules = f"<responseProcessing>{when_correct('R1', 1)}{when_correct('R2', 3)}</responseProcessing>"
    found = question(item(body, declared("G", name="R1") + declared("Đỏ", base="string", name="R2"), rules))
    assert (found.type, found.body["stem"], found.body["mark"]) == ("cloze", "<p>A {#1} b {#2}</p>", 4.0)
    assert [(part["kind"], part["weight"]) for part in found.body["parts"]] == [
        ("multiple_choice_one", 1.0),
        ("short_answer", 3.0),
    ]
    assert found.notes == ()


def test_a_field_may_take_several_choices() -> None:
    several = choices("X", "Y", "Z", most=0).replace('"RESPONSE"', '"R1"')
    rules = f"<responseProcessing>{when_correct('R1', 2)}{when_correct('R2', 1)}</responseProcessing>"
    body = f'{several}<p>Số: <textEntryInteraction responseIdentifier="R2"/></p>'
    declarations = declared("X", "Z", name="R1", cardinality="multiple") + declared("4", base="integer", name="R2")
    found = question(item(body, declarations, rules))
    first, second = found.body["parts"]
    assert (first["kind"], first["body"]["scoring"], first["weight"]) == ("multiple_response", "all_or_nothing", 2.0)
    assert (second["kind"], second["body"]["answers"][0]["value"]) == ("numerical", 4.0)
    assert found.body["stem"] == "<p>Chọn?</p><p>{#1}</p><p>Số: {#2}</p>"
    assert found.notes == ()


@pytest.mark.parametrize(
    ("pattern", "text", "sensitive"),
    [(".*[Pp]hở.*", "*phở*", True), ("[Aa][Bb]", "ab", False), ("a\\.b", "a.b", True), ("1\\*2", "1\\*2", False)],
)
def test_a_simple_pattern_is_one_of_ours(pattern: str, text: str, sensitive: bool) -> None:
    rule = (
        f'<responseProcessing><responseCondition><responseIf><patternMatch pattern="{pattern}"><variable identifier="RESPONSE"/>'
        '</patternMatch><setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue>'
        "</responseIf></responseCondition></responseProcessing>"
    )
    body = '<p>Viết: <textEntryInteraction responseIdentifier="RESPONSE"/></p>'
    found = question(item(body, declared(base="string"), rule))
    assert (found.body["answers"][0]["text"], found.body["case_sensitive"]) == (text, sensitive)


@pytest.mark.parametrize("pattern", ["colou?r", "(a+)+$", "[0-9]{4}", "a|b", "\\d"])
def test_any_other_pattern_is_told_and_never_tried(pattern: str) -> None:
    rule = (
        f'<responseProcessing><responseCondition><responseIf><patternMatch pattern="{pattern}"><variable identifier="RESPONSE"/>'
        "</patternMatch></responseIf></responseCondition></responseProcessing>"
    )
    body = '<p>Viết: <textEntryInteraction responseIdentifier="RESPONSE"/></p>'
    assert "pattern" in str(problem(item(body, declared("aaaa", base="string"), rule)).reason)


def test_a_text_is_an_essay_and_the_rubric_is_for_the_marker() -> None:
    body = (
        '<rubricBlock view="scorer"><p>Ba ý</p></rubricBlock><rubricBlock view="candidate"><p>Đọc kỹ</p></rubricBlock>'
        '<extendedTextInteraction responseIdentifier="RESPONSE" expectedLines="12" format="preFormatted">'
        "<prompt>Viết</prompt></extendedTextInteraction>"
    )
    most = '<outcomeDeclaration identifier="MAXSCORE" cardinality="single" baseType="float"><defaultValue><value>5</value></defaultValue></outcomeDeclaration>'
    found = question(item(body, declared(base="string") + most))
    assert (found.type, found.body["mark"], found.body["lines"], found.body["format"]) == (
        "essay",
        5.0,
        12,
        "monospaced",
    )
    assert (found.body["stem"], found.body["grader_info"]) == ("<p>Đọc kỹ</p><p>Viết</p>", "<p>Ba ý</p>")


def test_an_item_without_a_text_asks_by_its_title_and_that_is_told() -> None:
    found = question(item(choices("A", "B", prompt=""), declared("A"), CORRECT))
    assert found.body["stem"] == "<p>Câu 1</p>"
    assert "title" in notes(found)


def test_an_upload_asks_for_files_and_a_body_alone_is_a_text() -> None:
    body = '<uploadInteraction responseIdentifier="RESPONSE" type="application/pdf"><prompt>Nộp</prompt></uploadInteraction>'
    found = question(item(body, declared(base="file")))
    assert (found.type, found.body["file_types"]) == ("file_upload", [".pdf"])
    assert question(item("<p>Đọc đoạn sau.</p>")).type == "description"


def with_picture(body: str, declarations: str, processing: str) -> bytes:
    return package({"i/q.xml": item(f"<p>Ở đâu?</p>{body}", declarations, processing), "i/a.png": PNG})


def test_regions_are_chosen_on_the_picture_of_the_package() -> None:
    body = (
        f'<hotspotInteraction responseIdentifier="RESPONSE" maxChoices="1">{PICTURE}'
        '<hotspotChoice identifier="A" shape="circle" coords="77,115,8"/>'
        '<hotspotChoice identifier="B" shape="rect" coords="10,20,30,50" hotspotLabel="Phải"/></hotspotInteraction>'
    )
    found = question(with_picture(body, declared("B"), CORRECT))
    assert (found.type, found.body["background"]["src"], found.body["background"]["alt"]) == (
        "hotspot",
        "media:a.png",
        "Bản đồ",
    )
    assert found.media["a.png"].content == PNG
    assert [(row["shape"], row["coords"], row["fraction"]) for row in found.body["spots"]] == [
        ("circle", [77, 115, 8], 0.0),
        ("rectangle", [10, 20, 20, 30], 1.0),
    ]


def test_a_point_to_select_is_a_marker_with_its_regions() -> None:
    mapping = (
        '<areaMapping defaultValue="0"><areaMapEntry shape="circle" coords="102,50,16" mappedValue="1"/></areaMapping>'
    )
    body = f'<selectPointInteraction responseIdentifier="RESPONSE" maxChoices="1">{PICTURE}</selectPointInteraction>'
    found = question(with_picture(body, declared("102 50", base="point", mapping=mapping), POINTS))
    assert (found.type, found.body["markers"][0]["count"], found.notes[1:]) == ("mark_image", 1, ())
    assert found.body["zones"] == [{"shape": "circle", "coords": [102, 50, 16], "marker": "a"}]


def test_labels_onto_a_picture_belong_to_the_corner_of_their_zone() -> None:
    body = (
        f'<graphicGapMatchInteraction responseIdentifier="RESPONSE">{PICTURE}'
        '<gapText identifier="x" matchMax="1">Huế</gapText>'
        '<gapImg identifier="y" matchMax="1"><object data="a.png" type="image/png">Cờ</object></gapImg>'
        '<associableHotspot identifier="P" matchMax="1" shape="rect" coords="12,108,39,121"/></graphicGapMatchInteraction>'
    )
    found = question(with_picture(body, pairs("y P", mapping=mapped({"y P": 1})), MAPPED))
    assert found.type == "drag_image"
    assert [(row["label"], row["src"]) for row in found.body["drags"]] == [("Huế", ""), ("Cờ", "media:a.png")]
    assert (found.body["zones"][0]["x"], found.body["zones"][0]["y"], found.body["zones"][0]["drag"]) == (12, 108, "2")


def test_feedback_belongs_where_it_is_shown() -> None:
    rows = (
        '<choiceInteraction responseIdentifier="RESPONSE" maxChoices="1" shuffle="false"><prompt>?</prompt>'
        '<simpleChoice identifier="A">a<feedbackInline outcomeIdentifier="F" identifier="A" showHide="show">vì a</feedbackInline>'
        '</simpleChoice><simpleChoice identifier="B">b</simpleChoice></choiceInteraction>'
    )
    outcomes = (
        '<outcomeDeclaration identifier="F" cardinality="single" baseType="identifier"/>'
        '<outcomeDeclaration identifier="R" cardinality="single" baseType="identifier"/>'
    )
    rules = (
        '<responseProcessing><setOutcomeValue identifier="F"><variable identifier="RESPONSE"/></setOutcomeValue>'
        '<responseCondition><responseIf><match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match>'
        '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue>'
        '<setOutcomeValue identifier="R"><baseValue baseType="identifier">ok</baseValue></setOutcomeValue></responseIf>'
        '<responseElse><setOutcomeValue identifier="R"><baseValue baseType="identifier">no</baseValue></setOutcomeValue>'
        "</responseElse></responseCondition></responseProcessing>"
    )
    after = "".join(
        f'<modalFeedback outcomeIdentifier="R" identifier="{name}" showHide="show"><p>{text}</p></modalFeedback>'
        for name, text in (("ok", "Đúng rồi"), ("no", "Chưa đúng"))
    )
    found = question(item(rows, declared("B") + outcomes, rules, after=after))
    assert (found.body["feedback_right"], found.body["feedback_wrong"]) == ("<p>Đúng rồi</p>", "<p>Chưa đúng</p>")
    assert [row["feedback"] for row in found.body["choices"]] == ["vì a", ""]
    assert [row["text"] for row in found.body["choices"]] == ["a", "b"]


def test_marks_follow_the_rules_of_the_file() -> None:
    """What is taken without a note gives every response the marks that the file gives."""
    mapping = mapped({"A": 2, "B": 1, "C": -1}, bounds='lowerBound="0"')
    found = question(
        item(choices("A", "B", "C", most=0), declared("A", "B", cardinality="multiple", mapping=mapping), MAPPED)
    )
    kind = get_type(found.type)
    body = kind.Body.model_validate(found.body)
    for chosen, marks in ((["a"], 2), (["a", "c"], 1), (["a", "b", "c"], 2), (["c"], 0), (["a", "b"], 3)):
        outcome = kind.grade(body, kind.Response.model_validate({"choices": chosen}), {})
        assert outcome.fraction == pytest.approx(marks / 3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (item(choices("A", "B"), declared("A"), CORRECT).replace('adaptive="false"', 'adaptive="true"'), "adaptive"),
        (item(choices("A", "B"), declared("A") + '<templateDeclaration identifier="T"/>', CORRECT), "template"),
        (item(choices("A", "B"), declared("A"), '<responseProcessing template="x/own"/>'), "“own”"),
        (item(choices("A", "B"), declared("A"), "<responseProcessing><random/></responseProcessing>"), "“random”"),
        (item(choices("A", "B"), declared("A"), "<responseProcessing><setOutcomeValue identifier='SCORE'><customOperator/></setOutcomeValue></responseProcessing>"), "customOperator"),
        (item(choices("A", "B"), declared(), CORRECT), "No answer earns a mark"),
        (item(choices("A", "A"), declared("A"), CORRECT), "same identifier"),
        (item(choices("A", "B")), "not declared"),
        *(
            (item(f'<{name} responseIdentifier="RESPONSE"/>', declared("A"), CORRECT), name)
            for name in ("mediaInteraction", "drawingInteraction", "customInteraction", "portableCustomInteraction",
                         "graphicOrderInteraction", "graphicAssociateInteraction", "positionObjectInteraction",
                         "endAttemptInteraction")
        ),
        (item(choices("A", "B") + choices("C", "D").replace("choiceI", "orderI"), declared("A"), CORRECT), "orderInteraction"),
    ],
)  # fmt: skip
def test_what_no_type_here_can_say_is_reported_with_its_identifier(text: str, words: str) -> None:
    found = problem(text)
    assert found.ref == "item q1"
    assert words in str(found.reason)


def test_formulas_sounds_and_styles_that_are_not_kept_are_told() -> None:
    body = (
        '<p>Tính <m:math xmlns:m="http://www.w3.org/1998/Math/MathML"><m:mfrac><m:mn>1</m:mn><m:mi>x</m:mi></m:mfrac></m:math>'
        '</p><audio src="a.mp3"/>' + choices("A", "B")
    )
    found = question(item(body, declared("A") + '<stylesheet href="a.css" type="text/css"/>', CORRECT))
    assert "<p>Tính 1/x</p>" in found.body["stem"]
    assert "MathML" in notes(found)
    assert "sound" in notes(found)


def test_a_document_is_known_by_what_it_holds() -> None:
    qti = get_format("qti")
    assert qti.recognises(item("<p>x</p>").encode(), "x.txt")
    assert qti.recognises(document(parse_document(item("<p>x</p>").encode()), "3.0").encode(), "")
    assert qti.recognises(package({"q.xml": item("<p>x</p>")}), "x.bin")
    assert not qti.recognises(b"<quiz/>", "x.xml")
    assert not qti.recognises(package({"[Content_Types].xml": "<Types/>"}, manifest="")[60:], "x.zip")
