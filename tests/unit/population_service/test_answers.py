"""Answers of service 037 are read to the field, and never further than they can be trusted."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.population_service.people import CALLER, VY
from validators.case import Case, Certainty, FieldValue
from validators.errors import PopulationServiceError
from validators.population.service import (
    JsonWire,
    Question,
    Relative,
    SoapWire,
    Wire,
    question_of,
    row_of,
    verdict_of,
)
from validators.population.service.citizen import citizen_of
from validators.population.service.hardened_xml import parsed
from validators.population.service.wires import ANSWERED, SOAP, elements_of

PERSON = """
<n:SoDinhDanh>064308001234</n:SoDinhDanh><n:SoCMND>231479200</n:SoCMND><n:SoCCCD/>
<n:HoVaTen><n:Ho>NGUYỄN</n:Ho><n:ChuDem>PHƯƠNG</n:ChuDem><n:Ten>VY</n:Ten></n:HoVaTen>
<n:GioiTinh>2</n:GioiTinh><n:DanToc>01</n:DanToc><n:TonGiao>00</n:TonGiao>
<n:TinhTrangHonNhan>1</n:TinhTrangHonNhan><n:NhomMau>00</n:NhomMau>
<n:NgayThangNamSinh><n:Nam>2008</n:Nam><n:NgayThangNam>20080520</n:NgayThangNam></n:NgayThangNamSinh>
<n:NoiDangKyKhaiSinh><n:MaTinhThanh>64</n:MaTinhThanh><n:MaQuanHuyen>628</n:MaQuanHuyen>
 <n:MaPhuongXa>23737</n:MaPhuongXa><n:ChiTiet>làng Bluk</n:ChiTiet>
 <n:QuocGia>VN</n:QuocGia></n:NoiDangKyKhaiSinh>
<n:QuocTich>VN</n:QuocTich>
<n:ThuongTru><n:MaTinhThanh>64</n:MaTinhThanh><n:MaQuanHuyen>628</n:MaQuanHuyen>
 <n:MaPhuongXa>23737</n:MaPhuongXa></n:ThuongTru>
<n:Cha><n:HoVaTen>NGUYỄN VĂN TÀI</n:HoVaTen><n:QuocTich>VN</n:QuocTich>
 <n:SoDinhDanh>064080000001</n:SoDinhDanh></n:Cha>
