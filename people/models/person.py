"""The person: one account, one name, one home for personal data."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.vietnamese import name_sort_key


class PersonManager(BaseUserManager["Person"]):
    """Makes people and finds them by what they sign in with."""

    def create_user(self, *, full_name: str, password: str | None = None, **fields: Any) -> Person:
        """A new person; `email` or `staff_number` is required. No password means none can be used."""
        person = self.model(full_name=full_name, sort_key=name_sort_key(full_name), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, **fields: Any) -> Person:
        """A person who may do everything; for the first administrator of an installation."""
        fields.setdefault("full_name", "Quản trị viên")
        return self.create_user(**fields, is_staff=True, is_superuser=True)

    def get_by_natural_key(self, username: str | None) -> Person:
        """The person who signs in with this e-mail or staff number, letter case aside."""
        return self.get(Q(email__iexact=username) | Q(staff_number__iexact=username))


class Person(AbstractBaseUser, PermissionsMixin):
    """Somebody with an account: citizen, civil servant, instructor, officer.

    The full name is one NFC string and is never split; lists sort by `sort_key` (TÊN first, Vietnamese order).
    The citizen id (CCCD) is kept encrypted; `citizen_id_index` is a keyed digest to find it by.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True, null=True, blank=True)
    staff_number = models.CharField(_("staff number"), max_length=40, unique=True, null=True, blank=True)
    full_name = models.CharField(_("full name"), max_length=200)
    sort_key = models.CharField(max_length=500, db_index=True, editable=False)
    search_text = models.CharField(max_length=500, blank=True, editable=False)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    citizen_id_encrypted = models.TextField(blank=True, editable=False)
    citizen_id_index = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    preferred_language = models.CharField(
        _("language"), max_length=8, choices=[("vi", _("Vietnamese")), ("en", _("English"))], default="vi"
    )
    is_demo = models.BooleanField(_("demonstration person"), default=False, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the administration"), default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["sort_key", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(staff_number__isnull=False),
                name="person_has_email_or_staff_number",
            ),
            models.CheckConstraint(condition=~Q(email="") & ~Q(staff_number=""), name="person_sign_in_names_not_empty"),
            models.CheckConstraint(condition=~Q(full_name=""), name="person_has_name"),
        ]

    def __str__(self) -> str:
        return self.full_name

    def get_full_name(self) -> str:
        """The whole name as written."""
        return self.full_name

    def get_short_name(self) -> str:
        """TÊN, the last word: how people are called."""
        return self.full_name.split()[-1] if self.full_name.split() else self.full_name

    @property
    def sign_in_name(self) -> str:
        """What this person signs in with: staff number, else e-mail."""
        return self.staff_number or self.email or ""
