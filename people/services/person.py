"""Making and changing people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from common.crypto import decrypt, encrypt, keyed_index
from common.vietnamese import fold, name_sort_key, nfc
from people.citizen_id import check_citizen_id, masked
from people.exceptions import InvalidPerson
from people.models import AccessLog, OutgoingMail, Person
from people.services.access import log_access
from people.services.mail import queue_mail

LONGEST_NAME = 200
CHANGEABLE = {
    "full_name",
    "email",
    "staff_number",
    "birth_date",
    "citizen_id",
    "preferred_language",
    "is_active",
}


def check_name(text: str) -> str:
    """A full name in NFC with single spaces.

    Raises InvalidPerson when it is empty, too long, or holds what no name holds: digits, markup, no letter at all.
    """
    name = " ".join(nfc(text).split())
    if not name:
        raise InvalidPerson(_("The full name is missing."))
    if len(name) > LONGEST_NAME:
        raise InvalidPerson(_("The full name is longer than 200 characters."))
    odd = any(character.isdigit() or character in '<>{}[]\\|@#$%^*=+"' for character in name)
    if odd or not any(character.isalpha() for character in name):
        raise InvalidPerson(_("The full name holds digits or signs that no name has; write the name only."))
    return name


def check_email(text: str | None) -> str | None:
    """A lower-case e-mail address or None. Raises InvalidPerson when it is not an address."""
    email = nfc(text or "").strip().lower()
    if not email:
        return None
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidPerson(_("This is not an e-mail address.")) from None
    return email


def check_staff_number(text: str | None) -> str | None:
    """An upper-case staff number or None. Raises InvalidPerson when it holds other than letters, digits, . - _ /"""
    number = nfc(text or "").strip().upper()
    if not number:
        return None
    if len(number) > 40 or not all(c.isalnum() or c in ".-_/" for c in number):
        raise InvalidPerson(_("A staff number has at most 40 letters, digits and . - _ / signs."))
    return number


def apply_fields(person: Person, fields: dict[str, Any]) -> None:
    """Put checked values on `person` without saving. Raises InvalidPerson and TypeError for unknown fields."""
    unknown = set(fields) - CHANGEABLE
    if unknown:
        raise TypeError(f"Not fields of a person: {', '.join(sorted(unknown))}")
    if "full_name" in fields:
        person.full_name = check_name(fields["full_name"])
    if "email" in fields:
        person.email = check_email(fields["email"])
    if "staff_number" in fields:
        person.staff_number = check_staff_number(fields["staff_number"])
    if "birth_date" in fields:
        person.birth_date = fields["birth_date"]
    if "citizen_id" in fields:
        _apply_citizen_id(person, fields["citizen_id"])
    for plain in ("preferred_language", "is_active"):
        if plain in fields:
            setattr(person, plain, fields[plain])
    person.sort_key = name_sort_key(person.full_name)
    person.search_text = fold(f"{person.full_name} {person.staff_number or ''} {person.email or ''}")[:500]
    if not person.email and not person.staff_number:
        raise InvalidPerson(_("An e-mail address or a staff number is needed to sign in with."))


def _apply_citizen_id(person: Person, text: str | None) -> None:
    if text:
        digits = check_citizen_id(text, birth_date=person.birth_date)
        person.citizen_id_encrypted, person.citizen_id_index = encrypt(digits), keyed_index(digits)
    else:
        person.citizen_id_encrypted, person.citizen_id_index = "", None


def save_person(person: Person) -> None:
    """Save; raises InvalidPerson instead of a database error when a key belongs to somebody else."""
    others = Person.objects.exclude(pk=person.pk)
    if person.email and others.filter(email__iexact=person.email).exists():
        raise InvalidPerson(_("This e-mail address belongs to another person."))
    if person.staff_number and others.filter(staff_number__iexact=person.staff_number).exists():
        raise InvalidPerson(_("This staff number belongs to another person."))
    if person.citizen_id_index and others.filter(citizen_id_index=person.citizen_id_index).exists():
        raise InvalidPerson(_("This citizen id belongs to another person."))
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        raise InvalidPerson(_("The e-mail address, staff number or citizen id belongs to another person.")) from None


@transaction.atomic
def create_person(
    *,
    full_name: str,
    email: str | None = None,
    staff_number: str | None = None,
    birth_date: date | None = None,
    citizen_id: str | None = None,
    password: str | None = None,
    preferred_language: str = "vi",
    is_demo: bool = False,
    by: Person | None,
) -> Person:
    """A new person; without a password they set their first one at `activation_path`.

    Raises InvalidPerson when a value cannot be right or a key belongs to somebody else.
    """
    person = Person(is_demo=is_demo)
    apply_fields(
        person,
        {
            "full_name": full_name,
            "email": email,
            "staff_number": staff_number,
            "birth_date": birth_date,
            "citizen_id": citizen_id,
            "preferred_language": preferred_language,
        },
    )
    person.set_password(password)
    save_person(person)
    return person


@transaction.atomic
def update_person(*, person: Person, by: Person | None, **fields: Any) -> Person:
    """Change the named fields of `person`. Raises InvalidPerson; nothing is changed then."""
    locked = Person.objects.select_for_update().get(pk=person.pk)
    former = locked.email
    apply_fields(locked, fields)
    save_person(locked)
    if locked.email != former:
        forget_addresses([locked])
    return locked


def forget_addresses(people: Iterable[Person]) -> None:
    """Addresses other than the one that was set for these people neither sign in nor get a new password any more."""
    for person in people:
        EmailAddress.objects.filter(user=person).exclude(email__iexact=person.email or "").delete()


def reveal_citizen_id(*, person: Person, by: Person, why: str, at: datetime) -> str:
    """The citizen id in clear, or an empty string; the reading is logged first."""
    if not person.citizen_id_encrypted:
        return ""
    log_access(
        by=by, action=AccessLog.Action.REVEAL, what=gettext_noop("citizen id"), exactly=why, at=at, subject=person
    )
    return decrypt(person.citizen_id_encrypted)


def masked_citizen_id(*, person: Person) -> str:
    """The citizen id for screens, all but its last three digits hidden; an empty string when there is none."""
    return masked(decrypt(person.citizen_id_encrypted)) if person.citizen_id_encrypted else ""


def activation_path(*, person: Person) -> str:
    """Where a person without a password sets the first one; the token works once and expires."""
    return reverse(
        "people:activate",
        kwargs={
            "uidb64": urlsafe_base64_encode(force_bytes(person.pk)),
            "token": default_token_generator.make_token(person),
        },
    )


def activation_address(*, person: Person) -> str:
    """The absolute address at which a person sets the first password, in their language.

    Raises InvalidPerson when they are not active or have a password already.
    """
    if not person.is_active:
        raise InvalidPerson(_("This person is not active; make them active first."))
    if person.has_usable_password():
        raise InvalidPerson(_("This person has a password already and can ask for a new one when signing in."))
    with translation.override(person.preferred_language):
        return f"{settings.WAGTAILADMIN_BASE_URL.rstrip('/')}{activation_path(person=person)}"


@transaction.atomic
def send_activation_link(*, person: Person, by: Person, at: datetime) -> OutgoingMail:
    """Have the activation address sent to the person's e-mail, once a minute at most. Idempotent within it.

    Raises InvalidPerson when they have no e-mail address, are not active or have a password already.
    """
    address = activation_address(person=person)
    with translation.override(person.preferred_language):
        mail = queue_mail(
            person=person,
            subject=gettext("Set your password for Học Số"),
            body=gettext(
                "Hello %(name)s,\n\nan account was made for you. You sign in with %(sign_in)s.\n"
                "Set your password within %(days)d days at:\n\n%(address)s\n\n"
                "The address works once. Give it to nobody."
            )
            % {
                "name": person.full_name,
                "sign_in": person.sign_in_name,
                "days": settings.PASSWORD_RESET_TIMEOUT // 86400,
                "address": address,
            },
            purpose="activation",
            key=f"activation:{person.pk}:{at:%Y%m%d%H%M}",
            at=at,
        )
    if mail is None:
        raise InvalidPerson(_("This person has no e-mail address; hand the activation address over yourself."))
    log_access(by=by, action=AccessLog.Action.VIEW, what=gettext_noop("activation link sent"), at=at, subject=person)
    return mail


def may_set_first_password(*, person: Person, token: str) -> bool:
    """Whether this activation address still works: active, without a password, and with this very token."""
    if not person.is_active or person.has_usable_password():
        return False
    return default_token_generator.check_token(person, token)


@transaction.atomic
def set_first_password(*, person: Person, token: str, password: str) -> Person:
    """Set the first password with the token of an activation address.

    Raises InvalidPerson when the token was used, has expired or is somebody else's, and ValidationError when the
    password is too weak.
    """
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if not may_set_first_password(person=locked, token=token):
        raise InvalidPerson(
            _("This activation address was used already or has expired; ask your HR officer for a new one.")
        )
    validate_password(password, locked)
    locked.set_password(password)
    locked.save(update_fields=["password"])
    return locked
