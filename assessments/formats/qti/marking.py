"""How an item is marked: its declarations and response processing, run for one response at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from assessments.formats.qti.expressions import Evaluator
from assessments.formats.qti.nodes import Node, parse_document
from assessments.formats.qti.values import (
    Declaration,
    Many,
    Unsupported,
    Value,
    is_number,
    number_of,
    read_declaration,
)
from common.messages import filled

SCORE = "SCORE"
MOST_RULES = 2_000
_IF_CORRECT = """<responseProcessing><responseCondition><responseIf><match><variable identifier="{0}"/>
<correct identifier="{0}"/></match><setOutcomeValue identifier="SCORE">{1}</setOutcomeValue></responseIf><responseElse>
<setOutcomeValue identifier="SCORE"><baseValue baseType="float">0</baseValue></setOutcomeValue></responseElse>
</responseCondition></responseProcessing>"""
_MAPPED = """<responseProcessing><responseCondition><responseIf><isNull><variable identifier="{0}"/></isNull>
<setOutcomeValue identifier="SCORE"><baseValue baseType="float">0</baseValue></setOutcomeValue></responseIf>
<responseElse><setOutcomeValue identifier="SCORE"><mapResponse identifier="{0}"/></setOutcomeValue></responseElse>
</responseCondition></responseProcessing>"""
_ONE = '<baseValue baseType="float">1</baseValue>'
_WHOLE = '<variable identifier="MAXSCORE"/>'
_TEMPLATES = {
    "match_correct": (_IF_CORRECT, _ONE),
    "map_response": (_MAPPED, ""),
    "map_response_point": (_MAPPED, ""),
    "cc2_match": (_IF_CORRECT, _WHOLE),
    "cc2_match_basic": (_IF_CORRECT, _WHOLE),
    "cc2_map_response": (_MAPPED, ""),
}


class Marking:
    """The marking of one item. `is_implied`: the file has no rules, so what it calls correct counts.

    Raises Unsupported, at the latest when it is run, for what we do not know.
    """

    def __init__(self, item: Node) -> None:
        self.responses = _declared(item, "responseDeclaration")
        self.outcomes = _declared(item, "outcomeDeclaration")
        self._evaluator = Evaluator({**self.outcomes, **self.responses})
        processing = item.child("responseProcessing")
        self.is_implied = processing is None or not (processing.elements or processing.attributes)
        if processing is None or self.is_implied:
            self._rules = self._implied()
        else:
            self._rules = processing.elements or self._template(_template_name(processing))
        self.size = 1 + sum(rule.size() for rule in self._rules)
        if self.size > MOST_RULES:
            raise Unsupported(_("Its marking has more rules than we try."))

    @property
    def has_rules(self) -> bool:
        """Whether anything at all is marked by rules."""
        return bool(self._rules)

    def rules(self, *tags: str) -> Iterator[Node]:
        """Every expression of these names in the rules."""
        for rule in self._rules:
            if rule.tag in tags:
                yield rule
            yield from rule.within(*tags)

    def tests_of(self, response: str, *tags: str) -> Iterator[Node]:
        """The conditions of these names that look at a response."""
        for node in self.rules(*tags):
            if any(one.get("identifier") == response for one in node.within("variable")):
                yield node

    def run(self, responses: Mapping[str, Value]) -> dict[str, Value]:
        """The outcomes of responses by identifier; what is not given was not answered."""
        variables: dict[str, Value] = {name: responses.get(name) for name in self.responses}
        for name, outcome in self.outcomes.items():
            is_zero = outcome.default is None and outcome.base_type in {"float", "integer"}
            variables[name] = 0.0 if is_zero and outcome.cardinality == "single" else outcome.default
        self._run(self._rules, variables)
        return {name: value for name, value in variables.items() if name not in self.responses}

    def score(self, responses: Mapping[str, Value]) -> float:
        """The marks of responses."""
        return score_in(self.run(responses))

    def declared_maximum(self) -> float | None:
        """The most marks, where the item says so and it is more than nothing."""
        outcome = self.outcomes.get("MAXSCORE")
        if outcome is not None and is_number(outcome.default) and float(outcome.default) > 0:  # type: ignore[arg-type]
            return float(outcome.default)  # type: ignore[arg-type]
        return None

    def _run(self, rules: list[Node], variables: dict[str, Value]) -> bool:
        """Whether the rules ran to their end; `exitResponse` ends all of them."""
        for rule in rules:
            if rule.tag == "exitResponse":
                return False
            if rule.tag == "setOutcomeValue":
                variables[rule.get("identifier")] = self._evaluator.value(_only(rule), variables)
            elif rule.tag == "lookupOutcomeValue":
                variables[rule.get("identifier")] = self._looked_up(rule, variables)
            elif rule.tag == "responseProcessingFragment":
                if not self._run(rule.elements, variables):
                    return False
            elif rule.tag == "responseCondition":
                if not self._run(self._chosen(rule, variables), variables):
                    return False
            else:
                raise Unsupported(
                    filled(_("Its marking uses “%(name)s”, which we do not know."), {"name": rule.tag[:60]})
                )
        return True

    def _chosen(self, condition: Node, variables: Mapping[str, Value]) -> list[Node]:
        for branch in condition.elements:
            if branch.tag == "responseElse":
                return branch.elements
            if branch.elements and self._evaluator.is_true(branch.elements[0], variables):
                return branch.elements[1:]
        return []

    def _looked_up(self, rule: Node, variables: Mapping[str, Value]) -> Value:
        table = self._evaluator.declaration(rule).table
        source = self._evaluator.value(_only(rule), variables)
        if table is None or not (source is None or is_number(source)):
            raise Unsupported(_("Its marking looks up a table that is not there."))
        for row in table.elements if source is not None else []:
            given, wanted = float(source), number_of(row.get("sourceValue", "0"))  # type: ignore[arg-type]
            includes = row.get("includeBoundary", "true") != "false"
            if (table.tag == "matchTable" and given == wanted) or (
                table.tag == "interpolationTable" and (given >= wanted if includes else given > wanted)
            ):
                return number_of(row.get("targetValue", "0"))
        default = table.get("defaultValue")
        return number_of(default) if default else None

    def _implied(self) -> list[Node]:
        known = [name for name, response in self.responses.items() if response.correct is not None or response.mapping]
        if len(known) != 1:
            return []
        has_mapping = self.responses[known[0]].mapping is not None
        return _built(_MAPPED if has_mapping else _IF_CORRECT, known[0], _ONE)

    def _template(self, name: str) -> list[Node]:
        found = _TEMPLATES.get(name.lower())
        if found is None:
            raise Unsupported(
                filled(_("It is marked by the template “%(name)s”, which we do not know."), {"name": name})
            )
        identifier = "RESPONSE" if "RESPONSE" in self.responses else next(iter(self.responses), "RESPONSE")
        declared = self.responses.get(identifier)
        if declared is None or (found[0] is _MAPPED and declared.mapping is None):
            # What nobody gave a key is marked by a person: an essay with a template that has nothing to compare.
            return [] if declared is None or declared.correct is None else _built(_IF_CORRECT, identifier, _ONE)
        return _built(found[0], identifier, found[1])


def score_in(outcomes: Mapping[str, Value]) -> float:
    """The marks among outcomes."""
    score = outcomes.get(SCORE)
    if isinstance(score, Many):
        raise Unsupported(_("Its marks are several numbers."))
    if isinstance(score, str):
        return number_of(score)
    return float(score) if is_number(score) else 0.0  # type: ignore[arg-type]


def _built(template: str, identifier: str, worth: str) -> list[Node]:
    root = parse_document(template.format("RESPONSE", worth).encode())
    for node in root.within("variable", "correct", "mapResponse"):
        if node.get("identifier") == "RESPONSE":
            node.attributes["identifier"] = identifier
    return root.elements


def _template_name(processing: Node) -> str:
    address = processing.get("template") or processing.get("templateLocation")
    return address.rstrip("/").rpartition("/")[2].removesuffix(".xml")


def _declared(item: Node, tag: str) -> dict[str, Declaration]:
    return {node.get("identifier"): read_declaration(node) for node in item.all(tag)}


def _only(rule: Node) -> Node:
    if not rule.elements:
        raise Unsupported(_("A rule of its marking is empty."))
    return rule.elements[0]
