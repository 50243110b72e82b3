"""Areas and purposes on certificates of land use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from validators.areas import parse_area_words, plain, stated_areas
from validators.case import Case
from validators.land_purposes import codes
from validators.rules.registry import Violation, has

AREA_TOLERANCE = Decimal("0.5")  # m², as land offices accept rounding between faces


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


def purpose_unknown(case: Case) -> Iterator[Violation]:
    """A purpose no list knows is kept as written and shown."""
    for key in case.fields:
        if re.fullmatch(r"mucDichSuDung(_\d+)?", key) and has(case, key):
            unknown = [c for c in case.value(key).split(";") if c not in codes()]
            if unknown:
                yield Violation(
                    (key,), f"Mục đích sử dụng “{unknown[0]}” chưa có trong bảng mã.", {key: case.value(key)}
                )
