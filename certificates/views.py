"""Pages of the certificates room: verifying, and the holder's own."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from certificates import permissions, queries
from certificates.codes import grouped, read_code
from certificates.limits import too_many
from certificates.models import Certificate
from certificates.services.rendering import verify_url
from people.models import AccessLog
from people.permissions import signed_in
from people.services import log_access


@require_GET
def verify(request: HttpRequest) -> HttpResponse:
    """One field; the answer has an address of its own."""
    text = request.GET.get("code", "").strip()
    if not text:
        return render(request, "certificates/verify.html", {"text": ""})
    code = read_code(text)
    if code is None:
        context = {
            "text": text[:100],
            "problem": _("A code has 20 letters and digits, for example 7K3QX-9M2PA-VB4TD-0WZ81."),
        }
        return render(request, "certificates/verify.html", context, status=404)
    return redirect("certificates:verify_code", code=code)


@never_cache
@require_GET
def verify_code(request: HttpRequest, code: str) -> HttpResponse:
    """The answer in one word, then what was checked; shows only what the paper shows."""
    if too_many(request):
        context = {
            "text": code[:40],
            "problem": _("Too many attempts from your network. Wait a minute and try again."),
        }
        response = render(request, "certificates/verify.html", context, status=429)
        response["Retry-After"] = "60"
        return response
    certificate = queries.find_by_code(code)
    view = queries.public_view(certificate, on=timezone.localdate()) if certificate else None
    response = render(
        request,
        "certificates/verify_result.html",
        {"view": view, "state": view.state if view else "unknown", "text": code[:40]},
        status=200 if view else 404,
    )
    response["X-Robots-Tag"] = "noindex"
    return response


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """My certificates."""
    today = timezone.localdate()
    rows = [
        {"certificate": certificate, "state": queries.state_on(certificate, today)}
        for certificate in queries.certificates_of(request.user)
    ]
    return render(request, "certificates/mine.html", {"rows": rows})


def _allowed(request: HttpRequest, code: str) -> Certificate:
    found = read_code(code)
    if found is None:
        raise Http404
    return get_object_or_404(permissions.certificates_for(request.user).select_related("person"), code=found)


def _log_reading(request: HttpRequest, certificate: Certificate, what: str) -> None:
    log_access(
        by=signed_in(request),
        action=AccessLog.Action.VIEW,
        what=what,
        exactly=certificate.number,
        at=timezone.now(),
        subject=certificate.person,
    )


@login_required
@never_cache
@require_GET
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """The picture, the files, the address to share."""
    certificate = _allowed(request, code)
    _log_reading(request, certificate, gettext_noop("certificate"))
    context = {
        "certificate": certificate,
        "view": queries.public_view(certificate, on=timezone.localdate()),
        "code": grouped(certificate.code),
        "verify_url": verify_url(certificate),
    }
    return render(request, "certificates/detail.html", context)


@login_required
@never_cache
@require_GET
def file(request: HttpRequest, code: str, kind: str) -> HttpResponseBase:
    """The PDF or the picture, to whom it is open."""
    certificate = _allowed(request, code)
    files = {"pdf": (certificate.pdf, "application/pdf"), "png": (certificate.image, "image/png")}
    if kind not in files or certificate.rendering != Certificate.Rendering.DONE:
        raise Http404
    _log_reading(request, certificate, gettext_noop("file of a certificate"))
    stored, content_type = files[kind]
    return FileResponse(
        stored.open("rb"),
        content_type=content_type,
        filename=f"{certificate.number}.{kind}",
        as_attachment=request.GET.get("tai") == "1",
    )
