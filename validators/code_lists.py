"""Closed lists of the import template: labels on paper and their codes.

Codes: notes of the ministry's template (sheet "Ghi chu", 2024) and the choices of a data-entry system in use.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from validators.letters import fold, fold_words, likeness, tidy

MIN_LIKENESS = 0.74
MIN_MARGIN = 0.08

SEX = {
    "1": ("Nam", "Trai", "Con trai", "Male"),
    "2": ("Nữ", "Gái", "Con gái", "Nư", "Female"),
    "3": ("Không xác định",),
}
ID_TYPES = {
    "1": (
        "CMND",
        "Giấy CMND",
        "Chứng minh nhân dân",
        "Giấy chứng minh nhân dân",
        "CMT",
        "CMTND",
        "Số CMND",
        "GCMND",
    ),
    "2": ("Hộ chiếu", "Passport", "HC"),
    "3": ("Thẻ thường trú",),
    "4": ("CCCD", "Thẻ CCCD", "Căn cước công dân", "Thẻ căn cước công dân", "Căn cước", "Thẻ căn cước", "CC"),
    "5": ("Chứng minh quân đội nhân dân", "CMQĐND", "CM QĐND", "Chứng minh quân đội"),
    "6": (
        "Chứng minh sĩ quan quân đội",
        "CMSQ",
        "CM sĩ quan",
        "Chứng minh sĩ quan",
        "Giấy chứng minh sĩ quan",
    ),
    "7": ("Chứng minh công an nhân dân", "CMCAND", "Giấy chứng minh công an nhân dân"),
    "8": ("Giấy tờ khác", "Khác", "Giấy khác"),
}
BIRTH_REGISTRATION = {
    "1": ("Đúng hạn", "Đăng ký đúng hạn"),
    "2": ("Đăng ký lại", "Đăng kí lại"),
    "3": ("Ghi vào sổ việc khai sinh đã đăng ký ở nước ngoài", "Ghi chú khai sinh"),
    "4": ("Quá hạn", "Đăng ký quá hạn"),
    "5": ("Cấp bản chính giấy khai sinh", "Cấp lại bản chính"),
    "6": ("Không xác định",),
}
MARRIAGE_REGISTRATION = {
    "1": ("Lần đầu", "Đăng ký lần đầu", "Đăng ký mới"),
    "2": ("Đăng ký lại", "Đăng kí lại"),
}
RECOGNITION = {
    "1": ("Cha nhận con",),
    "2": ("Mẹ nhận con",),
    "3": ("Con nhận cha",),
    "4": ("Con nhận mẹ",),
}
DEATH_NOTICE = {
    "1": ("Giấy báo tử",),
    "2": ("Văn bản xác nhận việc thi hành án tử hình", "Thi hành án tử hình"),
    "3": ("Bản án, quyết định của Tòa án tuyên bố chết", "Bản án tuyên bố chết", "Quyết định tuyên bố chết"),
    "4": (
        "Văn bản của cơ quan công an",
        "Kết quả giám định của cơ quan giám định pháp y",
        "Văn bản xác nhận của cơ quan công an hoặc kết quả giám định pháp y",
    ),
    "5": (
        "Văn bản xác nhận của cơ quan y tế cấp huyện",
        "Văn bản của cơ quan y tế",
        "Giấy chứng tử của bệnh viện",
    ),
    "6": ("Biên bản xác nhận", "Biên bản xác nhận việc chết", "Biên bản"),
    "7": ("Văn bản của người làm chứng", "Văn bản xác nhận của người làm chứng"),
}
NATIONALITIES = {
    "Việt Nam": ("Việt nam", "VN", "V.N", "Vietnam", "Việt", "CHXHCN Việt Nam"),
    "Trung Quốc": ("Trung Hoa", "CHND Trung Hoa"),
    "Đài Loan": ("Trung Quốc (Đài Loan)",),
    "Hàn Quốc": ("Đại Hàn Dân Quốc", "Nam Hàn"),
    "Hoa Kỳ": ("Mỹ", "Hợp chủng quốc Hoa Kỳ", "USA"),
    "Lào": ("CHDCND Lào",),
    "Campuchia": ("Cam-pu-chia", "Căm-pu-chia", "Cămpuchia"),
    "Nhật Bản": ("Nhật",),
    "Pháp": ("Cộng hòa Pháp",),
    "Đức": ("CHLB Đức",),
    "Anh": ("Vương quốc Anh",),
    "Nga": ("Liên bang Nga",),
    "Úc": ("Ô-xtrây-li-a", "Australia"),
    "Ca-na-đa": ("Canada",),
    "Thái Lan": (),
    "Xin-ga-po": ("Singapore",),
    "Ma-lai-xi-a": ("Malaysia",),
    "Phi-líp-pin": ("Philippines",),
    "Ấn Độ": (),
    "Xéc": ("Cộng hòa Séc", "Séc", "Tiệp Khắc"),
    "Ba Lan": (),
    "Không quốc tịch": (),
}
TITLES = (
    "Chủ tịch",
    "Phó Chủ tịch",
    "Quyền Chủ tịch",
    "Q. Chủ tịch",
    "Giám đốc",
    "Phó Giám đốc",
    "Trưởng phòng",
    "Phó Trưởng phòng",
    "Trưởng Công an",
    "Phó Trưởng Công an",
    "Ủy viên",
    "Ủy viên thư ký",
    "Ủy viên thường trực",
    "Công chức Tư pháp - Hộ tịch",
    "Công chức tư pháp hộ tịch",
    "Cán bộ Tư pháp - Hộ tịch",
    "Cán bộ tư pháp",
    "Cán bộ hộ tịch",
    "Trưởng ban Tư pháp",
    "Trưởng phòng Tư pháp",
    "Phó Trưởng phòng Tư pháp",
    "Chi nhánh trưởng",
    "Giám đốc Sở",
    "Phó Giám đốc Sở",
    "Trưởng ban",
)
_CHECKED, _UNCHECKED = "☒☑✓✔✗✘■⊠🗷🗹", "☐□▢"


@dataclass(frozen=True, slots=True)
class Choice:
    """Code chosen, and whether the label is known literally."""

    code: str
    exact: bool


def _key(text: str) -> str:
    return " ".join(fold_words(text))


def choose(written: str, labels: Mapping[str, tuple[str, ...]]) -> Choice | None:
    """Code of the label as written, or of the only label that is near enough."""
    text = tidy(written).strip(" .,:;()-–")
    key = _key(text)
    if not key:
        return None
    for code, names in labels.items():
        if any(text.casefold() == n.casefold() for n in (code, *names)):
            return Choice(code, exact=True)
    hits = {code for code, names in labels.items() if any(key == _key(n) for n in (code, *names))}
    if len(hits) == 1:
        return Choice(hits.pop(), exact=True)
    long_names = {code: [n for n in (code, *names) if len(n) > 1] for code, names in labels.items()}
    ranked = sorted(
        ((max(likeness(text, n) for n in names), code) for code, names in long_names.items() if names),
        reverse=True,
    )
    if not ranked or ranked[0][0] < MIN_LIKENESS:
        return None
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < MIN_MARGIN:
        return None
    return Choice(ranked[0][1], exact=False)


def choose_box(written: str, labels: Mapping[str, tuple[str, ...]]) -> Choice | None:
    """Code of the ticked box: "☐ Đúng hạn ☒ Quá hạn" -> quá hạn; a lone label counts as ticked."""
    text = tidy(written)
    if any(c in text for c in _CHECKED):
        ticked = re.findall(rf"[{_CHECKED}]\s*([^{_CHECKED}{_UNCHECKED}]+)", text)
        return choose(ticked[0], labels) if len(ticked) == 1 else None
    if crossed := re.findall(r"\[\s*[xXvV]\s*\]\s*([^\[]+)", text):
        return choose(crossed[0], labels) if len(crossed) == 1 else None
    if any(c in text for c in _UNCHECKED):
        return None
    return choose(re.sub(r"^[\sxX×vV*]+\s(?=\S)", "", text), labels)


def sex(written: str) -> Choice | None:
    """Code "1" Nam, "2" Nữ; one letter missing in so short a word is enough to refuse."""
    if any(c in written for c in _CHECKED + _UNCHECKED):
        return choose_box(written, SEX)
    word = fold(written).strip(" .,:;()")
    if word in ("nam", "trai", "con trai", "1"):
        return Choice("1", exact=True)
    if word in ("nu", "gai", "con gai", "2"):
        return Choice("2", exact=True)
    if word in ("nan", "narn", "hnam", "nam nam", "mam"):
        return Choice("1", exact=False)
    if word in ("nur", "nir", "nv", "nuu", "mu", "nie"):
        return Choice("2", exact=False)
    return choose(written, {"3": SEX["3"]})
