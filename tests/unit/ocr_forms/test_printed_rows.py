"""Sheets are read as their printing sets them, not only as the form file lists them."""

from __future__ import annotations

from typed_pages import page_of

from ocr.forms import load_forms
from ocr.forms.schema import Row, Slot
from ocr.labels import LabelMatch
from ocr.layout import PlacedRow, place_rows
from ocr.leaf import whole_leaf
from ocr.printed_rows import printed_rows
from ocr.row_order import orders

NAME = Slot(("Họ, chữ đệm, tên", "Họ và tên"), "nksHoTen", "name")
SEX = Slot(("Giới tính",), "nksGioiTinh", "sex")
BORN = Slot(("Ngày, tháng, năm sinh",), "nksNgaySinh", "date")
GROUP = Slot(("Dân tộc",), "nksDanToc", "ethnicity")
NATION = Slot(("Quốc tịch",), "nksQuocTich", "nationality")
PLACE = Slot(("Nơi sinh",), "nksNoiSinh", "place")
RELATION = Slot(("Quan hệ",), "nycQuanHe", "relation")
PAPER = Slot(("Giấy tờ tùy thân",), kind="text", split="identity")
OTHERS = ("Nghề nghiệp", "Tôn giáo")


def placed(rows: tuple[Row, ...], *texts: tuple[int, int, str]) -> list[PlacedRow]:
    leaf = whole_leaf(page_of(texts), ())
    return printed_rows(leaf, place_rows(rows, leaf.labels, None).rows, OTHERS)


def keys(rows: list[PlacedRow]) -> list[list[str]]:
    return [[slot.key for slot in row.row.slots] for row in rows]


def label(row: PlacedRow, n: int, texts: tuple[tuple[int, int, str], ...]) -> str:
    """The words of a label on its line."""
    assert row.line is not None
    match = row.matches[n]
    assert isinstance(match, LabelMatch)
    return " ".join(texts[row.line][2].split()[match.start : match.end])


def test_fields_of_one_line_of_the_form_may_stand_on_lines_of_their_own():
    rows = (Row(slots=(NAME,)), Row(slots=(SEX, GROUP, NATION)), Row(slots=(PLACE,)))
    found = placed(
        rows,
        (100, 300, "Họ và tên: Lê Thị Hoa"),
        (100, 360, "Giới tính: Nữ"),
        (100, 420, "Dân tộc: Kinh"),
        (100, 480, "Quốc tịch: Việt Nam"),
        (100, 540, "Nơi sinh: Bệnh viện huyện"),
    )
    assert keys(found) == [["nksHoTen"], ["nksGioiTinh"], ["nksDanToc"], ["nksQuocTich"], ["nksNoiSinh"]]
    assert [row.line for row in found] == [0, 1, 2, 3, 4]


def test_a_field_may_stand_behind_those_of_the_line_above():
    rows = (Row(slots=(NAME,)), Row(slots=(SEX, GROUP)), Row(slots=(PLACE,)))
    found = placed(
        rows,
        (100, 300, "Họ và tên: Lê Thị Hoa"),
        (900, 300, "Giới tính: Nữ"),
        (100, 360, "Dân tộc: Kinh"),
        (100, 420, "Nơi sinh: Bệnh viện huyện"),
    )
    assert keys(found) == [["nksHoTen", "nksGioiTinh"], ["nksDanToc"], ["nksNoiSinh"]]


def test_a_label_reaches_over_its_number_its_hint_and_on_to_its_colon():
    rows = (Row(slots=(NAME,)), Row(slots=(BORN,)), Row(slots=(RELATION,)))
    texts = (
        (100, 300, "1. Họ, chữ đệm, tên (viết chữ in hoa) LÊ THỊ HOA"),
        (100, 360, "2. Ngày, tháng, năm sinh: 12/03/2001"),
        (100, 420, "3. Quan hệ với người được đăng ký: Mẹ"),
    )
    name, born, relation = placed(rows, *texts)
    assert label(name, 0, texts) == "1. Họ, chữ đệm, tên (viết chữ in hoa)"
    assert label(born, 0, texts) == "2. Ngày, tháng, năm sinh:"
    assert label(relation, 0, texts) == "3. Quan hệ với người được đăng ký:"


