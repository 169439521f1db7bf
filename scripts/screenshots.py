"""Take the README's picture: six real pages of a played journey, side by side, in docs/images/journey.webp.

Uses the system's Chromium and a platform that this script plays and serves in a folder of its own.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "images" / "journey.webp"
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
WIDTH, HEIGHT = 1280, 860
SHOWN = (560, 376)
GAP = 16


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def played_platform() -> Iterator[tuple[str, dict[str, Any]]]:
    """Its address and the journey's report; played and served in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="hoc-so-pictures-") as folder:
        port = free_port()
        environment = {**os.environ, "VAR_DIR": folder, "PORT": str(port)}
        manage = [sys.executable, str(ROOT / "manage.py")]
        subprocess.run([*manage, "journey"], env=environment, check=True)
        server = subprocess.Popen([*manage, "serve"], env=environment)
        base = f"http://127.0.0.1:{port}"
        try:
            wait_for(f"{base}/health/?live")
            yield base, json.loads((Path(folder) / "journey" / "report.json").read_text())
        finally:
            server.terminate()
            server.wait()


def wait_for(address: str, seconds: float = 30) -> None:
    """Until `address` answers; TimeoutError when it does not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310  our own server
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(address)


def sign_in(page: Page, base: str, name: str, password: str) -> None:
    """As a person does."""
    page.goto(f"{base}/tai-khoan/login/")
    page.fill("input[name=login]", name)
    page.fill("input[name=password]", password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_load_state("networkidle")


def pictures(page: Page, base: str, report: dict[str, Any]) -> Iterator[Image.Image]:
    """Home; course, result and certificate of the learner; the public's answer; the officer's table."""
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings.test"  # a data folder of its own
    django.setup()
    from lms.demo.people import PASSWORD, PEOPLE

    learner = "CC0001"
    officer = next(row for row in PEOPLE if row.role == "hr_officer")
    course = report["enrolment"]["course"]

    def shot(path: str) -> Image.Image:
        page.goto(path if path.startswith("http") else base + path)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelector('wagtail-userbar')?.remove()")  # staff see it, readers do not
        return Image.open(io.BytesIO(page.screenshot())).convert("RGB")

    def first_link(path: str, part: str) -> str:
        page.goto(base + path)
        return str(page.locator(f"main a[href*='{part}']").first.get_attribute("href"))

    yield shot("/")
    sign_in(page, base, learner, PASSWORD)
    yield shot(f"/khoa-hoc/{course}/")
    yield shot(first_link("/hoc/", "/ket-qua/"))
    yield shot(first_link("/hoc/", "/chung-chi/"))
    page.context.clear_cookies()
    yield shot(report["certificate"]["verify_url"])
    sign_in(page, base, officer.email, PASSWORD)
    yield shot(officer.page)


def contact_sheet(shots: list[Image.Image], columns: int = 3) -> Image.Image:
    """The pictures in reading order, with a hairline around each."""
    rows = -(-len(shots) // columns)
    width, height = SHOWN
    sheet = Image.new("RGB", (columns * (width + GAP) + GAP, rows * (height + GAP) + GAP), color=(233, 236, 230))
    for place, shot in enumerate(shots):
        left = GAP + place % columns * (width + GAP)
        top = GAP + place // columns * (height + GAP)
        sheet.paste(shot.resize(SHOWN, Image.Resampling.LANCZOS), (left, top))
    return sheet


def main() -> int:
    """0 when the picture was written."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("Chromium chưa có / is missing: sudo apt install chromium", file=sys.stderr)
        return 2
    with played_platform() as (base, report), sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="vi-VN")
        shots = list(pictures(page, base, report))
        chromium.close()
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    contact_sheet(shots).save(TARGET, quality=82, method=6)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size // 1024} kB, {len(shots)} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
