"""Why the common room refuses, and the base of every refusal that a person should read."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.messages import filled


class Refusal(Exception):
    """The request is understood and refused; `message` says what, where and what to do, in any language."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class InvalidDate(Refusal, ValueError):
    """A text or number that is no date we take; `value` is what was given."""

    def __init__(self, message: str | Promise, *, value: object = None) -> None:
        super().__init__(message)
        self.value = value


class UndecodableText(Refusal, ValueError):
    """Bytes that are text in no encoding we know; `offset` is the first byte that does not fit."""

    def __init__(self, message: str | Promise, *, offset: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset


class LegacyFontText(UndecodableText):
    """Vietnamese typed in a pre-Unicode font; `encoding` is TCVN3 or VNI, `sample` a telling word."""

    def __init__(self, encoding: str, sample: str) -> None:
        super().__init__(
            filled(
                _(
                    "The text was typed with an old %(encoding)s font (for example “%(sample)s”). "
                    "Convert it to Unicode first, for example with Unikey."
                ),
                {"encoding": encoding, "sample": sample[:40]},
            )
        )
        self.encoding = encoding
        self.sample = sample


class NotCanonical(Refusal, ValueError):
    """A value that has no canonical JSON form; `path` says where in the value."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path


class CannotDecrypt(Refusal, ValueError):
    """A field was encrypted with no key we have, or its bytes were changed."""


class CannotSayInMarkdown(Refusal, ValueError):
    """HTML that Markdown would not give back exactly; keep the HTML."""


class YamlProblem(Refusal, ValueError):
    """YAML that cannot be taken; `source` names the text, `line` counts from 1 (None: all of it)."""

    def __init__(self, source: str, line: int | None, reason: str | Promise) -> None:
        if line:
            message = filled(
                _("%(source)s, line %(line)d: %(reason)s"), {"source": source, "line": line, "reason": reason}
            )
        else:
            message = filled(_("%(source)s: %(reason)s"), {"source": source, "reason": reason})
        super().__init__(message)
        self.source, self.line, self.reason = source, line, reason


class TableProblem(Refusal, ValueError):
    """A table that cannot be taken; `message` is the reason alone, str() says the place as well.

    `row` counts from 1 as in the file (None: the table as a whole), `column` is the heading or letter, or "".
    """

    def __init__(self, message: str | Promise, *, row: int | None = None, column: str = "") -> None:
        super().__init__(message)
        self.row, self.column = row, column

    def __str__(self) -> str:
        values = {"row": self.row, "column": self.column, "reason": self.message}
        if self.row is not None and self.column:
            return str(filled(_("Row %(row)d, column “%(column)s”: %(reason)s"), values))
        if self.row is not None:
            return str(filled(_("Row %(row)d: %(reason)s"), values))
        return str(self.message)


class ArchiveProblem(Refusal, ValueError):
    """An archive that must not be unpacked; `member` is the entry at fault, "" for the archive as a whole."""

    def __init__(self, message: str | Promise, member: str = "") -> None:
        super().__init__(message)
        self.member = member

    def __str__(self) -> str:
        if not self.member:
            return str(self.message)
        # A hostile name must not flood or rearrange the page that shows it.
        shown = self.member if self.member.isprintable() else ascii(self.member)[1:-1]
        shown = shown if len(shown) <= 120 else f"{shown[:120]}…"
        return str(filled(_("%(member)s: %(reason)s"), {"member": shown, "reason": self.message}))


class FileTypeMismatch(Refusal, ValueError):
    """A file whose content is not what its name says, or is of no type we take."""


class UnsafeSvg(Refusal, ValueError):
    """An SVG picture that cannot be made safe."""
