"""Markdown into HTML and exactly back; the front matter of a text; YAML of strangers."""

from common.exceptions import CannotSayInMarkdown, YamlProblem
from common.markdown.front_matter import front_matter
from common.markdown.reader import inline_html, to_html
from common.markdown.writer import from_html
from common.yaml_text import load_yaml

__all__ = [
    "CannotSayInMarkdown",
    "YamlProblem",
    "from_html",
    "front_matter",
    "inline_html",
    "load_yaml",
    "to_html",
]
