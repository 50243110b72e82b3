"""Persons of one entry against each other: parents and children, spouses, who asked for the entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from validators.case import Case
from validators.dates import latest
from validators.letters import fold, fold_words, likeness
from validators.rules.dating import contradiction, dated, vietnamese, years_between
from validators.rules.registry import Declared, Rule, Violation, has
from validators.verdict import Severity

MIN_PARENT_AGE = 12  # below, one of the years is wrong; no legal bound
MAX_PARENT_AGE = {"me": 55, "cha": 80}  # above, one of the years is likely wrong; no legal bound
NEW_MARRIAGE_LAW = dt.date(2015, 1, 1)
ONE_MARRIAGE_LAW = dt.date(1977, 3, 25)  # resolution 76-CP: before, the south had other laws
MIN_AGE_MARRIAGE = {"chong": 20, "vo": 18}  # full years; before 2015 "from 20/18" counted the year begun
SAME_NAME = 0.75  # of a name twice on one page, one reading may be poor
_RELATION_WORDS = frozenset(
    "cha bo ba me ma u thay tia con vo chong ong ngoai noi anh chi em co chu bac di cau mo thim duong chau "
    "ruot ho nuoi de re dau ban than than nguoi thich giam ho dai dien nha hang xom truong ban thon to dan "
    "pho cong chuc can bo benh vien tram y te chinh quyen duoc khai sinh dang ky trai gai ca".split()
)


def _children(case: Case) -> tuple[str, tuple[str, ...]]:
    """Prefix of the child and of those who are its parents by this entry."""
    if case.form in ("KS", "GKS"):
        return "nks", ("me", "cha")
    if case.form == "CMC":
        return ("cm", ("nc",)) if case.value("loaiXacNhan") in ("3", "4") else ("nc", ("cm",))
    return "", ()


def _ages_of_parents(case: Case) -> Iterator[tuple[str, tuple[str, str]]]:
    child, parents = _children(case)
    for parent in parents:
        keys = (f"{parent}NgaySinh", f"{child}NgaySinh")
        if dated(case, *keys):
            yield parent, keys


def _parent_and_child(case: Case, parent: str, keys: tuple[str, str]) -> str:
    who = {"me": "Mẹ", "cha": "Cha"}.get(parent, "Cha, mẹ")
    born, child_born = (vietnamese(case.value(k)) for k in keys)
    return f"{who} sinh {born}, con sinh {child_born}"


def parent_too_young(case: Case) -> Iterator[Violation]:
    """A parent is at least twelve years older than the child, on every reading of partial dates."""
    for parent, keys in _ages_of_parents(case):
        if years_between(case.value(keys[0]), case.value(keys[1])) < MIN_PARENT_AGE:
            told = _parent_and_child(case, parent, keys)
            yield contradiction(case, keys, f"{told}: chênh lệch dưới {MIN_PARENT_AGE} tuổi.")


def parent_too_old(case: Case) -> Iterator[Violation]:
    """A mother above 55, a father above 80, counted by years."""
    for parent, keys in _ages_of_parents(case):
        most = MAX_PARENT_AGE.get(parent, max(MAX_PARENT_AGE.values()))
        if int(case.value(keys[1])[:4]) - int(case.value(keys[0])[:4]) > most:
            told = _parent_and_child(case, parent, keys)
            yield contradiction(case, keys, f"{told}: chênh lệch trên {most} tuổi.")


def underage_marriage(case: Case) -> Iterator[Violation]:
    """Spouses below the age of the law of the day, on every reading of partial dates."""
    if case.form != "KH":
        return
    for spouse, age in MIN_AGE_MARRIAGE.items():
        keys = (f"{spouse}NgaySinh", "ngayDangKy")
        if not dated(case, *keys):
            continue
        married = latest(case.value("ngayDangKy"))
        least = age if married >= NEW_MARRIAGE_LAW else age - 1
        if years_between(case.value(keys[0]), case.value(keys[1])) < least:
            who = "Chồng" if spouse == "chong" else "Vợ"
            yield contradiction(
                case,
                keys,
                f"{who} sinh {vietnamese(case.value(keys[0]))} chưa đủ tuổi kết hôn ngày "
                f"{vietnamese(case.value(keys[1]))}.",
                guessed=married < ONE_MARRIAGE_LAW,
            )


def surname_differs(case: Case) -> Iterator[Violation]:
    """Child with the surname of neither parent; peoples who pass on the mother's are not held up."""
    if case.form not in ("KS", "GKS") or not has(case, "nksHoTen", "chaHoTen"):
        return
    child, father, mother = (fold_words(case.value(f"{p}HoTen"))[:1] for p in ("nks", "cha", "me"))
    if child and father and child != father and child != mother:
        keys = ("nksHoTen", "chaHoTen")
        yield Violation(keys, "Họ của con khác họ của cha và của mẹ.", {k: case.value(k) for k in keys})


