"""How django-allauth makes our people."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import user_email
from django.http import HttpRequest

from people.models import Person
from people.services.person import apply_fields


class AccountAdapter(DefaultAccountAdapter):
    """People have one full name, and keys for sorting and searching that are kept in step."""

    def save_user(self, request: HttpRequest, user: Person, form: Any, commit: bool = True) -> Person:
        """Fill `user` from the sign-up form."""
        data = form.cleaned_data
        user_email(user, data.get("email"))
        apply_fields(user, {"full_name": data["full_name"], "email": data.get("email")})
        user.set_password(data["password1"])
        self.populate_username(request, user)
        if commit:
            user.save()
        return user

    def populate_username(self, request: HttpRequest, user: Person) -> None:
        """Who signs up has no staff number; an HR officer's roster gives it."""
