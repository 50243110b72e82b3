"""Draws a sheet of a form as one more printer might have set it: other type, wordings, order and rules."""

from __future__ import annotations

import math
import random
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from layout_values import Invented
from PIL import Image, ImageDraw, ImageFont

from ocr.forms.schema import Form, Row, Slot
from ocr.row_order import orders

A4: Final = (210.0, 297.0)
"""Millimetres."""
PRINT: Final = ("Tinos", "Tinos", "Arimo", "DejaVu Serif", "DejaVu Sans")
TYPEWRITER: Final = "Cousine"
HINTS: Final = {
    "full_name": ("Họ, chữ đệm, tên (viết chữ in hoa)", "Họ và tên (chữ in hoa)"),
    "residence": ("Nơi cư trú (thường trú, tạm trú)", "Nơi thường trú/ tạm trú/ nơi ở", "Địa chỉ cư trú"),
    "birth_date": ("Ngày tháng năm sinh (dương lịch)", "Ngày/tháng/năm sinh"),
    "birth_place": ("Nơi sinh (xã, huyện, tỉnh)", "Nơi sinh (ghi rõ địa danh)"),
    "identity_document": ("Giấy tờ tùy thân (loại, số)", "Giấy tờ tuỳ thân"),
    "home_place": ("Quê quán (xã, huyện, tỉnh)",),
    "relation": ("Quan hệ với người được đăng ký",),
}
"""Longer wordings than the vocabulary has, by label."""
STRAY: Final = (("Nghề nghiệp", "Làm nông"), ("Tôn giáo", "Không"), ("Trình độ văn hóa", "9/12"))
"""Labels that the form file does not know, with what stands behind them."""
JOINTS: Final = {
    "identity": (("type", "số"), ("number", "cấp ngày"), ("date", "tại"), ("place", "")),
    "notice": (("type", "số"), ("number", "ngày"), ("date", "")),
}
"""Parts of a longer value, each with the words behind it."""
WRAPS: Final = frozenset({"place", "text", "date_words", "issuing_unit"})
"""Kinds of values that go on on a second line; others are written narrower."""
CODES: Final = ("1", "4")
"""Of the options that may be ticked: in time, late."""

Box = tuple[float, float, float, float]


@cache
def font_file(family: str, style: str = "Regular") -> str:
    """Path of an installed typeface.

    Raises:
        ValueError: it is not installed.
    """
    pattern = f"{family}:style={style}"
    found = subprocess.run(
        ["fc-match", "-f", "%{family}\t%{file}", pattern], capture_output=True, text=True, check=True
    )
    name, _, path = found.stdout.partition("\t")
    if family not in name:
        raise ValueError(f"{family} is not installed")
    return path


