"""The YAML head of a Markdown text."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from common.exceptions import YamlProblem
from common.unicode import nfc
from common.yaml_text import load_yaml

FENCE = "---"


def front_matter(text: str, *, source: str = "front matter") -> tuple[dict[str, Any], str]:
    """The mapping between the two lines `---` at the start, and the text after them (NFC).

    Raises YamlProblem naming `source` and the line of the text, also when the head or its end is missing.
    """
    lines = nfc(text).split("\n")
    if lines[0].rstrip() != FENCE:
        raise YamlProblem(source, 1, _("the text must begin with a line “---” and its facts in YAML."))
    end = next((index for index, line in enumerate(lines) if index and line.rstrip() == FENCE), None)
    if end is None:
        raise YamlProblem(source, 1, _("the facts that begin here are not ended by a line “---”."))
    # An empty first line keeps the line numbers of the whole text.
    facts = load_yaml("\n".join(["", *lines[1:end]]), source=source)
    if facts is None:
        facts = {}
    if not isinstance(facts, dict):
        raise YamlProblem(source, 2, _("the facts must be “key: value” lines."))
    return facts, "\n".join(lines[end + 1 :])
