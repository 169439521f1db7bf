"""What the tests of the administration of people share."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people.models import Person, RoleGrant
from tests.factories import make_person

ADMINISTRATOR = RoleGrant.Role.ADMINISTRATOR
USERS = "/quan-tri/users/"
UNITS = "/quan-tri/to-chuc/don-vi/"
LOG = "/quan-tri/to-chuc/nhat-ky/"
CITIZEN_ID = "072188004215"


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def make_superuser() -> Person:
    person = make_person(name="Trần Minh Quân")
    Person.objects.filter(pk=person.pk).update(is_superuser=True, is_staff=True)
    person.refresh_from_db()
    return person


def account(**changes: Any) -> dict[str, Any]:
    """A filled-in form."""
    return {
        "full_name": "Nguyễn Văn Bình",
        "staff_number": "cc-7001",
        "email": "Binh@Example.vn",
        "birth_date": "1990-03-05",
        "citizen_id": "",
        "preferred_language": "vi",
        "is_active": "on",
        "valid_from": "2026-01-05",
        **changes,
    }


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def names_in(client: Client, address: str) -> list[str]:
    return [str(row) for row in client.get(address).context["object_list"]]
