"""The form that says which book comes next: one of the list, a new one, or none."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet

from pipeline.events import record_event
from pipeline.models import Book, Office

KINDS = (
    ("KS", "Khai sinh (KS)"),
    ("KH", "Kết hôn (KH)"),
    ("KT", "Khai tử (KT)"),
    ("CMC", "Nhận cha, mẹ, con (CMC)"),
    ("HN", "Xác nhận tình trạng hôn nhân (HN)"),
    ("GCN", "Hồ sơ giấy chứng nhận (GCN)"),
)
_MOST_ENTRIES = 5000
_NUMBERS = "Số cuối phải lớn hơn hoặc bằng số đầu, và một quyển có nhiều nhất 5000 số."


class BookForm(forms.Form):
    """Which book a delivery brings.

    An entry "first to last" makes the book's gaps known before anybody has read it.
    """

    office = forms.ModelChoiceField(Office.objects.none(), label="Đơn vị", empty_label=None)
    book = forms.ModelChoiceField(
        Book.objects.none(), label="Quyển sổ", required=False, empty_label="Chưa rõ quyển, hoặc nhiều quyển"
    )
    kind = forms.ChoiceField(choices=[("", "—"), *KINDS], label="Loại sổ", required=False)
    year = forms.IntegerField(min_value=1900, max_value=2100, label="Năm mở sổ", required=False)
    volume = forms.CharField(max_length=20, label="Số quyển", required=False)
    issuing_unit = forms.CharField(
        max_length=300, label="Nơi đăng ký, như ghi trên bìa sổ khi đó", required=False
    )
    first = forms.IntegerField(min_value=1, label="Từ số", required=False)
    last = forms.IntegerField(min_value=1, label="Đến số", required=False)

    def __init__(self, *args: Any, offices: QuerySet[Office], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].queryset = offices  # type: ignore[attr-defined]
        self.fields["office"].initial = offices.first()
        self.fields["book"].queryset = Book.objects.filter(office__in=offices)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Hold a chosen book to its office, and the numbers of a new one to their order."""
        given: dict[str, Any] = super().clean() or {}
        book, office = given.get("book"), given.get("office")
        if book and office and book.office_id != office.pk:
            self.add_error("book", "Quyển này của đơn vị khác. Hãy chọn lại đơn vị hoặc quyển.")
        first, last = given.get("first"), given.get("last")
        if (first is None) != (last is None) or (first and last and not 0 <= last - first < _MOST_ENTRIES):
            self.add_error("last", _NUMBERS)
        if not given.get("kind") and any(given.get(k) for k in ("year", "volume", "issuing_unit", "first")):
            self.add_error("kind", "Hãy chọn loại sổ của quyển mới.")
        return given

    @transaction.atomic
    def chosen(self, *, by: str) -> tuple[Office, Book | None]:
        """The office and its book; a new one is made unless it is there already."""
        given = self.cleaned_data
        if given["book"] or not given["kind"]:
            return given["office"], given["book"]
        first, last = given["first"], given["last"]
        book, made = Book.objects.get_or_create(
            office=given["office"],
            kind=given["kind"],
            year=given["year"],
            volume=given["volume"].strip(),
            issuing_unit=given["issuing_unit"].strip(),
            defaults={"expected": list(range(first, last + 1)) if first else []},
        )
        if made:
            record_event("book.made", actor=by, office=given["office"].code, subject=f"book:{book.pk}")
        return given["office"], book
