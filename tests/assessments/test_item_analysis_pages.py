"""The pages of item analysis: whose they are, what they show, what they cost, and what leaves them as a file."""

from __future__ import annotations

import csv
import io
import random
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.users.models import UserProfile

from assessments import services
from assessments.analysis.distractors import Group
from assessments.analysis.following import follow
from assessments.analysis.tally import SCALE, Counted, Tally
from assessments.authoring.analysis_charts import histogram, strengths
from assessments.models import ItemAnalysis, Question, Quiz, QuizAnalysis, WithdrawalProposal
from people.models import OrganisationUnit, Person, RoleGrant
from tests.assessments.test_admin import signed_in, text_of
from tests.assessments.test_item_analysis_kept import analysed, answered, strange
from tests.factories import make_bank, make_officer, make_portal, make_quiz, make_unit

QUIZZES, QUESTIONS = "/quan-tri/de-thi/", "/quan-tri/cau-hoi/"


@pytest.fixture(autouse=True)
def _portal(db: Any) -> None:
    make_portal()


@pytest.fixture
def unit() -> OrganisationUnit:
    return make_unit(parent=make_unit(name="Tỉnh"), name="Trung tâm")


@pytest.fixture
def instructor(unit: OrganisationUnit) -> Person:
    return make_officer(unit, RoleGrant.Role.INSTRUCTOR)


def sat_quiz(unit: OrganisationUnit, *, questions: int = 4, sittings: int = 32, seed: int = 3) -> Quiz:
    """A quiz of the unit whose question c1 has a wrong key, sat and analysed."""
    bank = services.update_bank(bank=make_bank(questions=questions), title="Ngân hàng", unit=unit, by=None)
    quiz = make_quiz(bank=bank, count=questions, kind="exam")
    chance = random.Random(seed)
    for number in range(sittings):
        answered(quiz, strange(number % 11, chance))
    analysed(quiz)
    return quiz


@pytest.fixture
def quiz(unit: OrganisationUnit) -> Quiz:
    return sat_quiz(unit)


def address(quiz: Quiz, item: ItemAnalysis | None = None) -> str:
    return f"{QUIZZES}{quiz.pk}/phan-tich/" + (f"{item.pk}/" if item else "")


def of(name: str) -> ItemAnalysis:
    return ItemAnalysis.objects.get(question_version__question__idnumber=name)


def test_a_quiz_shows_figures_a_chart_with_its_table_and_what_stands_out(quiz: Quiz, instructor: Person) -> None:
    page = text_of(signed_in(instructor).get(address(quiz)))
    for words in ("Phân bố điểm", "Cronbach alpha", 'role="img"', "Đáp án có sai không?", "điểm đạt: 2,8"):
        assert words in page
    assert page.index("Câu 1") < page.index("Câu 2")  # what stands out comes first
    assert "Cần từ 100 lượt làm" not in page  # not tried yet


def test_before_anybody_sat_it_says_so(unit: OrganisationUnit, instructor: Person) -> None:
    bank = services.update_bank(bank=make_bank(), title="Ngân hàng", unit=unit, by=None)
    page = text_of(signed_in(instructor).get(address(make_quiz(bank=bank))))
    assert "chưa có bài nào được chấm" in page


def test_a_question_says_in_plain_words_what_is_wrong_with_it(quiz: Quiz, instructor: Person) -> None:
    page = text_of(signed_in(instructor).get(address(quiz, of("c1"))))
    assert "Thí sinh giỏi chọn B nhiều hơn đáp án: đáp án có sai không?" in page
    assert "Thí sinh giỏi làm câu này kém hơn thí sinh yếu" in page
    assert page.count("<svg") - page.count('<svg class="icon') >= 2
    assert "Ai chọn phương án nào" in page
    assert "Đường cong đặc trưng" in page


