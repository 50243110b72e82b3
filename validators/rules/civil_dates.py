"""Dates of civil registration against each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from validators.canonical import ValueContext, canonical
from validators.case import Case, Certainty
from validators.dates import agree, earliest, is_iso, latest
from validators.rules.registry import Violation, certainty, has
from validators.verdict import Outcome

WORD_FIELDS = (("nksNgaySinh", "nksNgaySinhBangChu"), ("nktNgayChet", "nktNgayChetGhiBangChu"))
BIRTH_FIELDS = tuple(
    f"{p}NgaySinh" for p in ("nks", "me", "cha", "chong", "vo", "nkt", "cm", "nc", "nxn", "nyc")
)
LATE_AFTER_DAYS = 60  # Law on Civil Status 2014, art. 15; decree 83/1998 gave remote communes as long
MIN_PARENT_AGE = 12  # below, one of the years is wrong; no legal bound
NEW_MARRIAGE_LAW = dt.date(2015, 1, 1)
MIN_AGE_MARRIAGE = {"chong": 20, "vo": 18}  # full years; before 2015 "from 20/18" counted the year begun


def _dates(case: Case, *keys: str) -> bool:
    return has(case, *keys) and all(is_iso(case.value(k)) for k in keys)


def _guessed(case: Case, *keys: str) -> bool:
    """Whether a date was repaired or computed rather than read; then a rule may only warn."""
    context = ValueContext(case.form, case.era)
    for key in keys:
        found = case.fields[key]
        if not found.written:
            continue
        kind = "date_words" if key.endswith("BangChu") else "date"
        if canonical(kind, found.written, context).outcome is not Outcome.PASSED:
            return True
    return False


def vietnamese(iso: str) -> str:
    """ISO date as officers write it."""
    return "/".join(reversed(iso.split("-")))


def words_differ(case: Case) -> Iterator[Violation]:
    """Date in digits against the same date in words."""
    for digits, words in WORD_FIELDS:
        if _dates(case, digits, words) and not agree(case.value(digits), case.value(words)):
            yield Violation(
                (digits, words),
                f"Ngày ghi bằng số ({vietnamese(case.value(digits))}) khác ngày ghi bằng chữ "
                f"({vietnamese(case.value(words))}).",
                {digits: case.value(digits), words: case.value(words)},
                guessed=_guessed(case, digits, words),
            )


def birth_after_registration(case: Case) -> Iterator[Violation]:
    """Nobody is registered before being born."""
    for key in BIRTH_FIELDS:
        if _dates(case, key, "ngayDangKy") and earliest(case.value(key)) > latest(case.value("ngayDangKy")):
            yield Violation(
                (key, "ngayDangKy"),
                f"Ngày sinh {vietnamese(case.value(key))} sau ngày đăng ký "
                f"{vietnamese(case.value('ngayDangKy'))}.",
                {key: case.value(key), "ngayDangKy": case.value("ngayDangKy")},
                guessed=_guessed(case, key, "ngayDangKy"),
            )


def death_after_registration(case: Case) -> Iterator[Violation]:
    """Nobody's death is registered before it."""
    if _dates(case, "nktNgayChet", "ngayDangKy") and earliest(case.value("nktNgayChet")) > latest(
        case.value("ngayDangKy")
    ):
        yield Violation(
            ("nktNgayChet", "ngayDangKy"),
            f"Ngày chết {vietnamese(case.value('nktNgayChet'))} sau ngày đăng ký "
            f"{vietnamese(case.value('ngayDangKy'))}.",
            {"nktNgayChet": case.value("nktNgayChet"), "ngayDangKy": case.value("ngayDangKy")},
            guessed=_guessed(case, "nktNgayChet", "ngayDangKy"),
        )


def death_before_birth(case: Case) -> Iterator[Violation]:
    """Nobody dies before being born."""
    if _dates(case, "nktNgaySinh", "nktNgayChet") and earliest(case.value("nktNgaySinh")) > latest(
        case.value("nktNgayChet")
    ):
        yield Violation(
            ("nktNgayChet", "nktNgaySinh"),
            f"Ngày chết {vietnamese(case.value('nktNgayChet'))} trước ngày sinh "
            f"{vietnamese(case.value('nktNgaySinh'))}.",
            {k: case.value(k) for k in ("nktNgaySinh", "nktNgayChet")},
            guessed=_guessed(case, "nktNgaySinh", "nktNgayChet"),
        )


