"""Formulas of calculated questions: read by a parser of our own into a tree, and calculated from that. Never `eval`.

Names stand only in braces, `{a}`; everything else is numbers, the operators + - * / % ** (a comparison or
`condition ? this : that` as well) and the functions of `FUNCTIONS`. What they mean is what PHP means, in which the
reference engine calculates: `**` binds tighter than a sign before it and from the right, `%` takes whole numbers and
the sign of the left one, `round` rounds halves away from zero.

    formula = parse("{a} * 2 + sqrt({b})")
    formula.names             # {"a", "b"}
    formula.value({"a": 1, "b": 4})  # 4.0
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.question_types.formula_functions import FUNCTIONS, NotDefined
from common.messages import filled

MOST_SIGNS = 1000
MOST_TOKENS = 500
MOST_DEPTH = 80
MOST_ARGUMENTS = 20
NAME = r"[^\W\d_][\w\- ]{0,39}"
_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<function>[A-Za-z_]\w*)"
    rf"|\{{(?P<name>{NAME})\}}"
    r"|(?P<sign>\*\*|<=|>=|==|!=|<>|[-+*/%(),<>?:])",
)
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<>": lambda left, right: left != right,
}


class FormulaError(ValueError):
    """What is wrong, in a sentence, and at which sign of the formula (from 1)."""

    def __init__(self, message: str | Promise, position: int, **values: object) -> None:
        place = filled(message, {**values, "position": position})
        super().__init__(place)
        self.message = place
        self.position = position

    def __str__(self) -> str:
        return str(self.message)


# The tree ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    number: float


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that the question gives."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Minus:
    """The negative of something."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Operation:
    """Two values and the operator between them."""

    operator: str
    left: Node
    right: Node
    position: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments."""

    function: str
    arguments: tuple[Node, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One of two values, by a condition."""

    condition: Node
    then: Node
    otherwise: Node


