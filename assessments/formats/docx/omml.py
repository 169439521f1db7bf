"""Word's equations as text that can be read: x², a/b, √(x), with HTML for raised and lowered signs."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_ROOTS = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_ACCENTS = {"\u0302": "^", "\u0303": "~", "\u0304": "¯", "\u0305": "¯", "\u0307": "˙", "\u20d7": "→", "\u20d6": "←"}
_PROPERTIES = frozenset(
    [
        "ctrlPr",
        "fPr",
        "radPr",
        "dPr",
        "naryPr",
        "sSupPr",
        "sSubPr",
        "sSubSupPr",
        "sPrePr",
        "rPr",
        "accPr",
        "barPr",
        "funcPr",
        "limLowPr",
        "limUppPr",
        "mPr",
        "eqArrPr",
        "boxPr",
        "borderBoxPr",
        "groupChrPr",
        "phantPr",
        "argPr",
        "oMathParaPr",
    ]
)


class Formula:
    """HTML of a formula, and whether every sign of it could be said."""

    def __init__(self, element: Any) -> None:
        self.is_whole = True
        self.html = self._inside(element).strip()

    def _inside(self, element: Any) -> str:
        return "".join(self._said(child) for child in element) if element is not None else ""

    def _said(self, element: Any) -> str:
        tag = element.tag.removeprefix(M) if isinstance(element.tag, str) else ""
        if tag in _PROPERTIES or not element.tag.startswith(M):
            return "".join(self._said(child) for child in element if child.tag.endswith(("}ins", "}r")))
        if tag == "t":
            return html.escape(element.text or "", quote=False)
        made = _SAID.get(tag)
        if made is not None:
            return made(self, element)
        if tag not in (
            "r",
            "e",
            "oMath",
            "oMathPara",
            "num",
            "den",
            "deg",
            "sub",
            "sup",
            "fName",
            "lim",
            "box",
            "borderBox",
        ):
            self.is_whole = False
        return self._inside(element)

    def _child(self, element: Any, name: str) -> str:
        return self._inside(element.find(f"{M}{name}"))

    def _value(self, element: Any, properties: str, name: str, default: str) -> str:
        found = element.find(f"{M}{properties}/{M}{name}")
        return default if found is None else str(found.get(f"{M}val", ""))

    def _fraction(self, element: Any) -> str:
        return f"{_grouped(self._child(element, 'num'))}/{_grouped(self._child(element, 'den'))}"

    def _root(self, element: Any) -> str:
        degree, inside = self._child(element, "deg").strip(), self._child(element, "e")
        inside = inside if _is_simple(inside) and len(inside) == 1 else f"({inside})"
        return f"{_ROOTS[degree]}{inside}" if degree in _ROOTS else f"<sup>{degree}</sup>√{inside}"

    def _raised(self, element: Any) -> str:
        return f"{_based(self._child(element, 'e'))}<sup>{self._child(element, 'sup')}</sup>"

    def _lowered(self, element: Any) -> str:
        return f"{_based(self._child(element, 'e'))}<sub>{self._child(element, 'sub')}</sub>"

    def _both(self, element: Any) -> str:
        low, high = self._child(element, "sub"), self._child(element, "sup")
        return f"{_based(self._child(element, 'e'))}<sub>{low}</sub><sup>{high}</sup>"

    def _before(self, element: Any) -> str:
        low, high = self._child(element, "sub"), self._child(element, "sup")
        return f"<sub>{low}</sub><sup>{high}</sup>{self._child(element, 'e')}"

    def _delimited(self, element: Any) -> str:
        begin = self._value(element, "dPr", "begChr", "(")
        end = self._value(element, "dPr", "endChr", ")")
        middle = self._value(element, "dPr", "sepChr", "|")
        inside = middle.join(self._inside(child) for child in element.findall(f"{M}e"))
        return f"{html.escape(begin, quote=False)}{inside}{html.escape(end, quote=False)}"

    def _nary(self, element: Any) -> str:
        sign = self._value(element, "naryPr", "chr", "∫")
        low, high = self._child(element, "sub"), self._child(element, "sup")
        bounds = (f"<sub>{low}</sub>" if low else "") + (f"<sup>{high}</sup>" if high else "")
        return f"{sign}{bounds} {self._child(element, 'e')}"

    def _function(self, element: Any) -> str:
        inside = self._child(element, "e")
        return f"{self._child(element, 'fName')}{inside if inside.startswith('(') else ' ' + inside}"

    def _limit(self, element: Any) -> str:
        return f"{self._child(element, 'e')}<sub>{self._child(element, 'lim')}</sub>"

    def _above(self, element: Any) -> str:
        return f"{self._child(element, 'e')}<sup>{self._child(element, 'lim')}</sup>"

    def _accent(self, element: Any) -> str:
        sign, inside = self._value(element, "accPr", "chr", "\u0302"), self._child(element, "e")
        if sign not in _ACCENTS:
            self.is_whole = False
        return f"{inside}{sign}" if len(inside) == 1 else f"{_ACCENTS.get(sign, sign)}({inside})"

    def _bar(self, element: Any) -> str:
        inside = self._child(element, "e")
        return f"{inside}\u0305" if len(inside) == 1 else f"¯({inside})"

    def _matrix(self, element: Any) -> str:
        rows = [", ".join(self._inside(cell) for cell in row.findall(f"{M}e")) for row in element.findall(f"{M}mr")]
        return f"[{'; '.join(rows)}]"

    def _equations(self, element: Any) -> str:
        return "; ".join(self._inside(child) for child in element.findall(f"{M}e"))


_SAID: dict[str, Callable[[Formula, Any], str]] = {
    "f": Formula._fraction,
    "rad": Formula._root,
    "sSup": Formula._raised,
    "sSub": Formula._lowered,
    "sSubSup": Formula._both,
    "sPre": Formula._before,
    "d": Formula._delimited,
    "nary": Formula._nary,
    "func": Formula._function,
    "limLow": Formula._limit,
    "limUpp": Formula._above,
    "acc": Formula._accent,
    "bar": Formula._bar,
    "m": Formula._matrix,
    "eqArr": Formula._equations,
}


def _is_simple(text: str) -> bool:
    return text.isalnum() or (text.startswith("(") and text.endswith(")") and text.count("(") == 1)


def _grouped(text: str) -> str:
    """A term with brackets where it would otherwise be read with its neighbours."""
    text = text.strip()
    bare = text.replace("<sup>", "").replace("</sup>", "").replace("<sub>", "").replace("</sub>", "")
    return text if _is_simple(bare) else f"({text})"


def _based(text: str) -> str:
    text = text.strip()
    return text if len(text) == 1 or _is_simple(text) or text.endswith((")", "]", "|", ">")) else f"({text})"
