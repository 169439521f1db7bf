"""What an administrator does about an issued certificate: suspend, restore, revoke, have its files made again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from wagtail.log_actions import log, registry

from certificates import services
from certificates.exceptions import CertificateRefused
from certificates.models import Certificate, CertificateReview
from certificates.permissions import certificates_for, may_change
from common.exceptions import Refusal
from people.models import Person
from people.permissions import signed_in

Status = Certificate.Status
Rendering = Certificate.Rendering
INSPECT = "wagtailsnippets_certificates_certificate:inspect"
LOGGED = "certificates.status"  # the administration's log keeps {"action", "status", "reason"}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done: its words, when it is offered, and the service that does it."""

    key: str
    label: str | Promise
    explanation: str | Promise
    done: str | Promise
    icon: str
    offered: Callable[[Certificate], bool]
    perform: Callable[[Certificate, str, Person, datetime], Certificate]
    needs_reason: bool = True
    serious: bool = False


def _render_again(certificate: Certificate, reason: str, by: Person, at: datetime) -> Certificate:
    again = services.retry_rendering(certificate=certificate, by=by)
    if again.rendering == Rendering.DONE:
        raise CertificateRefused(gettext_lazy("The files of this certificate are ready; there is nothing to repeat."))
    return again


def open_reviews_of(certificate: Certificate) -> list[CertificateReview]:
    """What somebody has still to decide about it; as loaded with a list (`open_reviews`), else asked for."""
    loaded: list[CertificateReview] | None = getattr(certificate, "open_reviews", None)
    return list(CertificateReview.objects.filter(certificate=certificate, decision="")) if loaded is None else loaded


def _keep(certificate: Certificate, reason: str, by: Person, at: datetime) -> Certificate:
    for review in CertificateReview.objects.filter(certificate=certificate, decision=""):
        services.keep_certificate(review=review, reason=reason, by=by, at=at)
    return certificate


ACTIONS = {
    action.key: action
    for action in [
        Action(
            key="tam-dinh-chi",
            label=gettext_lazy("Suspend"),
            explanation=gettext_lazy(
                "Out of force until it is restored. Whoever verifies it sees this and the reason."
            ),
            done=gettext_lazy("Certificate %(number)s is suspended."),
            icon="lock",
            offered=lambda row: row.status == Status.VALID,
            perform=lambda row, reason, by, at: services.suspend_certificate(
                certificate=row, reason=reason, by=by, at=at
            ),
        ),
        Action(
            key="khoi-phuc",
            label=gettext_lazy("Restore"),
            explanation=gettext_lazy("Back in force. The reason is kept in the history below the certificate."),
            done=gettext_lazy("Certificate %(number)s is in force again."),
            icon="undo",
            offered=lambda row: row.status in (Status.SUSPENDED, Status.REVOKED),
            perform=lambda row, reason, by, at: services.restore_certificate(
                certificate=row, reason=reason, by=by, at=at
            ),
        ),
        Action(
            key="thu-hoi",
            label=gettext_lazy("Revoke"),
            explanation=gettext_lazy("Taken back. Whoever verifies it sees this and the reason; nothing is deleted."),
            done=gettext_lazy("Certificate %(number)s is revoked."),
            icon="warning",
            offered=lambda row: row.status in (Status.VALID, Status.SUSPENDED),
            perform=lambda row, reason, by, at: services.revoke_certificate(
                certificate=row, reason=reason, by=by, at=at
            ),
            serious=True,
        ),
        Action(
            key="giu-nguyen",
            label=gettext_lazy("Keep as it is"),
            explanation=gettext_lazy(
                "The sitting under this certificate was marked again. It stays in force, and the reason is kept."
            ),
            done=gettext_lazy("Certificate %(number)s stays as it is."),
            icon="check",
            offered=lambda row: bool(open_reviews_of(row)),
            perform=_keep,
        ),
        Action(
            key="tao-lai-tep",
            label=gettext_lazy("Render again"),
            explanation=gettext_lazy("The PDF and the picture are made again from what was kept at issue."),
            done=gettext_lazy("The files of certificate %(number)s are being made."),
            icon="rotate",
            offered=lambda row: row.rendering == Rendering.FAILED,
            perform=_render_again,
            needs_reason=False,
        ),
    ]
}


class ReasonForm(forms.Form):
    """Why; the public reads it."""

    reason = forms.CharField(
        label=gettext_lazy("Public reason"),
        max_length=300,
        help_text=gettext_lazy("Shown to whoever verifies the certificate: no personal details."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def actions_for(certificate: Certificate) -> list[Action]:
    """What is offered in the state in which the certificate is."""
    return [action for action in ACTIONS.values() if action.offered(certificate)]


def action_url(certificate: Certificate, action: Action) -> str:
    """The confirmation page of an action."""
    return reverse("certificate_action", args=[certificate.pk, action.key])


@require_http_methods(["GET", "POST"])
def change_certificate(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Confirm with a reason, then do it; a refusal of the service stands above the form.

    404 for certificates that the reader may not see, 403 for those that they may see and not change.
    """
    by, action = signed_in(request), ACTIONS.get(key)
    if action is None:
        raise Http404
    certificate = get_object_or_404(certificates_for(by).select_related("person"), pk=pk)
    if not may_change(by, certificate):
        reason = _("Only administrators of the issuing unit may change a certificate.")
        return render(request, "403.html", {"reason": reason}, status=403)
    form_class = ReasonForm if action.needs_reason else forms.Form
    form = form_class(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            changed = perform(action, certificate, form.cleaned_data.get("reason", ""), by)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, action.done % {"number": changed.number})
            return redirect(INSPECT, changed.pk)
    context = {"certificate": certificate, "action": action, "form": form, "back_url": reverse(INSPECT, args=[pk])}
    return render(request, "certificates/admin/change.html", context)


@transaction.atomic
def perform(action: Action, certificate: Certificate, reason: str, by: Person) -> Certificate:
    """Do it and keep who did what, when and why. Raises CertificateRefused."""
    at = timezone.now()
    changed = action.perform(certificate, reason, by, at)
    data = {"action": action.key, "status": changed.status, "reason": changed.status_reason if reason else ""}
    log(changed, LOGGED, user=by, timestamp=at, data=data)
    return changed


def history_of(certificate: Certificate) -> list[dict[str, Any]]:
    """What happened to the certificate, newest first: {"at", "by", "what", "reason"}.

    Issue and latest change come from the certificate itself, the changes between from the administration's log.
    """
    rows: list[dict[str, Any]] = []
    for entry in registry.get_logs_for_instance(certificate).filter(action=LOGGED).select_related("user"):
        action = ACTIONS.get(entry.data.get("action", ""))
        what = action.label if action else entry.data.get("status", "")
        rows.append({"at": entry.timestamp, "by": entry.user, "what": what, "reason": entry.data.get("reason", "")})
    changed = certificate.status_changed_at
    if changed is not None and all(row["at"] != changed for row in rows):
        what = Status(certificate.status).label
        rows.append({"at": changed, "by": certificate.status_by, "what": what, "reason": certificate.status_reason})
    rows.append({"at": certificate.issued_at, "by": None, "what": _("Certificate issued"), "reason": ""})
    return sorted(rows, key=lambda row: row["at"], reverse=True)
