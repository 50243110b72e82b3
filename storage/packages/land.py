"""The land campaign's package: sheet PL3, the signed scan of every certificate, and what is still missing.

A scan is named after the serial of its certificate, ``<số phát hành>-GCN.pdf``, numbered only where several
certificates bear the same serial; blanks inside a serial stay. Without a serial no name is invented: the
certificate stands in the sheet without a scan and in the check list as ``NOLINK``.
"""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from storage.packages.land_check import check_land, read_rows
from storage.packages.land_columns import (
    CERTIFICATE,
    COLUMNS,
    NUMBERS,
    PARCEL,
    PERSON,
    TITLES,
    keys_of,
)
from storage.packages.land_files import CHECK_LIST, LIST_HEAD, NO_LINK, NO_SIGN, SHEET_FILE, is_signed
from storage.packages.land_values import cells_of, values_of
from storage.packages.problems import PackageRefused, refuse
from storage.packages.sheet import SAFE_IN_NAMES, write_sheet

SHEET = "PL3"
_ASKED = {
    "soDinhDanh": (PERSON, "soGiayTo"),
    "ngaySinh": (PERSON, "ngaySinh"),
    "gioiTinh": (PERSON, "gioiTinh"),
    "diaChi": (PERSON, "diaChi"),
    "soVaoSo": (CERTIFICATE, "soVaoSo"),
    "dienTich": (PARCEL, "dienTich"),
    "mucDichSuDung": (PARCEL, "mucDichSuDung_1"),
    "nguonGocSuDung": (PARCEL, "nguonGocSuDung_1"),
    "thoiHanSuDung": (PARCEL, "thoiHanSuDung_1"),
}
"""What the land system counts as a fault where it is empty, and where it stands here."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate, by the keys of `storage.packages.land_columns`; canonical values, empty ones left out.

    Attributes:
        id: of the record; no part of the sheet.
        values: what is said once.
        persons: at least one, an empty one where nobody is known.
        parcels: likewise.
        version: of the record, for the check list.
    """

    id: str
    values: Mapping[str, str]
    persons: tuple[Mapping[str, str], ...]
    parcels: tuple[Mapping[str, str], ...]
    version: int = 1


@dataclass(frozen=True, slots=True)
class LandPack:
    """What lies in the folder.

    Attributes:
        files: name of the scan by record id, for certificates that have one.
        missing: codes by record id: ``NOSIGN``, ``NOLINK``, and names of empty values.
    """

    sheet: Path
    check_list: Path
    files: Mapping[str, str]
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def write_land(
    certificates: Sequence[Certificate],
    scan_of: Callable[[Certificate], bytes | None],
    folder: Path,
) -> LandPack:
    """Make the package, check it, and only then let it stand in `folder`.

    Args:
        certificates: in the order of the sheet.
        scan_of: gives the signed PDF; None where there is none yet.
        folder: existing and without PDFs or an earlier package.

    Raises:
        PackageRefused: ``NO_CASES``, ``FOLDER_NOT_EMPTY``, or ``PACK_REFUSED`` with all problems.
    """
    if not certificates:
        raise PackageRefused("NO_CASES", "no certificate to hand over")
    if any(p.suffix == ".pdf" or p.name in (SHEET_FILE, CHECK_LIST) for p in folder.iterdir()):
        raise PackageRefused("FOLDER_NOT_EMPTY", f"{folder} holds files of a package already")
    named = scan_names(certificates)
    files: dict[str, str] = {}
    missing: dict[str, tuple[str, ...]] = {}
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        for certificate in certificates:
            data, file = scan_of(certificate), named.get(certificate.id)
            signed = data is not None and is_signed(data)
            # the land system takes no unsigned scan, so an unsigned one is not handed over at all
            if signed and data is not None and file:
                (place / file).write_bytes(data)
                files[certificate.id] = file
            codes = [] if signed else [NO_SIGN]
            codes += [] if certificate.id in files else [NO_LINK]
            missing[certificate.id] = (*codes, *_empty(certificate))
        rows = [row for n, c in enumerate(certificates, 1) for row in _rows(c, n, files.get(c.id, ""))]
        (place / SHEET_FILE).write_bytes(write_sheet(SHEET, [TITLES, NUMBERS], rows))
        (place / CHECK_LIST).write_text(_list(certificates, missing), encoding="utf-8")
        refuse(check_land(place))
        for path in list(place.iterdir()):
            path.replace(folder / path.name)
    told = {key: codes for key, codes in missing.items() if codes}
    return LandPack(folder / SHEET_FILE, folder / CHECK_LIST, files, told)


