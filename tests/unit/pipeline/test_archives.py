import io
import struct
import unicodedata
import zipfile
from pathlib import Path

import pytest

from pipeline.archives import ArchiveError, ArchiveLimits, is_archive, open_members

PAGE = b"\xff\xd8\xff" + bytes(range(256)) * 4


def packed(*members: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def told(data: bytes, limits: ArchiveLimits | None = None) -> dict[str, str]:
    """Code by member path, "" for those that were handed out."""
    found = {}
    for member in open_members(data, limits):
        assert (member.data is None) == bool(member.code)
        assert bool(member.message) == bool(member.code)
        found[member.path] = member.code
    return found


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/cron.d/x.jpg",
        "/etc/passwd.jpg",
        "C:\\Windows\\x.jpg",
        "a\\..\\..\\x.jpg",
        "a/../../x.jpg",
        "a\nb.jpg",
    ],
)
def test_a_name_that_leads_out_of_the_folder_is_refused_and_the_rest_goes_on(name: str):
    codes = told(packed((name, PAGE), ("good.jpg", PAGE)))
    assert sorted(codes.values()) == ["", "UNSAFE_NAME"]
    assert codes["good.jpg"] == ""


def test_a_link_in_an_archive_is_refused():
    link = zipfile.ZipInfo("link.jpg")
    link.external_attr = 0o120777 << 16
    assert told(packed((link, b"/etc/passwd"), ("good.jpg", PAGE))) == {
        "link.jpg": "LINK_MEMBER",
        "good.jpg": "",
    }


def test_an_encrypted_member_is_refused_and_the_rest_goes_on():
    data = bytearray(packed(("secret.jpg", PAGE), ("good.jpg", PAGE)))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", struct.unpack("<H", data[at : at + 2])[0] | 1)
    assert told(bytes(data)) == {"secret.jpg": "ENCRYPTED", "good.jpg": ""}


def test_a_member_with_a_wrong_check_sum_is_refused_and_the_rest_goes_on():
    data = bytearray(packed(("bad.jpg", PAGE), ("good.jpg", PAGE), compression=zipfile.ZIP_STORED))
    data[data.index(PAGE) + 20] ^= 0xFF
    assert told(bytes(data)) == {"bad.jpg": "MEMBER_DAMAGED", "good.jpg": ""}


def test_a_bomb_is_refused_before_it_is_unpacked():
    data = packed(("bomb.jpg", bytes(30_000_000)), ("good.jpg", PAGE))
    assert told(data) == {"bomb.jpg": "ARCHIVE_BOMB", "good.jpg": ""}


def test_many_members_together_cannot_exceed_the_total():
    data = packed(*((f"{n}.jpg", PAGE) for n in range(5)), compression=zipfile.ZIP_STORED)
    codes = told(data, ArchiveLimits(total_bytes=3 * len(PAGE)))
    assert list(codes.values()) == ["", "", "", "ARCHIVE_BOMB", "ARCHIVE_BOMB"]


def test_archives_in_archives_share_the_total_and_end_at_a_depth():
    inner = packed(("page.jpg", PAGE))
    for _ in range(4):
        inner = packed(("inner.zip", inner))
    codes = told(inner)
    assert set(codes.values()) == {"ARCHIVE_TOO_DEEP"}
    assert told(packed(("one.zip", packed(("page.jpg", PAGE))))) == {"one.zip/page.jpg": ""}


def test_an_archive_with_too_many_members_is_refused_whole():
    with pytest.raises(ArchiveError) as raised:
        told(packed(*((f"{n}.jpg", b"") for n in range(11))), ArchiveLimits(members=10))
    assert raised.value.code == "ARCHIVE_TOO_MANY"


@pytest.mark.parametrize("cut", [3, 30, 200])
def test_a_truncated_archive_is_told_kindly(cut: int):
    with pytest.raises(ArchiveError) as raised:
        told(packed(("page.jpg", PAGE))[:-cut])
    assert raised.value.code == "ARCHIVE_DAMAGED"
    assert "tệp nén" in raised.value.message.lower()


def test_a_broken_nested_archive_is_one_refused_member():
    codes = told(packed(("broken.zip", packed(("page.jpg", PAGE))[:-30]), ("good.jpg", PAGE)))
    assert codes == {"broken.zip": "ARCHIVE_DAMAGED", "good.jpg": ""}


@pytest.mark.parametrize("declared", [True, False])
def test_vietnamese_names_survive_with_and_without_the_utf8_flag(declared: bool):
    name = unicodedata.normalize("NFD", "Sổ khai sinh/Quyển số 01/Trang đầu.jpg")
    info = zipfile.ZipInfo(name)
    data = packed((info, PAGE))
    if not declared:  # as tools write that put UTF-8 bytes without saying so
        raw = bytearray(data)
        for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = raw.index(signature) + offset
            raw[at : at + 2] = b"\0\0"
        data = bytes(raw)
    assert list(told(data)) == ["Sổ khai sinh/Quyển số 01/Trang đầu.jpg"]


def test_rubbish_of_file_managers_is_left_out():
    data = packed(("__MACOSX/._a.jpg", b"x"), ("a/.DS_Store", b"x"), ("a/Thumbs.db", b"x"), ("a/b.jpg", PAGE))
    assert told(data) == {"a/b.jpg": ""}


def test_an_office_document_is_no_archive_of_scans(tmp_path: Path):
    assert not is_archive(packed(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>"))[:2048])
    assert is_archive(packed(("a.jpg", PAGE))[:2048])
