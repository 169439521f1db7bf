"""Why the records room refuses."""

from __future__ import annotations

from common.exceptions import Refusal


class ReportRefused(Refusal):
    """The report does not exist, its parameters are wrong, or it is outside what this person may read."""
