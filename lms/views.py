"""Pages that belong to no room: errors, uploaded files, the way into the administration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from assessments.models import Quiz


def activity(request: HttpRequest, pk: int) -> HttpResponse:
    """The quiz of a check or test: the lower room names the activity, the higher one knows its quiz."""
    quiz = get_object_or_404(Quiz, activity_id=pk)
    return redirect("assessments:quiz_start", slug=quiz.slug)


def admin_login(request: HttpRequest) -> HttpResponse:
    """There is one sign-in for everybody; come back to the administration afterwards."""
    target = request.GET.get("next") or reverse("wagtailadmin_home")
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': target})}")


def media_file(request: HttpRequest, path: str, view: Callable[..., HttpResponse], document_root: str) -> HttpResponse:
    """An uploaded public file; whatever it is, it cannot run anything here."""
    response = view(request, path, document_root=document_root)
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "public, max-age=86400"
    return response


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400."""
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403."""
    return render(request, "403.html", {"reason": str(exception or "")}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without a valid token: the page was open for too long, or another site sent it."""
    return render(request, "403_csrf.html", status=403)


def page_not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, without context processors: they may be what failed."""
    return render(None, "500.html", status=500)
