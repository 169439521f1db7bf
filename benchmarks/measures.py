"""Single measures; each returns what goes into the JSON."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.test import Client

from certificates.models import Certificate
from certificates.renderers import render_image, render_pdf
from certificates.services.rendering import data_of

SECONDS = 1.0


def per_second(work: Callable[[], Any]) -> float:
    """How often `work` runs in a second of CPU time."""
    work()
    count, begun = 0, time.process_time()
    while time.process_time() - begun < SECONDS:
        work()
        count += 1
    return round(count / (time.process_time() - begun), 1)


def measure_certificates() -> dict[str, float]:
    """Renderings per core-second and bytes."""
    data = data_of(Certificate.objects.select_related("template_version")[0])
    return {
        "pdf_per_core_second": per_second(lambda: render_pdf(data)),
        "pdf_bytes": len(render_pdf(data)),
        "png_per_core_second": per_second(lambda: render_image(data)),
        "png_bytes": len(render_image(data)),
    }


def measure_pages() -> dict[str, float]:
    """Pages per CPU-second for a visitor without an account."""
    client = Client()
    addresses = {
        "home": "/",
        "course": "/khoa-hoc/an-toan-thong-tin/",
        "lesson": "/khoa-hoc/an-toan-thong-tin/ai-cung-la-muc-tieu/",
    }
    return {name: per_second(lambda address=address: client.get(address)) for name, address in addresses.items()}  # type: ignore[misc]
