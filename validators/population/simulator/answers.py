"""What the simulated service makes of a question: checked as strictly as the real one, then answered."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from validators.errors import PopulationServiceError
from validators.letters import tidy
from validators.population.row import RegisterRow
from validators.population.service.hardened_xml import parsed
from validators.population.service.wires import ANSWERED, ASKED, INTEGRATION, OPERATION, SOAP
from validators.population.simulator.faults import Reply

ORDER = (
    *("MaYeuCau", "MaDVC", "MaTichHop", "MaCanBo", "MaDonVi", "TaiKhoan", "SoDienThoai"),
    *("SoDinhDanh", "SoCMND", "AuthHash", "HoVaTen", "NgayThangNamSinh"),
)
_REQUIRED = ("MaYeuCau", "MaDVC", "MaTichHop", "MaCanBo", "MaDonVi", "HoVaTen", "NgayThangNamSinh")
_REMEMBERED = 10_000

Asked = list[tuple[str, Any]]


class Answers:
    """Looks people up and remembers what it said under which request id."""

    def __init__(self, rows: tuple[RegisterRow, ...]) -> None:
        self._people: dict[str, list[RegisterRow]] = {}
        for row in rows:
            for number in filter(None, (row.soDinhDanh, row.soCMND)):
                self._people.setdefault(number, []).append(row)
        self._said: OrderedDict[str, tuple[Asked, Reply]] = OrderedDict()

    def soap(self, body: bytes) -> Reply:
        """Answer an envelope with an envelope, or with a fault."""
        try:
            asked = _asked_in_xml(body)
            return self._once(asked, lambda: Reply(200, soap_answer(self._find(asked))))
        except PopulationServiceError as error:
            return soap_fault(error.code, error.detail)

    def json(self, body: bytes) -> Reply:
        """Answer an object with an object."""
        try:
            asked = _asked_in_json(body)
            return self._once(asked, lambda: Reply(200, json_answer(self._find(asked))))
        except PopulationServiceError as error:
            return json_fault(error.code, error.detail)

    def _once(self, asked: Asked, make: Callable[[], Reply]) -> Reply:
        """The same answer to the same request id; another question under a known id is refused."""
        checked(asked)
        request = dict(asked)["MaYeuCau"]
        if request in self._said:
            before, reply = self._said[request]
            if before != asked:
                raise PopulationServiceError("FAULT", "MaYeuCau đã dùng cho câu hỏi khác")
            return reply
        reply = make()
        self._said[request] = (asked, reply)
        if len(self._said) > _REMEMBERED:
            self._said.popitem(last=False)
        return reply

    def _find(self, asked: Asked) -> list[RegisterRow]:
        given = dict(asked)
        number = given.get("SoDinhDanh") or given["SoCMND"]
        ((element, birth),) = given["NgayThangNamSinh"]
        return [
            row
            for row in self._people.get(number, ())
            if tidy(row.hoTen).upper() == given["HoVaTen"]
            and (row.ngaySinh.replace("-", "") if element == "NgayThangNam" else row.ngaySinh[:4]) == birth
        ]


def checked(asked: Asked) -> None:
    """Refuse what the service refuses.

    Raises:
        PopulationServiceError: elements are missing, unknown, twice or out of order, or hold nonsense.
    """
    names = [name for name, _ in asked]
    if any(name not in ORDER for name in names):
        raise PopulationServiceError("FAULT", "có phần tử lạ")
    if names != sorted(set(names), key=ORDER.index):
        raise PopulationServiceError("FAULT", "sai thứ tự phần tử")
    given = dict(asked)
    if any(not given.get(name) for name in _REQUIRED) or ("SoDinhDanh" in given) == ("SoCMND" in given):
        raise PopulationServiceError("FAULT", "thiếu phần tử bắt buộc")
    if given["MaTichHop"] != INTEGRATION:
        raise PopulationServiceError("FAULT", "MaTichHop phải là 037")
    if given["HoVaTen"] != given["HoVaTen"].upper():
        raise PopulationServiceError("FAULT", "HoVaTen phải viết hoa")
    parts = given["NgayThangNamSinh"]
    if len(parts) != 1 or (parts[0][0], len(parts[0][1])) not in (("NgayThangNam", 8), ("Nam", 4)):
        raise PopulationServiceError("FAULT", "NgayThangNamSinh sai dạng")


def _asked_in_xml(body: bytes) -> Asked:
    root = parsed(body)
    operation = root.find(f"{{{SOAP}}}Body/{{{ASKED}}}{OPERATION}")
    if operation is None:
        raise PopulationServiceError("WRONG_NAMESPACE", OPERATION)

    def inside(element: etree._Element) -> Any:
        return _pairs(element) if len(element) else (element.text or "")

    def _pairs(element: etree._Element) -> Asked:
        return [(etree.QName(child).localname, inside(child)) for child in element]

    return _pairs(operation)


def _asked_in_json(body: bytes) -> Asked:
    try:
        given = json.loads(body, object_pairs_hook=list)
    except (ValueError, RecursionError) as error:
        raise PopulationServiceError("MALFORMED_JSON") from error
    if not isinstance(given, list):
        raise PopulationServiceError("WRONG_SHAPE")
    return [
        (
            n[:1].upper() + n[1:],
            [(k[:1].upper() + k[1:], v) for k, v in value] if isinstance(value, list) else value,
        )
        for n, value in given
    ]


def _citizen(row: RegisterRow) -> dict[str, Any]:
    """A row in the official names and order of an answer; the whole name in Ten, as the service gives it."""
    birth = {"Nam": row.ngaySinh[:4]}
    if len(row.ngaySinh) == 10:
        birth["NgayThangNam"] = row.ngaySinh.replace("-", "")
    return {
        "SoDinhDanh": row.soDinhDanh,
        "SoCMND": row.soCMND,
        "HoVaTen": {"Ho": "", "ChuDem": "", "Ten": tidy(row.hoTen).upper()},
        "GioiTinh": row.gioiTinh,
        "DanToc": row.danToc,
        "NgayThangNamSinh": birth,
        "QueQuan": {"ChiTiet": row.queQuan, "QuocGia": "VN"},
        "ThuongTru": {"ChiTiet": row.noiThuongTru, "QuocGia": "VN"},
        "QuocTich": "VN",
        "Cha": {"HoVaTen": row.hoTenCha},
        "Me": {"HoVaTen": row.hoTenMe},
    }


def soap_answer(rows: list[RegisterRow]) -> bytes:
    """An envelope with the persons, marked as simulated."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP})
    envelope.append(etree.Comment(" MÔ PHỎNG - không phải cơ sở dữ liệu dân cư "))
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    collection = etree.SubElement(body, f"{{{ANSWERED}}}CongdanCollection", nsmap={"ns1": ANSWERED})
    for row in rows:
        _put(etree.SubElement(collection, f"{{{ANSWERED}}}CongDan"), _citizen(row))
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def json_answer(rows: list[RegisterRow]) -> bytes:
    """The same in camelCase."""
    people = [_camel(_citizen(row)) for row in rows]
    return json.dumps(
        {"moPhong": "MÔ PHỎNG", "congdanCollection": {"congDan": people}}, ensure_ascii=False
    ).encode()


def soap_fault(code: str, text: str) -> Reply:
    """A SOAP fault, with status 500 as SOAP 1.1 wants it."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP})
    body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
    fault = etree.SubElement(body, f"{{{SOAP}}}Fault")
    etree.SubElement(fault, "faultcode").text = code
    etree.SubElement(fault, "faultstring").text = f"MÔ PHỎNG: {text}"
    return Reply(500, etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"))


def json_fault(code: str, text: str) -> Reply:
    """The same as an object, with status 200."""
    return Reply(200, json.dumps({"errorCode": code, "errorMessage": f"MÔ PHỎNG: {text}"}).encode())


def _put(parent: etree._Element, given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        child = etree.SubElement(parent, f"{{{ANSWERED}}}{name}")
        if isinstance(value, Mapping):
            _put(child, value)
        else:
            child.text = value


def _camel(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: _camel(inside) for name, inside in value.items()}
    return value
