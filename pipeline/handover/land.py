"""The land campaign's sheet PL3 with the signed scans of an office's certificates."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.handover.keeping import Handover, KeptFile, keep, tell_delivered, tell_refused
from pipeline.models import FieldValue, Record, RecordState, SealedCopy
from pipeline.places import office_gazetteer
from pipeline.vault import Vault
from storage.errors import StoreRefused
from storage.packages.land import Certificate, LandPack, write_land
from storage.packages.land_columns import MAX_USES
from storage.packages.problems import PackageRefused
from validators.areas import parse_number, plain
from validators.dates import earliest, is_iso
from validators.identity import personal_number
from validators.letters import fold
from validators.places import Gazetteer
from validators.places.dated import check_place
from validators.rules.completeness import is_organisation

KIND = "pl3"
FORM = "GCN"
PURPOSE = "Giao nộp phiếu thu thập PL3 và tệp quét đã ký của giấy chứng nhận"
APPROVED = (RecordState.APPROVED, RecordState.SEALED, RecordState.STORED, RecordState.DELIVERED)
_BUILT = re.compile(r"diện tích xây dựng\s*:?\s*([\d.,]+)", re.IGNORECASE)
_FLOOR = re.compile(r"diện tích sàn\s*:?\s*([\d.,]+)", re.IGNORECASE)
_GRADE = re.compile(r"cấp(?:\s*\(hạng\))?\s*:?\s*((?:cấp\s*)?\d|I{1,3}|IV)\b", re.IGNORECASE)
_NO_HOUSE = re.compile(r"[-/\s.]*")


@dataclass(frozen=True, slots=True)
class LandExport:
    """What was handed over.

    Attributes:
        serials: serial by record id, for those in the pack.
        waiting: certificates of the office that are not approved yet; they are not in the sheet.
    """

    pack: LandPack
    kept: tuple[KeptFile, ...]
    serials: Mapping[str, str]
    waiting: int


def export_land(office: str, folder: Path, vault: Vault, *, actor: str) -> LandExport:
    """Make the package of all approved certificates of an office; the whole of it or nothing.

    Certificates whose sealed copy is not there yet stand in the sheet without a scan and in the check list.

    Raises:
        PackageRefused: ``NO_CASES``, ``FOLDER_NOT_EMPTY`` or ``PACK_REFUSED`` with all problems.
        StorageError: the store does not give a sealed copy or does not take the package.
    """
    standing = Record.objects.filter(office__code=office, form=FORM).exclude(state=RecordState.SUPERSEDED)
    records = list(standing.filter(state__in=APPROVED).order_by("entry", "created", "pk"))
    gazetteer = office_gazetteer()
    certificates = [certificate_of(record, record.current_fields(), gazetteer) for record in records]
    by_id = {str(record.pk): record for record in records}
    handover = Handover(KIND, actor, office, PURPOSE)
    try:
        with tempfile.TemporaryDirectory(dir=folder) as name:
            place = Path(name)
            pack = write_land(certificates, lambda c: _sealed(by_id[c.id], vault), place)
            if any(path.suffix == ".pdf" for path in folder.iterdir()):
                raise PackageRefused("FOLDER_NOT_EMPTY", f"{folder} holds scans already")
            kept = keep((pack.sheet, pack.check_list), handover, vault)
            # a certificate without its scan is not delivered yet
            tell_delivered(handover, kept, pack.files)
            for path in list(place.iterdir()):
                path.replace(folder / path.name)
    except PackageRefused as refused:
        codes = [check.code for check in refused.problems] or [refused.code]
        tell_refused(handover, codes, len(records))
        raise
    return LandExport(
        LandPack(folder / pack.sheet.name, folder / pack.check_list.name, pack.files, pack.missing),
        kept,
        {c.id: c.values.get("soPhatHanh", "") for c in certificates},
        standing.exclude(state__in=APPROVED).count(),
    )


def _sealed(record: Record, vault: Vault) -> bytes | None:
    copy = SealedCopy.objects.filter(record=record, version=record.version).first()
    if copy is None:
        return None
    data = vault.store.get(copy.bucket, copy.key, copy.version_id)
    if hashlib.sha256(data).hexdigest() != copy.sha256:
        raise StoreRefused("CONTENT_DIFFERS", f"{copy.key} {copy.version_id} is not what was sealed")
    return data


def certificate_of(record: Record, fields: Mapping[str, FieldValue], gazetteer: Gazetteer) -> Certificate:
    """One certificate by the keys of the sheet; what the paper does not say stays empty."""
    value = {key: found.value for key, found in fields.items() if found.value}
    issued = value.get("ngayCap", "")
    values = {key: value[key] for key in ("soPhatHanh", "soVaoSo", "ngayCap") if key in value}
    values |= _house(value.get("nhaO", ""))
    persons = list(_persons(value, fields, gazetteer)) or [{}]
    on = earliest(issued) if is_iso(issued) else date.today()
    parcels = list(_parcels(value, gazetteer, on)) or [{}]
    return Certificate(
        str(record.pk),
        values,
        tuple(p for i, p in enumerate(persons) if p not in persons[:i]),
        tuple(p for i, p in enumerate(parcels) if p not in parcels[:i]),
        record.version,
    )


def _persons(
    value: Mapping[str, str], fields: Mapping[str, FieldValue], gazetteer: Gazetteer
) -> Iterator[dict[str, str]]:
    numbers = sorted({int(m[1]) for key in value if (m := re.fullmatch(r"chu(\d+)HoTen", key))})
    for n in numbers:
        name = value[f"chu{n}HoTen"]
        address = value.get(f"chu{n}DiaChi", "")
        told = {"diaChi": address, "diaChiHaiCap": _address_today(address, gazetteer)}
        if is_organisation(name):
            yield _filled(told | {"tenToChuc": name, "soDinhDanhToChuc": value.get(f"chu{n}SoGiayTo", "")})
            continue
        identity = value.get(f"chu{n}SoGiayTo", "")
        personal = personal_number(identity)
        household = fold(fields[f"chu{n}HoTen"].written).startswith("ho ")
        alone = "Chủ hộ" if household else "Cá nhân"
        yield _filled(
            told
            | {
                "hoTen": name,
                "ngaySinh": value.get(f"chu{n}NgaySinh", ""),
                "gioiTinh": ("1" if personal.male else "2") if personal else "",
                "soGiayTo": identity,
                # of two owners the paper does not say who is husband and who is wife
                "vaiTro": alone if len(numbers) == 1 else "",
            }
        )


def _parcels(value: Mapping[str, str], gazetteer: Gazetteer, on: date) -> Iterator[dict[str, str]]:
    """The parcels of a certificate; keys of the second and later ones end in their number."""
    later = {int(m[1]) for key in value if (m := re.fullmatch(r"(?:thuaDatSo|toBanDoSo)_(\d+)", key))}
    address = value.get("diaChiThua", "")
    place = {"diaChiThua": address, "maXa": _commune_code(address, gazetteer, on)}
    for n in (1, *sorted(later - {1})):
        end = "" if n == 1 else f"_{n}"
        area = value.get(f"dienTichThua_{n}", "") or (value.get("dienTich", "") if not later else "")
        parcel = {key: value.get(f"{key}{end}", "") for key in ("toBanDoSo", "thuaDatSo")}
        parcel |= {"dienTich": area, **_uses(value, end, area)}
        yield _filled(place | parcel)


def _uses(value: Mapping[str, str], end: str, area: str) -> dict[str, str]:
    """Up to three uses of a parcel, each with what is said of it alone or of all."""
    purposes = [p.strip() for p in value.get(f"mucDichSuDung{end}", "").split(";") if p.strip()]
    purposes = [*purposes[: MAX_USES - 1], "; ".join(purposes[MAX_USES - 1 :])] if purposes else [""]
    purposes = [p for p in purposes if p] or [""]
    told: dict[str, str] = {}
    for key in ("nguonGocSuDung", "hinhThucSuDung", "thoiHanSuDung"):
        text = value.get(f"{key}{end}", "") or (value.get(key, "") if key != "thoiHanSuDung" else "")
        parts = [p.strip() for p in text.split(";")]
        own = parts if len(parts) == len(purposes) else [text, *[""] * (len(purposes) - 1)]
        if len(parts) == 1:
            own = parts * len(purposes)
        told |= {f"{key}_{i}": part for i, part in enumerate(own, 1)}
    told |= {f"mucDichSuDung_{i}": purpose for i, purpose in enumerate(purposes, 1)}
    if len(purposes) == 1 and purposes[0]:
        told["dienTichSuDung_1"] = area
    return told


def _house(text: str) -> dict[str, str]:
    if _NO_HOUSE.fullmatch(text):
        return {}
    found = {"loaiTaiSan": text.partition(";")[0].strip()}
    for key, pattern in (("dienTichXayDung", _BUILT), ("dienTichSan", _FLOOR)):
        if match := pattern.search(text):
            area = parse_number(match[1])
            found[key] = plain(area.square_metres) if area else match[1]
    if grade := _GRADE.search(text):
        found["capHang"] = f"Cấp {grade[1].split()[-1]}"
    return found


def _commune_code(address: str, gazetteer: Gazetteer, on: date) -> str:
    """Code of the one commune that the place lies in today; "" where it was split or is not known."""
    if not address:
        return ""
    units = check_place(gazetteer, address, on).today
    return units[0].code if len(units) == 1 and units[0].level == "commune" else ""


def _address_today(address: str, gazetteer: Gazetteer) -> str:
    if not address:
        return ""
    found = gazetteer.resolve(address)
    if not found or not found[0].accepted or found[0].unread or len(found[0].today) != 1:
        return ""
    unit = found[0].today[0]
    return f"{unit}, {gazetteer[unit.parent]}" if unit.level == "commune" and unit.parent else ""


def _filled(values: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in values.items() if text}