def _years_between(birth: str, event: str) -> int:
    """Most full years that may lie between two partial dates."""
    born, day = earliest(birth), latest(event)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def parent_too_young(case: Case) -> Iterator[Violation]:
    """A parent is at least twelve years older than the child, on every reading of partial dates."""
    children = {"KS": ("nks", ("me", "cha")), "GKS": ("nks", ("me", "cha")), "CMC": ("nc", ("cm",))}
    child, parents = children.get(case.form, ("", ()))
    if case.form == "CMC" and case.value("loaiXacNhan") in ("3", "4"):
        child, parents = "cm", ("nc",)
    for parent in parents:
        keys = (f"{parent}NgaySinh", f"{child}NgaySinh")
        if not _dates(case, *keys):
            continue
        years = _years_between(case.value(keys[0]), case.value(keys[1]))
        if years < MIN_PARENT_AGE:
            who = {"me": "Mẹ", "cha": "Cha"}.get(parent, "Người nhận")
            yield Violation(
                keys,
                f"{who} sinh {vietnamese(case.value(keys[0]))}, con sinh {vietnamese(case.value(keys[1]))}: "
                f"chênh lệch dưới {MIN_PARENT_AGE} tuổi.",
                {k: case.value(k) for k in keys},
                guessed=_guessed(case, *keys),
            )


def underage_marriage(case: Case) -> Iterator[Violation]:
    """Spouses below the age of the law of the day, on every reading of partial dates."""
    if case.form != "KH":
        return
    for spouse, age in MIN_AGE_MARRIAGE.items():
        keys = (f"{spouse}NgaySinh", "ngayDangKy")
        if not _dates(case, *keys):
            continue
        married = case.value("ngayDangKy")
        least = age if latest(married) >= NEW_MARRIAGE_LAW else age - 1
        years = _years_between(case.value(keys[0]), married)
        if years < least:
            who = "Chồng" if spouse == "chong" else "Vợ"
            yield Violation(
                keys,
                f"{who} sinh {vietnamese(case.value(keys[0]))} chưa đủ tuổi kết hôn ngày "
                f"{vietnamese(married)}.",
                {k: case.value(k) for k in keys},
                guessed=_guessed(case, *keys),
            )


def late_registration(case: Case) -> Iterator[Violation]:
    """Birth registered more than 60 days later; not for registrations done again or taken over."""
    keys = ("nksNgaySinh", "ngayDangKy")
    if (
        case.form not in ("KS", "GKS")
        or not _dates(case, *keys)
        or case.value("loaiDangKy") in ("2", "3", "5")
    ):
        return
    days = (earliest(case.value("ngayDangKy")) - latest(case.value("nksNgaySinh"))).days
    if days > LATE_AFTER_DAYS:
        yield Violation(
            keys,
            f"Đăng ký khai sinh sau ngày sinh {days} ngày (quá hạn {LATE_AFTER_DAYS} ngày).",
            {k: case.value(k) for k in keys},
        )


def on_time_box_differs(case: Case) -> Iterator[Violation]:
    """The box "đúng hạn" or "quá hạn" against the two dates."""
    keys = ("loaiDangKy", "nksNgaySinh", "ngayDangKy")
    if case.form != "KS" or not _dates(case, *keys[1:]) or certainty(case, "loaiDangKy") is Certainty.MISSING:
        return
    days = (earliest(case.value("ngayDangKy")) - latest(case.value("nksNgaySinh"))).days
    box = case.value("loaiDangKy")
    if (box == "1" and days > LATE_AFTER_DAYS) or (box == "4" and 0 <= days <= LATE_AFTER_DAYS // 2):
        yield Violation(
            keys,
            f"Ô loại đăng ký không khớp: đăng ký sau ngày sinh {days} ngày.",
            {k: case.value(k) for k in keys},
        )
