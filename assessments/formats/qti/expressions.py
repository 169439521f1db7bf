"""The expressions of QTI marking rules, evaluated: what a rule says is tried, not guessed from its shape."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from django.utils.translation import gettext_lazy as _

from assessments.formats.qti.nodes import Node
from assessments.formats.qti.values import (
    Declaration,
    Many,
    Single,
    Unsupported,
    Value,
    is_number,
    number_of,
    region_of,
    same_single,
    single_of,
)
from common.messages import filled

Variables: TypeAlias = Mapping[str, Value]


class Evaluator:
    """Evaluates expressions over the declarations of an item. Raises Unsupported for what it does not know."""

    def __init__(self, declarations: Mapping[str, Declaration]) -> None:
        self.declarations = declarations
        self._own: dict[str, Callable[[Node, Variables], Value]] = {
            "variable": self._variable,
            "correct": lambda node, variables: self.declaration(node).correct,
            "default": lambda node, variables: self.declaration(node).default,
            "baseValue": lambda node, variables: single_of(node.text, node.get("baseType", "string")),
            "null": lambda node, variables: None,
            "mapResponse": self._mapped,
            "mapResponsePoint": self._mapped,
            "and": lambda node, variables: all(self.is_true(child, variables) for child in node.elements),
            "or": lambda node, variables: any(self.is_true(child, variables) for child in node.elements),
        }

    def value(self, node: Node, variables: Variables) -> Value:
        """What an expression is worth."""
        if node.tag in self._own:
            return self._own[node.tag](node, variables)
        operator = _OPERATORS.get(node.tag)
        if operator is None:
            raise Unsupported(filled(_("Its marking uses “%(name)s”, which we do not know."), {"name": node.tag[:60]}))
        return operator(node, [self.value(child, variables) for child in node.elements])

    def is_true(self, node: Node, variables: Variables) -> bool:
        """Whether a condition holds; NULL does not."""
        return self.value(node, variables) is True

    def declaration(self, node: Node) -> Declaration:
        """The variable that a node names. Raises Unsupported."""
        found = self.declarations.get(node.get("identifier"))
        if found is None:
            reason = _("Its marking names “%(name)s”, which is not declared.")
            raise Unsupported(filled(reason, {"name": node.get("identifier")[:60]}))
        return found

    def _variable(self, node: Node, variables: Variables) -> Value:
        if node.get("identifier") in variables:
            return variables[node.get("identifier")]
        self.declaration(node)
        return None

    def _mapped(self, node: Node, variables: Variables) -> Value:
        mapping = self.declaration(node).mapping
        if mapping is None:
            raise Unsupported(_("It is marked by a mapping that is not there."))
        return mapping.marks_of(self._variable(node, variables))


Operator: TypeAlias = Callable[[Node, Sequence[Value]], Value]


def _items(values: Sequence[Value]) -> tuple[Single, ...]:
    found: list[Single] = []
    for value in values:
        found += value.items if isinstance(value, Many) else [] if value is None else [value]
    return tuple(found)


def _same(one: Value, other: Value) -> bool | None:
    if one is None or other is None:
        return None
    if isinstance(one, Many) or isinstance(other, Many):
        left = one if isinstance(one, Many) else Many((one,))
        right = other if isinstance(other, Many) else Many((other,))
        return left.same(right)
    return same_single(one, other)


def _match(node: Node, values: Sequence[Value]) -> Value:
    one, other = _two(node, values)
    return _same(one, other)


def _two(node: Node, values: Sequence[Value]) -> tuple[Value, Value]:
    if len(values) != 2:
        raise Unsupported(filled(_("“%(name)s” in its marking needs two values."), {"name": node.tag}))
    return values[0], values[1]


def _string_match(node: Node, values: Sequence[Value]) -> Value:
    one, other = (None if value is None else str(value) for value in _two(node, values))
    if one is None or other is None:
        return None
    if node.get("caseSensitive", "true") == "false":
        one, other = one.lower(), other.lower()
    return other in one if node.get("substring", "false") == "true" else one == other


def _numbers(values: Sequence[Value]) -> list[float] | None:
    """Every number in the values; None when one is NULL."""
    if any(value is None for value in values):
        return None
    found = []
    for item in _items(values):
        if isinstance(item, str):  # exports that forget to say which type a literal is
            item = number_of(item)
        if not is_number(item):
            raise Unsupported(_("Its marking reckons with what is no number."))
        found.append(item)
    return found  # type: ignore[return-value]


def _reckoned(reckon: Callable[[list[float]], float]) -> Operator:
    def operator(node: Node, values: Sequence[Value]) -> Value:
        numbers = _numbers(values)
        if not numbers:
            return None if numbers is None else reckon([0.0])
        try:
            return reckon(numbers)
        except (ZeroDivisionError, OverflowError, IndexError):
            return None

    return operator


def _compared(compare: Callable[[float, float], bool]) -> Operator:
    def operator(node: Node, values: Sequence[Value]) -> Value:
        numbers = _numbers(_two(node, values))
        return None if numbers is None or len(numbers) != 2 else compare(numbers[0], numbers[1])

    return operator


def tolerances(node: Node) -> tuple[str, float, float]:
    """(mode, below, above) of an `equal`; relative ones are percentages."""
    mode = node.get("toleranceMode", "exact")
    parts = [number_of(part) for part in node.get("tolerance").replace(",", " ").split()] or [0.0]
    return mode, parts[0], parts[-1]


def _equal(node: Node, values: Sequence[Value]) -> Value:
    numbers = _numbers(_two(node, values))
    if numbers is None or len(numbers) != 2:
        return None
    given, wanted = (numbers[1], numbers[0]) if node.elements[0].tag in {"correct", "baseValue"} else numbers
    mode, below, above = tolerances(node)
    if mode == "exact":
        return given == wanted
    if mode == "relative":
        below, above = abs(wanted) * below / 100, abs(wanted) * above / 100
    low, high = wanted - below, wanted + above
    over = given >= low if node.get("includeLowerBound", "true") != "false" else given > low
    under = given <= high if node.get("includeUpperBound", "true") != "false" else given < high
    return over and under


def wildcard_of(pattern: str) -> tuple[str, bool] | None:
    """(our pattern with `*`, whether capital letters count) of a simple regular expression; None for any other.

    Simple are signs, escaped signs, `.*`, and sets of one letter in both cases, such as `[Aa]`.
    """
    text, sensitive, done = "", False, 0
    for found in _SIMPLE.finditer(pattern):
        if found.start() != done:
            return None
        done = found.end()
        if found["both"]:
            one, other = found["both"][0], found["both"][1]
            if one.lower() != other.lower():
                return None
            text += one.lower()
        elif found["any"]:
            text += "*"
        else:
            sign = found["sign"].removeprefix("\\")
            sensitive = sensitive or sign.lower() != sign.upper()
            text += "\\*" if sign == "*" else sign
    return (text, sensitive) if done == len(pattern) and text.count("*") <= MOST_STARS else None


_SIMPLE = re.compile(r"(?P<any>\.\*)|\[(?P<both>[^\[\]\\^-]{2})\]|(?P<sign>\\[^\w\s]|[^.\\?*+{}()\[\]|^$])(?![?*+{])")
MOST_STARS = 6


def _pattern_match(node: Node, values: Sequence[Value]) -> Value:
    known = wildcard_of(node.get("pattern"))
    if known is None:
        raise Unsupported(
            filled(
                _("Its marking uses the pattern “%(name)s”, which we cannot say."), {"name": node.get("pattern")[:60]}
            )
        )
    if not values or values[0] is None:
        return None
    text, sensitive = known
    pieces = [re.escape(piece.replace("\0", "*")) for piece in text.replace("\\*", "\0").split("*")]
    flags = re.DOTALL if sensitive else re.DOTALL | re.IGNORECASE
    return re.fullmatch(".*?".join(pieces), str(values[0]), flags) is not None


def _rounded(number: float, node: Node) -> str:
    figures = int(number_of(node.get("figures", "0")))
    if not 0 <= figures <= 15:
        raise Unsupported(_("Its marking rounds to an impossible number of figures."))
    if node.get("roundingMode", "significantFigures") == "decimalPlaces":
        return f"{number:.{figures}f}"
    return f"{number:.{max(figures, 1) - 1}e}"


def _equal_rounded(node: Node, values: Sequence[Value]) -> Value:
    numbers = _numbers(_two(node, values))
    return None if numbers is None else _rounded(numbers[0], node) == _rounded(numbers[1], node)


def _member(node: Node, values: Sequence[Value]) -> Value:
    one, holder = _two(node, values)
    if one is None or holder is None:
        return None
    return any(_same(one, item) for item in _items([holder]))


def _contains(node: Node, values: Sequence[Value]) -> Value:
    holder, wanted = _two(node, values)
    if holder is None or wanted is None:
        return None
    left = list(_items([holder]))
    for item in _items([wanted]):
        if item not in left:
            return False
        left.remove(item)
    return True


def _index(node: Node, values: Sequence[Value]) -> Value:
    number = int(number_of(node.get("n", "1")))
    items = _items(values)
    return items[number - 1] if 1 <= number <= len(items) else None


def _not(node: Node, values: Sequence[Value]) -> Value:
    return None if not values or values[0] is None else values[0] is not True


def _is_null(node: Node, values: Sequence[Value]) -> Value:
    value = values[0] if values else None
    return value is None or value == "" or (isinstance(value, Many) and not value.items)


def _inside(node: Node, values: Sequence[Value]) -> Value:
    region = region_of(node.get("shape"), node.get("coords"))
    points = [item for item in _items(values) if isinstance(item, tuple)]
    return any(region.contains(float(x), float(y)) for x, y in points) if points else None


def _many(is_ordered: bool) -> Operator:
    def operator(node: Node, values: Sequence[Value]) -> Value:
        items = _items(values)
        return Many(items, is_ordered) if items else None

    return operator


def _any_n(node: Node, values: Sequence[Value]) -> Value:
    least, most = number_of(node.get("min", "0")), number_of(node.get("max", "0"))
    return least <= sum(value is True for value in values) <= most


def _delete(node: Node, values: Sequence[Value]) -> Value:
    gone, holder = _two(node, values)
    if gone is None or not isinstance(holder, Many):
        return None
    left = tuple(item for item in holder.items if not _same(item, gone))
    return Many(left, holder.is_ordered) if left else None


def _product(numbers: list[float]) -> float:
    return math.prod(numbers)


_OPERATORS: dict[str, Operator] = {
    "match": _match,
    "stringMatch": _string_match,
    "patternMatch": _pattern_match,
    "substring": lambda node, values: _string_match(
        Node("substring", {"substring": "true", **node.attributes}), tuple(reversed(_two(node, values)))
    ),
    "equal": _equal,
    "equalRounded": _equal_rounded,
    "member": _member,
    "contains": _contains,
    "delete": _delete,
    "index": _index,
    "not": _not,
    "isNull": _is_null,
    "inside": _inside,
    "multiple": _many(False),
    "ordered": _many(True),
    "anyN": _any_n,
    "containerSize": lambda node, values: len(_items(values)),
    "sum": _reckoned(sum),
    "product": _reckoned(_product),
    "subtract": _reckoned(lambda numbers: numbers[0] - numbers[1]),
    "divide": _reckoned(lambda numbers: numbers[0] / numbers[1]),
    "min": _reckoned(min),
    "max": _reckoned(max),
    "round": _reckoned(lambda numbers: float(math.floor(numbers[0] + 0.5))),
    "truncate": _reckoned(lambda numbers: float(math.trunc(numbers[0]))),
    "integerToFloat": _reckoned(lambda numbers: float(numbers[0])),
    "gt": _compared(lambda one, other: one > other),
    "gte": _compared(lambda one, other: one >= other),
    "lt": _compared(lambda one, other: one < other),
    "lte": _compared(lambda one, other: one <= other),
}
