"""The content model of QTI 2.2 and 3.0, as far as what we write uses it, in the words of the specifications.

A schema cannot be fetched where the tests run. These rules were written down by hand from the information models of
1EdTech: the order and number of children, required attributes, values of enumerations, where text may stand, and
that identifiers are identifiers, unique, and declared before they are used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

_KEBAB = re.compile("-([a-z])")
_NAMESPACES = {"2.2": "http://www.imsglobal.org/xsd/imsqti_v2p2", "3.0": "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"}
_IDENTIFIER = re.compile(r"[A-Za-z_][\w.-]*")
INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdo",
        "big",
        "br",
        "cite",
        "code",
        "dfn",
        "em",
        "i",
        "img",
        "kbd",
        "object",
        "q",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "tt",
        "var",
        "textEntryInteraction",
        "inlineChoiceInteraction",
        "gap",
        "hottext",
        "printedVariable",
    ]
)
BLOCK = frozenset(
    [
        "address",
        "blockquote",
        "div",
        "dl",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "ol",
        "p",
        "pre",
        "table",
        "ul",
        "rubricBlock",
        "feedbackBlock",
        "choiceInteraction",
        "orderInteraction",
        "matchInteraction",
        "gapMatchInteraction",
        "extendedTextInteraction",
        "uploadInteraction",
        "hotspotInteraction",
        "graphicGapMatchInteraction",
        "selectPointInteraction",
    ]
)
_EXPRESSION = "(variable|correct|baseValue|mapResponse|mapResponsePoint|match|stringMatch|patternMatch|equal|and|or|not|isNull|sum|product|divide|subtract|gte|lte|gt|lt|member|contains|multiple|ordered|index|index|equalRounded|isNull|default|inside|containerSize|null|min|max|truncate|round|integerDivide|delete|field|repeat)"
_RULE = "(setOutcomeValue|responseCondition|lookupOutcomeValue|exitResponse)"
# What stands in an element, as a pattern over the names of its children; text is allowed where the pattern has none.
CHILDREN = {
    "assessmentItem": "responseDeclaration* outcomeDeclaration* templateDeclaration* templateProcessing? assessmentStimulusRef* stylesheet* itemBody? responseProcessing? modalFeedback*",
    "responseDeclaration": "defaultValue? correctResponse? mapping? areaMapping?",
    "outcomeDeclaration": "defaultValue? (matchTable|interpolationTable)?",
    "defaultValue": "value+",
    "correctResponse": "value+",
    "mapping": "mapEntry+",
    "areaMapping": "areaMapEntry+",
    "responseProcessing": f"{_RULE}*",
    "responseCondition": "responseIf responseElseIf* responseElse?",
    "responseIf": f"{_EXPRESSION} {_RULE}*",
    "responseElseIf": f"{_EXPRESSION} {_RULE}*",
    "responseElse": f"{_RULE}*",
    "setOutcomeValue": _EXPRESSION,
    **dict.fromkeys(("match", "stringMatch", "equal", "gte", "lte", "gt", "lt"), f"{_EXPRESSION} {_EXPRESSION}"),
    **dict.fromkeys(("and", "or", "sum", "product", "min", "max"), f"{_EXPRESSION}+"),
    **dict.fromkeys(("multiple", "ordered"), f"{_EXPRESSION}*"),
    **dict.fromkeys(("not", "isNull", "patternMatch", "inside", "index"), _EXPRESSION),
    "choiceInteraction": "prompt? simpleChoice+",
    "orderInteraction": "prompt? simpleChoice+",
    "matchInteraction": "prompt? simpleMatchSet simpleMatchSet",
    "simpleMatchSet": "simpleAssociableChoice*",
    "inlineChoiceInteraction": "inlineChoice+",
    "extendedTextInteraction": "prompt?",
    "uploadInteraction": "prompt?",
    "textEntryInteraction": "",
    "hotspotInteraction": "prompt? (object|img) hotspotChoice+",
    "selectPointInteraction": "prompt? (object|img)",
    "graphicGapMatchInteraction": "prompt? (object|img) (gapImg|gapText)+ associableHotspot+",
    "gapMatchInteraction": "prompt? (gapText|gapImg)+ BLOCK+",
    "gapImg": "object|img",
    "itemBody": "BLOCK*",
    "blockquote": "BLOCK*",
    "ul": "li*",
    "ol": "li*",
    "table": "caption? (col*|colgroup*) thead? tfoot? tbody+",
    **dict.fromkeys(("thead", "tbody", "tfoot"), "tr+"),
    "tr": "(th|td)*",
}
_INLINE_ONLY = frozenset(
    [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "pre",
        "address",
        "a",
        "abbr",
        "acronym",
        "b",
        "big",
        "cite",
        "code",
        "dfn",
        "em",
        "i",
        "kbd",
        "q",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "tt",
        "var",
        "prompt",
        "inlineChoice",
    ]
)
_USES = {"variable", "correct", "setOutcomeValue", "mapResponse", "mapResponsePoint"}
_TEXT_ONLY = {"value", "baseValue", "gapText"}
REQUIRED = {
    "assessmentItem": "identifier title adaptive timeDependent",
    "responseDeclaration": "identifier cardinality baseType",
    "outcomeDeclaration": "identifier cardinality",
    "mapEntry": "mapKey mappedValue",
    "areaMapEntry": "shape coords mappedValue",
    **dict.fromkeys(("variable", "correct", "mapResponse", "mapResponsePoint", "setOutcomeValue"), "identifier"),
    "baseValue": "baseType",
    "equal": "toleranceMode",
    "stringMatch": "caseSensitive",
    "patternMatch": "pattern",
    **dict.fromkeys(("choiceInteraction", "orderInteraction", "matchInteraction", "inlineChoiceInteraction", "extendedTextInteraction",
                     "uploadInteraction", "textEntryInteraction", "hotspotInteraction", "selectPointInteraction",
                     "graphicGapMatchInteraction", "gapMatchInteraction"), "responseIdentifier"),
    **dict.fromkeys(("simpleChoice", "inlineChoice", "gap"), "identifier"),
    **dict.fromkeys(("simpleAssociableChoice", "gapText", "gapImg"), "identifier matchMax"),
    "hotspotChoice": "identifier shape coords",
    "associableHotspot": "identifier shape coords matchMax",
    "modalFeedback": "outcomeIdentifier identifier showHide",
    "rubricBlock": "view",
    "object": "data type",
    "img": "src alt",
    "a": "href",
}  # fmt: skip
VALUES = {
    "cardinality": {"single", "multiple", "ordered", "record"},
    "baseType": {
        "boolean", "directedPair", "duration", "file", "float", "identifier", "integer", "pair", "point", "string", "uri",
    },
    "shape": {"circle", "default", "ellipse", "poly", "rect"},
    "showHide": {"show", "hide"},
    "toleranceMode": {"exact", "absolute", "relative"},
    "adaptive": {"true", "false"},
    "shuffle": {"true", "false"},
    "caseSensitive": {"true", "false"},
    "format": {"plain", "preFormatted", "xhtml"},
    "externalScored": {"human", "externalMachine"},
    "view": {"author", "candidate", "proctor", "scorer", "testConstructor", "tutor"},
}  # fmt: skip
_NUMBERS = {"mappedValue", "defaultValue", "lowerBound", "upperBound", "normalMaximum"}
_COUNTS = {
    "maxChoices",
    "minChoices",
    "matchMax",
    "expectedLines",
    "expectedLength",
    "maxAssociations",
    "width",
    "height",
}
_REST = {"class", "id", "xml:lang", "label", "xmlns"}
_TESTS = {
    "assessmentTest": ("testPart+", "identifier title"),
    "testPart": ("assessmentSection+", "identifier navigationMode submissionMode"),
    "assessmentSection": ("(assessmentSection|assessmentItemRef)*", "identifier title visible"),
    "assessmentItemRef": ("", "identifier href"),
}


class Tree:
    """An element with the names of QTI 2, whatever its version."""

    def __init__(self, element: Element, version: str) -> None:
        namespace, _brace, name = element.tag.rpartition("}")
        self.namespace, self.version = namespace.lstrip("{"), version
        self.is_qti = version == "2.2" or name.startswith("qti-")
        self.tag = _camel(name.removeprefix("qti-")) if version == "3.0" and name.startswith("qti-") else name
        self.attributes = {
            _camel(key) if version == "3.0" and self.is_qti and not key.startswith("data-") else _attribute(key): value
            for key, value in element.attrib.items()
        }
        self.children = [Tree(child, version) for child in element]
        self.has_text = any(text and text.strip() for text in (element.text, *(child.tail for child in element)))

    def every(self) -> Iterator[Tree]:
        """It and what is in it."""
        yield self
        for child in self.children:
            yield from child.every()


def faults_of_item(text: str, version: str) -> list[str]:
    """What the specification would not allow in an item."""
    root = Tree(fromstring(text), version)
    found = [] if root.tag == "assessmentItem" else [f"root {root.tag}"]
    for node in root.every():
        if node.namespace != _NAMESPACES[version]:
            found.append(f"{node.tag}: namespace {node.namespace}")
        found += _faults(node)
    declared = [node.attributes.get("identifier", "") for node in root.children if node.tag.endswith("Declaration")]
    if len(set(declared)) != len(declared):
        found.append("a variable is declared twice")
    for node in root.every():
        for key in ("responseIdentifier", "outcomeIdentifier"):
            if key in node.attributes and node.attributes[key] not in declared:
                found.append(f"{node.tag}: {node.attributes[key]} is not declared")
        used = node.attributes.get("identifier") if node.tag in _USES else None
        if used is not None and used not in declared:
            found.append(f"{node.tag}: {used} is not declared")
        if node.tag.endswith("Interaction"):
            names = [one.attributes["identifier"] for one in node.every() if "identifier" in one.attributes]
            if len(set(names)) != len(names):
                found.append(f"{node.tag}: identifiers are there twice")
    return found


def faults_of_test(text: str, version: str) -> list[str]:
    """What the specification would not allow in a test."""
    root = Tree(fromstring(text), version)
    found = []
    for node in root.every():
        pattern, required = _TESTS.get(node.tag, ("", ""))
        if node.tag not in _TESTS or not _fits(node, pattern):
            found.append(f"{node.tag}: {[child.tag for child in node.children]}")
        found += [f"{node.tag}: no {name}" for name in required.split() if name not in node.attributes]
    names = [node.attributes["identifier"] for node in root.every() if node.tag != "assessmentTest"]
    return found + (["identifiers are there twice"] if len(set(names)) != len(names) else [])


def _faults(node: Tree) -> Iterator[str]:
    tags = [child.tag for child in node.children]
    if node.tag in CHILDREN:
        if not _fits(node, CHILDREN[node.tag]):
            yield f"{node.tag}: {tags}"
        if node.has_text:
            yield f"{node.tag}: text in it"
    elif node.tag in _INLINE_ONLY and not set(tags) <= INLINE:
        yield f"{node.tag}: {sorted(set(tags) - INLINE)} in it"
    elif node.tag in _TEXT_ONLY and tags:
        yield f"{node.tag}: {tags}"
    elif node.tag == "modalFeedback" and node.version == "3.0" and tags != ["contentBody"]:
        yield f"modalFeedback: {tags}"
    yield from (f"{node.tag}: no {name}" for name in REQUIRED.get(node.tag, "").split() if name not in node.attributes)
    known = {
        name
        for name in VALUES
        if name not in {"format", "view"} or node.tag in {"extendedTextInteraction", "rubricBlock"}
    }
    for name, value in node.attributes.items():
        if name in known and not set(value.split()) <= VALUES[name]:
            yield f"{node.tag}: {name}={value}"
        if name in _NUMBERS and not re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", value):
            yield f"{node.tag}: {name}={value}"
        if name in _COUNTS and not re.fullmatch(r"\d+", value):
            yield f"{node.tag}: {name}={value}"
        if name in {"identifier", "responseIdentifier", "outcomeIdentifier"} and not _IDENTIFIER.fullmatch(value):
            yield f"{node.tag}: {name}={value}"
        if name.startswith("data-") and node.version == "2.2":
            yield f"{node.tag}: {name}"


def _fits(node: Tree, pattern: str) -> bool:
    blocks = "|".join(sorted(BLOCK))
    names = {"BLOCK": f"(?:(?:{blocks}),)"}
    made = re.sub(r"[A-Za-z0-9]+", lambda name: names.get(name[0], f"(?:{name[0]},)"), pattern)
    return re.fullmatch(made.replace(" ", ""), "".join(f"{child.tag}," for child in node.children)) is not None


def _camel(name: str) -> str:
    return _KEBAB.sub(lambda part: part[1].upper(), _attribute(name))


def _attribute(name: str) -> str:
    return name.replace("{http://www.w3.org/XML/1998/namespace}", "xml:")
