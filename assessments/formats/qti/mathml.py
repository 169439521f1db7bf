"""MathML as text that can be read: x^2, (a+b)/c, √(x+1)."""

from __future__ import annotations

from assessments.formats.qti.nodes import Node

_SIGNS = frozenset(["mi", "mn", "mo", "mtext", "ms", "ci", "cn"])
_NOT_SHOWN = frozenset(["annotation", "annotation-xml", "mphantom", "mspace", "maligngroup", "malignmark"])
_JOINTS = {
    "mfrac": ("/",),
    "msup": ("^",),
    "msub": ("_",),
    "msubsup": ("_", "^"),
    "munder": ("_",),
    "mover": ("^",),
    "munderover": ("_", "^"),
}
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}


def signs_of(node: Node) -> str:
    """The signs of a formula in a line; nothing of it is left out."""
    if node.tag in _SIGNS:
        return " ".join(node.text.split())
    if node.tag in _NOT_SHOWN:
        return ""
    inner = [signs_of(child) for child in node.elements]
    if node.tag in _JOINTS and inner:
        rest = [sign + _grouped(part) for sign, part in zip(_JOINTS[node.tag], inner[1:], strict=False)]
        return _grouped(inner[0]) + "".join(rest) + "".join(inner[len(rest) + 1 :])
    if node.tag == "msqrt":
        return f"√{_grouped(''.join(inner))}"
    if node.tag == "mroot" and len(inner) == 2:
        return f"{_ROOTS[inner[1]]}{_grouped(inner[0])}" if inner[1] in _ROOTS else f"({inner[1]})√{_grouped(inner[0])}"
    if node.tag == "mfenced":
        between = node.get("separators", ",").strip()[:1]
        return node.get("open", "(") + between.join(inner) + node.get("close", ")")
    if node.tag == "mtable":
        return f"[{'; '.join(inner)}]"
    if node.tag in {"mtr", "mlabeledtr"}:
        return ", ".join(inner)
    if node.tag == "menclose":
        return f"{'√' if 'radical' in node.get('notation') else ''}{_grouped(''.join(inner))}"
    return "".join(inner)


def _grouped(signs: str) -> str:
    return signs if len(signs) <= 1 or signs.isalnum() else f"({signs})"
