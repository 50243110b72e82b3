"""Archive packages: written, checked from outside, read back equal; every damage is told."""

from __future__ import annotations

import hashlib
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.checks import Outcome, overall
from storage.errors import PackageError
from storage.packages.archive import (
    EAD_NAME,
    METS_NAME,
    PREMIS_NAME,
    REP,
    REP_PREMIS_NAME,
    read_archive,
    write_archive,
)
from storage.packages.archive_check import check_archive, count_signatures
from storage.packages.archive_model import (
    Agent,
    ArchivePackage,
    Document,
    Dossier,
    PreservationEvent,
    RightsStatement,
)
from storage.packages.mets import read_mets
from storage.pdfa import SealPage, build_pdfa
from storage.signing.pades import sign_pades

WHEN = datetime(2026, 11, 24, 3, 15, 30, 123456, tzinfo=UTC)
CODE = "H20.2008.KS.01"
FIRST = f"{REP}data/{CODE}.0000001.pdf"


@pytest.fixture(scope="module")
def unsigned(jpeg: bytes) -> bytes:
    from storage.xmp import SealMetadata

    page = SealPage(jpeg, "image/jpeg", 600, 800, 100)
    return build_pdfa([page], b"{}", SealMetadata("t", "urn:x", "UBND", WHEN), block=None)


@pytest.fixture(scope="module")
def pdfs(unsigned: bytes, authority) -> tuple[bytes, bytes]:
    key = authority.signing_key()

    def signed(reason: str) -> bytes:
        return sign_pades(unsigned, key, tsa=None, reason=reason, location="Mỹ Hiệp", name="Lan")

    return signed("một"), signed("hai")


@pytest.fixture(scope="module")
def package(pdfs: tuple[bytes, bytes]) -> ArchivePackage:
    documents = tuple(
        Document(
            ordinal=n,
            subject=f"Đăng ký khai sinh số {n}/2008 – NGUYỄN THỊ ĐƯỢC & <con>",
            issued=("2008-01-15", "2008-02")[n - 1],
            organ="UBND xã Mỹ Hiệp",
            pages=1,
            records=(f"00000000-0000-0000-0000-00000000000{n}:v1",),
            sha256=hashlib.sha256(pdf).hexdigest(),
            size=len(pdf),
            format_version="PDF/A-3u",
            signatures=1,
            signature_level="B-B",
            signer="Lan",
            number=f"{n}",
            notation="KS",
        )
        for n, pdf in enumerate(pdfs, 1)
    )
    lan = Agent("person-lan", "person", "lan")
    reader = Agent("sohoa-read-3", "software", "read", "3")
    events = tuple(
        event
        for d in documents
        for event in (
            PreservationEvent(
                f"run-{d.ordinal}", "metadata extraction", WHEN, "read 3", "OK", "2 từ mờ",
                reader.identifier, "executing program", d.records,
            ),
            PreservationEvent(
                f"event-{d.ordinal}", "validation", WHEN, "record.approved", "", "",
                lan.identifier, "authorizer", d.records,
            ),
        )
    )  # fmt: skip
    return ArchivePackage(
        identifier=uuid.UUID("9C13E70E-08B2-4C54-8BAF-979B35D01B4D"),
        fonds="G09",
        fonds_name="UBND xã Mỹ Hiệp",
        organization="UBND xã Mỹ Hiệp",
        created=WHEN,
        software_version="0.1.0",
        dossier=Dossier(CODE, "Sổ đăng ký khai sinh 01/2008", "2008", "2008-12-31", 2, 0, 2, "H20.01.05.17"),
        documents=documents,
        events=events,
        agents=(lan, reader),
        rights=(RightsStatement("Luật Lưu trữ 33/2024/QH15", "disseminate", "Sử dụng có điều kiện", ""),),
    )


@pytest.fixture
def content(package: ArchivePackage, pdfs: tuple[bytes, bytes]) -> Callable[[Document], bytes]:
    return lambda document: pdfs[document.ordinal - 1]


@pytest.fixture
def written(package: ArchivePackage, content, tmp_path: Path) -> Path:
    target = tmp_path / package.folder
    write_archive(package, content, target)
    return target


def codes(path: Path) -> set[str]:
    return {c.code for c in check_archive(path) if c.outcome is Outcome.FAILED}


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def relist(folder: Path, name: str) -> None:
    """List a changed file as it now is, as somebody would who hides a change."""
    inside = name.startswith(REP) and name != REP + METS_NAME
    mets = folder / (REP + METS_NAME if inside else METS_NAME)
    told = read_mets(mets.read_bytes(), "METS.xml")
    path = name.removeprefix(REP) if inside else name
    (before,) = (f for f in told.files if f.path == path)
    data = (folder / name).read_bytes()
    change(mets, before.sha256.upper(), hashlib.sha256(data).hexdigest().upper())
    text = mets.read_text("utf-8")
    place = text.index(hashlib.sha256(data).hexdigest().upper())
    start = text.rindex("SIZE=", 0, place)
    size = f'SIZE="{before.size}"'
    mets.write_text(text[:start] + text[start:].replace(size, f'SIZE="{len(data)}"', 1), "utf-8")
    if inside:
        relist(folder, REP + METS_NAME)


