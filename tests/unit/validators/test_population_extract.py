import codecs
import datetime
import pickle
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validators.errors import RegisterExtractError
from validators.population import COLUMNS, ExtractReport, PopulationRegister, ProblemCode, RowProblem
from validators.population.encodings import detect_encoding
from validators.population.extract import rows_of_csv

HEADER = ",".join(COLUMNS)
GOOD = (
    '064042124438,231479200,Nguyễn Thị Đào,1942-04-09,2,Kinh,"xã Hà Đông, huyện Đak Đoa",'
    '"thôn 3, xã Hà Đông, huyện Đak Đoa, tỉnh Gia Lai",Nguyễn Văn Hòa,Trần Thị Lụa'
)
OTHER = "064142124439,,Lê Văn Tám,10/2/1950,Nam,Kinh,,,,"


def problems(text: str) -> list[RowProblem]:
    return PopulationRegister.from_csv(text).report.problems


def broken(row: str) -> list[RowProblem]:
    return problems("\n".join([HEADER, GOOD, row, OTHER, ""]))


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (GOOD.replace("1942-04-09", "31/02/1942"), ProblemCode.BIRTH_INVALID, "ngaySinh"),
        (GOOD.replace("1942-04-09", "1017"), ProblemCode.BIRTH_INVALID, "ngaySinh"),
        (GOOD.replace(",2,Kinh", ",x,Kinh"), ProblemCode.SEX_INVALID, "gioiTinh"),
        (GOOD.replace("064042124438", "64042124438"), ProblemCode.NUMBER_INVALID, "soDinhDanh"),
        (GOOD.replace("231479200", "23147920O"), ProblemCode.NUMBER_INVALID, "soCMND"),
        (GOOD.replace("Nguyễn Thị Đào", " "), ProblemCode.NAME_EMPTY, "hoTen"),
        (GOOD.replace("Trần Thị Lụa", "Trần\ufffdThị"), ProblemCode.BAD_BYTES, "hoTenMe"),
        (GOOD.replace("Trần Thị Lụa", "x" * 5000), ProblemCode.FIELD_TOO_LONG, "hoTenMe"),
        (GOOD + ",too,many", ProblemCode.COLUMN_COUNT, ""),
        (GOOD.replace('tỉnh Gia Lai"', "tỉnh Gia Lai"), ProblemCode.BAD_QUOTES, ""),
    ],
)
def test_a_broken_row_is_left_out_and_told_by_line_and_code(row, code, column):
    assert broken(row) == [RowProblem(3, code, column)]
    register = PopulationRegister.from_csv("\n".join([HEADER, GOOD, row, OTHER, ""]))
    assert (len(register), register.report.taken, register.report.left_out) == (2, 2, 1)


def test_an_open_quote_costs_its_own_row_and_none_after_it():
    rows = [GOOD.replace("0640421", f"06404{i % 10}{i // 10 % 10}") for i in range(50)]
    rows[7] = rows[7].replace('tỉnh Gia Lai"', "tỉnh Gia Lai")
    register = PopulationRegister.from_csv("\n".join([HEADER, *rows]))
    assert len(register) == 49
    assert [p.row for p in register.report.problems if p.code is ProblemCode.BAD_QUOTES] == [9]


def test_a_number_borne_twice_is_told_on_both_rows_and_both_are_kept():
    twin = GOOD.replace("231479200", "231479201")
    register = PopulationRegister.from_csv("\n".join([HEADER, GOOD, OTHER, twin]))
    assert len(register) == 3
    assert register.report.problems == [
        RowProblem(2, ProblemCode.NUMBER_REPEATED, "soDinhDanh"),
        RowProblem(4, ProblemCode.NUMBER_REPEATED, "soDinhDanh"),
    ]


def test_dates_sexes_and_column_order_of_other_systems_are_understood():
    shuffled = [*COLUMNS[::-1], "ghiChu"]
    cells = dict(zip(COLUMNS, OTHER.split(","), strict=True)) | {"ghiChu": "x"}
    register = PopulationRegister.from_csv(";".join(shuffled) + "\n" + ";".join(cells[c] for c in shuffled))
    row = register.columns[0]
    assert (row.hoTen, row.ngaySinh, row.gioiTinh, row.soDinhDanh) == (
        "Lê Văn Tám",
        "1950-02-10",
        "1",
        "064142124439",
    )


def as_tcvn3(text: str) -> bytes:
    letters = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ"
    codes = "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦"
    return text.translate(str.maketrans(letters, codes)).encode("latin-1")


