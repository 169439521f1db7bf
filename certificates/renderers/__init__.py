"""Renderers: certificate data in, bytes out. Pure: no ORM, no settings, no network."""

from certificates.renderers.data import CertificateData
from certificates.renderers.image import render_image
from certificates.renderers.pdf import render_pdf

__all__ = ["CertificateData", "render_image", "render_pdf"]
