"""Areas, purposes, numbers of certificates of land use."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from validators.areas import parse_area_words, plain, stated_areas
from validators.case import Case
from validators.dates import earliest, is_iso, latest
from validators.land_purposes import OLD_CODES, codes
from validators.letters import fold
from validators.rules.registry import Declared, Rule, Violation, has
from validators.verdict import Severity

AREA_TOLERANCE = Decimal("0.5")  # m², as land offices accept rounding between faces
_SERIAL = re.compile(r"(?P<letters>[A-ZĐ]{0,2}|\d)\s*(?P<digits>\d{6}|\d{8})")
_BOOK_NUMBER = re.compile(r"(?:CH|CS|CT|CX|VP|CN|H)\s*0\d{2,4}|\d{3,6}\s*/?\s*QSD.*", re.IGNORECASE)
# First day, last day, letters and digits of the serials of each generation.
_GENERATIONS = (
    (dt.date.min, dt.date(2004, 6, 30), r"[A-ZĐ]?|\d", 6),
    (dt.date(2004, 7, 1), dt.date(2009, 12, 9), r"A[A-ZĐ]", 6),
    (dt.date(2009, 12, 10), dt.date(2024, 12, 31), r"[B-D][A-ZĐ]", 6),
    (dt.date(2025, 1, 1), dt.date.max, r"[A-ZĐ]{2}", 8),
)
_OVERLAP = dt.timedelta(days=183)  # offices used up old blanks after a new form came into force
_PARCEL = re.compile(r"[A-ZĐ]{0,3}[\s.-]?\d{1,5}(?:[-/.+,;]?\s?[a-zđ0-9]{1,5})*", re.IGNORECASE)
_OLD_CODES_UNTIL = 2004  # year: the forms after name purposes by the codes of the circulars


def _number(case: Case, key: str) -> Decimal | None:
    if not has(case, key):
        return None
    try:
        return Decimal(case.value(key))
    except InvalidOperation:
        return None


def area_words_differ(case: Case) -> Iterator[Violation]:
    """Area in digits against the same area in words."""
    keys = ("dienTich", "dienTichBangChu")
    digits, words = _number(case, keys[0]), _number(case, keys[1])
    if digits is None or words is None or digits == words:
        return
    written = case.fields[keys[1]].written
    parsed = parse_area_words(written) if written else None
    yield Violation(
        keys,
        f"Diện tích bằng số ({plain(digits)} m²) khác diện tích bằng chữ ({plain(words)} m²).",
        {k: case.value(k) for k in keys},
        guessed=bool(written) and (parsed is None or not parsed.exact),
    )


def purpose_sum_differs(case: Case) -> Iterator[Violation]:
    """Areas given by purpose add up to the area of the parcel."""
    for suffix in ("", "_2", "_3", "_4", "_5", "_6"):
        purpose, total_key = f"mucDichSuDung{suffix}", f"dienTichThua{suffix}" if suffix else "dienTich"
        if not suffix and has(case, "dienTichThua_1"):
            total_key = "dienTichThua_1"
        total = _number(case, total_key)
        if total is None or not has(case, purpose):
            continue
        parts = stated_areas(case.fields[purpose].written)
        if parts and abs(sum(parts) - total) > AREA_TOLERANCE:
            yield Violation(
                (purpose, total_key),
                f"Tổng diện tích theo mục đích ({plain(sum(parts, Decimal(0)))} m²) "
                f"khác diện tích thửa ({plain(total)} m²).",
                {total_key: case.value(total_key), purpose: case.fields[purpose].written},
            )


def parcel_sum_differs(case: Case) -> Iterator[Violation]:
    """Areas of several parcels add up to the total of the certificate."""
    keys = sorted(k for k in case.fields if re.fullmatch(r"dienTichThua_\d+", k))
    parts = [_number(case, k) for k in keys]
    total = _number(case, "dienTich")
    if len(keys) < 2 or total is None or any(p is None for p in parts):
        return
    together = sum((p for p in parts if p is not None), Decimal(0))
    if abs(together - total) > AREA_TOLERANCE:
        yield Violation(
            ("dienTich", *keys),
            f"Tổng diện tích các thửa ({plain(together)} m²) khác tổng diện tích ghi ({plain(total)} m²).",
            {k: case.value(k) for k in ("dienTich", *keys)},
        )


def area_not_positive(case: Case) -> Iterator[Violation]:
    """A parcel of no area."""
    for key in case.fields:
        if (
            re.fullmatch(r"dienTich(?:Thua_\d+)?", key)
            and (area := _number(case, key)) is not None
            and area <= 0
        ):
            yield Violation((key,), "Diện tích bằng 0.", {key: case.value(key)})


def _purposes(case: Case) -> Iterator[tuple[str, str]]:
    for key in case.fields:
        if re.fullmatch(r"mucDichSuDung(_\d+)?", key) and has(case, key):
            for code in case.value(key).split(";"):
                yield key, code


def purpose_unknown(case: Case) -> Iterator[Violation]:
    """A purpose no list knows is kept as written and shown."""
    told: set[str] = set()
    for key, code in _purposes(case):
        if code not in codes() and key not in told:
            told.add(key)
            yield Violation(
                (key,), f"Mục đích sử dụng “{code}” chưa có trong bảng mã.", {key: case.value(key)}
            )


def purpose_out_of_date(case: Case) -> Iterator[Violation]:
    """A code of the old books (T, V, 2L …) on a form that came after them."""
    if not is_iso(case.value("ngayCap")) or int(case.value("ngayCap")[:4]) <= _OLD_CODES_UNTIL:
        return
    for key, code in _purposes(case):
        if code in OLD_CODES:
            yield Violation(
                (key, "ngayCap"),
                f"Mã “{code}” của sổ cũ trên giấy cấp năm {case.value('ngayCap')[:4]}.",
                {key: case.value(key), "ngayCap": case.value("ngayCap")},
            )


def _is_book_number(text: str) -> bool:
    return _BOOK_NUMBER.fullmatch(text.strip()) is not None


def serial_form(case: Case) -> Iterator[Violation]:
    """Serials have at most two letters and six digits, since 2025 eight; none is ever mended."""
    serial = case.value("soPhatHanh")
    if case.form != "GCN" or not has(case, "soPhatHanh") or _is_book_number(serial):
        return
    if _SERIAL.fullmatch(serial.upper()) is None:
        yield Violation(("soPhatHanh",), f"Số phát hành “{serial}” không đúng dạng.", {"soPhatHanh": serial})


def serial_generation_differs(case: Case) -> Iterator[Violation]:
    """Each generation of certificates has serials of its own making."""
    keys = ("soPhatHanh", "ngayCap")
    found = _SERIAL.fullmatch(case.value("soPhatHanh").upper())
    if case.form != "GCN" or found is None or not has(case, *keys) or not is_iso(case.value("ngayCap")):
        return
    first, last = earliest(case.value("ngayCap")), latest(case.value("ngayCap"))
    fitting = any(
        begin <= last
        and (end == dt.date.max or first <= end + _OVERLAP)
        and re.fullmatch(letters, found["letters"])
        and len(found["digits"]) == digits
        for begin, end, letters, digits in _GENERATIONS
    )
    if not fitting:
        yield Violation(
            keys,
            f"Số phát hành “{case.value('soPhatHanh')}” không thuộc loại giấy cấp năm {first.year}.",
            {k: case.value(k) for k in keys},
        )


def serial_is_book_number(case: Case) -> Iterator[Violation]:
    """The number of the register of certificates stands where the serial belongs, or both are one."""
    keys = ("soPhatHanh", "soVaoSo")
    if case.form != "GCN" or not has(case, "soPhatHanh"):
        return
    same = has(case, *keys) and len({re.sub(r"\W", "", fold(case.value(k))) for k in keys}) == 1
    if same or _is_book_number(case.value("soPhatHanh")):
        shown = keys if same else keys[:1]
        yield Violation(
            shown,
            f"“{case.value('soPhatHanh')}” là số vào sổ cấp giấy, không phải số phát hành.",
            {k: case.value(k) for k in shown},
        )


def parcel_form(case: Case) -> Iterator[Violation]:
    """Parcels and map sheets are short numbers, kept as text with their leading zeros."""
    for key in case.fields:
        named = re.fullmatch(r"(?:thuaDatSo|toBanDoSo)(_\d+)?", key) and has(case, key)
        if named and _PARCEL.fullmatch(case.value(key)) is None:
            yield Violation(
                (key,), f"Số thửa, số tờ “{case.value(key)}” không đúng dạng.", {key: case.value(key)}
            )


_APPROVAL, _WARNS = Severity.BLOCKS_APPROVAL, Severity.WARNS
_LAW = "Thông tư 10/2024/TT-BTNMT"
_CODES = "Thông tư 08/2024/TT-BTNMT"

RULES: tuple[Declared, ...] = (
    (
        Rule(
            "AREA_WORDS_DIFFER",
            "Diện tích bằng số khác diện tích bằng chữ",
            _APPROVAL,
            "Biểu mẫu giấy chứng nhận",
            "Cùng một diện tích được ghi hai lần trên giấy; một chỗ ghi hoặc đọc sai.",
        ),
        area_words_differ,
    ),
    (
        Rule(
            "AREA_PURPOSE_SUM_DIFFERS",
            "Tổng diện tích theo mục đích khác diện tích thửa",
            _APPROVAL,
            _LAW,
            f"Cộng các loại đất phải bằng diện tích thửa (cho phép lệch {plain(AREA_TOLERANCE)} m²).",
        ),
        purpose_sum_differs,
    ),
    (
        Rule(
            "AREA_PARCEL_SUM_DIFFERS",
            "Tổng diện tích các thửa khác tổng diện tích ghi",
            _APPROVAL,
            _LAW,
            "Cộng các thửa phải bằng tổng diện tích trên giấy; có thể đọc sót một dòng.",
        ),
        parcel_sum_differs,
    ),
    (
        Rule(
            "AREA_NOT_POSITIVE",
            "Diện tích bằng 0",
            _APPROVAL,
            _LAW,
            "Thửa đất nào cũng có diện tích; số bị đọc sót.",
        ),
        area_not_positive,
    ),
    (
        Rule(
            "PURPOSE_UNKNOWN",
            "Mục đích sử dụng chưa có trong bảng mã",
            _WARNS,
            _CODES,
            "Mã lạ được giữ nguyên như trên giấy, không đoán; thêm vào bảng mã nếu là mã đúng.",
        ),
        purpose_unknown,
    ),
    (
        Rule(
            "PURPOSE_OUT_OF_DATE",
            "Mã loại đất của sổ cũ trên giấy mới",
            _WARNS,
            _CODES,
            "Mã như T, V, 2L chỉ có ở sổ cũ; có thể đọc nhầm mã hoặc ngày cấp.",
        ),
        purpose_out_of_date,
    ),
    (
        Rule(
            "SERIAL_FORM",
            "Số phát hành không đúng dạng",
            _APPROVAL,
            _LAW,
            "Số phát hành nối bản quét với giấy chứng nhận và đứng trong tên tệp; sai một chữ là nhầm giấy.",
        ),
        serial_form,
    ),
    (
        Rule(
            "SERIAL_GENERATION_DIFFERS",
            "Số phát hành không thuộc loại giấy của thời kỳ cấp",
            _WARNS,
            "Mẫu giấy theo Nghị định 88/2009/NĐ-CP, Thông tư 10/2024/TT-BTNMT",
            "Mỗi loại phôi có dạng số riêng; số phát hành hoặc ngày cấp bị đọc sai.",
        ),
        serial_generation_differs,
    ),
    (
        Rule(
            "SERIAL_IS_BOOK_NUMBER",
            "Số vào sổ đứng ở chỗ số phát hành",
            _APPROVAL,
            _LAW,
            "Số vào sổ (CH 01950, CS…) khác số phát hành in ở góc giấy; hai số hay bị nhầm.",
        ),
        serial_is_book_number,
    ),
    (
        Rule(
            "PARCEL_FORM",
            "Số thửa, số tờ không đúng dạng",
            _WARNS,
            _LAW,
            "Số thửa, số tờ là số ngắn, giữ nguyên cả số 0 đứng đầu.",
        ),
        parcel_form,
    ),
)
