"""From the official names of an answer, in XML or JSON, to a `Citizen`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TypeAlias, Union

from validators.errors import PopulationServiceError
from validators.letters import tidy
from validators.population.service.messages import Address, Citizen, Relative

Tree: TypeAlias = Mapping[str, Union[str, "Tree", list["Tree"]]]
"""Elements by official name (QCVN 109:2017/BTTTT and the service's own): text, elements, or repeated ones."""

_PLAIN = re.compile(r"\d{9}|\d{12}", re.ASCII)


def citizen_of(tree: Tree) -> Citizen:
    """Read one CongDan to the field.

    What is not understood (an impossible date, a number of eight digits) is left out and named in `unread`:
    a half-understood answer may confirm nothing by accident.

    Raises:
        PopulationServiceError: WRONG_SHAPE where text stands in place of elements or the other way round.
    """
    unread: list[str] = []

    def number(name: str) -> str:
        value = _text(tree, name)
        if value and not _PLAIN.fullmatch(value):
            unread.append(name)
            return ""
        return value

    birth = _birth(_elements(tree, "NgayThangNamSinh"))
    if birth is None:
        unread.append("NgayThangNamSinh")
    sex = _text(tree, "GioiTinh")
    if sex not in ("", "0", "1", "2", "3"):
        unread.append("GioiTinh")
        sex = ""
    return Citizen(
        personal_number=number("SoDinhDanh"),
        cmnd=number("SoCMND"),
        cccd=number("SoCCCD"),
        name=_name(tree),
        sex=sex,
        ethnic=_text(tree, "DanToc"),
        religion=_text(tree, "TonGiao"),
        marital=_text(tree, "TinhTrangHonNhan"),
        blood=_text(tree, "NhomMau"),
        birth=birth or "",
        nationality=_text(tree, "QuocTich"),
        household=_text(tree, "SoSoHoKhau"),
        birth_registered=_address(tree, "NoiDangKyKhaiSinh"),
        origin=_address(tree, "QueQuan"),
        residence=_address(tree, "ThuongTru"),
        present=_address(tree, "NoiOHienTai"),
        father=_relative(tree, "Cha"),
        mother=_relative(tree, "Me"),
        spouse=_relative(tree, "VoChong"),
        representative=_relative(tree, "NguoiDaiDien"),
        head=_relative(tree, "ChuHo"),
        unread=tuple(unread),
    )


def _text(tree: Tree, name: str) -> str:
    value = tree.get(name, "")
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, Mapping) and not value:
        return ""
    raise PopulationServiceError("WRONG_SHAPE", f"{name} holds elements instead of text")


def _elements(tree: Tree, name: str) -> Tree:
    value = tree.get(name)
    if isinstance(value, Mapping):
        return value
    if not value or (isinstance(value, str) and not value.strip()):
        return {}
    raise PopulationServiceError("WRONG_SHAPE", f"{name} holds text or repeats instead of elements")


def _name(tree: Tree) -> str:
    """Surname, middle and given name; some answers give all of it in Ten, relatives as plain text."""
    value = tree.get("HoVaTen", "")
    if isinstance(value, str):
        return tidy(value)
    parts = _elements(tree, "HoVaTen")
    return tidy(" ".join(_text(parts, part) for part in ("Ho", "ChuDem", "Ten")))


def _birth(tree: Tree) -> str | None:
    """ISO date from yyyyMMdd, in which unknown parts are zeros, or from the year; None for nonsense."""
    full, year = _text(tree, "NgayThangNam"), _text(tree, "Nam")
    if not full:
        return year if not year or re.fullmatch(r"[12]\d{3}", year, re.ASCII) else None
    if not re.fullmatch(r"[12]\d{7}", full, re.ASCII) or (year and year != full[:4]):
        return None
    if full[4:6] == "00":
        return full[:4] if full[6:] == "00" else None
    try:
        day = date(int(full[:4]), int(full[4:6]), int(full[6:]) or 1)
    except ValueError:
        return None
    return day.isoformat() if full[6:] != "00" else day.isoformat()[:7]


def _address(tree: Tree, name: str) -> Address:
    parts = _elements(tree, name)
    return Address(
        province=_text(parts, "MaTinhThanh"),
        district=_text(parts, "MaQuanHuyen"),
        commune=_text(parts, "MaPhuongXa"),
        detail=_text(parts, "ChiTiet"),
        country=_text(parts, "QuocGia"),
    )


def _relative(tree: Tree, name: str) -> Relative:
    parts = _elements(tree, name)
    return Relative(
        name=_name(parts),
        nationality=_text(parts, "QuocTich"),
        personal_number=_text(parts, "SoDinhDanh"),
        cmnd=_text(parts, "SoCMND"),
        relation=_text(parts, "QuanHe"),
    )
