"""Reports: one query and one list of columns each; screen, CSV and XLSX come from that one definition."""

from records.reports.base import Column, Report, get_report
from records.reports.unit_completion import UnitCompletion

__all__ = ["Column", "Report", "UnitCompletion", "get_report"]