def read_land(folder: Path) -> tuple[Certificate, ...]:
    """Certificates of a package, as they were written; their id is the number in column A.

    Raises:
        PackageRefused: ``PACK_REFUSED``; the package does not pass its check.
    """
    refuse(check_land(folder))
    found = []
    for count, group in itertools.groupby(read_rows(folder / SHEET_FILE), key=lambda row: row[0]):
        rows = [values_of(cells) for _, cells in group]
        values = _part(rows[0], CERTIFICATE)
        values.pop("tenTepQuet", None)
        found.append(Certificate(count, values, _different(rows, PERSON), _different(rows, PARCEL)))
    return tuple(found)


def scan_names(certificates: Sequence[Certificate]) -> dict[str, str]:
    """Name of the scan by record id; certificates without a serial that can be a name have none."""
    serials = {c.id: c.values.get("soPhatHanh", "").strip() for c in certificates}
    times = Counter(serial.casefold() for serial in serials.values())
    used: Counter[str] = Counter()
    names = {}
    for key, serial in serials.items():
        if not SAFE_IN_NAMES.fullmatch(serial):
            continue
        used[serial.casefold()] += 1
        several = times[serial.casefold()] > 1
        names[key] = f"{serial}-GCN-{used[serial.casefold()]:02d}.pdf" if several else f"{serial}-GCN.pdf"
    return names


def _rows(certificate: Certificate, count: int, file: str) -> list[list[str]]:
    rows = []
    for parcel, person in itertools.product(certificate.parcels, certificate.persons):
        values = cells_of({**certificate.values, **parcel, **person, "tenTepQuet": file})
        rows.append([str(count), *(values.get(column.key, "") for column in COLUMNS)])
    return rows


def _empty(certificate: Certificate) -> list[str]:
    """Names of values that are missing for the certificate, any of its persons or parcels."""
    owners = [p for p in certificate.persons if not p.get("tenToChuc")]
    of: dict[str, Sequence[Mapping[str, str]]] = {
        CERTIFICATE: [certificate.values],
        PERSON: owners,
        PARCEL: certificate.parcels,
    }
    return [name for name, (what, key) in _ASKED.items() if any(not part.get(key) for part in of[what])]


def _list(certificates: Sequence[Certificate], missing: Mapping[str, tuple[str, ...]]) -> str:
    """Lines as the land system prints them: ``id|giấy_phiên bản|HOSOQUET|NOSIGN``."""
    lines = [LIST_HEAD]
    for certificate in certificates:
        serial = certificate.values.get("soPhatHanh", "")
        for code in missing[certificate.id]:
            about = "HOSOQUET" if code in (NO_SIGN, NO_LINK) else "THIEU"
            lines.append(f"{certificate.id}|{serial}_{certificate.version}|{about}|{code}")
    return "\n".join(lines) + "\n"


def _part(values: Mapping[str, str], what: str) -> dict[str, str]:
    return {key: values[key] for key in keys_of(what) if values.get(key)}


def _different(rows: Sequence[Mapping[str, str]], what: str) -> tuple[Mapping[str, str], ...]:
    parts = [_part(row, what) for row in rows]
    return tuple(part for i, part in enumerate(parts) if part not in parts[:i])
