"""Tokens for the REST API: made and revoked by the person they act for."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from people.exceptions import InvalidToken
from people.models import ApiToken, Person

PREFIX = "hocso_"
LASTS = timedelta(days=365)
MOST_TOKENS = 20
USED_EVERY = timedelta(hours=1)


@transaction.atomic
def create_api_token(*, person: Person, name: str, at: datetime) -> tuple[ApiToken, str]:
    """A new token that lasts a year, and its secret, which nobody can be told again. Raises InvalidToken."""
    words = " ".join(name.split())
    if not words:
        raise InvalidToken(_("Say what the token is for."))
    if len(words) > 100:
        raise InvalidToken(_("What the token is for is too long: at most 100 characters."))
    Person.objects.select_for_update().get(pk=person.pk)
    if valid_tokens(person, at=at).count() >= MOST_TOKENS:
        raise InvalidToken(_("You have 20 tokens already; revoke one that you no longer use."))
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        person=person,
        name=words,
        digest=_digest(secret),
        hint=secret[len(PREFIX) :][:4],
        created_at=at,
        expires_at=at + LASTS,
    )
    return token, secret


@transaction.atomic
def revoke_api_token(*, person: Person, pk: int, at: datetime) -> None:
    """The person's token works no more; again changes nothing. Raises ApiToken.DoesNotExist for somebody else's."""
    token = ApiToken.objects.select_for_update().get(person=person, pk=pk)
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])


def valid_tokens(person: Person, *, at: datetime) -> QuerySet[ApiToken]:
    """The person's tokens that work now."""
    return ApiToken.objects.filter(person=person, revoked_at__isnull=True, expires_at__gt=at)


def person_of_api_token(secret: str, *, at: datetime) -> Person | None:
    """Whom this token acts for; None when it does not work or the account is closed."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return None
    token = (
        ApiToken.objects.select_related("person")
        .filter(digest=_digest(secret), revoked_at__isnull=True, expires_at__gt=at, person__is_active=True)
        .first()
    )
    if token is None:
        return None
    if token.last_used_at is None or at - token.last_used_at >= USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
    return token.person


def _digest(secret: str) -> str:
    # 256 random bits need no slow hash: nobody finds them by trying.
    return hashlib.sha256(secret.encode()).hexdigest()
