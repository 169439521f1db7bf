"""Markdown into HTML in one canonical form.

CommonMark allows many ways to mean the same; `canonical` tidies the parsed text so that what looks the same
is the same HTML, which is what makes the way back exact.
"""

from __future__ import annotations

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from common.html import URL_SCHEMES, clean_html
from common.markdown.canonical import tidy_tokens
from common.unicode import nfc

MOST_NESTING = 100

_LINKS = nh3.Cleaner(tags={"a"}, attributes={"a": {"href"}}, url_schemes=URL_SCHEMES, link_rel=None)


def _is_allowed_link(url: str) -> bool:
    """Whether the cleaner would keep this address; otherwise the link stays as the text that was typed."""
    return "href=" in _LINKS.clean(f'<a href="{url.replace("&", "&amp;").replace(chr(34), "&quot;")}">x</a>')


@lru_cache(maxsize=2)
def _parser(allow_media: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MOST_NESTING}).enable("table")
    # Replacing the method is how markdown-it lets a caller choose its links.
    parser.validateLink = _is_allowed_link  # type: ignore[method-assign]

    def tidy(state: StateCore) -> None:
        state.tokens = tidy_tokens(state.tokens, allow_media=allow_media)

    parser.core.ruler.push("tidy", tidy)
    return parser


def to_html(md: str, *, allow_media: bool = False) -> str:
    """CommonMark with tables as cleaned HTML.

    Raw HTML is shown as text; pictures, unless allowed, become their text. Headings are h2 to h4 (a page
    owns its h1). Emphasis, white space and empty paragraphs are tidied.
    """
    return clean_html(_parser(allow_media).render(nfc(md)), allow_media=allow_media).rstrip("\n")


def inline_html(md: str, *, allow_media: bool = False) -> str:
    """As `to_html`, but a single paragraph comes without its <p>: for choices, captions, headings."""
    html = to_html(md, allow_media=allow_media)
    if html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1:
        return html[3:-4]
    return html
