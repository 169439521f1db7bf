"""Behind proxies, whose visitor this is: limits and logs must not count the proxy's own address."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class VisitorAddress:
    """Middleware: REMOTE_ADDR is what the outermost of TRUSTED_PROXIES proxies of ours saw; 0 trusts no header.

    Each proxy appends the address that it saw to X-Forwarded-For; what stands further left, anybody may have written.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the address, then go on."""
        count = settings.TRUSTED_PROXIES
        seen = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if count and len(seen) >= count and (address := _address(seen[-count])):
            request.META["REMOTE_ADDR"] = address
        return self.get_response(request)


def _address(text: str) -> str:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return ""
