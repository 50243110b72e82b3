"""Dates of civil registration against each other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from validators.calendar_words import FIRST_YEAR, LAST_YEAR
from validators.case import Case, Certainty
from validators.dates import agree, earliest, folded_age, is_iso, latest
from validators.letters import fold
from validators.rules.dating import (
    BIRTH_FIELDS,
    PERSONS,
    contradiction,
    dated,
    day_of,
    event_key,
    surely_after,
    vietnamese,
    years_between,
)
from validators.rules.labels import label
from validators.rules.registry import Declared, Rule, Violation, certainty, has
from validators.verdict import Severity

WORD_FIELDS = (("nksNgaySinh", "nksNgaySinhBangChu"), ("nktNgayChet", "nktNgayChetGhiBangChu"))
LATE_AFTER_DAYS = 60  # Law on Civil Status 2014, art. 15; decree 83/1998 gave remote communes as long
DEATH_LATE_AFTER_DAYS = 15  # Law on Civil Status 2014, art. 33; decree 158/2005, art. 20
OLDEST = 120  # full years; above, one of two years is wrong
_DATE_KEY = re.compile(r"Ngay|^ngay|ThoiGianCuTru(?:Tu|Den)$")
_IN_WORDS = re.compile(r"BangChu$")
_WRITTEN_DATE = re.compile(
    r"\D*?(?:(?P<d>\d{1,2})\s*[/.\-]\s*(?P<m>\d{1,2})\s*[/.\-]\s*|ngay\s*(?P<d2>\d{1,2})\s*thang\s*(?P<m2>\d{1,2})"
    r"\s*nam\s*|(?:thang\s*)?(?P<m3>\d{1,2})\s*[/.\-]\s*)?(?P<y>\d{4})\D*"
)


def words_differ(case: Case) -> Iterator[Violation]:
    """Date in digits against the same date in words."""
    for digits, words in WORD_FIELDS:
        if dated(case, digits, words) and not agree(case.value(digits), case.value(words)):
            yield contradiction(
                case,
                (digits, words),
                f"Ngày ghi bằng số ({vietnamese(case.value(digits))}) khác ngày ghi bằng chữ "
                f"({vietnamese(case.value(words))}).",
            )


def _literal_dates(case: Case) -> Iterator[tuple[str, re.Match[str]]]:
    """Fields in which a date stands plainly in digits and yet none could be taken from it."""
    for key, field in case.fields.items():
        if not _DATE_KEY.search(key) or _IN_WORDS.search(key) or is_iso(field.value):
            continue
        found = _WRITTEN_DATE.fullmatch(fold(field.written))
        if found:
            yield key, found


def _year_fits(year: str) -> bool:
    return FIRST_YEAR <= int(year) <= LAST_YEAR


def date_impossible(case: Case) -> Iterator[Violation]:
    """31/02: no such day; the writing is plain, so the fault is as sure as the reading."""
    for key, found in _literal_dates(case):
        if _year_fits(found["y"]) and (found["d"] or found["d2"] or found["m3"]):
            written = case.fields[key].written
            yield Violation(
                (key,),
                f"Ngày “{written}” ({label(key)}) không có trong lịch.",
                {key: written},
                rests_on=(),
                guessed=certainty(case, key) is not Certainty.SURE,
            )


def year_out_of_range(case: Case) -> Iterator[Violation]:
    """Years such as 1017 or 5005, met in official data."""
    for key, found in _literal_dates(case):
        if not _year_fits(found["y"]):
            yield Violation(
                (key,),
                f"Năm {found['y']} ({label(key)}) nằm ngoài khoảng {FIRST_YEAR}–{LAST_YEAR}.",
                {key: case.fields[key].written},
                rests_on=(),
                guessed=certainty(case, key) is not Certainty.SURE,
            )


def birth_date_form(case: Case) -> Iterator[Violation]:
    """Import rule 5: a birth date is empty, a year, a whole date, or an age."""
    if case.form == "GCN":
        return
    for key in BIRTH_FIELDS:
        if (
            has(case, key)
            and len(case.value(key)) not in (4, 10)
            and not folded_age(case.fields[key].written)
        ):
            yield Violation(
                (key,),
                f"{label(key).capitalize()} “{vietnamese(case.value(key))}” không đủ ngày tháng năm.",
                {key: case.value(key)},
            )


def birth_after_registration(case: Case) -> Iterator[Violation]:
    """Nobody is registered before being born."""
    event = event_key(case)
    for birth in BIRTH_FIELDS:
        key = day_of(case, birth, f"{birth}BangChu")
        if surely_after(case, key, event):
            act = "ngày cấp giấy" if event == "ngayCap" else "ngày đăng ký"
            yield contradiction(
                case,
                (key, event),
                f"Ngày sinh {vietnamese(case.value(key))} sau {act} {vietnamese(case.value(event))}.",
            )


def death_after_registration(case: Case) -> Iterator[Violation]:
    """Nobody's death is registered before it."""
    keys = (day_of(case, "nktNgayChet", "nktNgayChetGhiBangChu"), "ngayDangKy")
    if surely_after(case, *keys):
        died, registered = (vietnamese(case.value(k)) for k in keys)
        yield contradiction(case, keys, f"Ngày chết {died} sau ngày đăng ký {registered}.")


