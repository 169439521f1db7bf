"""The citizen id (số căn cước công dân): what its twelve digits say.

Digits 1–3: code of the place of birth registration; 4: century and sex; 5–6: year of birth; 7–12: random.
Source: Nghị định 137/2015/NĐ-CP, Điều 13 and Thông tư 59/2021/TT-BCA, Điều 4.
"""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_lazy as _

from people.exceptions import InvalidCitizenId

FIRST_CENTURY = 19


def check_citizen_id(text: str, *, birth_date: date | None = None) -> str:
    """The twelve digits of `text`, spaces and dots removed.

    Raises InvalidCitizenId when there are not exactly twelve digits, the place code is out of range (001–096), or the
    year of birth does not fit `birth_date`.
    """
    digits = "".join(text.split()).replace(".", "").replace("-", "")
    if not (len(digits) == 12 and digits.isascii() and digits.isdigit()):
        raise InvalidCitizenId(_("The citizen id must have exactly 12 digits."))
    if not 1 <= int(digits[:3]) <= 96:
        raise InvalidCitizenId(_("The citizen id starts with an unknown place code; check its first 3 digits."))
    if birth_date is not None:
        year = (FIRST_CENTURY + int(digits[3]) // 2) * 100 + int(digits[4:6])
        if year != birth_date.year:
            raise InvalidCitizenId(_("The citizen id does not fit the year of birth; check both."))
    return digits


def masked(digits: str) -> str:
    """For screens: all but the last three digits hidden."""
    return "•" * max(len(digits) - 3, 0) + digits[-3:]
