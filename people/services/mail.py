"""Mail: a row first, sent by Celery."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.mail import send_mail
from django.db import transaction

from common.locking import lock_row
from common.sweeps import nudge
from people.models import OutgoingMail, Person

MOST_ATTEMPTS = 5


@transaction.atomic
def queue_mail(*, person: Person, subject: str, body: str, purpose: str, key: str, at: datetime) -> OutgoingMail | None:
    """Have an e-mail sent to `person`; None when they have no address. The same `key` is never sent twice."""
    if not person.email:
        return None
    mail, created = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={
            "person": person,
            "to": person.email,
            "subject": " ".join(subject.split())[:300],
            "body": body,
            "purpose": purpose,
            "due_at": at,
        },
    )
    if created:
        from people.tasks import send_mail as task

        nudge(task, mail.pk)
    return mail


def send_due_mail(*, mail_id: int, at: datetime) -> bool:
    """Send one mail if it is due; True when it was sent now.

    The attempt is recorded before the network is used, so that a mail which kills its worker is not tried for
    ever. After a failure it is due again later; after five it is `failed` with the reason.
    """
    with transaction.atomic():
        mail = lock_row(OutgoingMail.objects.filter(pk=mail_id, state=OutgoingMail.State.DUE, due_at__lte=at))
        if mail is None:
            return False
        mail.attempts += 1
        mail.due_at = at + timedelta(minutes=2**mail.attempts)
        mail.save(update_fields=["attempts", "due_at"])
    try:
        send_mail(mail.subject, mail.body, None, [mail.to])
    except OSError as problem:  # smtplib's errors are OSErrors
        mail.error = f"{type(problem).__name__}: {problem}"[:500]
        if mail.attempts >= MOST_ATTEMPTS:
            mail.state = OutgoingMail.State.FAILED
        mail.save(update_fields=["error", "state"])
        return False
    mail.state, mail.sent_at, mail.error = OutgoingMail.State.SENT, at, ""
    mail.save(update_fields=["state", "sent_at", "error"])
    return True
