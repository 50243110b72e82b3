"""How often independent keys of a field agree: for training, never a score of people.

Counted are keys that were given blindly, when they were compared: the machine's with a person's, and two
people's. Who may see which of them is the caller's to decide; no row names a person.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from openpyxl import Workbook

from pipeline.double_keying import COMPARISON, WANTED
from pipeline.field_decisions import DecisionCode
from pipeline.models import FieldValue, Office

KIND_NAMES: Mapping[str, str] = {
    "name": "Họ tên",
    "date": "Ngày",
    "date_words": "Ngày bằng chữ",
    "sex": "Giới tính",
    "ethnicity": "Dân tộc",
    "nationality": "Quốc tịch",
    "place": "Địa danh",
    "issuing_unit": "Đơn vị đăng ký, cấp",
    "agency": "Cơ quan",
    "id_number": "Số giấy tờ tùy thân",
    "id_type": "Loại giấy tờ",
    "entry_number": "Số đăng ký",
    "book_number": "Quyển số",
    "page_number": "Trang số",
    "registration_type": "Loại đăng ký",
    "recognition_type": "Loại xác nhận",
    "death_notice_type": "Loại giấy báo tử",
    "title": "Chức vụ",
    "time": "Giờ, phút",
    "relation": "Quan hệ",
    "text": "Văn bản",
    "number": "Số",
    "area": "Diện tích",
    "area_words": "Diện tích bằng chữ",
    "land_purpose": "Mục đích sử dụng đất",
    "land_form": "Hình thức sử dụng đất",
    "serial": "Số phát hành",
    "registry_number": "Số vào sổ",
    "barcode": "Mã vạch",
}


@dataclass(frozen=True, slots=True)
class Pairs:
    """Compared pairs of keys, and how many of them agreed."""

    agreed: int
    of: int

    @property
    def share(self) -> float | None:
        """0 to 1; None where nothing was compared."""
        return self.agreed / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """One kind of field on one form.

    Attributes:
        office: name; empty for one's own figures, which span offices.
        machine: the machine's key with a person's.
        people: two people's keys.
    """

    office: str
    form: str
    kind: str
    machine: Pairs
    people: Pairs

    @property
    def name(self) -> str:
        """The kind in Vietnamese."""
        return KIND_NAMES.get(self.kind, self.kind)


def own_agreement(actor: str) -> list[Agreement]:
    """An account's own figures: pairs of which one key is its."""
    return _counted(_compared().filter(Q(supersedes__actor=actor) | Q(supersedes__supersedes__actor=actor)))


def agreement_in(offices: QuerySet[Office]) -> list[Agreement]:
    """The figures of offices, all keyers of each together."""
    return _counted(_compared().filter(record__office__in=offices), "record__office__name")


def agreement_json(rows: Iterable[Agreement]) -> list[dict[str, Any]]:
    """For machines."""
    return [
        {
            "office": row.office,
            "form": row.form,
            "kind": row.kind,
            **{
                name: {"agreed": pairs.agreed, "of": pairs.of, "share": pairs.share}
                for name, pairs in (("machine", row.machine), ("people", row.people))
            },
        }
        for row in rows
    ]


def agreement_workbook(rows: Iterable[Agreement]) -> bytes:
    """The rows as xlsx; shares are numbers with a percent format, blank where nothing was compared."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Mức khớp"
    sheet.append(["Đơn vị", "Loại sổ", "Loại trường", *(f"{who}: {what}" for who in _WHO for what in _WHAT)])
    for row in rows:
        figures = [f for pairs in (row.machine, row.people) for f in (pairs.agreed, pairs.of, pairs.share)]
        # a leading apostrophe keeps a spreadsheet from taking a name for a formula
        office = f"'{row.office}" if row.office.startswith(("=", "+", "-", "@")) else row.office
        sheet.append([office, row.form, row.name, *figures])
        for column in (6, 9):
            sheet.cell(sheet.max_row, column).number_format = "0.0%"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_WHO = ("Máy và người", "Hai người")
_WHAT = ("khớp", "đã so", "tỷ lệ")


def _compared() -> QuerySet[FieldValue]:
    """What comparing two blind keys gave; the later key stands before it, the earlier one before that."""
    return FieldValue.objects.filter(said_by=COMPARISON, supersedes__supersedes__decision=WANTED)


def _counted(compared: QuerySet[FieldValue], *office: str) -> list[Agreement]:
    agreed, machine = Q(decision=DecisionCode.ACCEPTED_TWO_KEYS), Q(supersedes__supersedes__actor="")
    names = (*office, "record__form", "kind")
    found = compared.values_list(*names).annotate(
        machine_agreed=Count("pk", filter=machine & agreed),
        machine_of=Count("pk", filter=machine),
        people_agreed=Count("pk", filter=~machine & agreed),
        people_of=Count("pk", filter=~machine),
    )
    return [
        Agreement(row[0] if office else "", *row[-6:-4], Pairs(*row[-4:-2]), Pairs(*row[-2:]))
        for row in found.order_by(*names)
    ]