Node: TypeAlias = Number | Variable | Minus | Operation | Call | Choice


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that can be calculated, and the names that it needs."""

    tree: Node
    names: frozenset[str]

    def value(self, values: Mapping[str, float]) -> float:
        """The finite number that it gives for these values. Raises FormulaError."""
        try:
            result = _value(self.tree, values)
        except OverflowError:
            result = math.inf
        if not math.isfinite(result):
            raise FormulaError(_("The result is no finite number (sign %(position)d)."), 1)
        return result + 0.0


# Calculating ---------------------------------------------------------------------------------------------------


def _value(node: Node, values: Mapping[str, float]) -> float:
    match node:
        case Number(number):
            return number
        case Variable(name, position):
            if name not in values:
                raise FormulaError(_("There is no value for {%(name)s} (sign %(position)d)."), position, name=name)
            return float(values[name])
        case Minus(operand):
            return -_value(operand, values)
        case Choice(condition, then, otherwise):
            return _value(then if _value(condition, values) else otherwise, values)
        case Call(function, arguments, position):
            given = [_value(argument, values) for argument in arguments]
            return _called(function, given, values, position)
        case Operation(operator, left, right, position):
            return _operated(operator, _value(left, values), _value(right, values), position)


def _called(function: str, given: list[float], values: Mapping[str, float], position: int) -> float:
    try:
        return float(FUNCTIONS[function].calculate(values, *given))
    except OverflowError:
        return math.inf
    except NotDefined as problem:
        raise FormulaError(problem.sentence, position, function=function) from None
    except (ValueError, ZeroDivisionError):
        return math.nan


def _operated(operator: str, left: float, right: float, position: int) -> float:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            if right == 0:
                raise FormulaError(_("Division by zero (sign %(position)d)."), position)
            return left / right
        case "%":
            if not (math.isfinite(left) and math.isfinite(right)):
                return math.nan
            if int(right) == 0:
                raise FormulaError(_("Division by zero (sign %(position)d)."), position)
            return math.fmod(int(left), int(right)) + 0.0
        case "**":
            return _called("pow", [left, right], {}, position)
    return float(_COMPARISONS[operator](left, right))


# Reading -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def parse(text: str) -> Formula:
    """The formula that `text` says. Raises FormulaError: what is wrong and where."""
    if len(text) > MOST_SIGNS:
        raise FormulaError(
            _("The formula is too long: at most %(most)d signs (sign %(position)d)."), MOST_SIGNS + 1, most=MOST_SIGNS
        )
    tokens = list(_tokens(text))
    if len(tokens) > MOST_TOKENS:
        raise FormulaError(_("The formula has too many parts (sign %(position)d)."), tokens[MOST_TOKENS].position)
    reader = _Reader(tokens)
    tree = reader.whole()
    return Formula(tree, frozenset(reader.names))


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def _tokens(text: str) -> Iterator[_Token]:
    index = 0
    while index < len(text):
        if text[index].isspace():
            index += 1
            continue
        found = _TOKEN.match(text, index)
        if found is None:
            raise _stray(text[index:], index + 1)
        assert found.lastgroup is not None
        yield _Token(found.lastgroup, found[found.lastgroup], index + 1)
        index = found.end()
    yield _Token("end", "", len(text) + 1)


def _stray(rest: str, position: int) -> FormulaError:
    if rest[0] == "^":
        return FormulaError(_("“^” is no power here: write ** or pow(…, …) (sign %(position)d)."), position)
    if rest[0] == "{":
        return FormulaError(_("The braces do not hold a name, as in {a} (sign %(position)d)."), position)
    return FormulaError(_("“%(text)s” is not understood (sign %(position)d)."), position, text=rest[0])


class _Reader:
    """Recursive descent over the tokens, one method a level of precedence."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens, self.index, self.depth = tokens, 0, 0
        self.names: set[str] = set()

    @property
    def next(self) -> _Token:
        return self.tokens[self.index]

    def take(self, *signs: str) -> _Token | None:
        """The next token when it is one of these signs."""
        token = self.next
        if token.kind == "sign" and token.text in signs:
            self.index += 1
            return token
        return None

    def need(self, sign: str) -> None:
        if self.take(sign) is None:
            raise FormulaError(_("“%(sign)s” is missing (sign %(position)d)."), self.next.position, sign=sign)

    def whole(self) -> Node:
        tree = self.choice()
        if self.next.kind != "end":
            raise self.unexpected()
        return tree

    def unexpected(self) -> FormulaError:
        token = self.next
        if token.kind == "end":
            return FormulaError(_("The formula breaks off (sign %(position)d)."), token.position)
        text = f"{{{token.text}}}" if token.kind == "name" else token.text
        return FormulaError(_("“%(text)s” is not expected here (sign %(position)d)."), token.position, text=text)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise FormulaError(_("The formula is nested too deeply (sign %(position)d)."), self.next.position)

    def choice(self) -> Node:
        self.deeper()
        tree = self.comparison()
        if self.take("?"):
            then = self.choice()
            self.need(":")
            tree = Choice(tree, then, self.choice())
        self.depth -= 1
        return tree

    def comparison(self) -> Node:
        left = self.sum()
        if token := self.take(*_COMPARISONS):
            return Operation(token.text, left, self.sum(), token.position)
        return left

    def sum(self) -> Node:
        tree = self.product()
        while token := self.take("+", "-"):
            tree = Operation(token.text, tree, self.product(), token.position)
        return tree

    def product(self) -> Node:
        tree = self.signed()
        while token := self.take("*", "/", "%"):
            tree = Operation(token.text, tree, self.signed(), token.position)
        return tree

    def signed(self) -> Node:
        self.deeper()
        if self.take("-"):
            tree: Node = Minus(self.signed())
        elif self.take("+"):
            tree = self.signed()
        else:
            tree = self.power()
        self.depth -= 1
        return tree

    def power(self) -> Node:
        base = self.atom()
        if token := self.take("**"):
            return Operation("**", base, self.signed(), token.position)
        return base

    def atom(self) -> Node:
        token = self.next
        if self.take("("):
            tree = self.choice()
            self.need(")")
            return tree
        self.index += 1
        if token.kind == "number":
            return Number(_literal(token))
        if token.kind == "name":
            self.names.add(token.text)
            return Variable(token.text, token.position)
        if token.kind == "function":
            return self.call(token)
        self.index -= 1
        raise self.unexpected()

    def call(self, token: _Token) -> Call:
        name = token.text.lower()
        if name not in FUNCTIONS:
            raise FormulaError(
                _("“%(name)s” is no function; a variable stands in braces, {%(name)s} (sign %(position)d)."),
                token.position,
                name=token.text,
            )
        self.need("(")
        arguments: list[Node] = []
        if not self.take(")"):
            arguments.append(self.choice())
            while self.take(","):
                arguments.append(self.choice())
            self.need(")")
        least, most = FUNCTIONS[name].arguments
        if not least <= len(arguments) <= min(most, MOST_ARGUMENTS):
            raise FormulaError(
                _("%(name)s does not take %(number)d arguments (sign %(position)d)."),
                token.position,
                name=name,
                number=len(arguments),
            )
        return Call(name, tuple(arguments), token.position)


def _literal(token: _Token) -> float:
    number = float(token.text)
    if not math.isfinite(number):
        raise FormulaError(_("The number is too large (sign %(position)d)."), token.position)
    return number
