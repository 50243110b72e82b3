"""Invented people of one province: households, twins, namesakes, names in the shares that Vietnam has."""

from __future__ import annotations

import random
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from validators.places.gazetteer import load_gazetteer
from validators.population import RegisterRow

FAMILIES = {
    "Nguyễn": 31.5, "Trần": 10.9, "Lê": 8.9, "Phạm": 5.9, "Huỳnh": 3.6, "Hoàng": 1.5, "Võ": 3.2,
    "Vũ": 1.7, "Phan": 2.8, "Đặng": 2.1, "Bùi": 2.0, "Đỗ": 1.9, "Hồ": 1.5, "Ngô": 1.3, "Dương": 1.0,
    "Lý": 0.6, "Đinh": 1.0, "Trương": 1.6, "Lương": 0.6, "Mai": 0.6, "Đoàn": 0.8, "Hà": 0.6,
    "Tạ": 0.4, "Châu": 0.4, "Cao": 0.7, "Tô": 0.4, "Trịnh": 0.7, "Lâm": 0.6, "Đào": 0.7, "Thái": 0.5,
    "Tống": 0.2, "Quách": 0.2, "Văn": 0.2, "Kiều": 0.2, "Lưu": 0.4, "Diệp": 0.2,
}  # fmt: skip
"""Shares in hundred."""
MIDDLE = {
    "1": ["Văn"] * 30 + (
        "Đình Đức Hữu Quốc Minh Anh Ngọc Thanh Xuân Công Trọng Quang Hoàng Tấn Duy Gia Bá Thành"
    ).split(),
    "2": ["Thị"] * 30 + (
        "Ngọc Thanh Kim Thu Mỹ Bích Hồng Xuân Minh Phương Thùy Kiều Diễm Ánh Tuyết Như Cẩm Khánh"
    ).split(),
}  # fmt: skip
GIVEN = {
    "1": (
        "Hùng Dũng Sơn Tuấn Minh Hải Long Nam Bình Cường Thành Phúc Hưng Quang Thắng Tâm Bảy Út Lợi "
        "Khoa Khôi Đạt Huy Trung Kiên Tài Lâm Phong Vinh Thịnh An Đức Nghĩa Hiếu Tín Thạch Cảnh Dần "
        "Mười Chín Tư Ba Hòa Hà Việt Toàn Tùng Quân Vũ Khánh Phát Lộc Thiện Trí Nhân Quý Sáu Năm "
        "Tám Ngọc Hiền Đông Châu Hoàng"
    ).split(),
    "2": (
        "Hoa Lan Mai Hồng Hương Thảo Linh Trang Nga Ngà Hạnh Hà Thủy Thúy Phượng Phương Yến Nhung "
        "Loan Liên Liễu Bảy Sáu Tư Ba Hiền Hiển Dung Diệu Oanh Cúc Đào Tuyết Vân Nhi My Mỹ Ngân Thư "
        "Quỳnh Trâm Trinh Uyên Vy Xuân Thu Chi Châu Giang Hằng Huệ Khuyên Lài Lựu Mận Nguyệt Nương "
        "Sen Tâm Thanh Tiên Trúc Út Bích Ánh"
    ).split(),
}  # fmt: skip
HIGHLAND_FAMILIES = ["Siu", "Rmah", "Ksor", "Kpă", "Nay", "Rahlan", "Rơ Châm", "Rơ Mah", "Rơ Lan", "Đinh"]
_ONSETS = "Bl Kl Hl Ph Th Ny Ng Dj Kr Tr Br Gl Pr S R Hy".split()
_RIMES = "ĭn uyên ơm ơn ut ưng ưn ớp ung ik iêng oan ai ơi eng ing ơr ơk ă ŭ".split()
HIGHLAND_GIVEN = {
    "1": [o + r for r in _RIMES for o in _ONSETS],
    "2": ["H'" + o + r for r in _RIMES for o in _ONSETS],
}
PROVINCES = {"Gia Lai": ("064", 0.4), "Bình Định": ("052", 0.03)}
"""Prefix of personal numbers, share of highland households."""


@dataclass(frozen=True, slots=True)
class Household:
    """Father, mother and their children, as the register has them."""

    father: RegisterRow
    mother: RegisterRow
    children: tuple[RegisterRow, ...]

    def __iter__(self) -> Iterator[RegisterRow]:
        return iter((self.father, self.mother, *self.children))


