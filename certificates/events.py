"""News that the certificates room sends upwards, after commit."""

from django.dispatch import Signal

# certificate_id: int, the certificate that was issued.
certificate_issued = Signal()