def test_what_a_pen_wrote_in_brackets_or_names_a_paper_is_no_part_of_the_label():
    rows = (Row(slots=(NAME,)), Row(slots=(PAPER,)), Row(slots=(PLACE,)))
    texts = (
        (100, 300, "Họ và tên Lê Thị Hoa"),
        (100, 360, "Giấy tờ tùy thân CMND số: 230123456"),
        (100, 420, "Nơi sinh (số 12) Lê Lợi"),
    )
    _, paper, place = placed(rows, *texts)
    assert label(paper, 0, texts) == "Giấy tờ tùy thân"
    assert label(place, 0, texts) == "Nơi sinh"


def test_labels_that_the_form_does_not_know_end_the_values_before_them():
    rows = (Row(slots=(NAME,)), Row(slots=(GROUP, NATION)), Row(slots=(PLACE,), lines=2))
    found = placed(
        rows,
        (100, 300, "Họ và tên: Lê Thị Hoa"),
        (100, 360, "Dân tộc: Kinh"),
        (600, 360, "Quốc tịch: Việt Nam"),
        (1000, 360, "Chiều cao: một mét"),
        (100, 420, "Nghề nghiệp Làm nông"),
        (100, 480, "Số điện thoại: 0905"),
        (100, 540, "Nơi sinh: Bệnh viện huyện"),
    )
    assert keys(found) == [["nksHoTen"], ["nksDanToc", "nksQuocTich", ""], [""], [""], ["nksNoiSinh"]]
    assert found[1].matches[2] is not None
    assert found[1].matches[2].box[0] == 1000


def test_sentences_with_a_colon_or_small_letters_are_no_labels():
    rows = (Row(slots=(NAME,)), Row(slots=(PLACE,), lines=2), Row(slots=(RELATION,)))
    found = placed(
        rows,
        (100, 300, "Họ và tên: Lê Thị Hoa"),
        (100, 360, "Nơi sinh: Bệnh viện huyện"),
        (100, 420, "gửi về nhà: thôn 3"),
        (100, 480, "Quan hệ: Mẹ"),
    )
    assert keys(found) == [["nksHoTen"], ["nksNoiSinh"], ["nycQuanHe"]]


def test_either_parent_may_come_first():
    form = next(f for f in load_forms().forms if (f.form, f.era) == ("GKS", "2016+"))
    listed, exchanged = orders(form.rows)
    assert listed == form.rows
    assert sorted(map(repr, exchanged)) == sorted(map(repr, listed))

    def first(rows: tuple[Row, ...], key: str) -> int:
        return next(n for n, row in enumerate(rows) if any(slot.key == key for slot in row.slots))

    assert first(listed, "meHoTen") < first(listed, "chaHoTen")
    assert first(exchanged, "chaHoTen") < first(exchanged, "meHoTen")
    for key in ("NgaySinh", "NoiCuTru"):
        assert first(exchanged, f"cha{key}") < first(exchanged, "meHoTen") < first(exchanged, f"me{key}")


def test_a_form_without_parents_has_one_order():
    form = next(f for f in load_forms().forms if (f.form, f.era) == ("HN", "2016+"))
    assert orders(form.rows) == (form.rows,)


def test_the_mothers_line_is_not_the_fathers_although_they_are_alike():
    father = Slot(("Họ, chữ đệm, tên cha",), "chaHoTen", "name")
    mother = Slot(("Họ, chữ đệm, tên mẹ",), "meHoTen", "name")
    leaf = whole_leaf(page_of([(100, 300, "Họ, chữ đệm, tên mẹ: Lê Thị Hoa")]), ())
    rows = place_rows((Row(slots=(father,)), Row(slots=(mother,))), leaf.labels, None).rows
    assert [row.row.slots[0].key for row in rows if row.seen] == ["meHoTen"]
