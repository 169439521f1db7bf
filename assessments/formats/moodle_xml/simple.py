"""Choice, true/false, short answer, number and matching, out of Moodle XML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.formats.checking import NotTaken
from assessments.formats.moodle_xml.nodes import Node
from assessments.formats.moodle_xml.source import Reading, Source, grade_of, number_of, percent_of
from assessments.question_types.base import ALMOST_ONE
from assessments.question_types.source import letters
from common.messages import filled


def read_multichoice(source: Source) -> Reading:
    """`multichoice` with one answer or several; `multichoiceset` is all or nothing."""
    answers = filled_answers(source)
    choices = [
        {
            "id": key,
            "text": source.texts.html(answer),
            "fraction": answer_fraction(answer),
            "feedback": source.texts.html(answer.child("feedback")),
        }
        for key, answer in zip(letters(len(answers)), answers, strict=True)
    ]
    source.forget("answernumbering", "abc")
    source.forget("showstandardinstruction", "0")
    body: dict[str, Any] = {"choices": choices, "shuffle": source.flag("shuffleanswers")}
    if source.node.attributes.get("type") == "multichoiceset":
        return "multiple_choice", {**body, "scoring": "all_or_nothing"}
    if source.flag("single", "true"):
        note_what_can_be_earned(source, choices)
        return "single_choice", body
    return "multiple_choice", body


def filled_answers(source: Source) -> list[Node]:
    """The answers that say something; Moodle leaves out the others as well."""
    answers = source.node.all("answer")
    filled_in = [answer for answer in answers if answer.said or answer.child("file") is not None]
    if len(filled_in) < len(answers):
        source.texts.notes.append(_("Choices that say nothing were left out."))
    return filled_in


def note_what_can_be_earned(source: Source, choices: Sequence[Mapping[str, Any]]) -> None:
    """Tell when no single choice is worth everything."""
    most = max((choice["fraction"] for choice in choices), default=0.0)
    if 0 < most < ALMOST_ONE:
        sentence = _("No choice is worth the whole mark: at most %(percent)s %% can be earned.")
        source.texts.notes.append(filled(sentence, {"percent": percent_of(most)}))


def read_truefalse(source: Source) -> Reading:
    """`truefalse`; answers that are called neither true nor false stand in this order, as in old files."""
    body: dict[str, Any] = {}
    answers = source.node.all("answer")
    if not answers:
        raise NotTaken(_("No answer says whether it is true."))
    for number, answer in enumerate(answers):
        text = answer.said
        if text not in {"true", "false"}:
            source.texts.notes.append(
                filled(_("The answer “%(text)s” was taken by its place: true first, then false."), {"text": text[:60]})
            )
            text = "false" if number else "true"
        right = answer_fraction(answer) == 1
        body["answer"] = right if text == "true" else not right
        body[f"feedback_{text}"] = source.texts.html(answer.child("feedback"))
    return "true_false", body


def read_shortanswer(source: Source) -> Reading:
    """`shortanswer`."""
    answers = [
        {
            "text": answer.said,
            "fraction": answer_fraction(answer),
            "feedback": source.texts.html(answer.child("feedback")),
        }
        for answer in source.node.all("answer")
        if answer.said
    ]
    return "short_answer", {"answers": answers, "case_sensitive": source.flag("usecase")}


def read_numerical(source: Source) -> Reading:
    """`numerical`: tolerances are absolute there; Moodle divides by a unit's multiplier where we multiply."""
    answers: list[dict[str, Any]] = []
    body: dict[str, Any] = {"answers": answers, **read_units(source)}
    for node in source.node.all("answer"):
        fraction = answer_fraction(node)
        feedback = source.texts.html(node.child("feedback"))
        if not node.said and not fraction and not feedback:
            continue
        if node.said in {"", "*"}:  # any other number; what stands behind it can never be met
            return "numerical", {**body, "other_fraction": fraction, "other_feedback": feedback}
        answers.append(
            {
                "value": number_of(node.said),
                "tolerance": abs(number_of(node.value("tolerance") or "0")),
                "fraction": fraction,
                "feedback": feedback,
            }
        )
    return "numerical", body