class Province:
    """Draws households; one seed gives the same people everywhere."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        gazetteer = load_gazetteer()
        self.communes: list[tuple[str, str]] = []
        for unit in gazetteer:
            above = gazetteer.parents(unit) if unit.level == "commune" else ()
            province = above[-1].name if above else ""
            if province in PROVINCES and len(above) == 2 and unit.valid_to is not None:
                self.communes.append((province, ", ".join(f"{u.kind} {u.name}" for u in (unit, *above))))
        self.communes.sort()
        self.families = list(FAMILIES)
        self.weights = list(FAMILIES.values())
        self._namesakes: list[tuple[str, str, str]] = []
        self._count = 0

    def name(self, sex: str, highland: bool, family: str = "") -> str:
        """A full name; common given names are as frequent as they are."""
        dice = self.dice
        if highland:
            family = family or dice.choice(HIGHLAND_FAMILIES)
            return f"{family} {dice.choice(HIGHLAND_GIVEN[sex])}"
        family = family or dice.choices(self.families, self.weights)[0]
        middle = dice.choice(MIDDLE[sex])
        if dice.random() < 0.25:
            middle = f"{middle} {dice.choice(MIDDLE[sex][30:])}"
        return f"{family} {middle} {GIVEN[sex][int(dice.triangular(0, len(GIVEN[sex]) - 1e-6, 8))]}"

    def birth(self, year: int) -> str:
        """The first of January stands for many of the old whose day nobody knew."""
        dice = self.dice
        if year < 1975 and dice.random() < 0.08:
            return f"{year}-01-01"
        return f"{year}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"

    def person(
        self, province: str, home: str, sex: str, birth: str, name: str, kin: tuple[str, str]
    ) -> RegisterRow:
        """A row with numbers that agree with sex, year and province; one in a hundred is a namesake."""
        dice = self.dice
        self._count += 1
        year = int(birth[:4])
        if len(self._namesakes) > 100 and dice.random() < 0.01 and kin[0] == "":
            known = dice.choice(self._namesakes)
            if known[1] == sex:
                name, birth = known[0], known[2] if dice.random() < 0.1 else known[2][:4] + birth[4:]
        if dice.random() < 0.02:
            self._namesakes.append((name, sex, birth))
        century = (2 if year >= 2000 else 0) + (1 if sex == "2" else 0)
        number = f"{PROVINCES[province][0]}{century}{birth[2:4]}{self._count % 1_000_000:06d}"
        cmnd = f"{230_000_000 + self._count}" if year < 2005 else ""
        father, mother = kin if kin[0] else (self.name("1", False, name.split()[0]), self.name("2", False))
        return RegisterRow(number, cmnd, name, birth, sex, "", home, home, father, mother)

    def household(self) -> Household:
        """Parents of their time and their children; one birth in eighty gives twins."""
        dice = self.dice
        province, commune = dice.choice(self.communes)
        highland = dice.random() < PROVINCES[province][1]
        word = "làng" if highland else "thôn"
        home = f"{word} {dice.randint(1, 12)}, {commune}"
        year = int(dice.triangular(1935, 1998, 1978))
        father = self.person(province, home, "1", self.birth(year), self.name("1", highland), ("", ""))
        mother_year = year + dice.randint(-4, 8)
        mother = self.person(province, home, "2", self.birth(mother_year), self.name("2", highland), ("", ""))
        kin = (father.hoTen, mother.hoTen)
        family = "" if highland else father.hoTen.split()[0]
        children: list[RegisterRow] = []
        born = mother_year + dice.randint(19, 28)
        for _ in range(dice.choice((1, 1, 2, 2, 2, 3, 3, 4))):
            if born > 2023:
                break
            day = self.birth(born)
            sex = dice.choice("12")
            twins = dice.random() < 1 / 80
            for _ in range(1 + twins):
                children.append(self.person(province, home, sex, day, self.name(sex, highland, family), kin))
                sex = sex if dice.random() < 0.7 else dice.choice("12")
            born += dice.randint(2, 5)
        return Household(father, mother, tuple(children))

    def households(self, people: int) -> Iterator[Household]:
        """Households until so many people are drawn."""
        drawn = 0
        while drawn < people:
            found = self.household()
            drawn += 2 + len(found.children)
            yield found


def bare(text: str) -> str:
    """Letters without diacritics, case kept."""
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in letters if not unicodedata.combining(c))


@dataclass(frozen=True, slots=True)
class Noise:
    """Shares of letters replaced, dropped or doubled, of marks lost, of birth dates with a wrong part."""

    letters: float
    diacritics: float
    births: float

    def text(self, text: str, dice: random.Random) -> str:
        """Text as a poor reading leaves it."""
        result = []
        for letter in text:
            if letter.isalpha() and dice.random() < self.diacritics:
                letter = bare(letter)
            if letter.isalpha() and dice.random() < self.letters:
                letter = dice.choice(["", letter * 2, dice.choice("abcdeghiklmnopqrstuvxyăâđêôơư")])
            result.append(letter)
        return unicodedata.normalize("NFC", "".join(result))

    def birth(self, iso: str, dice: random.Random) -> str:
        """A whole date, now and then with another day, month or year."""
        if dice.random() >= self.births:
            return iso
        year, month, day = (int(p) for p in iso.split("-"))
        part = dice.randrange(3)
        year += dice.choice((-10, -1, 1, 10)) * (part == 0)
        month = dice.randint(1, 12) if part == 1 else month
        day = dice.randint(1, 28) if part == 2 else day
        return f"{year}-{month:02d}-{day:02d}"


NOISES = {"none": Noise(0, 0, 0), "light": Noise(0.02, 0.12, 0.06), "heavy": Noise(0.06, 0.30, 0.15)}
"""Light and heavy as in the first measurement of record linkage for this project."""


def slipped(row: RegisterRow, column: str, dice: random.Random) -> RegisterRow:
    """The row with one true difference, as clerks make them."""
    if column == "ngaySinh" or (column == "hoTen" and len(row.hoTen.split()) < 3):
        year, rest = int(row.ngaySinh[:4]), row.ngaySinh[4:]
        return replace(row, ngaySinh=f"{year + dice.choice((-2, -1, 1, 2, 3))}{rest}")
    if column == "gioiTinh":
        return replace(row, gioiTinh={"1": "2", "2": "1"}[row.gioiTinh])
    words = row.hoTen.split()
    words[1] = dice.choice([m for m in MIDDLE[row.gioiTinh][30:] if m != words[1]])
    return replace(row, hoTen=" ".join(words))
