"""Messages with values in them that can still be said in any language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.functional import Promise, lazystr


class _Filled:
    """A message and its values; becomes text when it is shown."""

    def __init__(self, message: str | Promise, values: Mapping[str, Any]) -> None:
        self.message, self.values = message, values

    def __str__(self) -> str:
        return str(self.message) % self.values


def filled(message: str | Promise, values: Mapping[str, Any]) -> Promise:
    """`message % values`, translated when it is shown and not now (a lazy message's own % is not lazy)."""
    promise: Promise = lazystr(_Filled(message, values))
    return promise


def in_both(message: object) -> str:
    """The message (or whatever says itself as text) in Vietnamese and English, for places that show one line to anybody, such as commands."""
    texts = []
    for language in ("vi", "en"):
        with translation.override(language):
            texts.append(str(message))
    return texts[0] if texts[0] == texts[1] else " / ".join(texts)