def test_filters_and_orders(quiz: Quiz, instructor: Person) -> None:
    client = signed_in(instructor)
    only = text_of(client.get(address(quiz) + "?flag=wrong_key"))
    assert "Câu 1</strong>" in only
    assert "Câu 2</strong>" not in only
    found = text_of(client.get(address(quiz) + "?search=cau+3&sort=-facility"))
    assert "Câu 3</strong>" in found
    assert "Câu 1</strong>" not in found
    nonsense = client.get(address(quiz) + "?flag=no&sort=no&version=99&p=-1")
    assert nonsense.status_code == 200
    assert "Không có câu hỏi nào như vậy." in text_of(client.get(address(quiz) + "?search=khong-co"))


def test_files_hold_what_is_listed_and_no_formula(quiz: Quiz, instructor: Person) -> None:
    Question.objects.filter(idnumber="c2").update(name="=1+1")
    client = signed_in(instructor)
    text = b"".join(client.get(address(quiz) + "?file=csv&sort=name").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[1] for row in rows[1:]].count("'=1+1") == 1
    assert len(rows) == 5
    content = b"".join(client.get(address(quiz) + "?file=xlsx&flag=wrong_key").streaming_content)  # type: ignore[attr-defined]
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["Câu 1"]


def test_pages_are_for_who_edits_the_quiz_and_nobody_else(
    quiz: Quiz, instructor: Person, unit: OrganisationUnit
) -> None:
    item = of("c1")
    question = item.question_version.question_id
    mine = [address(quiz), address(quiz, item)]
    own = [f"{QUESTIONS}{question}/ket-qua/", f"{QUESTIONS}de-xuat-rut/"]
    officer = make_officer(unit, RoleGrant.Role.EXAM_OFFICER)
    stranger = make_officer(make_unit(name="Nơi khác"), RoleGrant.Role.INSTRUCTOR)
    reader = make_officer(unit, RoleGrant.Role.HR_OFFICER)
    table = [(instructor, 200, 200, 200), (officer, 200, 403, 403), (stranger, 404, 404, 200), (reader, 403, 403, 403)]
    for person, quizzes, statistics, proposals in table:
        client = signed_in(person)
        assert [client.get(url).status_code for url in mine] == [quizzes, quizzes], person
        assert [client.get(url).status_code for url in own] == [statistics, proposals], person
    assert "Câu 1" not in text_of(signed_in(stranger).get(own[1]))
    other = sat_quiz(unit, questions=2, sittings=1)
    assert signed_in(instructor).get(address(other, item)).status_code == 404
    assert signed_in(stranger).post(address(quiz)).status_code == 404


def test_its_author_decides_on_the_page_and_an_exam_officer_only_reads(
    quiz: Quiz, instructor: Person, unit: OrganisationUnit
) -> None:
    proposal = WithdrawalProposal.objects.get()
    url, client = address(quiz, of("c1")), signed_in(instructor)
    assert "Câu 1" in text_of(client.get(f"{QUESTIONS}de-xuat-rut/"))
    officer = signed_in(make_officer(unit, RoleGrant.Role.EXAM_OFFICER))
    assert "Giảng viên phụ trách ngân hàng quyết định." in text_of(officer.get(url))
    assert officer.post(url, {"proposal": proposal.pk, "decision": "withdraw"}).status_code == 404
    wordless = text_of(client.post(url, {"proposal": proposal.pk, "decision": "keep", "comment": ""}))
    assert "Hãy cho biết vì sao giữ câu này" in wordless
    done = client.post(url, {"proposal": proposal.pk, "decision": "withdraw", "comment": "Đáp án sai."}, follow=True)
    assert "Đã rút câu hỏi" in text_of(done)
    assert Question.objects.get(idnumber="c1").status == "retired"
    assert "Không có câu hỏi nào được đề xuất rút." in text_of(client.get(f"{QUESTIONS}de-xuat-rut/"))
    assert client.post(url, {"proposal": "x", "decision": "keep"}).status_code == 404


