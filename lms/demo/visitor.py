"""Somebody with a browser, without the browser: pages, cookies and forms over real HTTP."""

from __future__ import annotations

import http.cookiejar
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from bs4 import BeautifulSoup, Tag

TIMEOUT = 30


class StepFailed(RuntimeError):
    """What was expected did not happen."""


class Visitor:
    """One person's session at `base` (no slash at the end)."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.url = base
        self.page = BeautifulSoup("", "html.parser")
        self.body = b""
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self.opener.addheaders = [("User-Agent", "hoc-so-journey")]

    def get(self, address: str) -> BeautifulSoup:
        """Open a page. Raises StepFailed when it is not there."""
        return self._send(urllib.request.Request(urllib.parse.urljoin(self.url, address)))  # noqa: S310  our own server

    def download(self, address: str) -> bytes:
        """The bytes at an address."""
        self.get(address)
        return self.body

    def submit(
        self,
        action: str,
        values: Mapping[str, str | Sequence[str]] | None = None,
        *,
        file: tuple[str, str, bytes] | None = None,
    ) -> BeautifulSoup:
        """Fill in and send the page's form whose address holds `action`; `file` is (field, file name, content)."""
        form = next((f for f in self.page.find_all("form") if self._posts_to(f, action)), None)
        if form is None:
            raise StepFailed(f"{self.url}: no form to {action}")
        fields: list[tuple[str, str]] = [
            (str(field["name"]), str(field.get("value", "")))
            for field in form.find_all("input", attrs={"name": True, "type": "hidden"})
        ]
        for name, value in (values or {}).items():
            fields = [pair for pair in fields if pair[0] != name]
            fields += [(name, item) for item in ([value] if isinstance(value, str) else value)]
        target = urllib.parse.urljoin(self.url, str(form.get("action") or self.url))
        data, kind = (
            multipart(fields, file)
            if file
            else (urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded")
        )
        request = urllib.request.Request(target, data=data, headers={"Content-Type": kind, "Referer": self.url})  # noqa: S310
        return self._send(request)

    def _posts_to(self, form: Tag, action: str) -> bool:
        is_post = str(form.get("method", "get")).lower() == "post"
        return is_post and action in urllib.parse.urljoin(self.url, str(form.get("action") or self.url))

    def wait_for(self, selector: str, *, seconds: float = 60) -> Tag:
        """Reload the page until it has `selector`. Raises StepFailed when the time is over."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.page.select_one(selector)
            if found is not None:
                return found
            time.sleep(0.3)
            self.get(self.url)
        raise StepFailed(f"{self.url}: {selector} did not come within {seconds:.0f} s")

    def _send(self, request: urllib.request.Request) -> BeautifulSoup:
        try:
            with self.opener.open(request, timeout=TIMEOUT) as response:
                self.url, self.body = response.url, response.read()
                kind = response.headers.get_content_type()
        except urllib.error.HTTPError as problem:
            raise StepFailed(f"{request.full_url}: {problem.code}") from problem
        except OSError as problem:
            raise StepFailed(f"{request.full_url}: {problem}") from problem
        self.page = BeautifulSoup(self.body.decode() if kind == "text/html" else "", "html.parser")
        return self.page

    def text(self) -> str:
        """What the page says."""
        return " ".join(self.page.get_text(" ").split())


def multipart(fields: Sequence[tuple[str, str]], file: tuple[str, str, bytes]) -> tuple[bytes, str]:
    """(body, content type) of a form with a file."""
    boundary = uuid.uuid4().hex
    parts: list[Any] = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    name, file_name, content = file
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n".encode()
        + content
        + b"\r\n"
    )
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"
