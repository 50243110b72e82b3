"""Invented values for the fields of a form: as written on paper, and as the official field has them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from bench_population_people import FAMILIES, GIVEN, MIDDLE

from validators.number_words import to_words

DIGITS = "không một hai ba bốn năm sáu bảy tám chín".split()
GROUPS = ["Kinh", "Kinh", "Kinh", "Tày", "Nùng", "Mường", "Thái", "Hoa", "Ê-đê", "Ba-na", "Gia-rai", "Chăm"]
UNITS = [
    ("xã Ia Dêr", "huyện Ia Grai", "tỉnh Gia Lai"),
    ("phường Hội Thương", "thành phố Pleiku", "tỉnh Gia Lai"),
    ("xã Phước Sơn", "huyện Tuy Phước", "tỉnh Bình Định"),
    ("xã Bình Minh", "huyện Bình Sơn", "tỉnh Quảng Ngãi"),
    ("xã Hòa Tiến", "huyện Hòa Vang", "thành phố Đà Nẵng"),
    ("xã Tân Hiệp", "huyện Hóc Môn", "thành phố Hồ Chí Minh"),
    ("xã Quảng Hải", "huyện Quảng Xương", "tỉnh Thanh Hóa"),
    ("xã Nghi Thạch", "huyện Nghi Lộc", "tỉnh Nghệ An"),
    ("thị trấn Di Linh", "huyện Di Linh", "tỉnh Lâm Đồng"),
    ("xã Vĩnh Hậu", "huyện An Phú", "tỉnh An Giang"),
    ("xã Mỹ Hạnh Bắc", "huyện Đức Hòa", "tỉnh Long An"),
    ("phường Trần Phú", "thành phố Hà Giang", "tỉnh Hà Giang"),
]
HAMLETS = [
    "thôn 3",
    "ấp Đông",
    "tổ 7",
    "làng Klah",
    "khu phố 2",
    "thôn Phú Mỹ",
    "số 12 đường Lê Lợi",
    "xóm Đoài",
]
PERSONS = ("nks", "nkt", "chong", "cha", "me", "vo", "cm", "nc", "nxn", "nyc")
"""Prefixes of official keys, longer ones before those they begin with."""
SEXES = {"cha": "1", "chong": "1", "me": "2", "vo": "2"}
TEXTS = {
    "nktNguyenNhanChet": ["Bệnh già", "Tai nạn giao thông", "Ung thư phổi", "Suy tim"],
    "nxnTinhTrangHonNhan": ["Chưa đăng ký kết hôn với ai", "Đã ly hôn, chưa kết hôn với ai"],
    "nxnMucDichSuDung": ["Kết hôn", "Bổ túc hồ sơ vay vốn"],
}

Day = tuple[int, int, int]
Value = tuple[str, str]
"""As written, and as the official field has it."""


@dataclass(slots=True)
class Invented:
    """What one page is about."""

    chance: random.Random
    years: tuple[int, int]
    capitals: bool
    unit: tuple[str, str, str] = field(init=False)
    registered: Day = field(init=False)
    _names: dict[str, str] = field(default_factory=dict)
    _sexes: dict[str, str] = field(default_factory=dict)
    _groups: dict[str, str] = field(default_factory=dict)
    _born: dict[str, Day] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Choose the office, the day and the persons."""
        chance = self.chance
        self.unit = chance.choice(UNITS)
        year = chance.randint(max(self.years[0], 1977), min(self.years[1], 2023))
        self.registered = self._day(year, year)
        family = chance.choices(list(FAMILIES), list(FAMILIES.values()))[0]
        for person in PERSONS:
            self._sexes[person] = SEXES.get(person) or chance.choice("12")
            own = family if person in ("nks", "cha") else ""
            self._names[person] = self._invented_name(self._sexes[person], own)
            self._groups[person] = chance.choice(GROUPS)
            ages = {"nks": (1, 1), "nc": (2, 10)}.get(person, (22, 60))
            self._born[person] = self._day(year - ages[1], year - ages[0])
        self._born["died"] = self._day(year, year)

    def value(self, key: str, kind: str) -> Value:
        """The value of a field; empty where nothing is invented for its kind."""
        make = getattr(self, f"_{kind}", None)
        if make is not None:
            return make(key)
        chosen = self.chance.choice(TEXTS[key]) if key in TEXTS else ""
        return chosen, chosen

    def letterhead(self) -> Value:
        """Lines of the issuing office, largest unit first."""
        commune, district, province = self.unit
        office = self.chance.choice(["UBND", "ỦY BAN NHÂN DÂN"])
        lines = [province.upper(), district.upper(), f"{office} {commune.upper()}"]
        return "\n".join(lines), ", ".join(self.unit)

    def signer(self) -> str:
        """A name for under a signature."""
        return self._invented_name("1")

    def _day(self, first: int, last: int) -> Day:
        return self.chance.randint(first, last), self.chance.randint(1, 12), self.chance.randint(1, 28)

    def _invented_name(self, sex: str, family: str = "") -> str:
        chance = self.chance
        family = family or chance.choices(list(FAMILIES), list(FAMILIES.values()))[0]
        return f"{family} {chance.choice(MIDDLE[sex])} {chance.choice(GIVEN[sex])}"

    def _written_day(self, day: Day, spelt: float) -> Value:
        year, month, number = day
        value = f"{year:04}-{month:02}-{number:02}"
        if self.chance.random() < spelt:
            return f"ngày {number:02} tháng {month:02} năm {year}", value
        sign = self.chance.choice("/-.")
        return sign.join((f"{number:02}", f"{month:02}", str(year))), value

    def _name(self, key: str) -> Value:
        name = self._names[_person(key)]
        return (name.upper() if self.capitals else name), name

    def _date(self, key: str) -> Value:
        if key == "ngayDangKy":
            return self._written_day(self.registered, 0.6)
        if key == "nktNgayChet":
            return self._written_day(self._born["died"], 0.3)
        if "NgaySinh" in key:
            born = self._born[_person(key)]
            if _person(key) in ("cha", "me") and self.chance.random() < 0.5:
                return str(born[0]), str(born[0])
            return self._written_day(born, 0.3)
        return self._written_day(self._day(self.registered[0] - 6, self.registered[0] - 1), 0.0)

    def _date_words(self, key: str) -> Value:
        year, month, number = self._born["died" if "Chet" in key else "nks"]
        written = f"Ngày {to_words(number)} tháng {to_words(month)} năm {_spoken_year(year, self.chance)}"
        return written, f"{year:04}-{month:02}-{number:02}"

    def _sex(self, key: str) -> Value:
        sex = self._sexes[_person(key)]
        return ("Nam" if sex == "1" else "Nữ"), sex

    def _ethnicity(self, key: str) -> Value:
        group = self._groups[_person(key)]
        return group, group

    def _nationality(self, key: str) -> Value:
        return "Việt Nam", "Việt Nam"

    def _place(self, key: str) -> Value:
        if key.endswith("NoiCapGiayToTuyThan"):
            place = f"Công an {self.unit[2]}"
        elif key in ("nksNoiSinh", "nktNoiChet") and self.chance.random() < 0.5:
            place = f"Bệnh viện {self.unit[2]}"
        else:
            unit = self.unit if self.chance.random() < 0.5 else self.chance.choice(UNITS)
            place = ", ".join((self.chance.choice(HAMLETS), *unit))
        return place, place

    def _issuing_unit(self, key: str) -> Value:
        unit = ", ".join(self.unit)
        return f"{self.chance.choice(['Ủy ban nhân dân', 'UBND'])} {unit}", unit

    def _entry_number(self, key: str) -> Value:
        number = str(self.chance.randint(2, 240))
        number = number.zfill(2) if self.chance.random() < 0.5 else number
        return number, number

    def _book_number(self, key: str) -> Value:
        book = f"{self.chance.randint(1, 4):02}/{self.registered[0]}"
        return book, book

    def _page_number(self, key: str) -> Value:
        page = str(self.chance.randint(1, 200))
        return page, page

    def _id_number(self, key: str) -> Value:
        digits = 9 if self.registered[0] < 2016 else 12
        number = "".join(self.chance.choice("0123456789") for _ in range(digits))
        return number, number

    def _id_type(self, key: str) -> Value:
        return ("CMND", "1") if self.registered[0] < 2016 else ("CCCD", "4")

    def _relation(self, key: str) -> Value:
        relation = self.chance.choice(["Cha", "Mẹ", "Con", "Anh ruột", "Vợ"])
        return relation, relation

    def _time(self, key: str) -> Value:
        time = f"{self.chance.randint(1, 23)} giờ {self.chance.randint(1, 59):02} phút"
        return time, time

    def _recognition_type(self, key: str) -> Value:
        return "Cha nhận con", "1"

    def _death_notice_type(self, key: str) -> Value:
        return "Giấy báo tử", "1"


def _person(key: str) -> str:
    return next((person for person in PERSONS if key.startswith(person)), "")


def _spoken_year(year: int, chance: random.Random) -> str:
    if chance.random() < 0.2:
        return " ".join(DIGITS[int(digit)] for digit in str(year))
    return to_words(year)