def _relation_key(case: Case) -> str:
    return "nycQHNguoiDuocNhan" if case.form == "CMC" else "nycQuanHe"


def relation_unknown(case: Case) -> Iterator[Violation]:
    """The requester's relation holds a word that names no relation."""
    key = _relation_key(case)
    if not has(case, key):
        return
    strange = [word for word in fold_words(case.value(key)) if word not in _RELATION_WORDS]
    if strange:
        yield Violation(
            (key,), f"Quan hệ “{case.value(key)}” không có trong danh mục.", {key: case.value(key)}
        )


def requester_differs(case: Case) -> Iterator[Violation]:
    """A requester who is the father, mother or the person itself bears that name."""
    key = _relation_key(case)
    persons = {"KS": {"cha": "cha", "bo": "cha", "me": "me"}, "HN": {"ban than": "nxn"}}
    person = persons.get(case.form, {}).get(fold(case.value(key)), "")
    keys = ("nycHoTen", f"{person}HoTen")
    if person and has(case, key, *keys) and likeness(*(case.value(k).casefold() for k in keys)) < SAME_NAME:
        yield Violation(
            keys,
            f"Người yêu cầu ghi là “{case.value(key)}” nhưng mang tên khác.",
            {k: case.value(k) for k in keys},
        )


def one_person_twice(case: Case) -> Iterator[Violation]:
    """Both sides of a marriage or a recognition are one person."""
    left, right = {"KH": ("chong", "vo"), "CMC": ("cm", "nc")}.get(case.form, ("", ""))
    keys = (f"{left}HoTen", f"{right}HoTen")
    births = (f"{left}NgaySinh", f"{right}NgaySinh")
    if not left or not has(case, *keys, *births):
        return
    if len({fold(case.value(k)) for k in keys}) == 1 and len({case.value(k) for k in births}) == 1:
        yield Violation(
            (*keys, *births), "Hai bên cùng họ tên và ngày sinh.", {k: case.value(k) for k in keys}
        )


_APPROVAL, _WARNS = Severity.BLOCKS_APPROVAL, Severity.WARNS

RULES: tuple[Declared, ...] = (
    (
        Rule(
            "PARENT_TOO_YOUNG",
            f"Cha, mẹ hơn con chưa đến {MIN_PARENT_AGE} tuổi",
            _APPROVAL,
            "Kinh nghiệm đối chiếu dữ liệu",
            "Một trong hai năm sinh sai, hoặc ghi nhầm dòng của người khác.",
        ),
        parent_too_young,
    ),
    (
        Rule(
            "PARENT_TOO_OLD",
            "Mẹ hơn con trên 55 tuổi, cha hơn con trên 80 tuổi",
            _WARNS,
            "Kinh nghiệm đối chiếu dữ liệu",
            "Có thể đúng, nhưng thường là năm sinh bị đọc nhầm hoặc ông bà đứng tên thay cha mẹ.",
        ),
        parent_too_old,
    ),
    (
        Rule(
            "UNDERAGE_MARRIAGE",
            "Chưa đủ tuổi kết hôn theo luật tại thời điểm đăng ký",
            _APPROVAL,
            "Luật Hôn nhân và gia đình 1986, 2000, 2014",
            "Sổ cũ có thể ghi đúng một việc trái luật: nếu ảnh đúng như vậy thì ghi lý do và giữ nguyên.",
        ),
        underage_marriage,
    ),
    (
        Rule(
            "CHILD_SURNAME_DIFFERS",
            "Họ của con khác họ của cha và của mẹ",
            _WARNS,
            "Bộ luật Dân sự 2015, Điều 26",
            "Có thể đúng theo tập quán; nhắc vì họ hay bị đọc nhầm.",
        ),
        surname_differs,
    ),
    (
        Rule(
            "RELATION_UNKNOWN",
            "Quan hệ của người yêu cầu không có trong danh mục",
            _WARNS,
            "Biểu mẫu sổ hộ tịch",
            "Ô quan hệ chỉ ghi cha, mẹ, con, vợ, chồng, bản thân, người thân thích…; có thể đọc sai.",
        ),
        relation_unknown,
    ),
    (
        Rule(
            "REQUESTER_DIFFERS",
            "Người yêu cầu không mang tên theo quan hệ đã ghi",
            _WARNS,
            "Biểu mẫu sổ hộ tịch",
            "Ghi là cha, mẹ hoặc bản thân thì họ tên phải trùng với người đó; một trong hai tên đọc sai.",
        ),
        requester_differs,
    ),
    (
        Rule(
            "ONE_PERSON_TWICE",
            "Hai bên kết hôn hoặc nhận cha, mẹ, con là một người",
            _APPROVAL,
            "Luật Hôn nhân và gia đình 2014",
            "Hai bên trùng họ tên và ngày sinh: một bên bị chép nhầm từ bên kia.",
        ),
        one_person_twice,
    ),
)
