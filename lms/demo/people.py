"""Demonstration people: one for each role, with a password that everybody knows. Never in production."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from people.models import OrganisationUnit, Person, RoleGrant
from people.services import assign_person, create_person, grant_role

PASSWORD = "hoc-so-minh-hoa-2026"  # noqa: S105  public on purpose; see the guard below


class DemoRefused(RuntimeError):
    """Demonstration people exist only under local settings."""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A demonstration person, their role (None: a citizen) and the page to open first."""

    email: str
    staff_number: str | None
    full_name: str
    role: str | None
    title: str
    page: str


PEOPLE = [
    DemoPerson(
        "quantri@hocso.example",
        "QT0001",
        "Trần Minh Quân",
        RoleGrant.Role.ADMINISTRATOR,
        "Quản trị",
        "/quan-tri/",
    ),
    DemoPerson(
        "nhansu@hocso.example",
        "NS0001",
        "Lê Thị Mai",
        RoleGrant.Role.HR_OFFICER,
        "Cán bộ nhân sự",
        "/nhan-su/don-vi/",
    ),
    DemoPerson(
        "giangvien@hocso.example",
        "GV0001",
        "Phạm Văn Dũng",
        RoleGrant.Role.INSTRUCTOR,
        "Giảng viên",
        "/quan-tri/",
    ),
    DemoPerson(
        "khaothi@hocso.example",
        "KT0001",
        "Võ Ngọc Ánh",
        RoleGrant.Role.EXAM_OFFICER,
        "Cán bộ khảo thí",
        "/quan-tri/",
    ),
    DemoPerson("nguoidan@hocso.example", None, "Đặng Thị Út", None, "", "/"),
]


def require_demo() -> None:
    """Raise DemoRefused unless the settings allow demonstration people."""
    if not getattr(settings, "DEMO_ALLOWED", False):
        raise DemoRefused(
            "không tạo người dùng minh hoạ với cấu hình này; chỉ dùng lms.settings.local / "
            "demonstration people are refused under these settings; use lms.settings.local"
        )


@transaction.atomic
def ensure_demo_people(*, at: datetime) -> list[Person]:
    """Make the demonstration people that are missing. Idempotent. Raises DemoRefused in production."""
    require_demo()
    root = OrganisationUnit.objects.filter(depth=1, valid_to__isnull=True).order_by("path").first()
    today: date = timezone.localtime(at).date()
    made = []
    for row in PEOPLE:
        person = Person.objects.filter(email=row.email).first()
        if person is None:
            person = create_person(
                full_name=row.full_name,
                email=row.email,
                staff_number=row.staff_number,
                password=PASSWORD,
                is_demo=True,
                by=None,
            )
        if row.role is not None and root is not None:
            grant_role(person=person, role=row.role, unit=root, valid_from=today, by=None)
            assign_person(person=person, unit=root, title=row.title, valid_from=max(today, root.valid_from), by=None)
        made.append(person)
    return made
