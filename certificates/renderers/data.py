"""What a renderer is given: texts and dates, nothing to look up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from common.vietnamese import format_number, official_date

FONTS = Path(__file__).resolve().parent.parent / "fonts"


@dataclass(frozen=True, slots=True)
class CertificateData:
    """One certificate. Dates of birth are ISO texts; score and max_score are decimal texts or None."""

    layout: dict[str, Any]
    number: str
    code: str
    verify_url: str
    name: str
    birth_date: str | None
    course_code: str
    course_title: str
    course_title_en: str
    hours: str
    score: str | None
    max_score: str | None
    issuer: str
    issuer_en: str
    issued_on: date
    expires_on: date | None

    def texts(self) -> dict[str, str]:
        """Every line that is printed, Vietnamese and English, ready as it stands."""
        words: dict[str, str] = self.layout["texts"]
        lines = {
            "heading": words["heading"],
            "heading_en": words["heading_en"],
            "subheading": words["subheading"],
            "subheading_en": words["subheading_en"],
            "issuer": self.issuer,
            "issuer_en": self.issuer_en,
            "awarded": words["awarded"],
            "awarded_en": words["awarded_en"],
            "name": self.name,
            "born": "",
            "completed": words["completed"],
            "completed_en": words["completed_en"],
            "course": self.course_title,
            "course_en": self.course_title_en,
            "facts": "",
            "facts_en": "",
            "place_date": f"{words['place']}, {official_date(self.issued_on)}",
            "number": f"{words['number']} / {words['number_en']}: {self.number}",
            "code": f"{words['code']} / {words['code_en']}: {self.code}",
            "verify": f"{words['verify']} / {words['verify_en']}",
            "expires": "",
        }
        if self.birth_date:
            born = short_date(date.fromisoformat(self.birth_date))
            lines["born"] = f"{words['born']} / {words['born_en']}: {born}"
        lines["facts"], lines["facts_en"] = self._facts(words)
        if self.expires_on:
            lines["expires"] = f"{words['expires']} / {words['expires_en']}: {short_date(self.expires_on)}"
        return lines

    def _facts(self, words: dict[str, str]) -> tuple[str, str]:
        hours = _decimal(self.hours)
        vi, en = [], []
        if hours:
            vi.append(f"{words['hours']}: {format_number(hours)} {words['hours_unit']}")
            en.append(f"{words['hours_en']}: {format_number(hours, language='en')} {words['hours_unit_en']}")
        score, most = _decimal(self.score), _decimal(self.max_score)
        if score is not None and most:
            vi.append(f"{words['result']}: {format_number(score)}/{format_number(most)}")
            en.append(
                f"{words['result_en']}: {format_number(score, language='en')}/{format_number(most, language='en')}"
            )
        return "  ·  ".join(vi), "  ·  ".join(en)


def short_date(day: date) -> str:
    """24/11/2026."""
    return f"{day.day:02d}/{day.month:02d}/{day.year}"


def _decimal(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None