def test_counting_again_is_asked_for_on_the_page(quiz: Quiz, instructor: Person) -> None:
    done = signed_in(instructor).post(address(quiz), follow=True)
    assert "Đang tính lại toàn bộ" in text_of(done)
    assert QuizAnalysis.objects.get().due_at is not None


def test_a_question_is_followed_over_its_quizzes(quiz: Quiz, instructor: Person) -> None:
    bank = quiz.bank
    assert bank is not None
    other = make_quiz(bank=bank, count=4, kind="practice")
    answered(other, lambda _name: "a")
    analysed(other)
    question = Question.objects.get(idnumber="c1")
    page = text_of(signed_in(instructor).get(f"{QUESTIONS}{question.pk}/ket-qua/"))
    assert "Bài kiểm tra và kỳ thi" in page
    assert "Luyện tập" in page
    assert quiz.title in page


def test_every_page_speaks_english_too(quiz: Quiz, instructor: Person) -> None:
    profile = UserProfile.get_for_user(instructor)
    profile.preferred_language = "en"
    profile.save()
    client = signed_in(instructor)
    assert "Strong candidates choose B more than the answer" in text_of(client.get(address(quiz, of("c1"))))
    assert "Spread of the scores" in text_of(client.get(address(quiz)))


def test_more_questions_cost_no_more_queries(unit: OrganisationUnit, instructor: Person) -> None:
    client = signed_in(instructor)
    counts = []
    for questions in (2, 8):
        quiz = sat_quiz(unit, questions=questions, sittings=3, seed=questions)
        item = ItemAnalysis.objects.filter(analysis__quiz_version__quiz=quiz).first()
        assert item is not None
        urls = [
            address(quiz),
            address(quiz, item),
            f"{QUESTIONS}{item.question_version.question_id}/ket-qua/",
            f"{QUESTIONS}de-xuat-rut/",
        ]
        if not counts:
            for url in urls:
                client.get(url)  # what is asked for once in a process
        found = []
        for url in urls:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            found.append(len(queries))
        counts.append(found)
    assert counts[0] == counts[1]


def test_bars_cover_all_scores_and_the_last_one_its_end() -> None:
    chart = histogram({0: 1, 5_000: 2, 40_000: 3}, greatest=4, pass_mark=2.4)
    assert chart is not None
    assert sum(bar.n for bar in chart.bars) == 6
    assert (chart.bars[0].low, chart.bars[-1].high, chart.bars[-1].n) == (0, 4, 3)
    assert chart.pass_at is not None
    assert histogram({}, greatest=4, pass_mark=1) is None
    below = histogram({-10_000: 1, 0: 1}, greatest=0, pass_mark=None)
    assert below is not None
    assert sum(bar.n for bar in below.bars) == 2


def test_groups_stand_where_their_candidates_do() -> None:
    assert strengths([Group(50, 1, 0.1), Group(50, 2, 0.9)]) == pytest.approx([-0.6745, 0.6745], abs=1e-3)


def test_following_a_question_compares_candidates_of_one_quiz_only() -> None:
    """In each of two quizzes the strong are right; that one quiz was harder as a whole must not hide it."""
    easy, hard = Tally(), Tally()
    for tally, level in ((easy, 9), (hard, 1)):
        for right, rest in ((1, level + 1), (1, level), (0, level), (0, level - 1)):
            tally.add(counted(right, rest))
    one = follow([easy.items["q"]])
    both = follow([easy.items["q"], hard.items["q"]])
    assert (both.n, both.facility) == (8, 0.5)
    assert both.discrimination_index == pytest.approx(one.discrimination_index)
    assert follow([]).facility is None


def counted(right: int, rest: int) -> list[Counted]:
    return [
        Counted("q", right * SCALE, right * SCALE, SCALE),
        Counted("r", rest * SCALE, rest * SCALE, 10 * SCALE),
    ]
