"""Making the files of a certificate: PDF and picture, from snapshot and template version only."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from certificates.codes import grouped
from certificates.models import Certificate
from certificates.renderers import CertificateData, render_image, render_pdf
from common.locking import lock_row
from common.sweeps import nudge

logger = logging.getLogger(__name__)
MOST_ATTEMPTS = 5


def render_certificate(*, certificate_id: int, at: datetime) -> bool:
    """Make the files of a certificate whose rendering is due; True when they were made now.

    Files get a name made of their content and are written first, the row is changed second: doing it twice, or dying in
    between, leaves at most an unused file. After MOST_ATTEMPTS begun the rendering is `failed` with the reason
    (unless one of them is late and ends well).
    """
    with transaction.atomic():
        certificate = lock_row(
            Certificate.objects.filter(pk=certificate_id, rendering=Certificate.Rendering.DUE),
            skip_locked=True,
        )
        if certificate is None:
            return False
        if certificate.rendering_attempts >= MOST_ATTEMPTS:
            certificate.rendering = Certificate.Rendering.FAILED
            certificate.rendering_error = certificate.rendering_error or "The worker died each time."
            certificate.save(update_fields=["rendering", "rendering_error"])
            return False
        certificate.rendering_attempts += 1
        certificate.save(update_fields=["rendering_attempts"])
    try:
        data = data_of(certificate)
        pdf = store_file(certificate, render_pdf(data), "pdf")
        image = store_file(certificate, render_image(data), "png")
    except Exception as problem:
        logger.exception("Rendering certificate %s failed", certificate.number)
        Certificate.objects.filter(pk=certificate_id, rendering=Certificate.Rendering.DUE).update(
            rendering_error=f"{type(problem).__name__}: {problem}"[:500]
        )
        raise
    not_made = Certificate.objects.filter(pk=certificate_id).exclude(rendering=Certificate.Rendering.DONE)
    changed = not_made.update(
        pdf=pdf, image=image, rendering=Certificate.Rendering.DONE, rendered_at=at, rendering_error=""
    )
    return bool(changed)


def store_file(certificate: Certificate, data: bytes, suffix: str) -> str:
    """Write to the private storage under a name made of the content; written before, it is not written again."""
    storage = storages["private"]
    digest = hashlib.sha256(data).hexdigest()[:32]
    name = f"certificates/{certificate.year}/{certificate.register_code}/{certificate.number}-{digest}.{suffix}"
    if storage.exists(name) and storage.size(name) == len(data):
        return name
    storage.delete(name)
    return storage.save(name, ContentFile(data))


def data_of(certificate: Certificate) -> CertificateData:
    """Everything that renderers need, as texts."""
    snapshot = certificate.snapshot
    return CertificateData(
        layout=certificate.template_version.layout,
        number=certificate.number,
        code=grouped(certificate.code),
        verify_url=verify_url(certificate),
        name=snapshot["name"],
        birth_date=snapshot["birth_date"],
        course_code=snapshot["course_code"],
        course_title=snapshot["course_title"],
        course_title_en=snapshot["course_title_en"],
        hours=snapshot["hours"],
        score=snapshot["score"],
        max_score=snapshot["max_score"],
        issuer=snapshot["issuer"],
        issuer_en=snapshot["issuer_en"],
        issued_on=timezone.localtime(certificate.issued_at).date(),
        expires_on=certificate.expires_on,
    )


def verify_url(certificate: Certificate) -> str:
    """The absolute address at which anybody verifies the certificate."""
    with translation.override("vi"):
        path = reverse("certificates:verify_code", kwargs={"code": certificate.code})
    return f"{settings.WAGTAILADMIN_BASE_URL.rstrip('/')}{path}"


@transaction.atomic
def retry_rendering(*, certificate: Certificate, by: Any) -> Certificate:
    """Have the files of a certificate made again after a failure."""
    locked = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if locked.rendering == Certificate.Rendering.FAILED:
        locked.rendering, locked.rendering_attempts, locked.rendering_error = Certificate.Rendering.DUE, 0, ""
        locked.save(update_fields=["rendering", "rendering_attempts", "rendering_error"])
        from certificates.tasks import render_certificate as task

        nudge(task, locked.pk)
    return locked
