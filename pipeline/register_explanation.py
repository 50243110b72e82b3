"""Why a register check came out as it did, column by column, for officers.

Candidates are other people's data: what of it a person may see is for the caller to decide.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.models import RegisterCheck
from validators.population import RegisterRow

LABELS = {
    "soDinhDanh": "Số định danh",
    "soCMND": "Số CMND",
    "hoTen": "Họ tên",
    "ngaySinh": "Ngày sinh",
    "gioiTinh": "Giới tính",
    "danToc": "Dân tộc",
    "queQuan": "Quê quán",
    "noiThuongTru": "Nơi cư trú",
    "hoTenCha": "Họ tên cha",
    "hoTenMe": "Họ tên mẹ",
}
_SAME = 0.999
_SEXES = {"1": "Nam", "2": "Nữ"}


@dataclass(frozen=True, slots=True)
class ColumnExplained:
    """What one column says for or against a candidate.

    Attributes:
        label: of the column, Vietnamese.
        paper, register: values compared, as people write them.
        likeness: 0-1.
        points: added to the score, negative where the column speaks against the candidate.
        best: what it would have added at most.
        said: the same in a Vietnamese word or two.
    """

    column: str
    label: str
    paper: str
    register: str
    likeness: float
    points: float
    best: float
    said: str


@dataclass(frozen=True, slots=True)
class CandidateExplained:
    """One row that an officer should see, and how well it fits.

    Attributes:
        columns: those that both sides name; empty for checks kept before explanations were.
        differing: labels of the columns of the verdict that differ, of the first candidate only.
    """

    row: RegisterRow
    columns: tuple[ColumnExplained, ...]
    differing: tuple[str, ...]


def explanation(check: RegisterCheck) -> tuple[CandidateExplained, ...]:
    """The candidates of a check, best first, each with what speaks for and against it."""
    explained = [*check.explained, *[[]] * len(check.candidates)]
    return tuple(
        CandidateExplained(
            RegisterRow(**candidate),
            tuple(map(_column, parts)),
            tuple(LABELS.get(c, c) for c in check.fields) if at == 0 else (),
        )
        for at, (candidate, parts) in enumerate(zip(check.candidates, explained, strict=False))
    )


def _column(part: dict[str, str | float]) -> ColumnExplained:
    column, likeness, points = str(part["column"]), float(part["likeness"]), float(part["points"])
    said = "giống" if likeness >= _SAME else "gần giống" if points > 0 else "khác"
    return ColumnExplained(
        column,
        LABELS.get(column, column),
        shown(column, str(part["paper"])),
        shown(column, str(part["register"])),
        likeness,
        points,
        float(part["best"]),
        said,
    )


def shown(column: str, value: str) -> str:
    """As people write it: 20/05/2008, Nữ."""
    if column == "ngaySinh":
        return "/".join(reversed(value.split("-")))
    return _SEXES.get(value, value) if column == "gioiTinh" else value