def death_before_birth(case: Case) -> Iterator[Violation]:
    """Nobody dies before being born."""
    if surely_after(case, "nktNgaySinh", "nktNgayChet"):
        keys = ("nktNgayChet", "nktNgaySinh")
        died, born = (vietnamese(case.value(k)) for k in keys)
        yield contradiction(case, keys, f"Ngày chết {died} trước ngày sinh {born}.")


def notice_before_death(case: Case) -> Iterator[Violation]:
    """A death notice is not written before the death."""
    if surely_after(case, "nktNgayChet", "gbtNgay"):
        keys = ("gbtNgay", "nktNgayChet")
        noticed, died = (vietnamese(case.value(k)) for k in keys)
        yield contradiction(case, keys, f"Giấy báo tử ngày {noticed} có trước ngày chết {died}.")


def _days_late(case: Case, event: str) -> int:
    """Least days between an event and its registration."""
    return (earliest(case.value("ngayDangKy")) - latest(case.value(event))).days


def late_registration(case: Case) -> Iterator[Violation]:
    """Birth registered more than 60 days later; not for registrations done again or taken over."""
    keys = ("nksNgaySinh", "ngayDangKy")
    if (
        case.form not in ("KS", "GKS")
        or not dated(case, *keys)
        or case.value("loaiDangKy") in ("2", "3", "5")
    ):
        return
    days = _days_late(case, "nksNgaySinh")
    if days > LATE_AFTER_DAYS:
        yield contradiction(
            case, keys, f"Đăng ký khai sinh sau ngày sinh {days} ngày (quá hạn {LATE_AFTER_DAYS} ngày)."
        )


def death_registered_late(case: Case) -> Iterator[Violation]:
    """Death registered more than 15 days later."""
    keys = ("nktNgayChet", "ngayDangKy")
    if case.form == "KT" and dated(case, *keys):
        days = _days_late(case, "nktNgayChet")
        if days > DEATH_LATE_AFTER_DAYS:
            yield contradiction(
                case,
                keys,
                f"Đăng ký khai tử sau ngày chết {days} ngày (quá hạn {DEATH_LATE_AFTER_DAYS} ngày).",
            )


