"""Answer files: what the network kept back reaches the log, once, dated by its chain, and nobody else's does."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from assessments.answer_seal import open_answers, public_key
from assessments.evidence.verify import verify_contents
from assessments.exceptions import AnswerFileRefused
from assessments.models import AnswerFile, GradingRun, ResponseEvent, Sitting
from assessments.services import (
    accept_answer_file,
    grade_sitting,
    receive_answer_file,
    record_responses,
    refuse_answer_file,
    start_sitting,
    submit_overdue,
    submit_sitting,
)
from assessments.services.evidence import contents_of
from assessments.services.responses import event_content
from common.digests import verify_chain
from common.messages import in_both
from people.models import RoleGrant
from tests.assessments.answer_file_maker import answer, answer_file, content_of, sealed
from tests.conftest import NOW
from tests.factories import make_officer, make_person, make_quiz, make_unit

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(minutes=5)


@pytest.fixture
def sitting() -> Sitting:
    """An hour for four questions; the first is answered wrong and acknowledged."""
    quiz = make_quiz(count=4, time_limit_seconds=3600, grace_seconds=120)
    one = start_sitting(person=make_person(), quiz=quiz, at=NOW)
    record_responses(sitting=one, events=[{"seq": 1, "slot": 1, "response": {"choice": "b"}}], at=NOW)
    one.refresh_from_db()
    return one


def rest(sitting: Sitting) -> list[dict[str, Any]]:
    """Right answers to the other three questions, and to the first once more."""
    return [answer(sitting, 1 + place, slot) for place, slot in enumerate((2, 3, 4, 1), start=1)]


def receive(sitting: Sitting, content: bytes, at: Any = SOON) -> AnswerFile:
    return receive_answer_file(sitting=sitting, content=content, by=sitting.person, at=at)


def chain_holds(sitting: Sitting) -> bool:
    sitting.refresh_from_db()
    rows = sitting.events.order_by("seq")
    links = [
        (
            event_content(
                sitting=str(sitting.public_id),
                seq=row.seq,
                kind=row.kind,
                slot=row.slot,
                response=row.response,
                client_time=row.client_time,
                server_time=row.server_time,
                late=row.late,
            ),
            row.digest,
        )
        for row in rows
    ]
    return verify_chain(sitting.paper.digest, links, head=sitting.chain_head) is None


def refusal(sitting: Sitting, content: bytes, at: Any = SOON) -> str:
    """Why a file is refused, in both languages; nothing was changed by it."""
    before = (list(sitting.events.values_list("seq", "digest")), AnswerFile.objects.count())
    with pytest.raises(AnswerFileRefused) as problem:
        receive(sitting, content, at)
    assert (list(sitting.events.values_list("seq", "digest")), AnswerFile.objects.count()) == before
    said = in_both(problem.value)
    assert " / " in said, "one sentence in each language"
    return said


# While the sitting is open --------------------------------------------------------------------------------------


def test_a_file_that_comes_in_time_is_recorded_as_if_it_had_been_sent(sitting: Sitting) -> None:
    row = receive(sitting, answer_file(sitting, rest(sitting)))
    assert row.state == AnswerFile.State.RECORDED
    assert [(e.slot, e.response, e.late) for e in sitting.events.filter(seq__gt=1)] == [
        (slot, {"choice": "a"}, False) for slot in (2, 3, 4, 1)
    ]
    assert chain_holds(sitting)
    submit_sitting(sitting=sitting, by=sitting.person, at=SOON)
    run = grade_sitting(sitting_id=sitting.pk, worker="w", at=SOON)
    assert run is not None
    assert run.score == 4


def test_within_the_grace_it_is_late_and_taken(sitting: Sitting) -> None:
    row = receive(sitting, answer_file(sitting, rest(sitting)), at=NOW + timedelta(seconds=3660))
    assert row.state == AnswerFile.State.RECORDED
    assert all(sitting.events.filter(seq__gt=1).values_list("late", flat=True))


def test_what_had_arrived_although_nobody_told_the_device_is_there_once(sitting: Sitting) -> None:
    content = answer_file(sitting, rest(sitting))
    arrived = [{"seq": 1 + place, "slot": slot, "response": {"choice": "a"}} for place, slot in ((1, 2), (2, 3))]
    record_responses(sitting=sitting, events=arrived, at=NOW)
    assert len(receive(sitting, content).events) == 2
    assert sitting.events.count() == 5


def test_where_another_device_went_on_meanwhile_an_officer_decides(sitting: Sitting) -> None:
    content = answer_file(sitting, rest(sitting))
    record_responses(sitting=sitting, events=[{"seq": 2, "slot": 2, "response": {"choice": "c"}}], at=NOW)
    row = receive(sitting, content)
    assert row.state == AnswerFile.State.WAITING
    accept_answer_file(answer_file=row, reason="Máy cũ hỏng nguồn", by=make_person(), at=SOON)
    assert [e.response["choice"] for e in sitting.events.filter(slot=2)] == ["c", "a"]
    assert chain_holds(sitting)


# After its end --------------------------------------------------------------------------------------------------


def test_after_the_end_it_waits_and_changes_nothing(sitting: Sitting) -> None:
    content = answer_file(sitting, rest(sitting))
    later = NOW + timedelta(hours=2)
    submit_overdue(at=later)
    row = receive(sitting, content, at=later)
    assert (row.state, row.known_since, row.received_at) == (AnswerFile.State.WAITING, NOW, later)
    assert sitting.events.count() == 2


@pytest.mark.parametrize("is_marked", [True, False])
def test_accepted_it_counts_beside_the_first_marking(sitting: Sitting, is_marked: bool) -> None:
    content = answer_file(sitting, rest(sitting))
    later, officer = NOW + timedelta(hours=2), make_person()
    submit_overdue(at=later)
    if is_marked:
        first = grade_sitting(sitting_id=sitting.pk, worker="w", at=later)
        assert first is not None
        assert first.score == 0
    row = accept_answer_file(
        answer_file=receive(sitting, content, at=later), reason="Phòng 2 mất mạng từ 9:10", by=officer, at=later
    )
    assert (row.state, row.decided_by, row.reason) == (AnswerFile.State.ACCEPTED, officer, "Phòng 2 mất mạng từ 9:10")
    kinds = list(sitting.events.order_by("seq").values_list("kind", "late"))
    assert kinds == [("answer", False), ("submit", False), *[("answer", True)] * 4]
    assert chain_holds(sitting)
    if not is_marked:
        grade_sitting(sitting_id=sitting.pk, worker="w", at=later)
    runs = list(sitting.runs.order_by("number").values_list("score", "reason", "note", "requested_by"))
    again = (4, GradingRun.Reason.REGRADE, "Phòng 2 mất mạng từ 9:10", officer.pk)
    assert runs == ([(0, "initial", "", None), again] if is_marked else [(4, "initial", "", None)])
    sitting.refresh_from_db()
    assert (sitting.score, sitting.state) == (4, Sitting.State.GRADED)


def test_the_evidence_of_a_sitting_with_late_answers_is_proven(sitting: Sitting) -> None:
    # Two files, one after the other: the second begins where the first one's answers ended.
    later = NOW + timedelta(hours=2)
    first = answer_file(sitting, [answer(sitting, 2, 2)])
    second = answer_file(sitting, [answer(sitting, 2, 3)])
    submit_overdue(at=later)
    grade_sitting(sitting_id=sitting.pk, worker="w", at=later)
    for content in (first, second):
        row = receive(sitting, content, at=later)
        accept_answer_file(answer_file=row, reason="Phòng 2 mất mạng", by=make_person(), at=later)
    sitting.refresh_from_db()
    assert sitting.score == 2
    problems = [(check.name, str(check.detail)) for check in verify_contents(contents_of(sitting)) if not check.ok]
    assert problems == []


def test_refused_it_is_kept_and_does_not_count(sitting: Sitting) -> None:
    content = answer_file(sitting, rest(sitting))
    later = NOW + timedelta(hours=2)
    submit_overdue(at=later)
    row = receive(sitting, content, at=later)
    refuse_answer_file(answer_file=row, reason="Thí sinh đã rời phòng", by=make_person(), at=later)
    assert sitting.events.count() == 2
    assert bytes(AnswerFile.objects.get().content) == content
    for decide in (accept_answer_file, refuse_answer_file):
        with pytest.raises(AnswerFileRefused) as problem:
            decide(answer_file=row, reason="x", by=make_person(), at=later)
        assert in_both(problem.value).endswith("was decided about already; reload the page.")


def test_a_decision_needs_a_reason(sitting: Sitting) -> None:
    submit_sitting(sitting=sitting, by=sitting.person, at=SOON)
    sitting.refresh_from_db()
    content = answer_file(sitting, [answer(sitting, 3, 2)])
    row = receive(sitting, content)
    with pytest.raises(AnswerFileRefused) as problem:
        accept_answer_file(answer_file=row, reason="  ", by=make_person(), at=SOON)
    assert in_both(problem.value).endswith("Give the reason for the decision; it is kept with the file.")


# What is refused ------------------------------------------------------------------------------------------------


def test_each_altered_letter_is_noticed(sitting: Sitting) -> None:
    outer = json.loads(answer_file(sitting, rest(sitting)))
    for name in ("ephemeral", "iv", "data"):
        twisted = outer[name][:40] + ("A" if outer[name][40:41] != "A" else "B") + outer[name][41:]
        if name == "iv":
            twisted = "AAAA" + outer[name][4:]
        assert "altered or damaged" in refusal(sitting, json.dumps({**outer, name: twisted}).encode())


def test_a_break_in_the_chain_inside_is_noticed(sitting: Sitting) -> None:
    content = content_of(sitting, rest(sitting))
    content["events"][1] = content["events"][1].replace('"slot": 3', '"slot": 4')
    assert "altered" in refusal(sitting, sealed(content, sitting=str(sitting.public_id)))
    shortened = content_of(sitting, rest(sitting))
    shortened["events"].pop()
    assert "altered" in refusal(sitting, sealed(shortened, sitting=str(sitting.public_id)))


def test_half_a_file_and_what_is_none_are_told(sitting: Sitting) -> None:
    whole = answer_file(sitting, rest(sitting))
    for content in (whole[: len(whole) // 2], b"", b"\xff\xfe", b"[]", b"{}", b"PK\x03\x04", b"[" * 100_000):
        assert "no answer file, or only a part of one" in refusal(sitting, content)


def test_a_file_beyond_2_mb_is_told(sitting: Sitting) -> None:
    assert "at most 2 MB" in refusal(sitting, b" " * (2 * 1024 * 1024 + 1))
    assert "no answer file" in refusal(sitting, b" " * (2 * 1024 * 1024))


def test_the_file_of_another_sitting_is_told(sitting: Sitting) -> None:
    other = start_sitting(person=make_person(), quiz=sitting.quiz, at=NOW)
    foreign = answer_file(other, [answer(other, 1, 1)])
    assert "belongs to another sitting" in refusal(sitting, foreign)
    # The name on the outside is changed, and what is inside is not.
    relabelled = json.dumps({**json.loads(foreign), "sitting": str(sitting.public_id)}).encode()
    assert "altered or damaged" in refusal(sitting, relabelled)
    # Sealed anew for this sitting, the chain still begins elsewhere.
    events = [answer(sitting, 2, 2)]
    moved = content_of(sitting, events, anchor={"seq": 0, "head": other.chain_head})
    assert "does not continue the log" in refusal(sitting, sealed(moved, sitting=str(sitting.public_id)))


def test_a_file_is_taken_once(sitting: Sitting) -> None:
    content = answer_file(sitting, rest(sitting))
    again = answer_file(sitting, rest(sitting))
    receive(sitting, content)
    assert "received before" in refusal(sitting, content)
    assert "on the server already" in refusal(sitting, again)


def test_answers_that_the_paper_does_not_take_are_told(sitting: Sitting) -> None:
    wrong = {**answer(sitting, 2, 2), "response": {"choice": "zzz"}}
    foreign = {**answer(sitting, 2, 2), "slot": 99}
    for event in (wrong, foreign, {"seq": 2}, {**answer(sitting, 2, 2), "kind": "submit"}):
        assert "is not valid, and so nothing of it was taken" in refusal(sitting, answer_file(sitting, [event]))


def test_a_file_that_claims_more_than_the_log_has_is_refused(sitting: Sitting) -> None:
    for twist in (
        {"acknowledged": 7},
        {"anchor": {"seq": 9, "head": sitting.chain_head}},
        {"anchor": {"seq": 1, "head": "0" * 64}},
    ):
        refusal(sitting, answer_file(sitting, rest(sitting), **twist))
    assert "altered" in refusal(sitting, answer_file(sitting, [answer(sitting, 4, 2)]))  # a gap after the log
    assert "no answers" in refusal(sitting, answer_file(sitting, []))


def test_a_file_opens_with_the_secret_that_was_the_newest_when_the_page_was_given(settings: Any) -> None:
    old = public_key()
    settings.FIELD_KEYS = ["a new secret of sufficient length", *settings.FIELD_KEYS]
    assert public_key() != old
    quiz = make_quiz(count=1)
    one = start_sitting(person=make_person(), quiz=quiz, at=NOW)
    content = sealed(content_of(one, [answer(one, 1, 1)]), sitting=str(one.public_id), key=old)
    assert open_answers(content).sitting == str(one.public_id)
    with override_settings(FIELD_KEYS=["another installation, which has other secrets"]):
        assert "for another server" in refusal(one, content)


def test_what_was_received_never_changes_in_the_database(sitting: Sitting) -> None:
    row = receive(sitting, answer_file(sitting, rest(sitting)))
    for change in ({"content": b"x"}, {"events": []}, {"received_at": NOW}, {"digest": "0" * 64}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AnswerFile.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        AnswerFile.objects.filter(pk=row.pk)._raw_delete("default")


# Pages and the API ----------------------------------------------------------------------------------------------


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_candidate_hands_a_file_in_over_the_api(sitting: Sitting) -> None:
    Sitting.objects.filter(pk=sitting.pk).update(deadline_at=None)
    address = reverse("api:answer_file", kwargs={"public_id": sitting.public_id})
    client, content = signed_in(sitting.person), answer_file(sitting, rest(sitting))
    answer_ = client.post(address, content, content_type="application/json")
    assert answer_.status_code == 200
    assert {key: answer_.json()[key] for key in ("state", "events")} == {"state": "recorded", "events": 4}
    again = client.post(address, answer_file(sitting, rest(sitting)), content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "known")
    assert signed_in(make_person()).post(address, content, content_type="application/json").status_code == 404
    assert Client().post(address, content, content_type="application/json").status_code == 401


def test_an_officer_hands_it_in_for_the_candidate_and_decides(sitting: Sitting) -> None:
    from io import BytesIO

    content = answer_file(sitting, rest(sitting))
    submit_sitting(sitting=sitting, by=sitting.person, at=SOON)
    grade_sitting(sitting_id=sitting.pk, worker="w", at=SOON)
    officer = make_officer(make_unit(), RoleGrant.Role.EXAM_OFFICER)  # of the whole province
    client = signed_in(officer)
    upload = BytesIO(content)
    upload.name = "bai-lam.hocso"
    page = reverse("assessments:answer_file", kwargs={"public_id": sitting.public_id})
    assert "cán bộ khảo thí sẽ quyết định" in client.post(page, {"file": upload}, follow=True).content.decode()
    row = AnswerFile.objects.get()
    assert row.received_by == officer
    listed = client.get(reverse("assessments:answer_files")).content.decode()
    assert sitting.person.full_name in listed
    decision = reverse("assessments:answer_file_decide", args=[row.pk])
    shown = client.get(decision).content.decode()
    assert "thay câu trả lời ở máy chủ" in shown
    assert "máy chủ chưa có" in shown
    client.post(decision, {"accept": "1", "reason": "Mất điện phòng 3"})
    sitting.refresh_from_db()
    assert (sitting.score, sitting.current_run.note) == (4, "Mất điện phòng 3")  # type: ignore[union-attr]
    assert "Lần chấm 2" in client.get(decision).content.decode()


def test_nobody_decides_who_does_not_supervise_the_sitting(sitting: Sitting) -> None:
    content = answer_file(sitting, rest(sitting))
    submit_sitting(sitting=sitting, by=sitting.person, at=SOON)
    row = receive(sitting, content)
    decision = reverse("assessments:answer_file_decide", args=[row.pk])
    stranger = make_officer(make_unit(parent=make_unit()), RoleGrant.Role.EXAM_OFFICER)
    for person in (sitting.person, make_person(), stranger):
        assert signed_in(person).get(decision).status_code == 404
        assert signed_in(person).post(decision, {"accept": "1", "reason": "x"}).status_code == 404
    for person in (sitting.person, make_person()):
        assert signed_in(person).get(reverse("assessments:answer_files")).status_code == 403
    assert ResponseEvent.objects.filter(late=True).count() == 0


def test_the_receipt_says_what_was_handed_in_and_can_be_kept(sitting: Sitting) -> None:
    address = reverse("assessments:receipt", kwargs={"public_id": sitting.public_id})
    client = signed_in(sitting.person)
    assert client.get(address).status_code == 404
    submit_sitting(sitting=sitting, by=sitting.person, at=SOON)
    sitting.refresh_from_db()
    for text in (client.get(address).content.decode(), client.get(f"{address}?file").content.decode()):
        assert sitting.chain_head in text
        assert "1/4" in text
        assert sitting.person.full_name in text
    kept = client.get(f"{address}?file")
    assert kept["Content-Disposition"].startswith('attachment; filename="bien-nhan-')
    assert signed_in(make_person()).get(address).status_code == 404
