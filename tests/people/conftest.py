"""Who is there in the tests of the administration of people."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from people.models import OrganisationUnit, Person
from people.services import grant_role
from tests.factories import START, make_officer, make_person, make_portal, make_unit, put_to_work
from tests.people.administration import ADMINISTRATOR, CITIZEN_ID


@pytest.fixture
def portal(db: Any) -> None:
    make_portal()


@pytest.fixture
def unit() -> OrganisationUnit:
    return make_unit(name="Sở Nội vụ")


@pytest.fixture
def administrator(unit: OrganisationUnit) -> Person:
    """Of one unit."""
    return make_officer(unit, ADMINISTRATOR)


@pytest.fixture
def everywhere() -> Person:
    """Of all units, and no superuser."""
    person = make_officer(make_unit(), ADMINISTRATOR)
    grant_role(person=person, role=ADMINISTRATOR, unit=None, valid_from=START, by=None)
    return person


@pytest.fixture
def colleague(unit: OrganisationUnit) -> Person:
    person = make_person(name="Đặng Thị Út", email="ut@example.vn", birth_date=date(1988, 3, 12), citizen_id=CITIZEN_ID)
    put_to_work(person, unit, title="Chuyên viên")
    return person