def as_windows_1258(text: str) -> bytes:
    tones = {"\u0300": 0xCC, "\u0309": 0xD2, "\u0303": 0xDE, "\u0301": 0xEC, "\u0323": 0xF2}
    out = bytearray()
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tone = next((c for c in parts if c in tones), "")
        out += unicodedata.normalize("NFC", parts.replace(tone, "") if tone else letter).encode("cp1258")
        if tone:
            out.append(tones[tone])
    return bytes(out)


@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("utf-8", lambda t: t.encode()),
        ("utf-8", lambda t: codecs.BOM_UTF8 + t.encode()),
        ("utf-16", lambda t: t.encode("utf-16")),
        ("utf-16", lambda t: t.encode("utf-16-le")),
        ("utf-16", lambda t: t.encode("utf-16-be")),
        ("windows-1258", as_windows_1258),
        ("tcvn3", as_tcvn3),
    ],
)
def test_every_encoding_that_offices_export_gives_the_same_people(tmp_path: Path, name, encode):
    file = tmp_path / "register.csv"
    file.write_bytes(encode("\r\n".join([HEADER, GOOD, OTHER, ""])))
    register = PopulationRegister.from_csv(file)
    assert register.report.encoding == name
    assert list(map(register.columns.__getitem__, range(2))) == [
        PopulationRegister.from_csv("\n".join([HEADER, GOOD, OTHER])).columns[i] for i in range(2)
    ]


def test_bytes_that_show_no_vietnamese_words_are_refused(tmp_path: Path):
    file = tmp_path / "register.csv"
    file.write_bytes(HEADER.encode() + b"\n" + bytes(range(128, 256)) * 20)
    with pytest.raises(RegisterExtractError) as refused:
        PopulationRegister.from_csv(file)
    assert refused.value.code == "REGISTER_ENCODING_UNKNOWN"
    assert pickle.loads(pickle.dumps(refused.value)).code == refused.value.code


def test_a_file_that_is_mostly_broken_is_refused_as_a_whole():
    bad = GOOD.replace("1942-04-09", "01/04/5005x")
    with pytest.raises(RegisterExtractError) as refused:
        PopulationRegister.from_csv("\n".join([HEADER, GOOD, bad, bad]))
    assert refused.value.code == "REGISTER_MOSTLY_BROKEN"
    assert [p.row for p in refused.value.problems] == [3, 4]


def test_missing_columns_are_named():
    with pytest.raises(RegisterExtractError, match="hoTenMe") as refused:
        PopulationRegister.from_csv(",".join(COLUMNS[:-1]) + "\n" + GOOD)
    assert refused.value.code == "REGISTER_COLUMNS_MISSING"


def test_rows_of_a_database_table_are_taken_as_they_come():
    row = dict.fromkeys(COLUMNS) | {
        "hoTen": "Nguyễn Thị Đào",
        "ngaySinh": datetime.date(1942, 4, 9),
        "gioiTinh": 2,
        "soDinhDanh": "064042124438",
    }
    register = PopulationRegister.from_table(iter([row, row | {"hoTen": None}, row | {"soDinhDanh": None}]))
    assert register.columns[0].ngaySinh == "1942-04-09"
    assert (len(register), register.report.problems) == (2, [RowProblem(2, ProblemCode.NAME_EMPTY, "hoTen")])


def test_a_table_without_a_column_is_refused():
    with pytest.raises(RegisterExtractError, match="hoTen"):
        PopulationRegister.from_table([{"soDinhDanh": "1"}])


def test_rows_pass_one_at_a_time_however_long_the_file(tmp_path: Path):
    file = tmp_path / "register.csv"
    file.write_text("\n".join([HEADER, GOOD, *[OTHER] * 20_000]), "utf-8")
    report = ExtractReport()
    rows = rows_of_csv(file, report)
    assert next(rows)[1].hoTen == "Nguyễn Thị Đào"
    assert report.taken == 1
    assert sum(1 for _ in rows) == 20_000


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_detector(sample: bytes):
    found = detect_encoding(sample)
    if found is not None:
        assert isinstance(found.text(sample.decode(found.codec, "replace")), str)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_whatever_lines_hold_sound_rows_survive_and_all_are_counted(lines: list[str]):
    junk = [line for text in lines for line in text.splitlines()]
    text = "\n".join([HEADER, *[GOOD] * (len(junk) + 1), *junk])
    report = ExtractReport()
    assert len(list(rows_of_csv(text, report))) >= len(junk) + 1
    assert report.taken + report.left_out <= 2 * len(junk) + 1
