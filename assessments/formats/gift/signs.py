"""Signs that mean something in GIFT, and the backslash that makes them plain."""

from __future__ import annotations

import re

from assessments.formats.moodle_xml.media import Texts

_ESCAPES = {":": ":", "#": "#", "=": "=", "{": "{", "}": "}", "~": "~", "n": "\n", "\\": "\\"}
# While a question is taken apart, an escaped sign is one that no text has (Unicode noncharacters).
_HIDDEN = {sign: chr(0xFDD0 + number) for number, sign in enumerate(_ESCAPES)}
_SHOWN = str.maketrans({hidden: _ESCAPES[sign] for sign, hidden in _HIDDEN.items()})
_ESCAPED = re.compile(r"\\([:#={}~n\\])")
_FORMAT = re.compile(r"\[(moodle|html|plain|markdown)\]")
_KINDS = {"moodle": "moodle_auto_format", "html": "html", "plain": "plain_text", "markdown": "markdown"}
_RESERVED = re.compile(r"[\\#=~{}:\n]")


def hidden(text: str) -> str:
    """The text with its escaped signs out of the way."""
    return _ESCAPED.sub(lambda found: _HIDDEN[found[1]], text)


def shown(text: str) -> str:
    """The text with its escaped signs as they are meant."""
    return text.translate(_SHOWN)


def taken_apart(text: str, default: str) -> tuple[str, str]:
    """(the text as it is meant, its format: the one in brackets before it, else `default`)."""
    text = text.strip()
    found = _FORMAT.match(text)
    if found is None:
        return shown(text).strip(), default
    return shown(text[found.end() :]).strip(), found[1]


def html_of(text: str, default: str, texts: Texts) -> str:
    """HTML of a text in the format before it, else in `default`."""
    said, kind = taken_apart(text, default)
    return texts.formatted_as(said, _KINDS[kind])


def escaped(text: str) -> str:
    """The text with a backslash before each sign that would mean something, in one line."""
    return _RESERVED.sub(lambda found: "\\n" if found[0] == "\n" else "\\" + found[0], text)


def escaped_html(html: str) -> str:
    """An HTML text of a question whose texts are HTML."""
    return ("[html]" if html.startswith("[") else "") + escaped(html)
