"""How often one visitor may try codes."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest

PER_MINUTE = 60


def too_many(request: HttpRequest) -> bool:
    """Count this attempt; True when the visitor's address has made more than 60 within a minute."""
    address = request.META.get("REMOTE_ADDR", "")
    key = f"verify:{address}"
    cache.add(key, 0, timeout=60)
    try:
        return cache.incr(key) > PER_MINUTE
    except ValueError:  # it expired just now
        return False
