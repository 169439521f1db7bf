"""Many accounts at once for trials: one password, one hash, a few statements."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models.functions import Lower

from common.vietnamese import fold, name_sort_key
from people.models import Person

BATCH = 500


@transaction.atomic
def ensure_demo_accounts(*, names: Mapping[str, str], password: str) -> int:
    """Accounts for trials by staff number → full name; how many were new.

    All have `password` afterwards, also those that were there; others with such a number are left alone, and then
    ValueError names the first, letter case aside. The hash is made once: these accounts are no secret.
    """
    hashed = make_password(password)
    numbers = list(names)
    found: dict[str, bool] = {}
    for start in range(0, len(numbers), BATCH):
        batch = [number.lower() for number in numbers[start : start + BATCH]]
        rows = Person.objects.alias(lower=Lower("staff_number")).filter(lower__in=batch)
        found.update({str(number).lower(): is_demo for number, is_demo in rows.values_list("staff_number", "is_demo")})
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
        if number.lower() not in found
    ]
    Person.objects.bulk_create(fresh, batch_size=BATCH)
    known = list(found)
    for start in range(0, len(known), BATCH):
        rows = Person.objects.alias(lower=Lower("staff_number")).filter(lower__in=known[start : start + BATCH])
        rows.update(password=hashed, is_active=True)
    return len(fresh)