@pytest.mark.parametrize("suffix", ["", ".zip"])
def test_a_package_reads_back_equal_from_folder_and_zip(package, content, tmp_path, suffix):
    target = tmp_path / f"{package.folder}{suffix}"
    written = write_archive(package, content, target)
    assert overall(check_archive(target)) is Outcome.PASSED
    again = read_archive(target)
    assert again == written
    assert (again.documents, again.dossier, again.rights) == (
        package.documents,
        package.dossier,
        package.rights,
    )
    assert set(package.events) < set(again.events)


def test_the_tree_and_its_names_are_those_of_the_circular(written, package, pdfs):
    assert written.name == "urn_G09_uuid_9C13E70E-08B2-4C54-8BAF-979B35D01B4D"
    names = {p.relative_to(written).as_posix() for p in written.rglob("*") if p.is_file()}
    assert {METS_NAME, EAD_NAME, PREMIS_NAME, REP + METS_NAME, REP + REP_PREMIS_NAME, FIRST} < names
    assert f"{REP}metadata/descriptive/EAD_doc_{CODE}.0000002.xml" in names
    assert (written / FIRST).read_bytes() == pdfs[0]
    mets = (written / METS_NAME).read_text("utf-8")
    assert 'csip:OAISPACKAGETYPE="AIP"' in mets
    assert 'csip:NOTETYPE="IDENTIFICATIONCODE">G09<' in mets
    assert 'CREATEDATE="2026-11-24T10:15:30.123456+07:00"' in mets


def test_dates_stand_in_the_description_as_officers_write_them(written):
    ead = (written / EAD_NAME).read_text("utf-8")
    assert "<startDate>2008</startDate>" in ead
    assert "<endDate>31/12/2008</endDate>" in ead


def test_equal_packages_have_equal_bytes(package, content, tmp_path):
    one, two = tmp_path / "a.zip", tmp_path / "b.zip"
    write_archive(package, content, one)
    write_archive(package, content, two)
    assert one.read_bytes() == two.read_bytes()


def test_nothing_is_left_where_a_document_is_not_the_one_described(package, tmp_path):
    with pytest.raises(PackageError, match="CONTENT_DIFFERS"):
        write_archive(package, lambda _: b"another", tmp_path / package.folder)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"fonds": "mã phông"}, "CODE_MALFORMED"),
        ({"documents": ()}, "NOTHING_TO_PACK"),
        ({"created": datetime(2026, 1, 1)}, "TIME_WITHOUT_ZONE"),
    ],
)
def test_a_package_that_cannot_be_right_is_not_written(package, content, tmp_path, wrong, code):
    with pytest.raises(PackageError, match=code):
        write_archive(replace(package, **wrong), content, tmp_path / "p.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_package_is_never_written_over(package, content, written):
    with pytest.raises(PackageError, match="TARGET_EXISTS"):
        write_archive(package, content, written)


def missing_pdf(folder: Path) -> None:
    (folder / FIRST).unlink()


def extra_file(folder: Path) -> None:
    (folder / f"{REP}data/them.pdf").write_bytes(b"%PDF-")


def changed_pdf(folder: Path) -> None:
    data = bytearray((folder / FIRST).read_bytes())
    data[200] ^= 1
    (folder / FIRST).write_bytes(bytes(data))


def hidden_change(folder: Path) -> None:
    changed_pdf(folder)
    relist(folder, FIRST)


def swapped_pdfs(folder: Path) -> None:
    one, two = folder / FIRST, folder / FIRST.replace("0000001", "0000002")
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)


def renamed_folder_in_mets(folder: Path) -> None:
    change(folder / METS_NAME, "9C13E70E", "9C13E70F")


def no_mets(folder: Path) -> None:
    (folder / METS_NAME).unlink()


def broken_mets(folder: Path) -> None:
    (folder / METS_NAME).write_text("<mets", "utf-8")


def entity_in_ead(folder: Path) -> None:
    text = (folder / EAD_NAME).read_text("utf-8")
    text = text.replace(
        "<simpledc>", '<!DOCTYPE simpledc [<!ENTITY x SYSTEM "file:///etc/hosts">]><simpledc>'
    )
    (folder / EAD_NAME).write_text(text, "utf-8")


def wrong_code_in_ead(folder: Path) -> None:
    change(folder / EAD_NAME, "<mode>02</mode>", "<mode>99</mode>")
    relist(folder, EAD_NAME)


def wrong_count(folder: Path) -> None:
    change(folder / EAD_NAME, "<totalDoc>2</totalDoc>", "<totalDoc>3</totalDoc>")
    relist(folder, EAD_NAME)


def no_paper_code(folder: Path) -> None:
    change(folder / EAD_NAME, "<paperFileCode>H20.01.05.17</paperFileCode>", "<paperFileCode/>")
    relist(folder, EAD_NAME)


