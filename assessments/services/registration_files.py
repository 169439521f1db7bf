"""Lists of candidates in XLSX or CSV: everything wrong is said by row and column, then all are registered or nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import AccessRefused
from assessments.models import Quiz, Registration, RegistrationFile
from assessments.services.registration import BATCH, Entry, register_entries
from common.crypto import keyed_index
from common.dates import parse_date
from common.digests import sha256_hex
from common.exceptions import InvalidDate, TableProblem, UndecodableText
from common.locking import lock_row
from common.messages import filled
from common.tabular import CellProblem, header_key, read_table
from common.vietnamese import fold
from people.models import Person

MOST_ROWS = 10_000
MOST_LISTED = 500
COLUMNS: dict[str, tuple[str, ...]] = {
    "staff_number": ("Mã nhân viên", "mã số", "mã cán bộ", "mã công chức", "staff number"),
    "email": ("Email", "e-mail", "thư điện tử", "địa chỉ email"),
    "citizen_id": ("Số CCCD", "cccd", "căn cước công dân", "số căn cước", "citizen id"),
    "full_name": ("Họ và tên", "họ tên", "full name", "name"),
    "birth_date": ("Ngày sinh", "date of birth", "birth date"),
    "birth_place": ("Nơi sinh", "place of birth", "birth place"),
    "gender": ("Giới tính", "phái", "gender", "sex"),
    "number": ("Số báo danh", "SBD", "candidate number"),
    "room": ("Phòng thi", "phòng", "room"),
    "seat": ("Chỗ ngồi", "số máy", "máy", "seat"),
}
KEYS = ("staff_number", "email", "citizen_id")
LONGEST = {"birth_place": 120, "number": 20, "room": 60, "seat": 20}
GENDERS = {
    "nu": Registration.Gender.FEMALE,
    "female": Registration.Gender.FEMALE,
    "f": Registration.Gender.FEMALE,
    "nam": Registration.Gender.MALE,
    "male": Registration.Gender.MALE,
    "m": Registration.Gender.MALE,
}


class Problems(list[dict[str, Any]]):
    """What is wrong, in both languages; the first MOST_LISTED are kept and the rest counted."""

    found = 0

    def report(self, row: int | None, column: str, message: str | Promise) -> None:
        """Add one: its row in the file, its column in COLUMNS or as in the file."""
        self.found += 1
        if self.found <= MOST_LISTED:
            texts = {}
            for language in ("vi", "en"):
                with translation.override(language):
                    texts[f"message_{language}"] = str(message)
            self.append({"row": row, "column": COLUMNS[column][0] if column in COLUMNS else column, **texts})

    def close(self) -> None:
        """Say how many more there are."""
        left_out, self.found = self.found - len(self), 0
        if left_out > 0:
            self.report(
                None, "", filled(_("There are %(count)d more problems; mend these first."), {"count": left_out})
            )


def check_registration_file(*, quiz: Quiz, data: bytes, file_name: str, by: Any, at: datetime) -> RegistrationFile:
    """Read and check a list of candidates and keep what was found; nobody is registered.

    A row names a person who is in the system already, by staff number, e-mail or citizen id; name and date of birth are
    compared where they are given. `checked` when every row can be applied, else `refused` with each problem.
    """
    problems = Problems()
    raw = _read(problems, data, file_name)
    rows = _matched(problems, quiz, [_checked_cells(problems, row) for row in raw]) if raw else []
    is_refused = bool(problems)
    problems.close()
    return RegistrationFile.objects.create(
        quiz=quiz,
        uploaded_by=by,
        uploaded_at=at,
        file_name=file_name[:200],
        file_digest=sha256_hex(data),
        state=RegistrationFile.State.REFUSED if is_refused else RegistrationFile.State.CHECKED,
        rows=[] if is_refused else rows,
        row_count=len(raw),
        problems=list(problems),
    )


@transaction.atomic
def apply_registration_file(*, file: RegistrationFile, by: Any, at: datetime) -> RegistrationFile:
    """Register everybody of a checked list, or nobody. Applying twice changes nothing.

    Raises AccessRefused for a refused list, and when somebody of it was registered or a number given meanwhile.
    """
    row = lock_row(RegistrationFile.objects.filter(pk=file.pk).select_related("quiz"))
    assert row is not None
    if row.state == RegistrationFile.State.APPLIED:
        return row
    if row.state != RegistrationFile.State.CHECKED:
        raise AccessRefused(_("This list has problems; mend the file and bring it in again."))
    lock_row(Quiz.objects.filter(pk=row.quiz_id))
    people = [entry["person"] for entry in row.rows]
    numbers = [entry["number"] for entry in row.rows if entry["number"]]
    if _taken(row.quiz, "person_id", people, withdrawn_at__isnull=True) or _taken(
        row.quiz, "candidate_number", numbers
    ):
        raise AccessRefused(_("Somebody was registered since the list was checked; bring the file in again."))
    keys: dict[int, str] = {}
    for start in range(0, len(people), BATCH):
        keys.update(Person.objects.filter(pk__in=people[start : start + BATCH]).values_list("pk", "sort_key"))
    entries = [Entry(sort_key=keys[entry["person"]], **entry) for entry in row.rows]
    register_entries(quiz=row.quiz, entries=entries, by=by, at=at)
    row.state, row.applied_at, row.rows = RegistrationFile.State.APPLIED, at, []
    row.save(update_fields=["state", "applied_at", "rows"])
    return row


def _read(problems: Problems, data: bytes, file_name: str) -> list[dict[str, Any]]:
    """Rows by the names of COLUMNS, with their number in the file under "row"."""
    try:
        table = read_table(data, filename=file_name, max_rows=MOST_ROWS)
    except TableProblem as problem:
        problems.report(problem.row, problem.column, problem.message)
        return []
    except UndecodableText as problem:
        problems.report(None, "", problem.message)
        return []
    names = {header_key(synonym): key for key, synonyms in COLUMNS.items() for synonym in synonyms}
    found = {header_key(column): names[header_key(column)] for column in table.columns if header_key(column) in names}
    if not set(KEYS) & set(found.values()):
        problems.report(
            None, "staff_number", _("Needed: a column with staff numbers, e-mail addresses or citizen ids.")
        )
    if len(set(found.values())) != len(found):
        problems.report(None, "", _("Two columns mean the same; keep one of them."))
    if not table.rows and not problems:
        problems.report(None, "", _("The file has headings and no rows."))
    if problems:
        return []
    return [
        {"row": number, **dict.fromkeys(COLUMNS, ""), **{key: cells.get(column, "") for column, key in found.items()}}
        for number, cells in table.rows
    ]


def _checked_cells(problems: Problems, raw: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"row": raw["row"]}
    for key in COLUMNS:
        value = raw[key]
        if isinstance(value, CellProblem):
            problems.report(raw["row"], key, value.message)
            value = ""
        if key == "birth_date":
            row[key] = _day(problems, raw["row"], value)
            continue
        row[key] = _text(value)
        if len(row[key]) > LONGEST.get(key, 254):
            most = {"most": LONGEST.get(key, 254)}
            problems.report(raw["row"], key, filled(_("This is longer than %(most)d characters."), most))
    gender = fold(row["gender"])
    if gender and gender not in GENDERS:
        problems.report(raw["row"], "gender", _("Write nam or nữ, or leave it empty."))
    row["gender"] = str(GENDERS.get(gender, ""))
    return row


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value if value is not None else "").split())


def _day(problems: Problems, row: int, value: Any) -> Any:
    if value in ("", None):
        return None
    try:
        return parse_date(value)
    except InvalidDate as problem:
        problems.report(row, "birth_date", problem.message)
        return None


def _matched(problems: Problems, quiz: Quiz, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with the person's id in place of what names them; what does not match is reported."""
    people = _people_by_key(rows)
    seen: dict[int, int] = {}
    numbers: dict[str, int] = {}
    matched = []
    for row in rows:
        person = _person_of(problems, row, people)
        if person is None:
            continue
        first = seen.setdefault(person.pk, row["row"])
        if first != row["row"]:
            problems.report(row["row"], "", filled(_("The same person is in row %(row)d."), {"row": first}))
        number = row["number"]
        first = numbers.setdefault(number, row["row"]) if number else row["row"]
        if first != row["row"]:
            problems.report(row["row"], "number", filled(_("The same number is in row %(row)d."), {"row": first}))
        kept = {key: row[key] for key in ("number", "room", "seat", "birth_place", "gender")}
        matched.append({"row": row["row"], "person": person.pk, **kept})
    if numbers and any(not row["number"] for row in rows):
        problems.report(None, "number", _("Give every candidate a number, or none: then they are given here."))
    known = _taken(quiz, "person_id", list(seen), withdrawn_at__isnull=True)
    taken = _taken(quiz, "candidate_number", list(numbers))
    for row in matched:
        if row["person"] in known:
            problems.report(row["row"], "", _("This person is on the list of the exam already."))
        if row["number"] in taken:
            problems.report(row["row"], "number", _("This number was given to somebody else."))
        del row["row"]
    return matched


