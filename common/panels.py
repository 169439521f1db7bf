"""Panels: a page of a lower room shows what a higher room knows, without asking upwards."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

Render = Callable[[HttpRequest, dict[str, Any]], str]

logger = logging.getLogger(__name__)
_panels: dict[str, dict[Render, int]] = {}


def register_panel(place: str, render: Render, order: int = 100) -> None:
    """Show `render(request, context)` at `place`, from an AppConfig's `ready`; lower `order` first.

    It returns HTML marked safe (`render_to_string`), or "" for nothing to say; a plain string is escaped.
    Registering the same function again only changes its order.
    """
    _panels.setdefault(place, {})[render] = order


def render_panels(place: str, request: HttpRequest, context: dict[str, Any]) -> SafeString:
    """The panels of a place, one after the other.

    A panel that fails is logged and left out, so that a room with a fault does not take other rooms' pages
    with it; with DEBUG it raises.
    """
    parts = []
    for render, _order in sorted(_panels.get(place, {}).items(), key=lambda entry: entry[1]):
        try:
            parts.append(render(request, context))
        except Exception:
            if settings.DEBUG:
                raise
            logger.exception("The panel %s.%s at “%s” failed.", render.__module__, render.__qualname__, place)
    return format_html_join("", "{}", ((part,) for part in parts))
