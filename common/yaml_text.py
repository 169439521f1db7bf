"""YAML that strangers wrote: plain data only, with the line of what is wrong."""

from __future__ import annotations

from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _

from common.exceptions import YamlProblem
from common.messages import filled
from common.unicode import nfc

MOST_BYTES = 5 * 1024 * 1024
MOST_LEVELS = 100

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """The safe loader, which also refuses keys given twice."""

    def __init__(self, text: str, source: str) -> None:
        super().__init__(text)
        self.source = source

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except YamlProblem:
            raise
        except (ValueError, OverflowError) as problem:  # such as the date 2026-02-31
            raise YamlProblem(self.source, node.start_mark.line + 1, str(problem)) from None

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        if isinstance(node, yaml.MappingNode):
            seen: set[Any] = set()
            for key_node, _value in node.value:
                key = self.construct_object(key_node, deep=True)
                line = key_node.start_mark.line + 1
                try:
                    known = key in seen
                except TypeError:
                    raise YamlProblem(self.source, line, _("a key must be a simple value.")) from None
                if known:
                    raise YamlProblem(self.source, line, filled(_("the key “%(key)s” is there twice."), {"key": key}))
                seen.add(key)
        return super().construct_mapping(node, deep=deep)  # type: ignore[no-any-return]


def load_yaml(text: str, *, source: str) -> Any:
    """The plain data of one YAML document, texts in NFC; `source` is how error messages call the text.

    Raises YamlProblem (source, line from 1, reason) for wrong YAML, tags of other languages, duplicate keys,
    more than 5 MB, more than 100 levels, and aliases (which could multiply without end).
    """
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise YamlProblem(source, None, filled(_("larger than %(limit)d MB."), {"limit": MOST_BYTES // 1024 // 1024}))
    text = nfc(text)
    _refuse_bombs(text, source)
    try:
        loader = _Loader(text, source)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        reason = " – ".join(part for part in (problem.context, problem.problem) if part)
        raise YamlProblem(source, mark.line + 1 if mark else None, reason) from None
    except yaml.reader.ReaderError as problem:
        line = text.count("\n", 0, problem.position) + 1 if isinstance(problem.position, int) else None
        raise YamlProblem(source, line, _("a character that YAML does not allow.")) from None


def _refuse_bombs(text: str, source: str) -> None:
    """Refuse aliases, and nesting that the parser would recurse into, before anything is built."""
    depth = 0
    for event in _events(text):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent):
            raise YamlProblem(source, line, _("aliases (*name) are not allowed."))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MOST_LEVELS:
                raise YamlProblem(source, line, filled(_("more than %(limit)d levels."), {"limit": MOST_LEVELS}))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _events(text: str) -> Any:
    """Parsing events until the first mistake, which the loader will report."""
    try:
        yield from yaml.parse(text, Loader=_Base)
    except (yaml.YAMLError, ValueError):
        return