def changed_description(folder: Path) -> None:
    change(folder / f"{REP}metadata/descriptive/EAD_doc_{CODE}.0000001.xml", "ĐƯỢC", "ĐƯỚC")


def foreign_document_code(folder: Path) -> None:
    name = f"{REP}metadata/descriptive/EAD_doc_{CODE}.0000001.xml"
    change(folder / name, ".0000001</docCode>", ".0000009</docCode>")
    relist(folder, name)


def lost_agent(folder: Path) -> None:
    name = REP + REP_PREMIS_NAME
    change(folder / name, "IdentifierValue>person-lan<", "IdentifierValue>person-minh<")
    relist(folder, name)


def premis_without_events(folder: Path) -> None:
    import re

    path = folder / (REP + REP_PREMIS_NAME)
    text = re.sub(r"<premis:event>.*</premis:event>", "", path.read_text("utf-8"), flags=re.S)
    path.write_text(text, "utf-8")
    relist(folder, REP + REP_PREMIS_NAME)


def dangling_pointer(folder: Path) -> None:
    path = folder / (REP + METS_NAME)
    text = path.read_text("utf-8")
    start = text.index('FILEID="') + len('FILEID="')
    path.write_text(text[:start] + "ID-" + "0" * 8 + text[start + 11 :], "utf-8")
    relist(folder, REP + METS_NAME)


def utc_time(folder: Path) -> None:
    change(folder / METS_NAME, "+07:00", "Z")


def link_to_elsewhere(folder: Path) -> None:
    (folder / "documentation/link.txt").symlink_to("/etc/hosts")


DAMAGES = [
    (missing_pdf, "FILE_MISSING"),
    (extra_file, "FILE_NOT_LISTED"),
    (changed_pdf, "FILE_CHANGED"),
    (hidden_change, "PREMIS_DIGEST_DIFFERS"),
    (swapped_pdfs, "FILE_CHANGED"),
    (renamed_folder_in_mets, "FOLDER_NAME_DIFFERS"),
    (no_mets, "FILE_MISSING"),
    (broken_mets, "XML_UNREADABLE"),
    (entity_in_ead, "XML_UNREADABLE"),
    (wrong_code_in_ead, "SCHEMA_NOT_MET"),
    (wrong_count, "COUNT_DIFFERS"),
    (no_paper_code, "PAPER_CODE_MISSING"),
    (changed_description, "FILE_CHANGED"),
    (foreign_document_code, "REFERENCE_DANGLING"),
    (lost_agent, "REFERENCE_DANGLING"),
    (premis_without_events, "SCHEMA_NOT_MET"),
    (dangling_pointer, "REFERENCE_DANGLING"),
    (utc_time, "SCHEMA_NOT_MET"),
    (link_to_elsewhere, "UNSAFE_NAME"),
]


@pytest.mark.parametrize(("damage", "code"), DAMAGES, ids=[d.__name__ for d, _ in DAMAGES])
def test_every_damage_is_found_and_named(written, damage, code):
    damage(written)
    assert code in codes(written)


def test_an_unsigned_document_is_told(package, unsigned, tmp_path):
    lone = replace(package.documents[0], sha256=hashlib.sha256(unsigned).hexdigest(), size=len(unsigned))
    dossier = replace(package.dossier, documents=1, pages=1)
    events = tuple(e for e in package.events if e.records == lone.records)
    target = tmp_path / "p.zip"
    write_archive(
        replace(package, documents=(lone,), dossier=dossier, events=events), lambda _: unsigned, target
    )
    assert codes(target) == {"NOT_SIGNED"}


def test_a_signature_more_than_told_is_told(package, content, tmp_path):
    documents = tuple(replace(d, signatures=2) for d in package.documents)
    target = tmp_path / "p.zip"
    write_archive(replace(package, documents=documents), content, target)
    assert codes(target) == {"SIGNATURES_DIFFER"}


def test_a_zip_cut_short_is_no_package(package, content, tmp_path):
    target = tmp_path / "p.zip"
    write_archive(package, content, target)
    target.write_bytes(target.read_bytes()[:-100])
    assert codes(target) == {"PACKAGE_UNREADABLE"}


def test_a_zip_with_a_doubled_and_an_escaping_name_is_refused(package, content, tmp_path):
    target = tmp_path / "p.zip"
    write_archive(package, content, target)
    with zipfile.ZipFile(target, "a") as archive:
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(f"{package.folder}/{METS_NAME}", b"<mets/>")
        archive.writestr(f"{package.folder}/../thoat.txt", b"x")
    told = [c.evidence["name"] for c in check_archive(target) if c.code == "UNSAFE_NAME"]
    assert told == [f"{package.folder}/{METS_NAME}", f"{package.folder}/../thoat.txt"]


def test_what_is_no_pdf_has_no_signature():
    assert count_signatures(b"%PDF-1.7 not really") == 0