Lookup = dict[tuple[str, str], Person]


def _people_by_key(rows: list[dict[str, Any]]) -> Lookup:
    """(kind, folded value) → person, some queries for each 500 rows."""
    found: Lookup = {}
    readers: dict[str, tuple[str, Callable[[str], str]]] = {
        "staff_number": ("staff_number", str),
        "email": ("email", str.lower),
        "citizen_id": ("citizen_id_index", keyed_index),
    }
    for key, (column, read) in readers.items():
        values = sorted({read(row[key]) for row in rows if row[key]})
        for start in range(0, len(values), BATCH):
            batch = values[start : start + BATCH]
            for person in Person.objects.filter(**{f"{column}__in": batch}):
                found[key, getattr(person, column)] = person
    return found


def _person_of(problems: Problems, row: dict[str, Any], people: Lookup) -> Person | None:
    given = {key: row[key] for key in KEYS if row[key]}
    if not given:
        problems.report(row["row"], "staff_number", _("The staff number, e-mail or citizen id is missing."))
        return None
    found: dict[int, Person] = {}
    for key, text in given.items():
        value = keyed_index(text) if key == "citizen_id" else text.lower() if key == "email" else text
        person = people.get((key, value))
        if person is None or not person.is_active:
            problems.report(row["row"], key, _("Nobody in the system has this; bring them in with a roster first."))
            return None
        found[person.pk] = person
    if len(found) > 1:
        problems.report(row["row"], "", _("The staff number, e-mail and citizen id are those of different people."))
        return None
    (person,) = found.values()
    if row["full_name"] and fold(row["full_name"]) != fold(person.full_name):
        problems.report(row["row"], "full_name", _("This is not the name of the person with this number."))
    if row["birth_date"] and person.birth_date and row["birth_date"] != person.birth_date:
        problems.report(row["row"], "birth_date", _("This is not the date of birth of the person with this number."))
    return person


def _taken(quiz: Quiz, column: str, values: list[Any], **more: Any) -> set[Any]:
    """Which of these values registrations of the quiz have."""
    found: set[Any] = set()
    for start in range(0, len(values), BATCH):
        rows = quiz.registrations.filter(**{f"{column}__in": values[start : start + BATCH]}, **more)
        found.update(rows.values_list(column, flat=True))
    return found
