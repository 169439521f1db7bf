"""Commands of the records room: the only code that changes its state."""

from records.services.exports import build_export, open_export, request_export, retry_export, unit_of
from records.services.reminders import remind_unit

__all__ = ["build_export", "open_export", "remind_unit", "request_export", "retry_export", "unit_of"]
