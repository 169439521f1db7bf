"""What is wrong with a roster, by row and column, in both languages."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.messages import filled

COLUMNS: dict[str, tuple[str, ...]] = {
    "staff_number": ("Mã nhân viên", "ma_nhan_vien", "mã số", "mã cán bộ", "mã công chức", "staff number"),
    "full_name": ("Họ và tên", "ho_va_ten", "họ tên", "full name", "name"),
    "birth_date": ("Ngày sinh", "ngay_sinh", "date of birth", "birth date"),
    "email": ("Email", "e-mail", "thư điện tử", "địa chỉ email"),
    "citizen_id": ("Số CCCD", "so_cccd", "cccd", "căn cước công dân", "số căn cước", "citizen id"),
    "unit": ("Mã đơn vị", "ma_don_vi", "unit code", "unit"),
    "title": ("Chức danh", "chuc_danh", "chức vụ", "title", "position"),
    "valid_from": ("Từ ngày", "tu_ngay", "from", "start date"),
}
MOST_LISTED = 1000


class Problems:
    """Collects problems; true when there is one. The first MOST_LISTED are kept, the rest counted."""

    def __init__(self) -> None:
        self._listed: list[dict[str, Any]] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def report(self, row: int | None, column: str, message: str | Promise) -> None:
        """Add one: its row in the file, its column in COLUMNS or in the file."""
        self._count += 1
        if self._count <= MOST_LISTED:
            self._listed.append(_in_both(row, COLUMNS[column][0] if column in COLUMNS else column, message))

    def listed(self) -> list[dict[str, Any]]:
        """[{"row", "column", "message_vi", "message_en"}] for the database; the last one counts what is left out."""
        left_out = self._count - len(self._listed)
        if not left_out:
            return self._listed
        more = filled(_("There are %(count)d more problems; mend these first."), {"count": left_out})
        return [*self._listed, _in_both(None, "", more)]

    def first(self) -> dict[str, Any]:
        """The first one."""
        return self._listed[0]


def _in_both(row: int | None, column: str, message: str | Promise) -> dict[str, Any]:
    texts = {}
    for language in ("vi", "en"):
        with translation.override(language):
            texts[f"message_{language}"] = str(message)
    return {"row": row, "column": column, **texts}
