"""The main job, played over HTTP against a running platform: from a roster file to an exported completion."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.files.storage import storages

from assessments.models import Sitting
from assessments.queries import right_answers
from certificates.models import Certificate
from courses.models import Course, Enrolment
from lms.demo.content import CONTENT
from lms.demo.people import PASSWORD, PEOPLE
from lms.demo.visitor import StepFailed, Visitor
from people.models import OrganisationUnit, Person, RosterImport
from records.models import ReportExport

LEARNER = "CC0001"
COURSE = "an-toan-thong-tin"
ROSTER = CONTENT / "roster" / "demo-roster.csv"
MOST_STEPS = 200


class Journey:
    """Plays each step once; `say` tells what happened."""

    def __init__(self, *, base: str, folder: Path, say: Callable[[str], None]) -> None:
        self.base, self.folder, self.say = base, folder, say
        self.report: dict[str, Any] = {}
        self.course = Course.objects.filter(slug=COURSE).first() or Course.objects.order_by("code").first()
        if self.course is None:
            raise StepFailed("there is no course; content/packs is empty")

    def play(self) -> dict[str, Any]:
        """All steps; the report, also written to `folder`/report.json. Raises StepFailed at the first failure."""
        self.folder.mkdir(parents=True, exist_ok=True)
        officer = self.sign_in(next(row.email for row in PEOPLE if row.role == "hr_officer"), PASSWORD)
        self.import_roster(officer)
        learner = self.activate_learner(officer)
        self.take_course(learner)
        self.collect_certificate(learner)
        self.verify_as_anybody()
        self.export_completion(officer)
        path = self.folder / "report.json"
        path.write_text(json.dumps(self.report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return self.report

    def sign_in(self, login: str, password: str) -> Visitor:
        """A visitor who has signed in."""
        visitor = Visitor(self.base)
        visitor.get("/tai-khoan/login/")
        visitor.submit("/tai-khoan/login/", {"login": login, "password": password})
        if visitor.url.rstrip("/").endswith("/login"):
            raise StepFailed(f"{login} cannot sign in: {visitor.text()[:200]}")
        return visitor

    def import_roster(self, officer: Visitor) -> None:
        """HR uploads the roster, sees that it is in order, applies it."""
        unit = OrganisationUnit.objects.filter(depth=1, valid_to__isnull=True).order_by("path")[0]
        officer.get("/nhan-su/danh-sach/tai-len/")
        officer.submit("/tai-len/", {"unit": str(unit.pk)}, file=("file", ROSTER.name, ROSTER.read_bytes()))
        pk = int(re.search(r"/danh-sach/(\d+)/", officer.url).group(1)) if "/tai-len/" not in officer.url else 0  # type: ignore[union-attr]
        if officer.page.select_one("#problems") or not pk:
            raise StepFailed(f"the roster was refused: {officer.text()[:500]}")
        officer.submit("/ap-dung/")
        roster = RosterImport.objects.get(pk=pk)
        if roster.state != RosterImport.State.APPLIED:
            raise StepFailed(f"the roster was not applied: {officer.text()[:300]}")
        people = roster.created_count + roster.updated_count + roster.unchanged_count
        copy = self.folder / ROSTER.name
        shutil.copyfile(ROSTER, copy)
        self.report["roster"] = {
            "id": pk,
            "file": str(copy),
            "people": people,
            "created": roster.created_count,
        }
        self.say(f"HR nhập danh sách: {people} người / HR imported {people} people")

    def activate_learner(self, officer: Visitor) -> Visitor:
        """The civil servant sets a first password at the address that HR hands out, once; later they sign in."""
        row = next((r for r in officer.page.select("#activation tbody tr") if LEARNER in r.get_text()), None)
        if row is not None:
            link = row.find("a")
            assert link is not None
            visitor = Visitor(self.base)
            visitor.get(urlsplit(str(link["href"])).path)
            visitor.submit("/kich-hoat/", {"password1": PASSWORD, "password2": PASSWORD})
        learner = self.sign_in(LEARNER, PASSWORD)
        self.say(f"Công chức {LEARNER} đăng nhập / civil servant {LEARNER} signed in")
        return learner

    def take_course(self, learner: Visitor) -> None:
        """Enrol, read every lesson, pass every check and the final test."""
        assert self.course is not None
        person = Person.objects.get(staff_number=LEARNER)
        done = Enrolment.objects.filter(person=person, course=self.course, state=Enrolment.State.COMPLETED)
        if not done.exists():
            self._learn(learner, person)
        enrolment = Enrolment.objects.filter(person=person, course=self.course).latest("enrolled_at")
        sitting = (
            Sitting.objects.filter(enrolment=enrolment, quiz__activity__kind="test", passed=True)
            .select_related("current_run")
            .latest("graded_at")
        )
        assert sitting.current_run is not None
        self.report["enrolment"] = {"id": enrolment.pk, "course": self.course.slug, "state": enrolment.state}
        self.report["sitting"] = {
            "id": str(sitting.public_id),
            "score": float(sitting.score or 0),
            "max_score": float(sitting.max_score),
            "passed": sitting.passed,
            "graded_by": sitting.current_run.worker,
        }
        if not sitting.current_run.worker:
            raise StepFailed("the sitting was not graded by a worker")
        self.say(
            f"Bài thi: {sitting.score}/{sitting.max_score}, {sitting.current_run.worker} chấm / "
            f"test marked by {sitting.current_run.worker}"
        )

    def _learn(self, learner: Visitor, person: Person) -> None:
        assert self.course is not None
        page = self.course.pages.filter(live=True, locale__language_code="vi").get()
        learner.get(urlsplit(page.get_full_url() or page.url or "/").path)
        if learner.page.select_one('form[action*="/ghi-danh/"]'):
            learner.submit("/ghi-danh/")
            self.say(f"Ghi danh: {self.course.title} / enrolled")
        for _step in range(MOST_STEPS):
            learner.get(f"/hoc/{self.course.slug}/tiep/")
            if learner.page.select_one('form[action*="/da-doc/"]'):
                title = learner.page.find("h1")
                learner.submit("/da-doc/")
                self.say(f"Đã đọc / read: {title.get_text(strip=True) if title else ''}")
            elif "/bai-thi/" in learner.url:
                self._sit(learner)
            else:
                break
        enrolled = Enrolment.objects.filter(person=person, course=self.course)
        learner.get(learner.url)
        learner.wait_for(".status-valid", seconds=60)
        if not enrolled.filter(state=Enrolment.State.COMPLETED).exists():
            raise StepFailed("the course was not completed")
        self.say("Hoàn thành khoá học / course completed")

    def _sit(self, learner: Visitor) -> None:
        """Start, answer as somebody who has read the lessons, hand in, wait for Celery's mark."""
        start = learner.page.select_one("form button.btn-primary")
        if start is None:
            raise StepFailed(f"{learner.url}: {learner.text()[:300]}")
        learner.submit("/bai-thi/")
        public_id = re.search(r"/bai/([0-9a-f-]{36})/", learner.url)
        if public_id is None:
            raise StepFailed(f"{learner.url}: no sitting was started")
        sitting = Sitting.objects.select_related("paper", "quiz").get(public_id=public_id.group(1))
        learner.submit("/nop/", right_answers(sitting))
        verdict = learner.wait_for(".verdict")
        text = " ".join(verdict.get_text(" ").split())
        if "verdict-passed" not in (verdict.get("class") or []):
            raise StepFailed(f"{sitting.quiz.title}: {text}")
        self.say(f"{sitting.quiz.title}: {text}")

    def collect_certificate(self, learner: Visitor) -> None:
        """The certificate appears by itself; take the PDF and the picture home."""
        assert self.course is not None
        learner.get(f"/hoc/{self.course.slug}/tiep/")
        link = learner.wait_for('a[href*="/chung-chi/"].btn-primary', seconds=60)
        learner.get(str(link["href"]))
        picture = learner.wait_for("img.certificate-picture", seconds=60)
        certificate = Certificate.objects.get(person__staff_number=LEARNER, completion__course=self.course)
        address = str(picture["src"])
        image, pdf = self.folder / f"{certificate.number}.png", self.folder / f"{certificate.number}.pdf"
        page_url = learner.url
        image.write_bytes(learner.download(address))
        learner.url = page_url
        pdf.write_bytes(learner.download(address.replace("tep.png", "tep.pdf")))
        if not pdf.read_bytes().startswith(b"%PDF-") or not image.read_bytes().startswith(b"\x89PNG"):
            raise StepFailed("the certificate's files are not a PDF and a PNG")
        if not storages["private"].exists(str(certificate.pdf.name)):
            raise StepFailed("the certificate's PDF is not in the storage")
        self.report["certificate"] = {
            "number": certificate.number,
            "code": certificate.code,
            "pdf": str(pdf),
            "image": str(image),
            "verify_url": f"{self.base}/kiem-tra/{certificate.code}/",
        }
        self.say(f"Chứng chỉ / certificate: {certificate.number}")

    def verify_as_anybody(self) -> None:
        """Somebody without an account types the code."""
        facts = self.report["certificate"]
        anybody = Visitor(self.base)
        anybody.get(f"/kiem-tra/?code={facts['code'].lower()}")
        answer = anybody.page.select_one(".verify-answer")
        if answer is None or "status-valid" not in (answer.get("class") or []) or facts["number"] not in anybody.text():
            raise StepFailed(f"{anybody.url}: the certificate does not verify")
        self.say(f"Kiểm tra / verified: {facts['verify_url']}")

    def export_completion(self, officer: Visitor) -> None:
        """HR sees the completion and exports it as CSV and XLSX."""
        assert self.course is not None
        unit = OrganisationUnit.objects.filter(depth=1, valid_to__isnull=True).order_by("path")[0]
        officer.get(f"/nhan-su/don-vi/{unit.code}/?course={self.course.slug}&state=completed")
        number = self.report["certificate"]["number"]
        if number not in officer.text():
            raise StepFailed(f"{officer.url}: HR does not see {number}")
        officer.submit("/xuat/")
        officer.wait_for('a[href*="tep.xlsx"]', seconds=60)
        page_url = officer.url
        files = {}
        for kind in ("csv", "xlsx"):
            officer.url = page_url
            path = self.folder / f"hoan-thanh-{unit.code}.{kind}"
            path.write_bytes(officer.download(f"{urlsplit(page_url).path}tep.{kind}"))
            files[kind] = str(path)
        if number.encode() not in Path(files["csv"]).read_bytes():
            raise StepFailed("the export does not hold the certificate's number")
        public_id = urlsplit(page_url).path.rstrip("/").rpartition("/")[2]
        rows = ReportExport.objects.get(public_id=public_id).row_count
        self.report["records"] = {**files, "rows": rows}
        self.say(f"HR xuất báo cáo: {rows} dòng / HR exported {rows} rows")
