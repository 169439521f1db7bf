"""HTML that people wrote: cleaned before it is kept, and read as plain text."""

from __future__ import annotations

import html as entities
import re

import nh3

TAGS = frozenset({
    "p", "br", "strong", "em", "b", "i", "u", "s", "sub", "sup", "code", "pre", "blockquote", "ul", "ol",
    "li", "h2", "h3", "h4", "a", "span", "table", "thead", "tbody", "tr", "th", "td", "caption", "hr",
})  # fmt: skip
ATTRIBUTES = {
    "*": {"lang"},  # named, or the cleaner would allow title everywhere
    "a": {"href", "title"},
    "ol": {"start"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
}
MEDIA_ATTRIBUTES = {**ATTRIBUTES, "img": {"src", "alt", "title", "width", "height"}}
URL_SCHEMES = {"http", "https", "mailto", "tel"}
# A picture that comes with an imported file, until it is stored; no browser knows the scheme.
MEDIA_SCHEMES = URL_SCHEMES | {"media"}
# The text inside these is for machines; of every other unknown tag the text stays.
DROPPED = {"script", "style", "template", "iframe", "object", "noscript", "textarea", "title", "svg", "math"}
INLINE = frozenset(["strong", "em", "b", "i", "u", "s", "sub", "sup", "code", "a", "span"])

_TEXT_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    attributes=ATTRIBUTES,
    url_schemes=URL_SCHEMES,
    clean_content_tags=DROPPED,
    link_rel="noopener noreferrer",
)
_MEDIA_CLEANER = nh3.Cleaner(
    tags=set(TAGS) | {"img"},
    attributes=MEDIA_ATTRIBUTES,
    url_schemes=MEDIA_SCHEMES,
    clean_content_tags=DROPPED,
    link_rel="noopener noreferrer",
)
_BARE_CLEANER = nh3.Cleaner(tags=set(TAGS), attributes={"*": set()}, clean_content_tags=DROPPED, link_rel=None)
_MARKUP = re.compile("[<>&]")
_TAG = re.compile(r"</?([a-z0-9]+)>")


def clean_html(html: str, *, allow_media: bool = False) -> str:
    """The HTML with only the tags of lessons and questions, and nothing that runs, styles or frames.

    Links lead to http, https, mailto, tel and relative addresses and carry rel="noopener noreferrer";
    pictures stay only with `allow_media`. Text of unknown tags stays. Cleaning twice changes nothing.
    """
    if not _MARKUP.search(html):
        return html
    return (_MEDIA_CLEANER if allow_media else _TEXT_CLEANER).clean(html)


def plain_text(html: str) -> str:
    """What a reader would say aloud: tags gone, entities decoded, white space single; blocks stay apart."""
    bare = _BARE_CLEANER.clean(html)
    if "<" in bare:
        bare = _TAG.sub(_space_for_block, bare)
    return " ".join(entities.unescape(bare).split())


def _space_for_block(found: re.Match[str]) -> str:
    return "" if found[1] in INLINE else " "
