"""A new installation gets its content without the demonstration."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from assessments.models import Quiz
from cms.models import ArticlePage
from courses.models import CompetenceFramework, Course
from people.models import OrganisationUnit, Person
from tests.factories import make_portal

pytestmark = pytest.mark.django_db


def counts() -> list[int]:
    return [model.objects.count() for model in (Course, Quiz, ArticlePage, CompetenceFramework, OrganisationUnit)]


def test_content_comes_once_and_brings_no_people() -> None:
    make_portal()
    call_command("load_content", verbosity=0)
    first = counts()
    assert all(first)
    call_command("load_content", verbosity=0)
    assert counts() == first
    assert not Person.objects.exists()
