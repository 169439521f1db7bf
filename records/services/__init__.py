"""Commands of the records room: the only code that changes its state."""

from records.services.exports import build_export, request_export, retry_export

__all__ = ["build_export", "request_export", "retry_export"]
