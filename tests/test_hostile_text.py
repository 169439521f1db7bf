"""HTML and script in every text field of every room is shown as text, on every page that shows it."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.test import Client
from django.urls import reverse
from wagtail.fields import RichTextField

from assessments.models import Question
from certificates.models import Certificate
from certificates.services import issue_for_completion
from cms.models import ArticlePage
from courses.models import LessonPage
from people.models import Person, RoleGrant
from people.services import grant_role
from tests.conftest import NOW
from tests.factories import (
    START,
    complete,
    load_small_pack,
    make_officer,
    make_person,
    make_quiz,
    make_unit,
    put_to_work,
    sit,
)

pytestmark = pytest.mark.django_db
HOSTILE = "<script>h()</script>"
# Names of things for machines: addresses, codes, digests, states, keys of sorting and searching.
FOR_MACHINES = ("slug", "code", "key", "digest", "path", "state", "kind", "type", "status", "role", "token", "chain")


def is_for_people(field: Any) -> bool:
    is_text = isinstance(field, models.CharField | models.TextField) and not isinstance(field, RichTextField)
    plain = is_text and not field.choices and not field.unique and not isinstance(field, models.FileField)
    long_enough = field.max_length is None or field.max_length >= 60
    return bool(plain and long_enough and not any(word in field.name for word in FOR_MACHINES))


def poison() -> set[str]:
    """HOSTILE at the end of every text of every room that the database lets anybody change."""
    poisoned = set()
    for room in settings.ROOMS:
        for model in apps.get_app_config(room).get_models():
            for field in model._meta.local_fields:
                if not is_for_people(field):
                    continue
                worse = Concat(Substr(F(field.name), 1, (field.max_length or 300) - 30), Value(HOSTILE))
                try:
                    with transaction.atomic():
                        if model._default_manager.update(**{field.name: worse}):
                            poisoned.add(f"{model.__name__}.{field.name}")
                except DatabaseError:
                    pass  # evidence: triggers refuse
    return poisoned


@pytest.fixture
def world() -> dict[str, Any]:
    """A course that somebody has finished, with a certificate, in a unit with officers of every role."""
    course = load_small_pack()
    unit = make_unit(name="Sở", code="SO")
    person = make_person(birth_date=None, email="huong@example.vn")
    put_to_work(person, unit)
    completion = complete(course, person)
    issue_for_completion(completion_id=completion.pk, at=NOW)
    sitting = sit(make_quiz(count=2), person, right=1)
    administrator = make_officer(unit, RoleGrant.Role.ADMINISTRATOR)
    for role in (RoleGrant.Role.HR_OFFICER, RoleGrant.Role.INSTRUCTOR, RoleGrant.Role.EXAM_OFFICER):
        grant_role(person=administrator, role=role, unit=unit, valid_from=START, by=None)
    Person.objects.filter(pk=administrator.pk).update(is_superuser=True, is_staff=True)
    return {
        "course": course,
        "unit": unit,
        "person": person,
        "officer": Person.objects.get(pk=administrator.pk),
        "sitting": sitting,
        "certificate": Certificate.objects.get(),
        "lesson": LessonPage.objects.live().first(),
    }


def addresses(world: dict[str, Any]) -> list[str]:
    """Every kind of page that shows what somebody typed."""
    course, unit, person = world["course"], world["unit"], world["person"]
    question, quiz = Question.objects.all()[0], world["sitting"].quiz
    public = [
        "/",
        "/en/",
        "/hoc/danh-muc/",
        "/hoc/",
        "/tim-kiem/?q=mat+khau",
        *(page.url for page in ArticlePage.objects.live()[:1]),
        course.page.url if hasattr(course, "page") else f"/khoa-hoc/{course.slug}/",
        world["lesson"].url,
        reverse("people:profile"),
        f"/bai-thi/{quiz.slug}/",
        f"/kiem-tra/{world['certificate'].code}/",
    ]
    records = [
        "/nhan-su/don-vi/",
        f"/nhan-su/don-vi/{unit.code}/?course={course.slug}&state=all",
        f"/nhan-su/ho-so/{person.public_id}/",
        "/nhan-su/danh-sach/",
        "/nhan-su/danh-sach/tai-len/",
    ]
    admin = [
        "/quan-tri/",
        "/quan-tri/users/",
        "/quan-tri/to-chuc/don-vi/",
        f"/quan-tri/to-chuc/don-vi/{unit.pk}/",
        "/quan-tri/to-chuc/nhat-ky/",
        "/quan-tri/snippets/certificates/certificate/",
        f"/quan-tri/snippets/certificates/certificate/inspect/{world['certificate'].pk}/",
        "/quan-tri/snippets/courses/course/",
        f"/quan-tri/snippets/courses/course/edit/{course.pk}/",
        "/quan-tri/cau-hoi/",
        f"/quan-tri/cau-hoi/{question.pk}/thu/",
        "/quan-tri/ngan-hang-cau-hoi/",
        "/quan-tri/de-thi/",
        f"/quan-tri/pages/{world['lesson'].get_parent().pk}/",
        f"/quan-tri/pages/{world['lesson'].pk}/edit/",
    ]
    return public + records + admin


def test_script_in_every_text_is_shown_and_never_run(world: dict[str, Any]) -> None:
    poisoned = poison()
    assert {"Person.full_name", "OrganisationUnit.name", "Course.title", "Question.name", "Quiz.title"} <= poisoned
    client = Client()
    client.force_login(world["officer"])
    seen = 0
    for address in addresses(world):
        response = client.get(address, follow=True)
        assert response.status_code == 200, address
        text = response.content.decode()
        assert HOSTILE not in text, address
        ran = [
            tag for tag in BeautifulSoup(text, "html.parser").find_all("script") if tag.get_text(strip=True) == "h()"
        ]
        assert not ran, address
        seen += "h()" in text
    assert seen > 15  # the texts were really there
