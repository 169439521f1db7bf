"""ZIP files from strangers."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest

from common.archives import ArchiveProblem, safe_extract, safe_members


def make_zip(*entries: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return file


def test_a_good_archive_is_unpacked(tmp_path):
    file = make_zip(("pack.yaml", b"a"), ("media/", b""), ("media/ảnh 1.svg", b"<svg/>"))
    assert [member.filename for member in safe_members(file)] == ["pack.yaml", "media/ảnh 1.svg"]
    written = safe_extract(file, tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in written] == ["pack.yaml", "media/ảnh 1.svg"]
    assert (tmp_path / "media/ảnh 1.svg").read_bytes() == b"<svg/>"


@pytest.mark.parametrize(
    "name",
    [
        "../x", "a/../../x", "/etc/passwd", "..\\x", "C:\\x", "C:/x", "C:x", "\\\\server\\x", "a//b", "./a", "a/.",
        "..", "a\nb", "a\x1bb", "a\u202eb", "x" * 256, "a/" * 600 + "b",
    ],
)  # fmt: skip
def test_a_path_that_could_leave_the_folder_is_refused(name, tmp_path):
    file = make_zip(("ok.txt", b"ok"), (name, b"x"))
    with pytest.raises(ArchiveProblem) as refused:
        safe_extract(file, tmp_path)
    assert refused.value.member == name
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 300
    assert list(tmp_path.iterdir()) == []


def test_a_nul_in_a_name_is_refused(tmp_path):
    data = make_zip(("abcde.txt", b"x")).getvalue().replace(b"abcde.txt", b"ab\0de.txt")
    with pytest.raises(ArchiveProblem):
        safe_extract(io.BytesIO(data), tmp_path)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_devices_are_refused(kind):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (kind | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(ArchiveProblem) as refused:
        safe_members(file)
    assert refused.value.member == "link"


@pytest.mark.parametrize(
    ("one", "other"),
    [("a.txt", "A.TXT"), ("\u1ec7.txt", "e\u0302\u0323.txt"), ("a", "a/"), ("a", "a/b"), ("a/b/c", "a")],
)
def test_names_that_would_overwrite_each_other_are_refused(one, other):
    with pytest.raises(ArchiveProblem):
        safe_members(make_zip((one, b"1"), (other, b"2" if not other.endswith("/") else b"")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_is_refused():
    with pytest.raises(ArchiveProblem) as refused:
        safe_members(make_zip(("a.txt", b"1"), ("a.txt", b"2")))
    assert refused.value.member == "a.txt"


def test_the_number_of_files_is_limited():
    file = make_zip(*[(f"{n}", b"x") for n in range(4)])
    assert len(safe_members(file, max_files=4)) == 4
    with pytest.raises(ArchiveProblem):
        safe_members(file, max_files=3)


def test_the_unpacked_size_is_limited():
    file = make_zip(("a", b"x" * 50), ("b", b"y" * 50))
    assert safe_members(file, max_total_bytes=100)
    with pytest.raises(ArchiveProblem):
        safe_members(file, max_total_bytes=99)


def test_bombs_are_refused_by_their_ratio():
    with pytest.raises(ArchiveProblem) as refused:
        safe_members(make_zip(("zeros.txt", bytes(2_000_000))))
    assert refused.value.member == "zeros.txt"
    many = make_zip(*[(f"{n}.txt", bytes(900_000)) for n in range(20)])
    with pytest.raises(ArchiveProblem):
        safe_members(many)


def test_a_lie_about_the_size_is_found_while_unpacking(tmp_path):
    data = bytearray(make_zip(("a.txt", b"x" * 1000)).getvalue())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(ArchiveProblem) as refused:
        safe_extract(io.BytesIO(bytes(data)), tmp_path)
    assert refused.value.member == "a.txt"
    assert list(tmp_path.iterdir()) == []


def test_damage_removes_what_was_unpacked_before(tmp_path):
    data = bytearray(make_zip(("a.txt", b"good"), ("b.txt", b"bad bytes"), compression=zipfile.ZIP_STORED).getvalue())
    data[data.index(b"bad bytes")] ^= 1
    with pytest.raises(ArchiveProblem) as refused:
        safe_extract(io.BytesIO(bytes(data)), tmp_path)
    assert refused.value.member == "b.txt"
    assert list(tmp_path.iterdir()) == []


def test_encrypted_files_are_refused():
    data = bytearray(make_zip(("a.txt", b"x")).getvalue())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArchiveProblem) as refused:
        safe_members(io.BytesIO(bytes(data)))
    assert refused.value.member == "a.txt"


def test_nothing_that_is_there_is_replaced(tmp_path):
    (tmp_path / "a.txt").write_text("mine")
    with pytest.raises(ArchiveProblem):
        safe_extract(make_zip(("a.txt", b"theirs")), tmp_path)
    assert (tmp_path / "a.txt").read_text() == "mine"


def test_a_link_in_the_folder_is_not_followed(tmp_path):
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (inside / "media").symlink_to(outside)
    with pytest.raises(ArchiveProblem):
        safe_extract(make_zip(("media/a.txt", b"x")), inside)
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("cut", [0, 1, 30, 60, -1])
def test_what_is_no_zip_is_refused(cut):
    data = make_zip(("a.txt", b"x" * 100)).getvalue()[:cut]
    with pytest.raises(ArchiveProblem):
        safe_members(io.BytesIO(data))
