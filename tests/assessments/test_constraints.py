"""What the database itself refuses, on every engine, whatever the code above it does."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.db import IntegrityError, transaction

from assessments.models import Sitting
from people.models import RoleGrant
from tests.conftest import NOW
from tests.factories import make_person, make_quiz, sit

pytestmark = pytest.mark.django_db


def test_an_attempt_has_its_number_once_without_a_course_too() -> None:
    first = sit(make_quiz(), make_person(), right=1)
    twin = Sitting.objects.get(pk=first.pk)
    twin.pk, twin.public_id = None, "00000000-0000-4000-8000-000000000001"
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


def test_a_role_for_the_whole_province_is_open_once() -> None:
    person = make_person()
    role = {"person": person, "role": RoleGrant.Role.INSTRUCTOR, "unit": None, "valid_from": NOW.date()}
    RoleGrant.objects.create(**role)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(**role)


def test_no_constraint_is_left_out_by_the_engine() -> None:
    left_out = [
        problem for problem in run_checks(databases=["default"]) if problem.id in {"models.W047", "models.W036"}
    ]
    assert left_out == []
