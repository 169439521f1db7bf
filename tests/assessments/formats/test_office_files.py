"""Files of Word and Excel that are not what their names say: old, with a password, of the other program."""

from __future__ import annotations

import io
import zipfile

import pytest

from assessments.exceptions import UnknownFormat
from assessments.formats import Unreadable
from assessments.services import recognise_format
from common.messages import in_both

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def member(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "<x/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "sentences"),
    [
        (OLD, "de.doc", ("Save it as DOCX without a password", "Hãy lưu thành DOCX")),
        (OLD, "de.docx", ("Save it as DOCX without a password", "không mật khẩu")),
        (OLD + "WordDocument".encode("utf-16-le"), "de", ("Save it as DOCX", "Hãy lưu thành DOCX")),
        (rb"{\rtf1 Cau 1}", "de.doc", ("Save it as DOCX", "Hãy lưu thành DOCX")),
        (OLD, "de.xls", ("Save it as XLSX without a password", "Hãy lưu lại dạng XLSX")),
        (OLD, "de.xlsx", ("Save it as XLSX without a password", "Hãy lưu lại dạng XLSX")),
        (OLD + "Workbook".encode("utf-16-le"), "de", ("Save it as XLSX", "Hãy lưu lại dạng XLSX")),
    ],
)
def test_old_files_and_files_with_a_password_are_refused_with_what_to_do(
    data: bytes, name: str, sentences: tuple[str, str]
) -> None:
    found = recognise_format(io.BytesIO(data), name)
    with pytest.raises(Unreadable) as problem:
        list(found.read(io.BytesIO(data), name))
    said = in_both(problem.value)
    assert all(sentence in said for sentence in sentences), said


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (member("word/document.xml"), "de.xlsx", "docx"),
        (member("word/document.xml"), "de.zip", "docx"),
        (member("xl/workbook.xml"), "de.docx", "xlsx"),
    ],
)
def test_a_wrong_extension_does_not_hide_what_a_file_is(data: bytes, name: str, expected: str) -> None:
    assert recognise_format(io.BytesIO(data), name).name == expected


@pytest.mark.parametrize("name", ["de.odt", "de.pdf", "de"])
def test_what_is_none_of_the_formats_is_refused_with_their_names(name: str) -> None:
    data = {"de.odt": member("mimetype"), "de.pdf": b"%PDF-1.7", "de": bytes(20)}[name]
    with pytest.raises(UnknownFormat, match="XLSX"):
        recognise_format(io.BytesIO(data), name)