def on_time_box_differs(case: Case) -> Iterator[Violation]:
    """The box "đúng hạn" or "quá hạn" against the two dates."""
    keys = ("loaiDangKy", "nksNgaySinh", "ngayDangKy")
    if case.form != "KS" or not dated(case, *keys[1:]) or certainty(case, "loaiDangKy") is Certainty.MISSING:
        return
    days = _days_late(case, "nksNgaySinh")
    box = case.value("loaiDangKy")
    if (box == "1" and days > LATE_AFTER_DAYS) or (box == "4" and 0 <= days <= LATE_AFTER_DAYS // 2):
        yield Violation(
            keys,
            f"Ô loại đăng ký không khớp: đăng ký sau ngày sinh {days} ngày.",
            {k: case.value(k) for k in keys},
        )


def person_too_old(case: Case) -> Iterator[Violation]:
    """More than 120 years between a birth and the act."""
    event = "nktNgayChet" if case.form == "KT" else event_key(case)
    for key in BIRTH_FIELDS:
        if not dated(case, key, event):
            continue
        least = years_between(f"{latest(case.value(key))}", f"{earliest(case.value(event))}")
        if least > OLDEST:
            yield contradiction(
                case,
                (key, event),
                f"{label(key).capitalize()} {vietnamese(case.value(key))} cách {label(event)} "
                f"{vietnamese(case.value(event))} hơn {OLDEST} năm.",
            )


def paper_issued_later(case: Case) -> Iterator[Violation]:
    """An identity paper shown at the desk was issued before."""
    for person in PERSONS:
        keys = (f"{person}NgayCapGiayToTuyThan", "ngayDangKy")
        if surely_after(case, *keys):
            yield contradiction(
                case,
                keys,
                f"{label(keys[0]).capitalize()} {vietnamese(case.value(keys[0]))} sau ngày đăng ký.",
            )


def stay_ends_before_it_begins(case: Case) -> Iterator[Violation]:
    """From and until of the time of residence on a certificate of marital status."""
    keys = ("nxnThoiGianCuTruTu", "nxnThoiGianCuTruDen")
    if surely_after(case, *keys):
        yield contradiction(case, keys, "Thời gian cư trú kết thúc trước khi bắt đầu.")


def registration_date_partial(case: Case) -> Iterator[Violation]:
    """Import rule 4: the day of registration is complete."""
    value = case.value("ngayDangKy")
    if has(case, "ngayDangKy") and is_iso(value) and len(value) < 10:
        yield Violation(("ngayDangKy",), "Ngày đăng ký thiếu ngày hoặc tháng.", {"ngayDangKy": value})


_LAW = "Luật Hộ tịch 2014"
_SQL = "Kiểm tra trước khi nhập vào phần mềm hộ tịch"
_IMPORT, _APPROVAL, _WARNS = Severity.BLOCKS_IMPORT, Severity.BLOCKS_APPROVAL, Severity.WARNS

RULES: tuple[Declared, ...] = (
    (
        Rule(
            "DATE_WORDS_DIFFER",
            "Ngày ghi bằng số khác ngày ghi bằng chữ",
            _APPROVAL,
            "Biểu mẫu sổ hộ tịch",
            "Cùng một ngày được ghi hai lần trên giấy. Nếu hai chỗ khác nhau thì một chỗ sai; xem lại ảnh, "
            "chọn chỗ đúng hoặc ghi lý do giữ nguyên.",
        ),
        words_differ,
    ),
    (
        Rule(
            "DATE_IMPOSSIBLE",
            "Ngày không có trong lịch (31/02)",
            _APPROVAL,
            "Dương lịch",
            "Ngày như 31/02 không thể nhập. Thường là đọc nhầm hoặc ghi theo âm lịch; xem lại ảnh.",
        ),
        date_impossible,
    ),
    (
        Rule(
            "YEAR_OUT_OF_RANGE",
            f"Năm nằm ngoài khoảng {FIRST_YEAR}–{LAST_YEAR}",
            _APPROVAL,
            "Lỗi gặp trong dữ liệu thật (năm 1017, 5005)",
            "Không sổ nào có năm như vậy: một chữ số bị ghi hoặc đọc sai.",
        ),
        year_out_of_range,
    ),
    (
        Rule(
            "BIRTH_DATE_FORM",
            "Ngày sinh không phải là năm hoặc ngày tháng năm đủ",
            _IMPORT,
            _SQL,
            "Phần mềm hộ tịch chỉ nhận ngày sinh trống, bốn chữ số năm, hoặc đủ ngày tháng năm (hay tuổi). "
            "Nếu giấy chỉ ghi tháng và năm thì ghi lý do giữ nguyên.",
        ),
        birth_date_form,
    ),
    (
        Rule(
            "BIRTH_AFTER_REGISTRATION",
            "Ngày sinh sau ngày đăng ký",
            _APPROVAL,
            _LAW,
            "Không ai được đăng ký trước khi sinh; một trong hai ngày sai.",
        ),
        birth_after_registration,
    ),
    (
        Rule(
            "DEATH_AFTER_REGISTRATION",
            "Ngày chết sau ngày đăng ký khai tử",
            _APPROVAL,
            _LAW,
            "Việc chết chỉ được đăng ký sau khi xảy ra; một trong hai ngày sai.",
        ),
        death_after_registration,
    ),
    (
        Rule(
            "DEATH_BEFORE_BIRTH",
            "Ngày chết trước ngày sinh",
            _APPROVAL,
            _LAW,
            "Một trong hai ngày sai; xem lại ảnh.",
        ),
        death_before_birth,
    ),
    (
        Rule(
            "NOTICE_BEFORE_DEATH",
            "Giấy báo tử có trước ngày chết",
            _APPROVAL,
            "Luật Hộ tịch 2014, Điều 34",
            "Giấy báo tử được lập sau khi chết; một trong hai ngày sai.",
        ),
        notice_before_death,
    ),
    (
        Rule(
            "LATE_REGISTRATION",
            "Đăng ký khai sinh quá hạn 60 ngày",
            _WARNS,
            "Luật Hộ tịch 2014, Điều 15",
            "Đăng ký quá hạn là hợp lệ; nhắc để so với ô loại đăng ký.",
        ),
        late_registration,
    ),
    (
        Rule(
            "DEATH_REGISTERED_LATE",
            "Đăng ký khai tử quá hạn 15 ngày",
            _WARNS,
            "Luật Hộ tịch 2014, Điều 33",
            "Đăng ký quá hạn là hợp lệ; nhắc vì năm chết hay bị ghi nhầm.",
        ),
        death_registered_late,
    ),
    (
        Rule(
            "ON_TIME_BOX_DIFFERS",
            "Ô đúng hạn, quá hạn không khớp ngày tháng",
            _WARNS,
            "Luật Hộ tịch 2014, Điều 15",
            "Ô được đánh dấu nói khác hai ngày đã ghi; xem ô nào được đánh dấu.",
        ),
        on_time_box_differs,
    ),
    (
        Rule(
            "PERSON_TOO_OLD",
            f"Người được ghi hơn {OLDEST} tuổi",
            _APPROVAL,
            "Kinh nghiệm đối chiếu dữ liệu",
            "Thường là năm sinh bị đọc nhầm một chữ số.",
        ),
        person_too_old,
    ),
    (
        Rule(
            "PAPER_ISSUED_LATER",
            "Giấy tờ tùy thân cấp sau ngày đăng ký",
            _WARNS,
            "Kinh nghiệm đối chiếu dữ liệu",
            "Giấy tờ xuất trình phải có trước khi đăng ký; xem lại ngày cấp.",
        ),
        paper_issued_later,
    ),
    (
        Rule(
            "STAY_DATES_DISORDER",
            "Thời gian cư trú kết thúc trước khi bắt đầu",
            _APPROVAL,
            "Biểu mẫu xác nhận tình trạng hôn nhân",
            "Hai mốc thời gian bị ghi ngược hoặc đọc sai.",
        ),
        stay_ends_before_it_begins,
    ),
    (
        Rule(
            "REGISTRATION_DATE_PARTIAL",
            "Ngày đăng ký thiếu ngày hoặc tháng",
            _IMPORT,
            _SQL,
            "Phần mềm hộ tịch và tên tệp cần đủ ngày, tháng, năm đăng ký.",
        ),
        registration_date_partial,
    ),
)
