"""The main menu: each room registers its entries, the base template shows what the visitor may see."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.core.checks import CheckMessage, Error
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class NavItem:
    """An entry of the menu. `visible` decides per request (None: always); `icon` is a name in the icon
    sprite.
    """

    label: str | Promise
    url_name: str
    order: int = 100
    visible: Callable[[HttpRequest], bool] | None = None
    icon: str = ""
    url_args: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownItem:
    """An entry as the template sees it."""

    label: str | Promise
    url: str
    icon: str
    active: bool = False


_items: dict[tuple[str, tuple[str, ...]], NavItem] = {}


def register_nav(item: NavItem) -> None:
    """Add an entry to the menu, from an AppConfig's `ready`. The same address again replaces the entry."""
    _items[(item.url_name, item.url_args)] = item


def registered_items() -> list[NavItem]:
    """All entries in the order of the menu."""
    return sorted(_items.values(), key=lambda item: (item.order, item.url_name, item.url_args))


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `nav_items`, worked out only when a template uses it."""
    return {"nav_items": SimpleLazyObject(lambda: shown_items(request))}


def shown_items(request: HttpRequest) -> list[ShownItem]:
    """What this visitor sees; the entry whose address begins the current one longest is `active`."""
    shown = []
    for item in registered_items():
        if item.visible is not None and not item.visible(request):
            continue
        try:
            url = reverse(item.url_name, args=item.url_args)
        except NoReverseMatch:  # `manage.py check` says so; a page must not fail for it
            logger.error("The menu entry %s has no address.", item.url_name)
            continue
        shown.append(ShownItem(label=item.label, url=url, icon=item.icon))
    here = [item for item in shown if _is_at(request.path, item.url)]
    best = max(here, key=lambda item: len(item.url), default=None)
    return [replace(item, active=True) if item is best else item for item in shown]


def _is_at(path: str, url: str) -> bool:
    return path == url or (url.endswith("/") and url.count("/") > 1 and path.startswith(url))


def check_addresses(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A system check: every entry of the menu has an address."""
    problems: list[CheckMessage] = []
    for item in registered_items():
        try:
            reverse(item.url_name, args=item.url_args)
        except NoReverseMatch:
            problems.append(
                Error(
                    f"The menu entry “{item.url_name}” has no address.",
                    hint="Register it with the name of a URL pattern.",
                    id="common.E001",
                )
            )
    return problems