def read_units(source: Source) -> dict[str, Any]:
    """Units and what a wrong one costs, of numerical and calculated questions."""
    holder = source.node.child("units")
    units = []
    for node in holder.all("unit") if holder is not None else []:
        multiplier = number_of(node.value("multiplier") or "1")
        if not node.value("unit_name") or multiplier == 0:
            source.texts.notes.append(_("A unit without a name or a multiplier was left out."))
            continue
        if multiplier < 0:
            raise NotTaken(_("The multiplier of a unit must be above 0."))
        units.append({"symbol": node.value("unit_name"), "factor": 1 / multiplier})
    graded = source.value("unitgradingtype") or "0"
    penalty = source.number("unitpenalty", 0.1)
    source.forget("showunits", "0", "1", "2", "3")
    source.forget_text("instructions")
    return {
        "units": units,
        "units_left": source.flag("unitsleft"),
        "unit_penalty": 0.0 if units and graded == "0" else penalty,
        "unit_penalty_of": "maximum" if graded == "2" else "mark",
    }


def read_matching(source: Source) -> Reading:
    """`matching`; an answer without a prompt is an extra one."""
    pairs: list[dict[str, str]] = []
    extra: list[dict[str, str]] = []
    for node in source.node.all("subquestion"):
        said = node.child("answer")
        if said is not None and said.attributes.get("format"):  # of `ddmatch`, whose answers may hold pictures
            prompt, answer = source.texts.html(node), source.texts.html(said)
        else:
            prompt, answer = source.texts.html(node), source.texts.string(node.value("answer"))
        if prompt:
            pairs.append({"id": f"p{len(pairs) + 1}", "prompt": prompt, "answer": answer})
        elif answer:
            extra.append({"id": f"x{len(extra) + 1}", "answer": answer})
    return "matching", {"pairs": pairs, "extra_answers": extra, "shuffle": source.flag("shuffleanswers", "1")}


def answer_fraction(answer: Node) -> float:
    """What an answer is worth; old files have it as an element, of one in place of a hundred."""
    own = answer.value("fraction")
    return number_of(own) if own else grade_of(answer.attributes.get("fraction", "0"))


# Moodle's ways of scoring an order, as it writes them today, and as older files have them.
SCORINGS = {
    "ALL_OR_NOTHING": "exact",
    "ABSOLUTE_POSITION": "position",
    "RELATIVE_NEXT_EXCLUDE_LAST": "next",
    "RELATIVE_NEXT_INCLUDE_LAST": "next_and_last",
    "RELATIVE_ONE_PREVIOUS_AND_NEXT": "neighbours",
    "RELATIVE_ALL_PREVIOUS_AND_NEXT": "pairwise",
    "LONGEST_ORDERED_SUBSET": "longest_subset",
    "LONGEST_CONTIGUOUS_SUBSET": "longest_run",
    "RELATIVE_TO_CORRECT": "distance",
}
_OLD_SCORINGS = {
    **dict(zip(("-1", "0", "1", "2", "3", "4", "5", "6", "7"), SCORINGS.values(), strict=False)),
    **dict.fromkeys(("ABSOLUTE", "ABS"), "position"),
    **dict.fromkeys(("RELATIVE", "REL", ""), "next"),
}


def read_ordering(source: Source) -> Reading:
    """`ordering`: the answers stand in the right order."""
    answers = source.node.all("answer")
    items = [
        {"id": key, "text": source.texts.html(answer), "feedback": source.texts.html(answer.child("feedback"))}
        for key, answer in zip(letters(len(answers)), answers, strict=True)
    ]
    scoring = source.value("gradingtype").upper()
    if scoring not in SCORINGS and scoring not in _OLD_SCORINGS:
        raise NotTaken(filled(_("The way of marking “%(name)s” is not known."), {"name": scoring[:60]}))
    if source.value("selecttype", source.value("logical", "ALL")).upper() not in {"ALL", "0"}:  # only some are shown
        source.forget("selecttype", "ALL", "0")
        source.forget("logical", "0")
        source.forget("selectcount")
        source.forget("studentsee")
    source.forget("layouttype", "VERTICAL", "0")
    source.forget("numberingstyle", "none")
    return "ordering", {"items": items, "scoring": SCORINGS.get(scoring) or _OLD_SCORINGS[scoring]}
