"""Many accounts at once for trials: one password, one hash, a few statements."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.hashers import make_password
from django.db import transaction

from common.vietnamese import fold, name_sort_key
from people.models import Person

BATCH = 500


@transaction.atomic
def ensure_demo_accounts(*, names: Mapping[str, str], password: str) -> int:
    """Accounts for trials by staff number → full name; how many were new.

    All have `password` afterwards, also those that were there; others with such a number are left alone, and then
    ValueError names the first. The hash is made once: these accounts are no secret.
    """
    hashed = make_password(password)
    found = {
        number: is_demo
        for start in range(0, len(names), BATCH)
        for number, is_demo in Person.objects.filter(staff_number__in=list(names)[start : start + BATCH]).values_list(
            "staff_number", "is_demo"
        )
    }
    real = next((number for number, is_demo in found.items() if not is_demo), None)
    if real is not None:
        raise ValueError(real)
    fresh = [
        Person(
            staff_number=number,
            full_name=name,
            sort_key=name_sort_key(name),
            search_text=fold(f"{name} {number}")[:500],
            password=hashed,
            is_demo=True,
        )
        for number, name in names.items()
        if number not in found
    ]
    Person.objects.bulk_create(fresh, batch_size=BATCH)
    known = [number for number in found if number is not None]
    for start in range(0, len(known), BATCH):
        Person.objects.filter(staff_number__in=known[start : start + BATCH]).update(password=hashed, is_active=True)
    return len(fresh)
