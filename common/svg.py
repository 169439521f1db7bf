"""SVG drawings from strangers: what draws stays, what runs or reaches out of the file goes."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext_lazy as _

from common.exceptions import UnsafeSvg

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
MOST_LEVELS = 200

ELEMENTS = frozenset({
    "a", "circle", "clipPath", "defs", "desc", "ellipse", "feBlend", "feColorMatrix", "feComponentTransfer",
    "feComposite", "feConvolveMatrix", "feDiffuseLighting", "feDisplacementMap", "feDistantLight",
    "feDropShadow", "feFlood", "feFuncA", "feFuncB", "feFuncG", "feFuncR", "feGaussianBlur", "feMerge",
    "feMergeNode", "feMorphology", "feOffset", "fePointLight", "feSpecularLighting", "feSpotLight",
    "feTile", "feTurbulence", "filter", "g", "image", "line", "linearGradient", "marker", "mask",
    "metadata", "path", "pattern", "polygon", "polyline", "radialGradient", "rect", "stop", "style", "svg",
    "switch", "symbol", "text", "textPath", "title", "tspan", "use", "view",
})  # fmt: skip
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE)
# A backslash could spell url( in a way that no search finds.
_REACHES_OUT = re.compile(r"url\(\s*(?!['\"]?\s*#)|@import|expression\s*\(|javascript:|\\", re.IGNORECASE)
_INSTRUCTION = re.compile(rb"<\?(?!xml[\s?])")


def clean_svg(data: bytes) -> bytes:
    """The drawing without scripts, event handlers, animation, embedded documents, and references out of the
    file.

    A drawing that has none of these comes back byte for byte. Raises UnsafeSvg for a document type or
    entities, more than 200 levels, and what is not well-formed SVG.
    """
    try:
        root = defusedxml.ElementTree.fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise UnsafeSvg(_("The SVG has a document type or entities; export it as plain SVG.")) from None
    except (ElementTree.ParseError, ValueError, LookupError):
        raise UnsafeSvg(_("The SVG is not well-formed; export it again.")) from None
    if root.tag != f"{{{SVG}}}svg":
        raise UnsafeSvg(_("This is not an SVG drawing."))
    changed = _clean(root)
    if not changed and not _INSTRUCTION.search(data):
        return data
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    cleaned: bytes = ElementTree.tostring(root, encoding="utf-8")
    return cleaned


def _clean(root: ElementTree.Element) -> bool:
    """Take out what is not allowed; whether there was something."""
    changed = _clean_attributes(root)
    waiting = [(root, 1)]
    while waiting:
        element, level = waiting.pop()
        if level > MOST_LEVELS:
            raise UnsafeSvg(_("The SVG is nested too deeply; export it again."))
        for child in list(element):
            if not _is_allowed(child):
                _remove(element, child)
                changed = True
                continue
            changed = _clean_attributes(child) or changed
            waiting.append((child, level + 1))
    return changed


def _is_allowed(element: ElementTree.Element) -> bool:
    space, _brace, name = element.tag.removeprefix("{").rpartition("}")
    if space != SVG or name not in ELEMENTS:
        return False
    return name != "style" or not _REACHES_OUT.search("".join(element.itertext()))


def _remove(parent: ElementTree.Element, child: ElementTree.Element) -> None:
    """Remove a child but not the text after it."""
    if child.tail:
        siblings = list(parent)
        index = siblings.index(child)
        if index:
            siblings[index - 1].tail = (siblings[index - 1].tail or "") + child.tail
        else:
            parent.text = (parent.text or "") + child.tail
    parent.remove(child)


def _clean_attributes(element: ElementTree.Element) -> bool:
    unsafe = [name for name, value in element.attrib.items() if not _is_safe(element, name, value)]
    for name in unsafe:
        del element.attrib[name]
    return bool(unsafe)


def _is_safe(element: ElementTree.Element, name: str, value: str) -> bool:
    space, _brace, short = name.removeprefix("{").rpartition("}")
    if space not in ("", XLINK, XML):
        return False  # drawing programs' own notes
    if short.lower().startswith("on") or (space == XML and short == "base"):
        return False
    if short == "href":
        target = value.strip()
        is_picture = element.tag == f"{{{SVG}}}image" and _PICTURE.fullmatch(target) is not None
        return target.startswith("#") or is_picture
    return not _REACHES_OUT.search(value)
