"""The ministry's pack and the land sheet made from stored records, on the real servers."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from django.utils import timezone

from pipeline.decide import approve
from pipeline.events import verify_chain
from pipeline.exit_codes import ExitCode
from pipeline.models import Event, FieldValue, Finding, Page, Record, Scan, SealedCopy
from pipeline.receive import receive
from pipeline.stages import seal, store
from pipeline.stages.fields import index, reading_of
from storage.packages.land import read_land
from storage.packages.ministry import read_pack
from storage.packages.ministry_columns import Template
from tests.stages.commands import run_here
from tests.stages.holdings import make_office, make_record, picture

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]

UNIT = "xã Ia Rong, huyện Chư Pưh, tỉnh Gia Lai"
BIRTH = {
    "quyenSo": "01/2008",
    "noiDangKy": UNIT,
    "ngayDangKy": "2008-10-02",
    "nksHoTen": "NGUYỄN PHƯƠNG VY",
    "nksGioiTinh": "2",
    "nksNgaySinh": "2008-09-20",
    "nksDanToc": "Kinh",
    "meHoTen": "Trần Thị Ỷ",
    "meNgaySinh": "1980",
}
CERTIFICATE = {
    "soPhatHanh": "AN 961221",
    "soVaoSo": "CH 01950",
    "ngayCap": "2008-02-05",
    "chu1HoTen": "Nguyễn Văn Tuấn",
    "chu1NgaySinh": "1960",
    "chu1SoGiayTo": "064060003864",
    "chu2HoTen": "Trần Thị Lựu",
    "chu2NgaySinh": "1962",
    "diaChiThua": "xã Ia Rong, huyện Chư Pưh, tỉnh Gia Lai",
    "toBanDoSo": "16",
    "thuaDatSo": "140",
    "dienTich": "1660",
    "mucDichSuDung": "ONT;CLN",
    "thoiHanSuDung": "Đất ở: Lâu dài; Đất trồng cây lâu năm: đến ngày 15/10/2063",
    "hinhThucSuDung": "riêng",
}


@pytest.fixture
def case(equipment, broker, tmp_path: Path):
    """Make a record whose fields a person keyed, on a page of its own; approved and stored unless told."""
    made = iter(range(1, 99))

    def make(form: str, values: dict[str, str], *, stored: bool = True) -> Record:
        number = next(made)
        path = tmp_path / f"trang {number}.jpg"
        path.write_bytes(picture(number))
        (receipt,) = receive([path], make_office(), actor="lan", vault=equipment.vault).receipts
        Scan.objects.filter(pk=receipt.scan).update(state="READ")
        scan = Scan.objects.get(pk=receipt.scan)
        Page.objects.create(
            scan=scan, number=1, width=160, height=200, state="ok", report={"rotation": 0}, texts=[]
        )
        record = make_record(scan, state="TO_REVIEW", form=form)
        FieldValue.objects.bulk_create(
            FieldValue(
                record=record, key=key, written=value, value=value, status="KEYED", page=1, box=None,
                said_by="keyer", actor="lan", confidence=1, kind="name" if "HoTen" in key else "",
            )
            for key, value in values.items()
        )  # fmt: skip
        index(record, reading_of(record).fields)
        record.save()
        approve(record, actor="lan")
        if stored:
            seal.run(str(record.pk), equipment.for_sealing())
            store.run(str(record.pk), equipment.for_storing())
            record.refresh_from_db()
            assert record.state == "STORED", record.error_message
        return record

    return make


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "giao nộp"


def export(servers, out: Path, *more: object):
    arguments = ("--book", "KS.2008.01", "--office", "23942", "--out", out, "--json")
    return run_here(servers, "export", "ministry-pack", *arguments, *more)


def test_a_stored_book_leaves_as_a_pack_that_reads_back_equal_and_is_kept_and_told(
    case, servers, equipment, out
):
    records = {n: case("KS", BIRTH | {"so": n}) for n in ("51", "52", "52a")}
    code, told = export(servers, out, "--digits", 3)
    assert (code, told.get("cases")) == (ExitCode.OK, 3), told
    (part,) = told["parts"]
    assert Path(part["sheet"]).name == "xaiarong_hcp_tgl.KS.2008.01.xlsx"
    back = read_pack(Path(part["sheet"]), Path(part["archive"]), "KS", Template.CURRENT)
    for number, record in records.items():
        name = part["files"][str(record.pk)]
        assert name == f"KS.2008.01.2008-10-02.{number.zfill(3) if number.isdigit() else '052a'}.pdf"
        assert back[name] == BIRTH | {"so": f"{number}/2008"}
        record.refresh_from_db()
        assert record.state == "DELIVERED"
        events = Event.objects.filter(subject=f"record:{record.pk}", verb="record.delivered")
        assert [e.purpose[:9] for e in events] == ["Giao nộp "]
    for kept in told["kept"]:
        vault = equipment.vault
        assert vault.store.digest(vault.packages, kept["key"], kept["version_id"]) == kept["sha256"]
        assert vault.store.state(vault.packages, kept["key"], kept["version_id"]).lock_mode == "COMPLIANCE"
    assert Event.objects.get(verb="package.exported").data["records"] == 3
    assert verify_chain().sound
    # asked for again, the same book leaves again
    assert export(servers, out)[0] == ExitCode.OK


def test_a_book_with_an_unfinished_record_and_an_open_finding_is_refused_with_every_reason(
    case, servers, out
):
    case("KS", BIRTH | {"so": "51"})
    case("KS", BIRTH | {"so": "52"}, stored=False)
    blocked = case("KS", BIRTH | {"so": "53"})
    finding = Finding.objects.create(
        record=blocked, stage="books", code="NUMBER_GAP", severity="blocks_import", fields=["so"], message="…"
    )
    code, told = export(servers, out)
    assert (code, told["code"]) == (ExitCode.REFUSED, "PACK_REFUSED")
    problems = {(p["code"], p["where"]) for p in told["problems"]}
    assert problems == {("RECORD_NOT_FINISHED", "KS 52"), ("NUMBER_GAP", "KS 53")}
    assert list(out.iterdir()) == []
    assert Event.objects.get(verb="package.refused").data["codes"] == ["NUMBER_GAP", "RECORD_NOT_FINISHED"]
    assert not Record.objects.filter(state="DELIVERED").exists()
    Finding.objects.filter(pk=finding.pk).update(
        settled_by="lan", settled_at=timezone.now(), settled_reason="số bị hủy khi ghi sổ"
    )
    assert [p["code"] for p in export(servers, out)[1]["problems"]] == ["RECORD_NOT_FINISHED"]


def test_rules_are_asked_anew_so_a_number_twice_never_leaves(case, servers, out):
    case("KS", BIRTH | {"so": "51"})
    case("KS", BIRTH | {"so": "51"})
    code, told = export(servers, out)
    assert (code, {p["code"] for p in told["problems"]}) == (ExitCode.REFUSED, {"DUPLICATE_NUMBER"})


def test_a_book_is_asked_for_by_the_unit_that_issued_it_where_two_bear_its_number(case, servers, out):
    case("KS", BIRTH | {"so": "51"})
    other = "xã Ia Hrú, huyện Chư Pưh, tỉnh Gia Lai"
    case("KS", BIRTH | {"so": "51", "noiDangKy": other})
    code, told = export(servers, out)
    assert (code, told["code"]) == (ExitCode.REFUSED, "BOOK_AMBIGUOUS")
    assert {p["where"] for p in told["problems"]} == {UNIT, other}
    code, told = export(servers, out, "--unit", other)
    assert (code, told["cases"], told["unit"]) == (ExitCode.OK, 1, other)


@pytest.mark.parametrize(
    ("book", "code"),
    [("GKS.2008.01", "NO_TEMPLATE"), ("KS.2009.01", "BOOK_UNKNOWN"), ("KS", "BOOK_NAME_MALFORMED")],
)
def test_what_cannot_be_exported_is_told_with_its_code(case, servers, out, book, code):
    case("KS", BIRTH | {"so": "51"})
    arguments = ("--book", book, "--office", "23942", "--out", out, "--json")
    ended, told = run_here(servers, "export", "ministry-pack", *arguments)
    assert (ended, told["code"]) == (ExitCode.REFUSED, code)


def test_a_case_that_shares_its_page_is_shown_without_its_neighbour(case, equipment):
    import io

    import pikepdf

    from pipeline.handover.pictures import small_pdf
    from pipeline.intake import scan_limits

    record = case("KS", BIRTH | {"so": "51"})
    limits = scan_limits(equipment.settings)

    def size() -> tuple[int, int]:
        with pikepdf.open(io.BytesIO(small_pdf(record, equipment.vault, limits))) as pdf:
            (image,) = pdf.pages[0].images.values()
            return int(image.Width), int(image.Height)

    Record.objects.filter(pk=record.pk).update(box=[0, 0, 160, 90])
    record.refresh_from_db()
    assert size() == (160, 200)
    make_record(record.scan, form="KS", ordinal=2, box=[0, 100, 160, 200])
    assert size() == (160, 94)


def test_certificates_leave_with_their_signed_scans_and_a_list_of_what_is_missing(
    case, servers, equipment, out
):
    sealed = case("GCN", CERTIFICATE)
    waiting = case("GCN", CERTIFICATE | {"soPhatHanh": "BM 756276", "thuaDatSo": "141"}, stored=False)
    nameless = case("GCN", {k: v for k, v in CERTIFICATE.items() if k != "soPhatHanh"} | {"thuaDatSo": "142"})
    arguments = ("export", "pl3", "--office", "23942", "--out", out, "--json")
    code, told = run_here(servers, *arguments, "--strict")
    assert (code, told.get("certificates")) == (ExitCode.HELD, 3), told
    assert told["files"] == {str(sealed.pk): "AN 961221-GCN.pdf"}
    copy = SealedCopy.objects.get(record=sealed)
    data = equipment.vault.store.get(copy.bucket, copy.key, copy.version_id)
    assert (out / "AN 961221-GCN.pdf").read_bytes() == data
    missing = {m["record"]: set(m["codes"]) & {"NOSIGN", "NOLINK"} for m in told["missing"]}
    assert missing == {
        str(sealed.pk): set(),
        str(waiting.pk): {"NOSIGN", "NOLINK"},
        str(nameless.pk): {"NOLINK"},
    }
    lines = (out / "danh-muc-kiem-tra.txt").read_text("utf-8").splitlines()
    assert f"{waiting.pk}|BM 756276_1|HOSOQUET|NOSIGN" in lines
    back = {c.values.get("soPhatHanh", ""): c for c in read_land(out)}
    (parcel,) = back["AN 961221"].parcels
    assert (parcel["mucDichSuDung_1"], parcel["mucDichSuDung_2"]) == ("ONT", "CLN")
    assert parcel["thoiHanSuDung_2"] == "Đất trồng cây lâu năm: đến ngày 15/10/2063"
    assert [(p["hoTen"], p.get("gioiTinh")) for p in back["AN 961221"].persons] == [
        ("Nguyễn Văn Tuấn", "1"),
        ("Trần Thị Lựu", None),
    ]
    states = dict(Record.objects.values_list("entry", "state"))
    assert (states["AN 961221"], states["BM 756276"]) == ("DELIVERED", "APPROVED")
    # the folder is taken now
    assert run_here(servers, *arguments)[1]["code"] == "FOLDER_NOT_EMPTY"


def test_the_pack_holds_nothing_but_its_pdfs(case, servers, out):
    case("KS", BIRTH | {"so": "51"})
    _, told = export(servers, out)
    with zipfile.ZipFile(told["parts"][0]["archive"]) as packed:
        assert packed.namelist() == ["KS.2008.01.2008-10-02.51.pdf"]
    assert {p.suffix for p in out.iterdir()} == {".xlsx", ".zip"}
