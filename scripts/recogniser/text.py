"""Invented text of registry lines: what may stand in a field, and plain syllables beside it.

Everything is drawn from hand-written lists (`words`) and from the public table of
administrative units; nothing comes from a real or synthetic register.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable
from pathlib import Path
from random import Random

import words
from spelling import DIGITS, in_words, syllable

_ALPHANUMERIC = "ABCDEGHKLMNPQRSTVXY"


class Writer:
    """Draws field texts; the same random state gives the same lines.

    Args:
        units: table with the columns old_province, old_district, old_ward, new_province, new_ward.
    """

    def __init__(self, units: Path) -> None:
        with units.open(encoding="utf-8", newline="") as rows:
            table = list(csv.DictReader(rows))
        self._old = sorted({(r["old_ward"], r["old_district"], r["old_province"]) for r in table})
        self._new = sorted({(r["new_ward"], r["new_province"]) for r in table})
        self._families, self._shares = zip(*words.FAMILY, strict=True)
        self._kinds: list[tuple[Callable[[Random], str], float]] = [
            (self._name, 17),
            (self._highland_name, 6),
            (self._address, 20),
            (self._date, 12),
            (self._date_in_words, 4),
            (self._number, 10),
            (self._age, 3),
            (self._entry, 6),
            (self._label, 11),
            (self._issuer, 5),
            (self._note, 7),
            (self._area, 4),
            (self._clock, 2),
            (self._dash, 0.6),
            (self._syllables, 7),
            (self._prose, 5),
            (self._code, 2),
            (self._joined, 5),
        ]

    def line(self, rng: Random) -> str:
        """One line of text, NFC."""
        kinds, weights = zip(*self._kinds, strict=True)
        text = rng.choices(kinds, weights)[0](rng)
        roll = rng.random()
        if roll < 0.07:
            text = text.upper()
        elif roll < 0.08:
            text = text.lower()
        elif roll < 0.11:
            text = text + rng.choice([".", ",", ";", ":", "./."])
        elif roll < 0.12:
            text = f"({text})"
        return unicodedata.normalize("NFC", " ".join(text.split()))

    def _name(self, rng: Random) -> str:
        middle = [rng.choice(words.MIDDLE) for _ in range(rng.choices([0, 1, 2, 3], [8, 62, 27, 3])[0])]
        given = rng.choice(words.GIVEN) if rng.random() < 0.8 else syllable(rng).capitalize()
        family = rng.choices(self._families, self._shares)[0]
        text = " ".join([family, *middle, given])
        return text.upper() if rng.random() < 0.3 else text

    def _highland_name(self, rng: Random) -> str:
        family = rng.choice(words.HIGHLAND_FAMILY)
        given = rng.choice(words.HIGHLAND_GIVEN if rng.random() < 0.75 else words.PLACE_TAILS)
        middle = rng.choice(words.HIGHLAND_MIDDLE) if rng.random() < 0.35 else ""
        shape = rng.random()
        text = (
            f"{family} {middle} {given}" if shape < 0.6 else f"Y {given} {family}" if shape < 0.8 else given
        )
        if shape > 0.93:
            text = (
                f"H' {given} {family}"
                if rng.random() < 0.5
                else f"H'{given.removeprefix(chr(72) + chr(39))} {family}"
            )
        text = text.replace("H' ", "H'") if rng.random() < 0.5 else text
        return text.upper() if rng.random() < 0.3 else text

    def _unit(self, rng: Random, name: str) -> str:
        head, _, tail = name.partition(" ")
        if head == "Thành":
            head, tail = "Thành phố", name.removeprefix("Thành phố ")
        if head == "Thị":
            kind = " ".join(name.split()[:2])
            head, tail = kind, name.removeprefix(kind + " ")
        short = {
            "Xã": ["X.", "X. ", "xã "],
            "Phường": ["P.", "P. ", "phường "],
            "Quận": ["Q.", "Q. ", "quận "],
            "Huyện": ["H.", "H. ", "huyện ", "Huyện "],
            "Tỉnh": ["T.", "T. ", "tỉnh ", "Tỉnh "],
            "Thành phố": ["TP.", "TP. ", "TP ", "thành phố ", "Tp. ", "T.P "],
            "Thị xã": ["TX.", "TX. ", "thị xã "],
            "Thị trấn": ["TT.", "TT. ", "thị trấn "],
        }.get(head, [head + " "])
        if rng.random() < 0.6:
            return short[-1] + tail
        return "" + tail if rng.random() < 0.2 else rng.choice(short) + tail

    def _near(self, rng: Random) -> str:
        place = rng.choice(
            [
                "thôn",
                "thôn",
                "tổ",
                "làng",
                "buôn",
                "ấp",
                "xóm",
                "khu phố",
                "khối",
                "bản",
                "Thôn",
                "Tổ",
                "tổ dân phố",
                "TDP",
                "Làng",
                "Buôn",
                "Plei",
                "KP",
                "đội",
                "bon",
                "số",
                "Thôn:",
            ]
        )
        if rng.random() < 0.55:
            mark = rng.choice(["", "", "", "A", "B"])
            tail = (
                f"{rng.randint(1, 24)}{mark}"
                if rng.random() < 0.85
                else f"{rng.randint(1, 400)}/{rng.randint(1, 90)}"
            )
        else:
            tail = self._hamlet(rng)
        street = f"{rng.randint(1, 700)} {self._name(rng)}" if rng.random() < 0.12 else ""
        return ", ".join(filter(None, [street, f"{place} {tail}"]))

    def _hamlet(self, rng: Random) -> str:
        if rng.random() < 0.5:
            return f"{rng.choice(words.PLACE_HEADS)} {rng.choice(words.PLACE_TAILS)}"
        return " ".join(syllable(rng).capitalize() for _ in range(rng.choice([1, 2, 2])))

    def _places(self, rng: Random) -> list[str]:
        if rng.random() < 0.75:
            return [self._unit(rng, u) for u in rng.choice(self._old)]
        return [self._unit(rng, u) for u in rng.choice(self._new)]

    def _address(self, rng: Random) -> str:
        places = self._places(rng)
        if rng.random() < 0.22:
            places[0] = f"xã {rng.choice(words.PLACE_HEADS)} {rng.choice(words.PLACE_TAILS)}"
        parts = [self._near(rng), *places] if rng.random() < 0.6 else places
        if rng.random() < 0.4:
            keep = rng.randint(1, len(parts))
            parts = parts[:keep] if rng.random() < 0.6 else parts[-keep:]
        joint = rng.choices([", ", " - ", "-", ",", " ", " – "], [70, 18, 5, 4, 2, 0])[0]
        text = joint.join(parts)
        return text[0].upper() + text[1:] if rng.random() < 0.4 else text

    def _date(self, rng: Random) -> str:
        day, month, year = rng.randint(1, 31), rng.randint(1, 12), rng.randint(1900, 2026)
        if rng.random() < 0.5:
            days, months = f"{day:02d}", f"{month:02d}"
        else:
            days, months = str(day), str(month)
        return rng.choices(
            [
                f"{days}/{months}/{year}",
                f"{days}-{months}-{year}",
                f"{days}.{months}.{year}",
                f"{months}/{year}",
                f"{months}.{year}",
                f"{year}",
                f"ngày {days} tháng {months} năm {year}",
                f"Ngày {days} tháng {months} năm {year}",
                f"tháng {months} năm {year}",
                f"năm {year}",
                f"Năm {year}",
                f"{days}/{months}/{year % 100:02d}",
                f"{days} / {months} / {year}",
                f"{days} - {months} - {year}",
                f"{days}/{months}",
            ],
            [28, 12, 7, 5, 3, 9, 9, 5, 3, 4, 2, 5, 3, 3, 2],
        )[0]

    def _date_in_words(self, rng: Random) -> str:
        day, month, year = rng.randint(1, 31), rng.randint(1, 12), rng.randint(1920, 2026)
        days = f"mồng {in_words(day)}" if day <= 10 and rng.random() < 0.25 else in_words(day)
        months = "tư" if month == 4 and rng.random() < 0.5 else in_words(month)
        apart = " ".join(DIGITS[int(digit)] for digit in str(year))
        years = apart if rng.random() < 0.3 else in_words(year)
        if rng.random() < 0.2:
            years = years.replace("nghìn", "ngàn")
        if rng.random() < 0.6:
            years = years.replace(" lẻ ", " linh ")
        text = f"ngày {days} tháng {months} năm {years}"
        whole = text if rng.random() < 0.75 else text.split(" tháng ")[0] + " tháng " + months
        whole = whole if rng.random() < 0.9 else f"năm {years}"
        return whole[0].upper() + whole[1:] if rng.random() < 0.7 else whole

    def _number(self, rng: Random) -> str:
        lengths = [9, 12, 3, 1, 2, 4, 5, 6, 8]
        length = rng.choices(lengths, [24, 30, 12, 5, 12, 6, 5, 3, 3])[0]
        digits = "".join(rng.choice("0123456789") for _ in range(length))
        if length == 12 and rng.random() < 0.7:
            digits = "0" + digits[1:]
        if length in (9, 12) and rng.random() < 0.12:
            digits = " ".join(digits[i : i + 3] for i in range(0, length, 3))
        return digits if rng.random() < 0.9 else f"Số {digits}" if rng.random() < 0.5 else f"Số: {digits}"

    def _age(self, rng: Random) -> str:
        age = rng.randint(1, 99)
        return rng.choice(
            [
                f"{age} tuổi",
                f"{age} tuổi",
                f"{age}t",
                f"{age:02d} tuổi",
                f"sinh năm {2000 - age}",
                f"SN {2000 - age}",
                f"{age}",
                f"Sinh năm: {2010 - age}",
                f"{in_words(age)} tuổi",
            ]
        )

    def _entry(self, rng: Random) -> str:
        number, year = rng.randint(1, 420), rng.randint(1956, 2026)
        return rng.choice(
            [
                f"{number}/{year}",
                f"{number:02d}/{year}",
                f"Số: {number:02d}/{year}",
                f"{number}/GKS",
                f"{number:03d}",
                f"Số {number}/{year}",
                f"{number}/{year % 100:02d}",
                f"Quyển số {number % 9 + 1:02d}/{year}",
                f"{number}",
                f"0{number % 9 + 1}/{year}",
                f"TP/HT-{year}-KS.{number}",
                f"{number}/QĐ-UBND",
                f"{number}/{year}/QĐST-HNGĐ",
                f"Q{number % 9 + 1}/{year}",
                f"{number}/KS/{year}",
                f"{number}/TLKS-BS",
            ]
        )

    def _label(self, rng: Random) -> str:
        pool = rng.choices(
            [
                words.ETHNIC,
                words.NATION,
                words.RELATION,
                words.JOBS,
                words.CAUSES,
                words.TITLES,
                words.PAPERS,
                words.LAND,
                "Nam|Nữ|Nam|Nữ|nữ|nam|Trai|Gái|nt|-nt-|Không|không|Có|Lần 1|Lần thứ nhất|Thứ hai|Đã chết|"
                "Chưa|Độc thân|Đang có vợ|Như trên".split("|"),
            ],
            [16, 9, 12, 9, 10, 9, 9, 8, 16],
        )[0]
        text = self._filled(rng, rng.choice(pool))
        return text if rng.random() < 0.9 else text.lower()

    def _issuer(self, rng: Random) -> str:
        return self._filled(rng, rng.choice(words.ISSUERS if rng.random() < 0.6 else words.PLACES))

    def _note(self, rng: Random) -> str:
        text = self._filled(rng, rng.choice(words.NOTES))
        parts = text.split()
        if len(parts) > 10:
            start = rng.randint(0, len(parts) - 8)
            parts = parts[start : start + rng.randint(5, 12)]
        return " ".join(parts)

    def _filled(self, rng: Random, pattern: str) -> str:
        if "{" not in pattern:
            return pattern
        ward, district, province = (self._unit(rng, u) for u in rng.choice(self._old))
        return pattern.format(
            w=ward,
            d=district,
            p=province.removeprefix("tỉnh "),
            d1=self._date(rng),
            d2=self._date(rng),
            d3=self._date(rng),
            q=self._entry(rng),
            n=rng.randint(1, 60),
            m=self._name(rng),
            u=f"UBND {ward}",
            t=f"TAND {district}",
            a=self._area(rng).split(" ")[0],
        )

    def _area(self, rng: Random) -> str:
        value = rng.choice([rng.uniform(20, 900), rng.uniform(900, 99999)])
        number = f"{value:,.{rng.choice([0, 1, 1, 2])}f}".translate(str.maketrans(",.", ".,"))
        number = number.replace(".", "") if rng.random() < 0.4 else number
        unit = rng.choice([" m²", "m²", " m2", "m2", " m²", " ha", "", " mét vuông"])
        return rng.choice(["", "", "", "Diện tích: ", "Thửa đất số ", "Tờ bản đồ số "]) + number + unit

    def _clock(self, rng: Random) -> str:
        hour, minute = rng.randint(0, 23), rng.randint(0, 59)
        return rng.choice(
            [
                f"{hour:02d} giờ {minute:02d} phút",
                f"{hour} giờ {minute} phút",
                f"{hour}h{minute:02d}",
                f"{hour} giờ",
                f"{hour:02d}h{minute:02d}'",
                f"{hour:02d} giờ {minute:02d} phút ngày {self._date(rng)}",
                f"{in_words(hour)} giờ {in_words(minute)} phút",
            ]
        )

    def _dash(self, rng: Random) -> str:
        return rng.choice(
            ["-/-", "-", "/", "-/-", "//", "x", "- / -", "---", "0", "Không", "không rõ", "-//-"]
        )

    def _syllables(self, rng: Random) -> str:
        picked = [syllable(rng) for _ in range(rng.randint(1, 7))]
        if rng.random() < 0.3:
            picked = [p.capitalize() for p in picked]
        if rng.random() < 0.15:
            picked.insert(rng.randint(0, len(picked)), str(rng.randint(0, 9999)))
        return " ".join(picked).upper() if rng.random() < 0.2 else " ".join(picked)

    def _prose(self, rng: Random) -> str:
        picked = [rng.choice(words.COMMON) for _ in range(rng.randint(2, 10))]
        for at in range(len(picked) - 1):
            if rng.random() < 0.08:
                picked[at] += rng.choice([",", ".", ";", ":"])
        text = " ".join(picked)
        return text[0].upper() + text[1:] if rng.random() < 0.5 else text

    def _code(self, rng: Random) -> str:
        """Serials of certificates and files: letters and digits mixed."""
        head = "".join(rng.choice(_ALPHANUMERIC) for _ in range(rng.randint(1, 3)))
        digits = "".join(rng.choice("0123456789") for _ in range(rng.randint(3, 8)))
        return rng.choice(
            [
                f"{head} {digits}",
                f"{head}{digits}",
                f"{head}-{digits}",
                f"{head}/{digits}",
                f"{digits}/{head}",
                f"0{digits} CT",
                f"{digits} QSDĐ/{head}",
                f"H {digits}",
                f"{head}: {digits} + {digits[:2]}%",
            ]
        )

    def _joined(self, rng: Random) -> str:
        """Two fields on one line, with their words between."""
        return rng.choice(
            [
                f"{self._name(rng)}, {self._age(rng)}",
                f"{self._name(rng)} - {self._date(rng)}",
                f"Ông: {self._name(rng)}",
                f"CMND số: {self._number(rng)}",
                f"Dân tộc: {rng.choice(words.ETHNIC)}",
                f"Bà {self._name(rng)}",
                f"Hộ ông {self._name(rng)} và bà {self._name(rng)}",
                f"{rng.choice(words.PAPERS)} số {self._number(rng)} cấp ngày {self._date(rng)}",
                f"Quốc tịch: {rng.choice(words.NATION)}",
                f"Số {self._entry(rng)} ngày {self._date(rng)}",
                f"Con ông {self._name(rng)}",
                f"{rng.choice(words.JOBS)}, {rng.choice(words.ETHNIC)}",
                f"Nơi sinh: {self._address(rng)}",
                f"{self._date(rng)}, {self._address(rng)}",
            ]
        )
