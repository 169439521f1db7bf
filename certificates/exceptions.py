"""Why the certificates room refuses."""

from __future__ import annotations

from common.exceptions import Refusal


class CertificateRefused(Refusal):
    """A certificate cannot be issued or changed as asked."""