class Sheet:
    """One page and the truth about it.

    Args:
        form: to be drawn; of layout ``sheet``.
        labels: wordings of the vocabulary by name.
        seed: everything follows from it.
        dpi: of the picture.

    Attributes:
        image: the page, level and clean.
        fields: truth by official key.
        foot: lowest pixel in use; beyond the page where the sheet did not fit.
    """

    def __init__(self, form: Form, labels: Mapping[str, Sequence[str]], seed: str, dpi: int) -> None:
        self._chance = chance = random.Random(seed)
        self._form, self._labels, self._dpi = form, labels, dpi
        self._mm = dpi / 25.4
        self.image = Image.new(
            "RGB",
            (round(A4[0] * self._mm), round(A4[1] * self._mm)),
            chance.choice(((255, 255, 255), (250, 247, 240), (244, 240, 225))),
        )
        self._draw = ImageDraw.Draw(self.image)
        self.fields: dict[str, Any] = {}
        self.ink = chance.choice(("type", "print"))
        self._type = chance.choice(PRINT)
        self._pen = font_file(TYPEWRITER)
        if self.ink == "print":
            self._pen = font_file(chance.choice(PRINT[1:3]), chance.choice(("Regular", "Italic", "Bold")))
        crowded = form.form == "KS" and form.years[0] > 2005
        self._points = chance.uniform(10.5, 10.8 if crowded else 13)
        self._pitch = chance.uniform(5.6, 7.1) * self._mm if crowded else chance.uniform(8.2, 9.6) * self._mm
        self._black, self._blue = (
            chance.choice(((15, 15, 15), (20, 60, 40))),
            chance.choice(((20, 20, 20), (25, 30, 110))),
        )
        self._number = chance.choice(("", "", "{}. ", "{}) ", "- "))
        self._colon = chance.choice((":", ":", ":", ""))
        self._line = chance.choice(("dots", "rule", "", "dots"))
        self._other_words, self._hints = chance.random() < 0.5, chance.random() < 0.4
        self._parts_rows, self._bold = chance.random() < 0.3, chance.random() < 0.2
        self._centred, self._stray = chance.random() < 0.6, chance.random() < 0.35
        self._about = Invented(chance, form.years, chance.random() < 0.5)
        self._left = chance.uniform(14, 24) * self._mm
        self._right = self.image.width - chance.uniform(*((38, 48) if form.margin else (12, 18))) * self._mm
        self._count, self._columns = 0, [self._left]
        self.foot = self._signatures(self._body(self._head()))
        if form.margin:
            self._margin()

    def _font(self, style: str = "Regular", share: float = 1.0) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(font_file(self._type, style), round(self._points * share * self._dpi / 72))

    def _hand(self, share: float = 1.0) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(self._pen, round(self._points * share * self._dpi / 72))

    def _put(self, x: float, y: float, text: str, font: ImageFont.FreeTypeFont, **how: Any) -> Box:
        how = {"anchor": "ls", "fill": self._black} | how
        self._draw.text((x, y), text, font=font, **how)
        return self._draw.textbbox((x, y), text, font=font, anchor=how["anchor"])

    def _tell(self, key: str, written: str, value: str, boxes: Sequence[Box], ink: str = "") -> None:
        x0, y0, x1, y1 = zip(*boxes, strict=True)
        self.fields[key] = {
            "written": written,
            "value": value,
            "ink": ink or (self.ink if written else "empty"),
            "page": 1,
            "box": [round(min(x0)), round(min(y0)), round(max(x1)), round(max(y1))],
        }

    def _head(self) -> float:
        y, step = self._chance.uniform(12, 18) * self._mm, self._points * 1.4 * self._dpi / 72
        bold = self._font("Bold", 0.85)
        if self._form.letterhead or self._chance.random() < 0.6:
            written, value = self._about.letterhead()
            boxes = [
                self._put(self._left + 25 * self._mm, y + n * step, line, bold, anchor="ms")
                for n, line in enumerate(written.split("\n"))
            ]
            if self._form.letterhead:
                self._tell(self._form.letterhead.key, written, value, boxes, "print")
        for n, line in enumerate(("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")):
            self._put(0.68 * self.image.width, y + n * step, line, bold, anchor="ms")
        y += 3 * step + self._chance.uniform(4, 10) * self._mm
        mark = "DỮ LIỆU GIẢ LẬP – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"
        self._put(self.image.width / 2, y, mark, self._font(share=0.6), anchor="ms")
        return y + self._chance.uniform(8, 12) * self._mm

    def _body(self, y: float) -> float:
        rows = self._chance.choice(orders(self._form.rows))
        for row in rows:
            if row.heading:
                y = self._heading(row, y)
            elif row.columns:
                y = self._column_heads(row, y, cells=any(other.cells for other in rows))
            elif row.choice:
                y = self._ticks(row, y)
            elif row.cells:
                y = self._cells(row, y)
            elif not row.optional or self._chance.random() < 0.5:
                y = self._slots(row, y)
        return y

    def _heading(self, row: Row, y: float) -> float:
        words = self._chance.choice(row.heading) if self._other_words else row.heading[0]
        if set(row.heading) & set(self._form.titles):
            y += 2 * self._mm
            self._put(self.image.width / 2, y, words.upper(), self._font("Bold", 1.5), anchor="ms")
            return y + 1.1 * self._pitch
        if row.optional and self._chance.random() < 0.25:
            return y
        words = words.upper() if self._chance.random() < 0.3 else words
        x = (self._left + self._right) / 2 if self._centred else self._left
        self._put(x, y, words, self._font("Bold"), anchor="ms" if self._centred else "ls")
        self._count = 0
        return y + self._pitch

    def _column_heads(self, row: Row, y: float, *, cells: bool) -> float:
        starts = (0.26, 0.63) if cells else (0.0, 0.51)
        self._columns = [self._left + share * (self._right - self._left) for share in starts]
        for start, end, words in zip(
            self._columns, [*self._columns[1:], self._right], row.columns, strict=True
        ):
            said = self._chance.choice(words) if self._other_words else words[0]
            self._put((start + end) / 2, y, said, self._font("Bold"), anchor="ms")
        return y + self._pitch

    def _ticks(self, row: Row, y: float) -> float:
        assert row.choice
        x, side, ticked = self._left, 3.6 * self._mm, self._chance.randrange(len(CODES))
        before = self._chance.random() < 0.5
        for n, options in enumerate(row.choice.options):
            if before:
                at, x = x, x + side + 2 * self._mm
            end = self._put(x, y, options[0], self._font())[2]
            if not before:
                at = end + 2 * self._mm
                end = at + side
            self._draw.rectangle((at, y - side, at + side, y), outline=(20, 20, 20), width=self._thin(0.25))
            if n == ticked:
                bend = (at + 0.45 * side, y - 0.1 * side)
                tick = [(at + 0.1 * side, y - 0.5 * side), bend, (at + 1.15 * side, y - 1.2 * side)]
                self._draw.line(tick, fill=self._blue, width=self._thin(0.6))
                self._tell(row.choice.key, options[0], CODES[n], [(x, y - side, end, y)])
            x = end + 10 * self._mm
        return y + self._pitch

    def _cells(self, row: Row, y: float) -> float:
        self._put(self._left, y, row.slots[0].label[0], self._font())
        used = 1
        for cell, start, end in zip(row.cells, self._columns, [*self._columns[1:], self._right], strict=True):
            written, value = self._about.value(cell.key, cell.kind)
            first, last = start + 2 * self._mm, end - 2 * self._mm
            boxes = self._write(first, y, last, first, written, wraps=cell.kind in WRAPS)
            self._tell(cell.key, written, value, boxes)
            used = max(used, len(boxes))
        return y + used * self._pitch

    def _slots(self, row: Row, y: float) -> float:
        slots = [slot for slot in row.slots if not (slot.optional and self._chance.random() < 0.6)]
        if len(self._columns) > 1 and len(slots) > 1 and not any(o.cells for o in self._form.rows):
            each, used = len(slots) // 2, 1
            for n, slot in enumerate(slots):
                start = self._columns[n // each]
                end = self._columns[1] - 4 * self._mm if n < each else self._right
                width = (end - start) / each
                x = start + (n % each) * width
                used = max(used, self._slot(slot, x, y, x + width - 2 * self._mm, start, beside=each > 1))
            return y + used * self._pitch
        if len(slots) > 1 and not self._parts_rows:
            weights = [1.5 if slot.kind in ("name", "date") else 1.0 for slot in slots]
            x, used = self._left, 1
            for slot, weight in zip(slots, weights, strict=True):
                end = x + (self._right - self._left) * weight / sum(weights)
                first = self._number if slot is slots[0] else ""
                used = max(used, self._slot(slot, x, y, end - 2 * self._mm, x, first, beside=True))
                x = end
            y += used * self._pitch
        else:
            for slot in slots:
                indent = self._left + self._chance.choice((0, 6)) * self._mm
                y += self._slot(slot, self._left, y, self._right, indent, self._number) * self._pitch
        if self._stray and any(slot.kind == "ethnicity" for slot in slots):
            label, answer = self._chance.choice(STRAY)
            end = self._put(self._left, y, label + self._colon, self._font())[2] + 1.5 * self._mm
            self._write(end, y, self._right, self._left, answer, wraps=False)
            self._leader(end, y, self._right)
            y += self._pitch
        return y

    def _slot(
        self,
        slot: Slot,
        x: float,
        y: float,
        end: float,
        indent: float,
        number: str = "",
        *,
        beside: bool = False,
    ) -> int:
        """Draw a label and its value; how many lines that took."""
        if number:
            self._count += 1
        words = number.format(self._count) + self._wording(slot, hints=not beside) + self._colon
        start = self._put(x, y, words, self._font("Bold" if self._bold else "Regular"))[2] + 1.5 * self._mm
        if slot.split:
            used = self._joined(slot, start, y, end, indent)
        elif slot.key:
            written, value = self._about.value(slot.key, slot.kind)
            if slot.kind == "date" and self._hand(0.8).getlength(written) > end - start:
                written = "/".join(reversed(value.split("-")))
            boxes = self._write(start, y, end, indent, written, wraps=slot.kind in WRAPS and not beside)
            self._tell(slot.key, written, value, boxes or [(start, y - 4 * self._mm, end, y)])
            used = max(1, len(boxes))
        else:
            used = 1
        for n in range(used):
            self._leader(indent if n else start, y + n * self._pitch, end)
        return used

    def _wording(self, slot: Slot, *, hints: bool) -> str:
        if not slot.label:
            return ""
        if self._hints and hints:
            for name, longer in HINTS.items():
                if slot.label[0] == self._labels[name][0]:
                    return self._chance.choice(longer)
        return self._chance.choice(slot.label) if self._other_words else slot.label[0]

    def _joined(self, slot: Slot, x: float, y: float, end: float, indent: float) -> int:
        font, lines = self._hand(), 1
        for part, behind in JOINTS[slot.split]:
            field = slot.parts[part]
            written, value = self._about.value(field.key, field.kind)
            boxes = []
            for n, word in enumerate([*written.split(), *behind.split()]):
                if x + font.getlength(word) > end and x > indent:
                    x, lines = indent, lines + 1
                box = self._put(x, y + (lines - 1) * self._pitch, word, font, fill=self._blue)
                if n < len(written.split()):
                    boxes.append(box)
                x += font.getlength(word + " ")
            self._tell(field.key, written, value, boxes)
        return lines

    def _write(self, x: float, y: float, end: float, indent: float, text: str, *, wraps: bool) -> list[Box]:
        """Write a value; the box of each line."""
        share = 1.0
        while not wraps and share > 0.7 and x + self._hand(share).getlength(text) > end:
            share *= 0.95
        font, boxes, line = self._hand(share), list[Box](), ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if wraps and line and x + font.getlength(longer) > end:
                boxes.append(self._put(x, y + len(boxes) * self._pitch, line, font, fill=self._blue))
                x, line = indent, word
            else:
                line = longer
        if line:
            boxes.append(self._put(x, y + len(boxes) * self._pitch, line, font, fill=self._blue))
        return boxes

    def _leader(self, x: float, y: float, end: float) -> None:
        if end - x < 3 * self._mm or not self._line:
            return
        if self._line == "dots":
            self._put(x, y, "." * int((end - x) / self._font().getlength(".")), self._font())
        else:
            y += 0.5 * self._mm
            self._draw.line((x, y, end, y), fill=(90, 90, 90), width=self._thin(0.2))

    def _signatures(self, y: float) -> float:
        y, step = y + 4 * self._mm, self._points * 1.4 * self._dpi / 72
        bold = self._font("Bold", 0.9)
        for sign in self._form.signatures:
            x = self._left + (0.24 if sign.side == "left" else 0.76) * (self._right - self._left)
            titles = [self._chance.choice([w for w in sign.under if "khai" not in w])]
            if sign.title:
                deputy = self._chance.random() < 0.4
                own = ["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"] if deputy else ["CHỦ TỊCH"]
                titles = [self._chance.choice(("TM. ỦY BAN NHÂN DÂN", "TM. UBND")), *own]
            boxes = [self._put(x, y + n * step, t, bold, anchor="ms") for n, t in enumerate(titles)]
            if sign.title:
                value = titles[-1].title().replace("Tịch", "tịch")
                self._tell(sign.title.key, titles[-1], value, boxes[-1:], "print")
            if self._chance.random() < 0.5:
                below = y + len(titles) * step
                self._put(x, below, "(Ký, ghi rõ họ, tên)", self._font("Italic", 0.8), anchor="ms")
            at = y + self._chance.uniform(26, 32) * self._mm
            wave = [
                (
                    x + (1.2 * k - 12) * self._mm,
                    at + (5 * math.sin(1.1 * k) * math.exp(-k / 14) - 9) * self._mm,
                )
                for k in range(20)
            ]
            self._draw.line(wave, fill=(30, 40, 140), width=self._thin(0.5), joint="curve")
            name = self._about.signer()
            font = self._font("Bold") if self._chance.random() < 0.6 else self._hand()
            self._tell(sign.key, name, name, [self._put(x, at, name, font, anchor="ms")], "print")
        return y + 42 * self._mm

    def _margin(self) -> None:
        assert self._form.margin
        left, right = self._right + 4 * self._mm, self.image.width - 6 * self._mm
        rule = (left - 2 * self._mm, 60 * self._mm, left - 2 * self._mm, self.image.height - 30 * self._mm)
        self._draw.line(rule, fill=(60, 60, 60), width=self._thin(0.25))
        self._put((left + right) / 2, 66 * self._mm, "Ghi chú", self._font("Bold", 0.8), anchor="ms")
        self._tell(self._form.margin.key, "", "", [(left, 70 * self._mm, right, 90 * self._mm)])

    def _thin(self, millimetres: float) -> int:
        return max(1, round(millimetres * self._mm))
