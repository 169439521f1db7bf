"""The officers' screens: whose rows they are, what they show and do, and what they cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Accommodation, Quiz, Registration, Sitting, SupervisionEntry
from assessments.services import record_responses, start_sitting, submit_sitting, update_bank
from assessments.services.access import grant_accommodation
from assessments.services.registration import register_people
from assessments.services.supervision import pause_sittings
from assessments.supervising.board import is_blank
from common.tabular import read_table
from people.models import OrganisationUnit, Person
from tests.assessments.test_admin import signed_in, text_of
from tests.factories import make_bank, make_officer, make_person, make_portal, make_quiz, make_unit, put_to_work

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _portal(db: Any) -> None:
    make_portal()


class World:
    """One exam of a centre, a candidate of another unit, and everybody who may try something."""

    def __init__(self) -> None:
        province = make_unit(name="Tỉnh")
        self.centre: OrganisationUnit = make_unit(parent=province, name="Trung tâm")
        self.office: OrganisationUnit = make_unit(parent=province, name="Sở")
        self.elsewhere: OrganisationUnit = make_unit(parent=province, name="Xã")
        bank = update_bank(bank=make_bank(questions=4), title="NH", unit=self.centre, by=None)
        self.quiz: Quiz = make_quiz(bank=bank, time_limit_seconds=3600, kind="exam")
        self.candidate = make_person(name="Trần Văn Bình")
        self.other = make_person(name="Đỗ Thị Ánh")
        put_to_work(self.candidate, self.office)
        put_to_work(self.other, self.elsewhere)
        self.officer = make_officer(self.centre, "exam_officer")
        self.unit_officer = make_officer(self.office, "exam_officer")
        self.stranger = make_officer(make_unit(parent=province), "exam_officer")
        self.instructor = make_officer(self.centre, "instructor")
        people = [self.candidate, self.other]
        register_people(quiz=self.quiz, people=people, room="P1", by=self.officer, at=timezone.now())
        self.sitting = start_sitting(person=self.candidate, quiz=self.quiz, at=timezone.now())

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"supervision{name}", args=[self.quiz.pk, *args])


@pytest.fixture
def world() -> World:
    return World()


def refused(answer: Any) -> str:
    assert answer.status_code == 422
    return text_of(answer)


def act(client: Client, world: World, kind: str, **sent: Any) -> Any:
    facts = {"who": "chosen", "sitting": world.sitting.pk, "reason": "Mất điện", "key": "k1", **sent}
    return client.post(world.url("_act", kind), facts)


# Who may ------------------------------------------------------------------------------------------------------

WHOLE, PART, NOBODY = "officer", "unit_officer", ("stranger", "instructor", "candidate")
PAGES = {  # name: (arguments, whether it is for the officer of the whole exam alone)
    "_board": ([], False),
    "_rows": ([], False),
    "_record": ([], False),
    "_list": ([], False),
    "_list_xlsx": ([], False),
    "_candidates": ([], True),
    "_accommodations": ([], True),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_open_for_their_officers_and_for_nobody_else(world: World, name: str) -> None:
    arguments, is_whole = PAGES[name]
    found = {
        who: signed_in(getattr(world, who)).get(world.url(name, *arguments)).status_code
        for who in (WHOLE, PART, *NOBODY)
    }
    part = 403 if is_whole else 200
    assert (found[WHOLE], found[PART], found["stranger"], found["instructor"]) == (200, part, 404, 403)
    assert found["candidate"] in {302, 403}
    assert Client().get(world.url(name, *arguments)).status_code == 302


@pytest.mark.parametrize("kind", ["pause", "resume", "extend", "message", "note", "release", "end"])
def test_acts_are_for_their_officers_alone(world: World, kind: str) -> None:
    for who, code in (("stranger", 404), ("instructor", 403)):
        assert act(signed_in(getattr(world, who)), world, kind, minutes=5, text="x").status_code == code
    assert not SupervisionEntry.objects.exists()


def test_an_officer_of_a_unit_sees_and_moves_the_candidates_of_the_unit_only(world: World) -> None:
    theirs = start_sitting(person=world.other, quiz=world.quiz, at=timezone.now())
    client = signed_in(world.unit_officer)
    board = text_of(client.get(world.url("_board")))
    assert "Trần Văn Bình" in board
    assert "Đỗ Thị Ánh" not in board
    assert client.get(world.url("_sitting", theirs.pk)).status_code == 404
    assert act(client, world, "pause", sitting=theirs.pk).status_code == 422
    assert act(client, world, "pause", who="all").status_code == 302
    assert list(Sitting.objects.filter(paused_at__isnull=False)) == [world.sitting]


def test_nobody_supervises_themselves(world: World) -> None:
    mine = start_sitting(person=world.officer, quiz=world.quiz, at=timezone.now())
    client = signed_in(world.officer)
    assert client.get(world.url("_sitting", mine.pk)).status_code == 404
    assert act(client, world, "extend", sitting=mine.pk, minutes=5).status_code == 422
    page = client.post(
        world.url("_accommodations"), {"candidate": world.officer.staff_number, "extra_minutes": 5, "reason": "x"}
    )
    assert "Không ai tự điều chỉnh cho mình" in refused(page)
    assert not SupervisionEntry.objects.exists()


def test_only_officers_have_the_menu_entry(world: World) -> None:
    menu = {who: "/quan-tri/coi-thi/" in menu_of(getattr(world, who)) for who in (WHOLE, PART, "instructor")}
    assert menu == {WHOLE: True, PART: True, "instructor": False}


def menu_of(person: Person) -> str:
    return str(signed_in(person).get("/quan-tri/").content.decode())


# The board ----------------------------------------------------------------------------------------------------


def test_the_board_tells_who_is_in_who_is_not_and_how_far(world: World) -> None:
    events = [
        {"seq": 1, "slot": 1, "response": {"choice": "a"}},
        {"seq": 2, "slot": 2, "response": {"choice": "a"}},
        {"seq": 3, "slot": 2, "response": {"choice": None}},
    ]
    record_responses(sitting=world.sitting, events=events, at=timezone.now())
    grant_accommodation(
        quiz=world.quiz, person=world.candidate, extra_minutes=15, reason="x", by=world.officer, at=timezone.now()
    )
    page = text_of(signed_in(world.officer).get(world.url("_board")))
    for words in ("Trần Văn Bình", "Đang làm bài", "1/4", "đang kết nối", "+15 phút", "1:14:", "0001", "Chưa vào"):
        assert words in page


def test_states_follow_what_happens(world: World) -> None:
    def states() -> list[str]:
        board = signed_in(world.officer).get(world.url("_rows")).context["board"]
        return [row.status for row in board.rows if row.person == world.candidate.pk]

    assert states() == ["sitting"]
    long_ago = timezone.now() - 2 * MINUTE
    Sitting.objects.filter(pk=world.sitting.pk).update(started_at=long_ago, last_seen_at=long_ago)
    assert states() == ["lost"]
    act(signed_in(world.officer), world, "pause")
    assert states() == ["paused"]
    act(signed_in(world.officer), world, "end", key="k2")
    assert states() == ["done"]
    Sitting.objects.filter(pk=world.sitting.pk).update(state="failed")
    assert states() == ["failed"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "do anh"}, ["Đỗ Thị Ánh"]),
        ({"q": "BÌNH"}, ["Trần Văn Bình"]),
        ({"q": "0001"}, ["Đỗ Thị Ánh"]),
        ({"phong": "P2"}, []),
        ({"phong": "P1", "trang-thai": "away"}, ["Đỗ Thị Ánh"]),
        ({"trang-thai": "khác"}, ["Đỗ Thị Ánh", "Trần Văn Bình"]),
    ],
)
def test_rows_are_found_without_diacritics_by_room_and_state(
    world: World, query: dict[str, str], names: list[str]
) -> None:
    board = signed_in(world.officer).get(world.url("_rows"), query).context["board"]
    assert [row.name for row in board.rows] == names


def test_without_a_list_the_board_shows_who_sits_today(world: World) -> None:
    walk_in = make_person(name="Võ Không Danh")
    start_sitting(person=walk_in, quiz=world.quiz, at=timezone.now())
    old = make_person(name="Hồ Hôm Qua")
    sat = start_sitting(person=old, quiz=world.quiz, at=timezone.now())
    submit_sitting(sitting=sat, by=old, at=timezone.now())
    Sitting.objects.filter(pk=sat.pk).update(started_at=timezone.now() - timedelta(days=2))
    names = [row.name for row in signed_in(world.officer).get(world.url("_rows")).context["board"].rows]
    assert names == ["Đỗ Thị Ánh", "Trần Văn Bình", "Võ Không Danh"]


@pytest.mark.parametrize(
    ("response", "blank"),
    [
        (None, True),
        ({}, True),
        ({"choice": None}, True),
        ({"choices": []}, True),
        ({"t": {"1": ""}}, True),
        ({"choice": "a"}, False),
        ({"number": 0}, False),
        ({"t": {"1": "", "2": "x"}}, False),
    ],
)
def test_a_cleared_answer_is_none(response: Any, blank: bool) -> None:
    assert is_blank(response) is blank


def test_the_board_takes_as_many_queries_for_forty_as_for_four(world: World) -> None:
    client, counts = signed_in(world.officer), []
    for size in (4, 40):
        people = [make_person() for _ in range(size)]
        register_people(quiz=world.quiz, people=people, by=world.officer, at=timezone.now())
        for person in people:
            sitting = start_sitting(person=person, quiz=world.quiz, at=timezone.now())
            event = {"seq": 1, "slot": 1, "response": {"choice": "a"}}
            record_responses(sitting=sitting, events=[event], at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            assert client.get(world.url("_rows")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 40


# Acting -------------------------------------------------------------------------------------------------------


def test_an_act_asks_why_and_comes_back_to_the_board_as_it_was(world: World) -> None:
    client, back = signed_in(world.officer), world.url("_board") + "?phong=P1"
    form = client.get(
        world.url("_act", "extend"), {"who": "chosen", "sitting": world.sitting.pk, "back": back, "dialog": 1}
    )
    page = form.content.decode()
    assert "<html" not in page
    assert "1 thí sinh: Trần Văn Bình" in " ".join(page.split())
    key = form.context["form"].initial["key"]
    before = world.sitting.deadline_at
    for _ in range(2):
        done = act(client, world, "extend", minutes=5, key=key, back=back)
        assert (done.status_code, done.headers["Location"]) == (302, back)
    world.sitting.refresh_from_db()
    assert world.sitting.deadline_at == before + 5 * MINUTE
    assert "Thêm giờ: 1 thí sinh." in text_of(client.get(back))


def test_an_act_without_a_reason_says_so_and_does_nothing(world: World) -> None:
    answer = act(signed_in(world.officer), world, "pause", reason=" ")
    assert answer.status_code == 422
    assert not SupervisionEntry.objects.exists()


@pytest.mark.parametrize("back", ["https://xau.example/", "//xau.example", "/quan-tri/", "javascript:alert(1)"])
def test_an_act_leads_nowhere_else(world: World, back: str) -> None:
    assert act(signed_in(world.officer), world, "pause", back=back).headers["Location"] == world.url("_board")


def test_a_room_is_stopped_and_no_other(world: World) -> None:
    other = make_person()
    register_people(quiz=world.quiz, people=[other], room="P2", by=world.officer, at=timezone.now())
    elsewhere = start_sitting(person=other, quiz=world.quiz, at=timezone.now())
    act(signed_in(world.officer), world, "pause", who="room", room="P1")
    elsewhere.refresh_from_db()
    world.sitting.refresh_from_db()
    assert (elsewhere.paused_at, world.sitting.paused_at is not None) == (None, True)


def test_a_message_needs_a_text_and_no_reason(world: World) -> None:
    client = signed_in(world.officer)
    assert act(client, world, "message", text="", reason="").status_code == 422
    assert act(client, world, "message", text="Còn 15 phút", reason="").status_code == 302
    page = text_of(client.get(world.url("_sitting", world.sitting.pk)))
    assert "Thông báo: Còn 15 phút" in page


def test_a_made_up_act_or_sitting_is_not_there(world: World) -> None:
    client = signed_in(world.officer)
    assert client.get(world.url("_board") + "lenh/xoa/").status_code == 404
    assert act(client, world, "pause", sitting=["x", "9" * 30]).status_code == 422


# Candidates and accommodations --------------------------------------------------------------------------------


def test_candidates_come_by_unit_by_line_and_from_a_file(world: World) -> None:
    client, url = signed_in(world.officer), world.url("_candidates")
    for name in ("An", "Cúc"):
        put_to_work(make_person(name=f"Lê {name}"), world.centre)
    extra = make_person(name="Võ Tư", email="tu@tayninh.example")
    sent = {"form": "register", "register-unit": world.centre.pk, "register-people": "TU@tayninh.example"}
    assert client.post(url, {**sent, "register-room": "P9"}).status_code == 302
    assert Registration.objects.filter(quiz=world.quiz, room="P9").count() == 3
    assert Registration.objects.get(person=extra).room == "P9"
    unknown = client.post(url, {"form": "register", "register-people": "khong-co"})
    assert "khong-co" in refused(unknown)
    person = make_person(staff_number="TEP1")
    file = SimpleUploadedFile("ds.csv", "Mã nhân viên\nTEP1".encode())
    checked = client.post(url, {"form": "file", "file-file": file}, follow=True)
    assert "1 dòng, không có lỗi. Chưa ai được ghi danh." in text_of(checked)
    assert not Registration.objects.filter(person=person).exists()
    assert "Đã ghi danh 1 thí sinh." in text_of(client.post(checked.redirect_chain[-1][0], follow=True))
    assert Registration.objects.filter(person=person).exists()
    bad = SimpleUploadedFile("ds.csv", "Mã nhân viên\nKHONG".encode())
    said = text_of(client.post(url, {"form": "file", "file-file": bad}, follow=True))
    assert "Hệ thống không có ai mang thông tin này" in said
    rooms = client.post(url, {"form": "rooms", "rooms-rooms": "Phòng 7: 1"}, follow=True)
    assert "1 thí sinh đã được xếp phòng." in text_of(rooms)
    assert Registration.objects.get(person=person).room == "Phòng 7"


def test_a_unit_of_others_cannot_be_registered_or_granted(world: World) -> None:
    client = signed_in(world.officer)
    sent = {"form": "register", "register-unit": world.elsewhere.pk}
    assert client.post(world.url("_candidates"), sent).status_code == 422
    grant = {"unit": world.elsewhere.pk, "extra_minutes": 5, "reason": "x"}
    assert client.post(world.url("_accommodations"), grant).status_code == 422
    assert not Accommodation.objects.exists()


def test_a_candidate_is_taken_off_the_list_with_a_reason(world: World) -> None:
    row = Registration.objects.get(person=world.other)
    client, url = signed_in(world.officer), world.url("_withdraw", row.pk)
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "Xin rút"}).status_code == 302
    row.refresh_from_db()
    assert (row.withdrawn_reason, row.withdrawn_by) == ("Xin rút", world.officer)
    assert "đang làm bài" in refused(
        client.post(world.url("_withdraw", Registration.objects.get(person=world.candidate).pk), {"reason": "x"})
    )


def test_an_accommodation_is_granted_by_number_reaches_who_sits_and_is_withdrawn(world: World) -> None:
    client, url = signed_in(world.officer), world.url("_accommodations")
    sent = {"candidate": "0002", "extra_minutes": "10", "time_factor": "1,5", "reason": "Khiếm thị"}
    before = world.sitting.deadline_at
    page = text_of(client.post(url, sent, follow=True))
    assert "Số bài đang làm được thêm giờ: 1." in page
    assert "thời gian × 1,5, +10 phút" in page
    world.sitting.refresh_from_db()
    assert world.sitting.deadline_at == before + 40 * MINUTE
    row = Accommodation.objects.get()
    assert client.post(world.url("_accommodation_withdraw", row.pk), {"reason": "Nhầm"}).status_code == 302
    assert client.get(world.url("_accommodation_withdraw", row.pk)).status_code == 404
    assert "Nhầm" in text_of(client.get(url))
    for wrong in ({"candidate": "9999"}, {"candidate": "0001", "extra_minutes": ""}):
        assert client.post(url, {**sent, "time_factor": "", **wrong}).status_code == 422


@pytest.mark.parametrize("name", ["_candidates", "_accommodations", "_record", "_list"])
def test_lists_take_as_many_queries_for_thirty_as_for_three(world: World, name: str) -> None:
    client, counts = signed_in(world.officer), []
    for size in (3, 30):
        people = [make_person() for _ in range(size)]
        register_people(quiz=world.quiz, people=people, by=world.officer, at=timezone.now())
        for person in people:
            grant_accommodation(
                quiz=world.quiz, person=person, extra_minutes=5, reason="x", by=world.officer, at=timezone.now()
            )
        with CaptureQueriesContext(connection) as queries:
            assert client.get(world.url(name)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


# Papers -------------------------------------------------------------------------------------------------------


def test_the_record_says_who_did_what_when_and_why(world: World) -> None:
    now = timezone.now()
    rows = Sitting.objects.filter(pk=world.sitting.pk)
    pause_sittings(sittings=rows, reason="Mất điện toàn khu", by=world.officer, at=now, key="k1")
    record = signed_in(world.officer).get(world.url("_record")).content.decode()
    for words in ("BIÊN BẢN COI THI", "Mất điện toàn khu", "0002 Trần Văn Bình", "Vắng mặt: 1", "0001 Đỗ Thị Ánh"):
        assert words in record
    assert "Đỗ Thị Ánh" not in signed_in(world.unit_officer).get(world.url("_record")).content.decode()


def test_the_list_has_the_official_columns_and_no_marking_number(world: World) -> None:
    client = signed_in(world.officer)
    marking = Registration.objects.get(person=world.other).marking_number
    printed = client.get(world.url("_list")).content.decode()
    assert "DANH SÁCH THÍ SINH DỰ THI" in printed
    file = client.get(world.url("_list_xlsx"))
    table = read_table(file.content, filename="ds.xlsx")
    assert table.columns[:6] == ["STT", "Số báo danh", "Họ và tên đệm", "Tên", "Ngày sinh", "Nơi sinh"]
    first = list(table.rows[0][1].values())
    assert [str(value) for value in first[:4]] == ["1", "0001", "Đỗ Thị", "Ánh"]
    board = client.get(world.url("_board")).content.decode()
    assert not any(marking in page for page in (printed, board, str(table.rows)))


# Failed markings ----------------------------------------------------------------------------------------------


def test_failed_markings_are_listed_for_their_officer_and_marked_again(world: World) -> None:
    submit_sitting(sitting=world.sitting, by=world.candidate, at=timezone.now())
    Sitting.objects.filter(pk=world.sitting.pk).update(
        state="failed", grading_error="ValueError: x", grading_attempts=5
    )
    url = reverse("supervision_failed")
    assert "Trần Văn Bình" not in text_of(signed_in(world.stranger).get(url))
    signed_in(world.stranger).post(url, {"sitting": world.sitting.pk})
    world.sitting.refresh_from_db()
    assert world.sitting.state == "failed"
    assert signed_in(world.instructor).get(url).status_code == 403
    client = signed_in(world.officer)
    assert "ValueError: x" in text_of(client.get(url))
    assert "Có 1 bài chấm lỗi" in text_of(client.get(reverse("supervision")))
    assert "Đang chấm lại 1 bài." in text_of(client.post(url, {"sitting": world.sitting.pk}, follow=True))
    world.sitting.refresh_from_db()
    assert world.sitting.state in {"submitted", "graded"}