<n:ChuHo><n:QuanHe>CH01</n:QuanHe><n:SoDinhDanh>064080000001</n:SoDinhDanh></n:ChuHo>
<n:SoSoHoKhau>270123456</n:SoSoHoKhau>
"""


def envelope(inside: str, namespace: str = ANSWERED) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><n:CongdanCollection xmlns:n="{namespace}">'
        f"{inside}</n:CongdanCollection></s:Body></s:Envelope>"
    ).encode()


def refused(of, *given) -> str:
    with pytest.raises(PopulationServiceError) as told:
        of(*given)
    return told.value.code


def test_a_full_answer_is_read_to_the_field_with_districts_and_relatives():
    (citizen,) = SoapWire().decode(envelope(f"<n:CongDan>{PERSON}</n:CongDan>"))
    assert citizen.name == "NGUYỄN PHƯƠNG VY"
    assert (citizen.sex, citizen.ethnic, citizen.marital, citizen.household) == ("2", "01", "1", "270123456")
    registered = citizen.birth_registered
    assert (registered.province, registered.district, registered.commune) == ("64", "628", "23737")
    assert (registered.detail, registered.country) == ("làng Bluk", "VN")
    assert citizen.father == Relative("NGUYỄN VĂN TÀI", "VN", "064080000001")
    assert citizen.head == Relative(personal_number="064080000001", relation="CH01")
    assert citizen.mother == Relative()
    assert citizen.unread == ()
    assert row_of(citizen).noiThuongTru == "23737, 628, 64", "codes where no text is given"


@pytest.mark.parametrize(
    ("given", "birth", "understood"),
    [
        ({"Nam": "1962"}, "1962", True),
        ({"NgayThangNam": "19620400"}, "1962-04", True),
        ({"NgayThangNam": "19620000", "Nam": "1962"}, "1962", True),
        ({"NgayThangNam": "19620231"}, "", False),
        ({"NgayThangNam": "19620012"}, "", False),
        ({"NgayThangNam": "19620412", "Nam": "1963"}, "", False),
        ({"Nam": "62"}, "", False),
        ({}, "", True),
    ],
)
def test_birth_dates_may_be_partial_and_nonsense_is_left_out_and_named(given, birth, understood):
    citizen = citizen_of({"NgayThangNamSinh": given})
    assert citizen.birth == birth
    assert citizen.unread == (() if understood else ("NgayThangNamSinh",))


def test_numbers_and_sex_that_are_none_are_left_out_and_named():
    citizen = citizen_of({"SoDinhDanh": "06430800123", "SoCMND": "23147920O", "GioiTinh": "nữ"})
    assert (citizen.personal_number, citizen.cmnd, citizen.sex) == ("", "", "")
    assert citizen.unread == ("GioiTinh", "SoDinhDanh", "SoCMND")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "MALFORMED_XML"),
        (envelope(f"<n:CongDan>{PERSON}</n:CongDan>")[:-40], "MALFORMED_XML"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>', "UNSAFE_XML"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', "UNSAFE_XML"),
        ("<a>Nguyễn</a>".encode("utf-16"), "WRONG_ENCODING"),
        (b'<?xml version="1.0" encoding="windows-1258"?><a>x</a>', "WRONG_ENCODING"),
        (b"<a>" * 100 + b"</a>" * 100, "TOO_DEEP"),
        (b"<a>" + b"<b/>" * 6000 + b"</a>", "TOO_DEEP"),
        (b" " * (1 << 21), "TOO_LARGE"),
        (b'<Envelope xmlns="urn:x"/>', "WRONG_NAMESPACE"),
        (b"<html/>", "WRONG_SHAPE"),
        (envelope("", "urn:khac"), "WRONG_NAMESPACE"),
        (envelope('<x:CongDan xmlns:x="urn:khac"/>'), "WRONG_NAMESPACE"),
        (envelope('<n:CongDan><x:SoCMND xmlns:x="urn:khac">1</x:SoCMND></n:CongDan>'), "WRONG_NAMESPACE"),
        (envelope("<n:CongDan><n:GioiTinh/><n:GioiTinh/></n:CongDan>"), "WRONG_SHAPE"),
        (envelope("<n:CongDan><n:GioiTinh><n:Ma>1</n:Ma></n:GioiTinh></n:CongDan>"), "WRONG_SHAPE"),
        (envelope("<n:CongDan><n:Cha>NGUYỄN VĂN TÀI</n:Cha></n:CongDan>"), "WRONG_SHAPE"),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_answer_has_its_code(body: bytes, code: str):
    assert refused(SoapWire().decode, body) == code


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("{", "MALFORMED_JSON"),
        ("[]", "WRONG_SHAPE"),
        ('{"congdanCollection": {"congDan": "x"}}', "WRONG_SHAPE"),
        ('{"congdanCollection": {"congDan": [1]}}', "WRONG_SHAPE"),
        ('{"congdanCollection": {"congDan": {"soDinhDanh": 64.5}}}', "WRONG_SHAPE"),
        ('{"congdanCollection": {"congDan": {"cha": "x"}}}', "WRONG_SHAPE"),
        ('{"a":' * 100 + "1" + "}" * 100, "TOO_DEEP"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "TOO_DEEP"),
        ('{"errorCode": "E401", "errorMessage": "sai chữ ký"}', "REFUSED"),
    ],
)
def test_a_broken_json_answer_has_its_code(answer: str, code: str):
    assert refused(JsonWire().decode, answer.encode()) == code


def test_the_json_answer_may_be_one_person_a_list_or_nobody():
    def answer(people: object) -> bytes:
        return json.dumps({"congdanCollection": {"congDan": people}}).encode()

    one = {
        "soDinhDanh": "064308001234",
        "hoVaTen": {"ten": "VY"},
        "ngayThangNamSinh": {"nam": 2008},
        "me": None,
    }
    assert JsonWire().decode(answer(one)) == JsonWire().decode(answer([one]))
    assert JsonWire().decode(answer(one))[0].birth == "2008"
    assert JsonWire().decode(answer(None)) == ()


def test_the_question_has_its_elements_in_the_one_order_that_is_accepted():
    question = Question("YC-1", "231479200", "nguyễn  phương Vy", "2008-05")
    assert elements_of(question, CALLER, "a2hvYQ==") == [
        ("MaYeuCau", "YC-1"),
        ("MaDVC", CALLER.procedure),
        ("MaTichHop", "037"),
        ("MaCanBo", CALLER.officer),
        ("MaDonVi", CALLER.unit),
        ("TaiKhoan", CALLER.account),
        ("SoDienThoai", "0"),
        ("SoCMND", "231479200"),
        ("AuthHash", "a2hvYQ=="),
        ("HoVaTen", "NGUYỄN PHƯƠNG VY"),
        ("NgayThangNamSinh", [("Nam", "2008")]),
    ]
    sent = parsed(SoapWire().encode(Question("<&>", VY.soDinhDanh, "a & b", VY.ngaySinh), CALLER))
    assert [e.text for e in sent.iter() if e.tag.endswith(("MaYeuCau", "NgayThangNam"))] == [
        "<&>",
        "20080520",
    ]


@pytest.mark.parametrize(
    "given",
    [
        ("", "064308001234", "A", "2008"),
        ("1", "0643", "A", "2008"),
        ("1", "064308001234", " ", "2008"),
        ("1", "064308001234", "A", ""),
        ("1", "٠٦٤٣٠٨٠٠١٢٣٤", "A", "2008"),
    ],
)
def test_a_question_that_could_only_be_refused_is_never_made(given):
    assert refused(Question, *given) == "BAD_FIELD"


def case(**fields: str) -> Case:
    said = {
        "nksHoTen": "Nguyễn Phương Vy",
        "nksNgaySinh": "2008-05-20",
        "nksSoDinhDanh": VY.soDinhDanh,
        "nksGioiTinh": "2",
        "chaHoTen": "Nguyễn Văn Tài",
        "meHoTen": "Trần Thị Bích",
    } | fields
    return Case("KS", "2006", {k: FieldValue(v, v) for k, v in said.items() if v})


def test_a_question_is_made_only_from_number_name_and_birth_that_were_read_surely():
    assert question_of(case(), "nks", "YC-1") == Question(
        "YC-1", VY.soDinhDanh, "Nguyễn Phương Vy", "2008-05-20"
    )
    assert question_of(case(nksSoDinhDanh=""), "nks", "YC-1") is None
    doubted = dict(case().fields)
    doubted["nksHoTen"] = FieldValue("Nguyễn Phương Vy", "Nguyễn Phương Vy", Certainty.DOUBTFUL)
    assert question_of(Case("KS", "2006", doubted), "nks", "YC-1") is None


@pytest.mark.parametrize(
    ("changed", "verdict", "columns"),
    [
        ({}, "MATCH", ()),
        ({"nksGioiTinh": "1"}, "MISMATCH", ("gioiTinh",)),
        ({"meHoTen": "Lê Thị Hoa"}, "MISMATCH", ("hoTenMe",)),
    ],
)
def test_the_answer_is_judged_by_the_rules_of_the_local_extract(changed, verdict, columns):
    from validators.population.simulator.answers import soap_answer

    people = SoapWire().decode(soap_answer([VY]))
    found = verdict_of(case(**changed), "nks", [row_of(c) for c in people])
    assert (found.verdict, found.fields) == (verdict, columns)
    assert found.candidates[0].soDinhDanh == VY.soDinhDanh


def test_nobody_found_is_not_found():
    assert verdict_of(case(), "nks", ()).verdict == "NOT_FOUND"


def test_errors_survive_the_way_between_processes():
    error = PopulationServiceError("TIMED_OUT", "ReadTimeout", retryable=True)
    again = pickle.loads(pickle.dumps(error))
    assert (again.code, again.detail, again.retryable) == ("TIMED_OUT", "ReadTimeout", True)


def answered(wire: Wire, body: bytes) -> bool:
    """Whether an answer or the code of a typed error came."""
    try:
        return isinstance(wire.decode(body), tuple)
    except PopulationServiceError as error:
        return bool(error.code)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda t: envelope(f"<n:CongDan>{t}</n:CongDan>")))
def test_whatever_comes_is_an_answer_or_a_typed_error(body: bytes):
    assert all(answered(wire, body) for wire in (SoapWire(), JsonWire()))


_LEAVES = st.text(max_size=8) | st.integers() | st.none() | st.booleans()
_NAMES = st.sampled_from(["congDan", "hoVaTen", "ten", "ngayThangNamSinh", "ngayThangNam", "cha", "gioiTinh"])


@settings(max_examples=300, deadline=None)
@given(st.recursive(_LEAVES, lambda c: st.lists(c, max_size=3) | st.dictionaries(_NAMES, c, max_size=4)))
def test_json_of_any_shape_is_an_answer_or_a_typed_error(people: object):
    assert answered(JsonWire(), json.dumps({"congdanCollection": {"congDan": people}}).encode())
