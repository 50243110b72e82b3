"""How questions and answers of service 037 look between the two machines: SOAP, or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from lxml import etree

from validators.errors import PopulationServiceError
from validators.population.service.citizen import Tree, citizen_of
from validators.population.service.hardened_xml import MAX_BYTES, MAX_DEPTH, parsed
from validators.population.service.messages import Caller, Citizen, Question

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ASKED = "http://dancuquocgia.bca"
ANSWERED = "http://www.mic.gov.vn/dancu/1.0"
"""Namespace of the collection in answers; some gateways answer in that of the question."""
OPERATION = "TraCuuThongTinCongDan"
INTEGRATION = "037"


class Wire(Protocol):
    """One form of the messages."""

    content_type: str

    def encode(self, question: Question, caller: Caller, auth_hash: str = "") -> bytes:
        """The body to send."""

    def decode(self, body: bytes) -> tuple[Citizen, ...]:
        """The persons of an answer; none where the register knows nobody like that.

        Raises:
            PopulationServiceError: the answer is a fault or is not one that can be trusted.
        """


def elements_of(question: Question, caller: Caller, auth_hash: str = "") -> list[tuple[str, Any]]:
    """Official names with their contents in the order that the service insists on.

    Args:
        auth_hash: Base64 of key name and key, which some provincial gateways want after the number.
    """
    given: list[tuple[str, Any]] = [
        ("MaYeuCau", question.request_id),
        ("MaDVC", caller.procedure),
        ("MaTichHop", INTEGRATION),
        ("MaCanBo", caller.officer),
        ("MaDonVi", caller.unit),
        ("TaiKhoan", caller.account),
        ("SoDienThoai", caller.phone),
        (question.number_element, question.number),
    ]
    if auth_hash:
        given.append(("AuthHash", auth_hash))
    return [*given, ("HoVaTen", question.capitals), ("NgayThangNamSinh", [question.birth_element])]


class SoapWire:
    """SOAP 1.1, as the service itself speaks."""

    content_type = "text/xml; charset=utf-8"

    def encode(self, question: Question, caller: Caller, auth_hash: str = "") -> bytes:
        """An envelope around the question."""
        envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP, "dan": ASKED})
        etree.SubElement(envelope, f"{{{SOAP}}}Header")
        body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
        operation = etree.SubElement(body, f"{{{ASKED}}}{OPERATION}")
        _fill(operation, elements_of(question, caller, auth_hash))
        return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")

    def decode(self, body: bytes) -> tuple[Citizen, ...]:
        """Persons of the collection inside an envelope."""
        envelope = parsed(body)
        if envelope.tag != f"{{{SOAP}}}Envelope":
            raise _strange(envelope, "Envelope")
        content = envelope.find(f"{{{SOAP}}}Body")
        if content is None:
            raise PopulationServiceError("WRONG_SHAPE", "no Body in the envelope")
        fault = content.find(f"{{{SOAP}}}Fault")
        if fault is not None:
            raise told_by(fault.findtext("faultcode") or "", fault.findtext("faultstring") or "")
        collection = next(iter(content), None)
        if collection is None:
            raise PopulationServiceError("WRONG_SHAPE", "nothing in the Body")
        name = etree.QName(collection)
        if name.localname != "CongdanCollection" or name.namespace not in (ANSWERED, ASKED):
            raise _strange(collection, "CongdanCollection")
        people = collection.findall(f"{{{name.namespace}}}CongDan")
        if len(people) != sum(etree.QName(c).localname == "CongDan" for c in collection):
            raise PopulationServiceError("WRONG_NAMESPACE", "CongDan is in another namespace")
        return tuple(citizen_of(_tree(p, str(name.namespace))) for p in people)


class JsonWire:
    """The same names in camelCase, as some provincial platforms offer them."""

    content_type = "application/json; charset=utf-8"

    def encode(self, question: Question, caller: Caller, auth_hash: str = "") -> bytes:
        """One object, its members in the same order."""
        given = {
            _camel(name): {_camel(n): v for n, v in value} if isinstance(value, list) else value
            for name, value in elements_of(question, caller, auth_hash)
        }
        return json.dumps(given, ensure_ascii=False).encode()

    def decode(self, body: bytes) -> tuple[Citizen, ...]:
        """Persons of ``congdanCollection.congDan``, which is one object or a list."""
        answer = _json(body)
        if "errorCode" in answer:
            raise told_by(str(answer["errorCode"]), str(answer.get("errorMessage", "")))
        collection = answer.get("CongdanCollection")
        if not isinstance(collection, Mapping):
            raise PopulationServiceError("WRONG_SHAPE", "no congdanCollection")
        people = collection.get("CongDan") or []
        if isinstance(people, Mapping):
            people = [people]
        if not isinstance(people, list) or not all(isinstance(p, Mapping) for p in people):
            raise PopulationServiceError("WRONG_SHAPE", "congDan is neither an object nor a list of them")
        return tuple(citizen_of(p) for p in people)


def told_by(code: str, text: str) -> PopulationServiceError:
    """The error that a fault tells; its own words may quote the question, so only its code is kept."""
    plain = f"{code} {text}".lower()
    if "quota" in plain or "hạn mức" in plain:
        return PopulationServiceError("QUOTA_EXCEEDED", code)
    if any(word in plain for word in ("unauthor", "signature", "chữ ký", "xác thực")):
        return PopulationServiceError("REFUSED", code)
    return PopulationServiceError("FAULT", code[:80])


def _fill(parent: etree._Element, given: list[tuple[str, Any]]) -> None:
    for name, value in given:
        child = etree.SubElement(parent, f"{{{ASKED}}}{name}")
        if isinstance(value, list):
            _fill(child, value)
        else:
            child.text = value


def _strange(element: etree._Element, wanted: str) -> PopulationServiceError:
    name = etree.QName(element)
    code = "WRONG_NAMESPACE" if name.localname == wanted else "WRONG_SHAPE"
    return PopulationServiceError(code, f"expected {wanted}")


def _tree(element: etree._Element, namespace: str) -> Tree:
    """Children by name; a name that repeats becomes a list."""
    found: dict[str, Any] = {}
    for child in element:
        name = etree.QName(child)
        if name.namespace != namespace:
            raise PopulationServiceError("WRONG_NAMESPACE", f"{name.localname} is in another namespace")
        value = _tree(child, namespace) if len(child) else (child.text or "")
        if name.localname in found:
            raise PopulationServiceError("WRONG_SHAPE", f"{name.localname} stands twice")
        found[name.localname] = value
    return found


def _json(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_BYTES:
        raise PopulationServiceError("TOO_LARGE", f"more than {MAX_BYTES} bytes")
    try:
        answer = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise PopulationServiceError("WRONG_ENCODING", "not UTF-8") from error
    except RecursionError as error:
        raise PopulationServiceError("TOO_DEEP", "nested too deeply") from error
    except ValueError as error:
        raise PopulationServiceError("MALFORMED_JSON", "no JSON") from error
    if not isinstance(answer, dict):
        raise PopulationServiceError("WRONG_SHAPE", "not an object")
    error_part = {k: answer.pop(k) for k in ("errorCode", "errorMessage") if k in answer}
    return {**_official(answer, 0), **error_part}


def _official(value: Any, depth: int) -> Any:
    """The same tree under official names, with plain values as text."""
    if depth > MAX_DEPTH:
        raise PopulationServiceError("TOO_DEEP", f"deeper than {MAX_DEPTH}")
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: _official(inside, depth + 1) for name, inside in value.items()}
    if isinstance(value, list):
        return [_official(inside, depth + 1) for inside in value]
    if value is None:
        return ""
    if isinstance(value, bool | float):
        raise PopulationServiceError("WRONG_SHAPE", "a truth value or fraction stands for a text")
    return str(value)


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]
