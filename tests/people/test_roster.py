"""Rosters: checked whole, applied whole, and every bad row named in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.exceptions import InvalidRoster
from people.models import Assignment, OrganisationUnit, Person, RosterImport
from people.services import apply_roster, check_roster, grant_role
from tests.conftest import NOW
from tests.factories import CONTENT, START, make_officer, make_person, make_unit, put_to_work

pytestmark = pytest.mark.django_db
HEAD = "ma_nhan_vien,ho_va_ten,ngay_sinh,email,so_cccd,ma_don_vi,chuc_danh,tu_ngay\n"
GOOD = "CC1,Nguyễn Thị Hương,12/03/1988,huong@example.vn,072188004215,PHONG,Chuyên viên,01/07/2025\n"


@pytest.fixture
def unit() -> OrganisationUnit:
    top = make_unit(name="Tỉnh", code="TINH")
    make_unit(name="Phòng", code="PHONG", parent=top)
    make_unit(name="Khác", code="KHAC")
    return top


def check(unit: OrganisationUnit, rows: str | bytes, *, name: str = "a.csv", head: str = HEAD) -> RosterImport:
    data = rows if isinstance(rows, bytes) else (head + rows).encode()
    return check_roster(data=data, file_name=name, unit=unit, by=make_officer(unit), at=NOW)


def apply(roster: RosterImport) -> RosterImport:
    return apply_roster(roster=roster, by=roster.uploaded_by, at=NOW)


def test_a_good_file_makes_people_and_puts_them_to_work(unit: OrganisationUnit) -> None:
    roster = apply(check(unit, GOOD))
    person = Person.objects.get(staff_number="CC1")
    assert (roster.created_count, roster.state) == (1, "applied")
    assert person.citizen_id_index
    assert "072188004215" not in person.citizen_id_encrypted
    assert person.assignments.get().title == "Chuyên viên"
    assert not person.has_usable_password()


def test_the_same_file_again_changes_nothing(unit: OrganisationUnit) -> None:
    apply(check(unit, GOOD))
    again = apply(check(unit, GOOD))
    assert (again.created_count, again.updated_count, again.unchanged_count) == (0, 0, 1)
    assert Person.objects.filter(staff_number="CC1").count() == 1
    assert Assignment.objects.filter(person__staff_number="CC1").count() == 1


def test_who_moves_has_the_former_assignment_closed_the_day_before(unit: OrganisationUnit) -> None:
    apply(check(unit, GOOD))
    moved = GOOD.replace("PHONG", "TINH").replace("01/07/2025", "01/10/2026")
    apply(check(unit, moved))
    old, new = Assignment.objects.filter(person__staff_number="CC1").order_by("valid_from")
    assert (str(old.valid_to), str(new.valid_from), new.valid_to) == ("2026-09-30", "2026-10-01", None)


def test_the_demonstration_roster_is_in_order(unit: OrganisationUnit) -> None:
    from people.services import import_units

    import_units(path=CONTENT / "units" / "tay-ninh.yaml", at=NOW)
    province = OrganisationUnit.objects.get(code="TN")
    data = (CONTENT / "roster" / "demo-roster.csv").read_bytes()
    roster = check_roster(data=data, file_name="demo.csv", unit=province, by=make_officer(province), at=NOW)
    assert roster.problems == []
    assert apply(roster).created_count == 24


BAD: dict[str, tuple[str, str]] = {
    "missing staff number": (GOOD.replace("CC1", ""), "Mã nhân viên"),
    "missing name": (GOOD.replace("Nguyễn Thị Hương", ""), "Họ và tên"),
    "digits in the name": (GOOD.replace("Hương", "Hương 2"), "Họ và tên"),
    "markup in the name": (GOOD.replace("Nguyễn", "<b>"), "Họ và tên"),
    "markup in the title": (GOOD.replace("Chuyên viên", "<script>"), "Chức danh"),
    "impossible date": (GOOD.replace("12/03/1988", "31/02/1988"), "Ngày sinh"),
    "a two-digit year": (GOOD.replace("12/03/1988", "12/03/88"), "Ngày sinh"),
    "a child": (GOOD.replace("12/03/1988", "12/03/2020").replace("072188004215", ""), "Ngày sinh"),
    "work before birth": (GOOD.replace("01/07/2025", "01/07/1980"), "Từ ngày"),
    "unknown unit": (GOOD.replace("PHONG", "NOPE"), "Mã đơn vị"),
    "missing unit": (GOOD.replace("PHONG", ""), "Mã đơn vị"),
    "a unit that is not theirs": (GOOD.replace("PHONG", "KHAC"), "Mã đơn vị"),
    "a bad e-mail": (GOOD.replace("@example.vn", ""), "Email"),
    "a short citizen id": (GOOD.replace("072188004215", "07218800421"), "Số CCCD"),
    "a citizen id of another year": (GOOD.replace("072188004215", "072189004215"), "Số CCCD"),
    "a formula": (GOOD.replace("Chuyên viên", "=HYPERLINK(1)"), "Chức danh"),
    "a cell of 10 MB": (GOOD.replace("Chuyên viên", "x" * 10_000_000), "Chức danh"),
    "the same staff number twice": (GOOD + GOOD.replace("huong@", "khac@").replace("072188004215", ""), "Mã nhân viên"),
    "the same e-mail twice": (GOOD + GOOD.replace("CC1", "CC2").replace("072188004215", ""), "Email"),
    "the same citizen id twice": (GOOD + GOOD.replace("CC1", "CC2").replace("huong@", "khac@"), "Số CCCD"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_named_in_both_languages_and_nobody_is_touched(unit: OrganisationUnit, case: str) -> None:
    rows, column = BAD[case]
    roster = check(unit, rows)
    before = Person.objects.count()
    assert roster.state == "refused"
    assert column in {problem["column"] for problem in roster.problems}
    for problem in roster.problems:
        assert problem["row"] in (2, 3)
        assert problem["message_vi"] != problem["message_en"]
    with pytest.raises(InvalidRoster):
        apply(roster)
    assert Person.objects.count() == before


def test_one_bad_row_among_good_ones_stops_the_whole_file(unit: OrganisationUnit) -> None:
    roster = check(unit, GOOD + "CC2,Lê An,,,,NOPE,,\n")
    assert roster.state == "refused"
    assert not Person.objects.filter(staff_number="CC1").exists()


@pytest.mark.parametrize("key", ["huong@example.vn", "072188004215"])
def test_a_key_that_belongs_to_somebody_else_is_refused(unit: OrganisationUnit, key: str) -> None:
    from datetime import date

    make_person(email="huong@example.vn", citizen_id="072188004215", birth_date=date(1988, 3, 12), staff_number="KHAC1")
    row = GOOD if "@" in key else GOOD.replace("huong@", "moi@")
    assert check(unit, row).state == "refused"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_other_encodings_are_read(unit: OrganisationUnit, encoding: str) -> None:
    assert apply(check(unit, (HEAD + GOOD).encode(encoding))).created_count == 1
    assert Person.objects.get(staff_number="CC1").full_name == "Nguyễn Thị Hương"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"ho_va_ten\nAn\n", HEAD.encode(), b"\xd0\xcf\x11\xe0"])
def test_a_file_that_is_no_roster_is_refused(unit: OrganisationUnit, data: bytes) -> None:
    assert check(unit, data).state == "refused"


def test_headings_may_be_written_as_people_write_them(unit: OrganisationUnit) -> None:
    head = "Mã cán bộ,Họ và Tên,Ngày sinh,E-mail,Số CCCD,Mã đơn vị,Chức vụ,Từ ngày\n"
    assert check(unit, GOOD, head=head).state == "checked"


def test_a_refused_check_becomes_a_refused_apply_when_somebody_took_the_key_meanwhile(unit: OrganisationUnit) -> None:
    roster = check(unit, GOOD)
    make_person(email="huong@example.vn")
    with pytest.raises(InvalidRoster):
        apply(roster)
    assert not Person.objects.filter(staff_number="CC1").exists()


def test_queries_do_not_grow_with_the_number_of_units(
    unit: OrganisationUnit, django_assert_max_num_queries: Any
) -> None:
    officer = make_officer(unit)
    rows = "".join(
        GOOD.replace("CC1", f"CC{n}").replace("huong@", f"h{n}@").replace("072188004215", "") for n in range(200)
    )
    with django_assert_max_num_queries(12):
        check_roster(data=(HEAD + rows).encode(), file_name="a.csv", unit=unit, by=officer, at=NOW)


def test_pages_are_only_for_officers_and_only_their_own_files(client: Any, unit: OrganisationUnit) -> None:
    roster = check(unit, GOOD)
    stranger = make_person()
    put_to_work(stranger, unit)
    client.force_login(stranger)
    for address in ("/nhan-su/danh-sach/", "/nhan-su/danh-sach/tai-len/", f"/nhan-su/danh-sach/{roster.pk}/"):
        assert client.get(address).status_code == 403
    client.force_login(make_officer(unit))
    assert client.get(f"/nhan-su/danh-sach/{roster.pk}/").status_code == 404
    client.force_login(roster.uploaded_by)
    assert "Tệp hợp lệ: 1 người" in client.get(f"/nhan-su/danh-sach/{roster.pk}/").content.decode()


# Whom an officer may change ------------------------------------------------------------------------------------


def test_people_of_other_units_are_not_taken_over(unit: OrganisationUnit) -> None:
    elsewhere = make_person(staff_number="CC1", email="cu@example.vn")
    put_to_work(elsewhere, OrganisationUnit.objects.get(code="KHAC"))
    roster = check(unit, GOOD)
    assert roster.state == "refused"
    assert "không thuộc các đơn vị của bạn" in roster.problems[0]["message_vi"]


def test_the_way_to_sign_in_of_who_has_a_role_is_not_changed(unit: OrganisationUnit) -> None:
    boss = make_person(staff_number="CC1", email="sep@example.vn")
    put_to_work(boss, OrganisationUnit.objects.get(code="PHONG"))
    assert check(unit, GOOD).state == "checked"
    grant_role(person=boss, role="administrator", unit=unit, valid_from=START, by=None)
    roster = check(unit, GOOD)
    assert [problem["column"] for problem in roster.problems] == ["Email"]
    assert check(unit, GOOD.replace("huong@", "sep@")).state == "checked"


def test_a_closed_account_is_not_put_to_work(unit: OrganisationUnit) -> None:
    Person.objects.filter(pk=make_person(staff_number="CC1").pk).update(is_active=False)
    assert [problem["column"] for problem in check(unit, GOOD).problems] == ["Mã nhân viên"]


def test_rows_outside_the_officers_own_units_are_refused_whatever_unit_was_chosen(unit: OrganisationUnit) -> None:
    officer = make_officer(OrganisationUnit.objects.get(code="KHAC"))
    roster = check_roster(data=(HEAD + GOOD).encode(), file_name="a.csv", unit=unit, by=officer, at=NOW)
    assert [problem["column"] for problem in roster.problems] == ["Mã đơn vị"]


def test_a_role_lost_between_checking_and_applying_applies_nothing(unit: OrganisationUnit) -> None:
    roster = check(unit, GOOD)
    roster.uploaded_by.role_grants.update(valid_to=START)
    with pytest.raises(InvalidRoster):
        apply(roster)
    assert not Person.objects.filter(staff_number="CC1").exists()


def test_a_move_before_the_present_assignment_began_is_refused(unit: OrganisationUnit) -> None:
    apply(check(unit, GOOD))
    assert check(unit, GOOD.replace("PHONG", "TINH")).problems[0]["column"] == "Từ ngày"


def test_a_changed_e_mail_address_takes_the_old_one_away(unit: OrganisationUnit) -> None:
    apply(check(unit, GOOD))
    person = Person.objects.get(staff_number="CC1")
    EmailAddress.objects.create(user=person, email="huong@example.vn", verified=True, primary=True)
    apply(check(unit, GOOD.replace("huong@", "moi@")))
    assert not EmailAddress.objects.filter(email="huong@example.vn").exists()
    assert Person.objects.get(staff_number="CC1").email == "moi@example.vn"


def test_citizen_ids_do_not_wait_in_clear(unit: OrganisationUnit) -> None:
    assert "072188004215" not in str(RosterImport.objects.values().get(pk=check(unit, GOOD).pk))


def test_applying_asks_the_same_number_of_queries_for_20_and_200(unit: OrganisationUnit) -> None:
    counts = []
    for start, many in ((1000, 20), (2000, 200)):
        rows = "".join(
            GOOD.replace("CC1", f"CC{start + n}").replace("huong@", f"h{start + n}@").replace("072188004215", "")
            for n in range(many)
        )
        roster = check(unit, rows)
        with CaptureQueriesContext(connection) as queries:
            assert apply(roster).created_count == many
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 4
