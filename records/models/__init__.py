"""What employers read: exports that were asked for and built."""

from records.models.export import ReportExport

__all__ = ["ReportExport"]
