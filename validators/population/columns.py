"""Millions of register rows as a few arrays: texts once in a pool, everything else as numbers."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from validators.population.row import RegisterRow

TEXT_COLUMNS = ("hoTen", "danToc", "queQuan", "noiThuongTru", "hoTenCha", "hoTenMe")
NUMBER_COLUMNS = ("soDinhDanh", "soCMND")


class TextPool:
    """Distinct texts in one run of UTF-8 bytes."""

    def __init__(self, texts: Iterable[str]) -> None:
        blob = bytearray()
        ends = array("Q", [0])
        for text in texts:
            blob += text.encode()
            ends.append(len(blob))
        self._blob = bytes(blob)
        self._ends = ends

    def __getitem__(self, at: int) -> str:
        return self._blob[self._ends[at] : self._ends[at + 1]].decode()

    def __len__(self) -> int:
        return len(self._ends) - 1

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return len(self._blob) + len(self._ends) * self._ends.itemsize


def number_code(digits: str) -> int:
    """Digits with their count, so that leading zeros come back; 0 for ""."""
    return int(digits) * 16 + len(digits) if digits else 0


def birth_code(iso: str) -> int:
    """A date, possibly partial, as yyyymmdd with zeros where unknown."""
    return int(iso.replace("-", "").ljust(8, "0")) if iso else 0


def _number(code: int) -> str:
    return f"{code // 16:0{code % 16}d}" if code else ""


def _birth(code: int) -> str:
    year, month, day = code // 10000, code // 100 % 100, code % 100
    return (
        (f"{year:04d}" if year else "") + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")
    )


class RegisterColumns:
    """Rows as arrays of equal length.

    45 bytes a row beside the pool of texts. While rows come in, a dictionary of the texts seen is held
    as well; it goes when the last row is in.

    Attributes:
        texts: of every column in ``TEXT_COLUMNS``, places in `pool`.
        numbers: of every column in ``NUMBER_COLUMNS``, see `number_code`.
        births: yyyymmdd, zeros where unknown.
        sexes: 0 unknown, 1 male, 2 female.
    """

    def __init__(self, rows: Iterable[RegisterRow]) -> None:
        seen: dict[str, int] = {}
        texts = [array("I") for _ in TEXT_COLUMNS]
        numbers = [array("Q") for _ in NUMBER_COLUMNS]
        births, sexes = array("I"), array("B")
        for row in rows:
            given = (row.hoTen, row.danToc, row.queQuan, row.noiThuongTru, row.hoTenCha, row.hoTenMe)
            for column, text in zip(texts, given, strict=True):
                column.append(seen.setdefault(text, len(seen)))
            numbers[0].append(number_code(row.soDinhDanh))
            numbers[1].append(number_code(row.soCMND))
            births.append(birth_code(row.ngaySinh))
            sexes.append(int(row.gioiTinh or 0))
        self.pool = TextPool(seen)
        self.texts = {
            name: np.frombuffer(column, dtype=np.uint32)
            for name, column in zip(TEXT_COLUMNS, texts, strict=True)
        }
        self.numbers = {
            name: np.frombuffer(column, dtype=np.uint64)
            for name, column in zip(NUMBER_COLUMNS, numbers, strict=True)
        }
        self.births: npt.NDArray[np.uint32] = np.frombuffer(births, dtype=np.uint32)
        self.sexes: npt.NDArray[np.uint8] = np.frombuffer(sexes, dtype=np.uint8)

    def __len__(self) -> int:
        return len(self.sexes)

    def __getitem__(self, at: int) -> RegisterRow:
        texts = [self.pool[self.texts[name].item(at)] for name in TEXT_COLUMNS]
        numbers = [_number(self.numbers[name].item(at)) for name in NUMBER_COLUMNS]
        sex = self.sexes.item(at)
        return RegisterRow(
            numbers[0],
            numbers[1],
            texts[0],
            _birth(self.births.item(at)),
            str(sex) if sex else "",
            *texts[1:],
        )

    @property
    def nbytes(self) -> int:
        """Bytes held by arrays and pool."""
        columns = sum(a.nbytes for a in self.texts.values()) + sum(a.nbytes for a in self.numbers.values())
        return self.pool.nbytes + columns + self.births.nbytes + self.sexes.nbytes
