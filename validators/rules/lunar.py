"""Dates of the lunar calendar: kept as written, the solar days they may mean shown to the officer."""

from __future__ import annotations

from collections.abc import Iterator

from validators.case import Case
from validators.dates import is_iso
from validators.lunar_dates import parse_lunar
from validators.rules.dating import event_key, vietnamese
from validators.rules.labels import label
from validators.rules.registry import Declared, Rule, Violation
from validators.verdict import Severity


def date_lunar(case: Case) -> Iterator[Violation]:
    """A date field that is written in the lunar calendar; one with its solar day beside it is settled."""
    event = case.value(event_key(case))
    year = int(event[:4]) if is_iso(event) else None
    for key, found in case.fields.items():
        lunar = parse_lunar(found.written, year) if "Ngay" in key or key.startswith("ngay") else None
        if lunar is None or is_iso(found.value):
            continue
        days = [vietnamese(day.isoformat()) for day in lunar.solar]
        meaning = f"có thể là {' hoặc '.join(days)} dương lịch" if days else "chưa đủ để đổi ra dương lịch"
        yield Violation(
            (key,),
            f"{label(key).capitalize()} ghi theo âm lịch (“{found.written}”): {meaning}.",
            {"written": found.written, "solar": " ".join(day.isoformat() for day in lunar.solar)},
            rests_on=(),
        )


RULES: tuple[Declared, ...] = (
    (
        Rule(
            "DATE_LUNAR",
            "Ngày ghi theo âm lịch",
            Severity.WARNS,
            "Âm lịch Việt Nam (Quyết định 121/CP ngày 08/8/1967)",
            "Ngày âm lịch được giữ nguyên như trên giấy; ngày dương lịch nêu ra chỉ là gợi ý. Năm can chi "
            "lặp lại sau 60 năm, và trước 1976 lịch hai miền có thể lệch một ngày.",
        ),
        date_lunar,
    ),
)
