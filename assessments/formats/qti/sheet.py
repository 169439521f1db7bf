"""One item while it is written: declarations, body, rules, feedback."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assessments.formats.moodle_xml.source import written
from assessments.formats.qti.nodes import Node
from assessments.formats.qti.texts import STEM
from assessments.formats.qti.xhtml import element, nodes_of
from common.html import plain_text

RESPONSE = "RESPONSE"
_IDENTIFIER = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)


class Sheet:
    """Collects the pieces of an item; `mark` is the most that it earns."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.body = body
        self.mark = body["mark"] or 1.0
        self.responses: list[Node] = []
        self.content: list[Node | str] = []
        self.rules: list[Node] = []
        self.feedback: list[Node] = []
        self.outcomes: list[Node] = []
        self.template = ""
        self.is_marked_by_hand = False

    def stem(self) -> None:
        """The text, in the box by which we know it again."""
        self.content.append(box(self.body["stem"]))

    def add(self, *nodes: Node) -> None:
        """More of the body."""
        self.content += nodes

    def response(
        self,
        base_type: str,
        correct: Sequence[str],
        *,
        name: str = RESPONSE,
        cardinality: str = "single",
        mapping: Node | None = None,
    ) -> None:
        """Declare a response."""
        node = element("responseDeclaration", identifier=name, cardinality=cardinality, baseType=base_type)
        if correct:
            node.children.append(element("correctResponse", *(element("value", one) for one in correct)))
        if mapping is not None:
            node.children.append(mapping)
        self.responses.append(node)

    def mark_match(self, name: str = RESPONSE, marks: float | None = None) -> None:
        """Everything for exactly the correct response."""
        condition = element("match", variable(name), element("correct", identifier=name))
        self.when([(condition, self.mark if marks is None else marks)])

    def mark_map(self, name: str = RESPONSE, tag: str = "mapResponse") -> None:
        """As the mapping says; what is not answered earns nothing."""
        is_answered = element("not", element("isNull", variable(name)))
        self.rules.append(
            element("responseCondition", element("responseIf", is_answered, added(element(tag, identifier=name))))
        )

    def when(self, branches: Iterable[tuple[Node, float]], other: float = 0.0) -> None:
        """Marks of the first condition that holds, else the other ones."""
        condition = element("responseCondition")
        for number, (test, marks) in enumerate(branches):
            tag = "responseElseIf" if number else "responseIf"
            condition.children.append(element(tag, test, added(number_node(marks))))
        if other:
            condition.children.append(element("responseElse", added(number_node(other))))
        self.rules.append(condition)

    def mapping(
        self, entries: Iterable[tuple[str, float]], *, default: float = 0.0, bounded: bool = True, **more: object
    ) -> Node:
        """A mapping of values to parts of the mark."""
        rows = [element("mapEntry", mapKey=key, mappedValue=written(part * self.mark), **more) for key, part in entries]
        return element(
            "mapping",
            *rows,
            lowerBound="0" if bounded else None,
            upperBound=written(self.mark) if bounded else None,
            defaultValue=written(default * self.mark),
        )

    def tell(self, identifier: str, html: str, outcome: str) -> None:
        """A feedback that an outcome calls up."""
        self.feedback.append(
            element("modalFeedback", box(html), outcomeIdentifier=outcome, identifier=identifier, showHide="show")
        )

    def tell_choices(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """The feedback of choices, called up by choosing them."""
        if any(row["feedback"] for row in rows):
            cardinality = self.responses[0].get("cardinality")
            self.outcomes.append(_outcome("FEEDBACK_CHOICE", cardinality, "identifier"))
            self.rules.append(element("setOutcomeValue", variable(RESPONSE), identifier="FEEDBACK_CHOICE"))
            for row in rows:
                if row["feedback"]:
                    self.tell(identifier(row["id"]), row["feedback"], "FEEDBACK_CHOICE")

    def item(self, *, name: str, idnumber: str) -> Node:
        """The whole item."""
        self._tell_outcomes()
        score = _outcome("SCORE", "single", "float", "0")
        score.attributes["normalMaximum"] = written(self.mark)
        if self.is_marked_by_hand:
            score.attributes["externalScored"] = "human"
        declared = [*self.responses, score, _outcome("MAXSCORE", "single", "float", written(self.mark)), *self.outcomes]
        item = element(
            "assessmentItem",
            *declared,
            element("itemBody", *self.content),
            identifier=idnumber,
            title=name,
            adaptive=False,
            timeDependent=False,
        )
        if self.rules:
            item.children.append(element("responseProcessing", *self.rules))
        item.children += self.feedback
        return item

    def _tell_outcomes(self) -> None:
        found = {key: self.body[f"feedback_{key}"] for key in ("right", "partial", "wrong")}
        if self.rules and any(found.values()):
            self.outcomes.append(_outcome("FEEDBACK", "single", "identifier"))

            def when(tag: str, test: Node, name: str) -> Node:
                return element(tag, test, element("setOutcomeValue", _base("identifier", name), identifier="FEEDBACK"))

            whole = element("gte", variable("SCORE"), number_node(self.mark))
            nothing = element("lte", variable("SCORE"), number_node(0))
            other = element("setOutcomeValue", _base("identifier", "partial"), identifier="FEEDBACK")
            self.rules.append(
                element(
                    "responseCondition",
                    when("responseIf", whole, "right"),
                    when("responseElseIf", nothing, "wrong"),
                    element("responseElse", other),
                )
            )
            for key, html in found.items():
                if html:
                    self.tell(key, html, "FEEDBACK")
        if self.body["feedback"]:
            self.outcomes.append(_outcome("FEEDBACK_GENERAL", "single", "identifier", "general"))
            self.tell("general", self.body["feedback"], "FEEDBACK_GENERAL")


def box(html: str) -> Node:
    """HTML as it stands, blocks or not."""
    return element("div", *nodes_of(html), class_=STEM)


def identifier(text: str, spare: str = "_") -> str:
    """The text as an identifier of QTI: letters, digits, `_`, `-`, `.`, not beginning with a digit."""
    if _IDENTIFIER.fullmatch(text):
        return text
    cleaned = re.sub(r"[^A-Za-z0-9_.-]+", "_", text)
    return f"{spare}{cleaned}"


def variable(name: str) -> Node:
    """The value of a variable."""
    return element("variable", identifier=name)


def number_node(value: float) -> Node:
    """A number in a rule."""
    return _base("float", written(float(value)))


def added(value: Node) -> Node:
    """More marks."""
    return element("setOutcomeValue", element("sum", variable("SCORE"), value), identifier="SCORE")


def plain(html: str) -> str:
    """The text, for places where QTI wants no markup."""
    return plain_text(html) or "…"


def _base(base_type: str, text: str) -> Node:
    return element("baseValue", text, baseType=base_type)


def _outcome(name: str, cardinality: str, base_type: str, default: str = "") -> Node:
    node = element("outcomeDeclaration", identifier=name, cardinality=cardinality, baseType=base_type)
    if default:
        node.children.append(element("defaultValue", element("value", default)))
    return node
