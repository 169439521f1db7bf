"""What is wrong in one check of evidence."""

from __future__ import annotations

from django.utils.functional import Promise


class Fault(Exception):
    """The first thing at fault; `detail` is a sentence for people."""

    def __init__(self, detail: str | Promise) -> None:
        super().__init__(str(detail))
        self.detail = detail
