"""Data for the shared store: masked by purpose, equal after a round trip, every damage told."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.checks import Outcome, overall
from storage.errors import PackageError
from storage.packages.data import METADATA_NAME, DataFormat, check_data, read_data, write_data
from storage.packages.data_model import DataRecord, DataSet, Evidence, Profile, masked, may_see
from storage.protected import FIELDS, WHOLE_FORMS

WHEN = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
BIRTH = {
    "so": "51/2008",
    "quyenSo": "01/2008",
    "ngayDangKy": "2008-10-02",
    "noiDangKy": "xã Ia Rong",
    "nksHoTen": 'NGUYỄN "PHƯƠNG", VY',
    "nksGioiTinh": "2",
    "nksNgaySinh": "2008-09",
    "nksDanToc": "Gia Rai",
    "nksLoaiKhaiSinh": "3",
    "nksSoDinhDanh": "064308001234",
    "meHoTen": "KSOR H'BIA",
    "chaHoTen": "RƠ CHÂM\nA",
    "nycHoTen": "RƠ CHÂM\nA",
    "ghiChu": "=Con nuôi theo QĐ 12/2010",
}
DEATH = {"so": "7/2010", "nktHoTen": "LÊ VĂN A", "nktNgayChet": "2010-05-06", "nktNguyenNhanChet": "bệnh"}
CHILD = {"so": "3/2011", "ngayDangKy": "2011-01-02", "cmHoTen": "TRẦN B", "ncHoTen": "TRẦN C"}


def record(number: int, form: str, values: dict[str, str]) -> DataRecord:
    return DataRecord(
        f"r{number}",
        1,
        "23942",
        form,
        "2006-2015",
        f"{form}|01",
        "2026-11-24T10:00:00+07:00",
        "a" * 64,
        values,
    )


def evidence(of: DataRecord) -> list[Evidence]:
    return [
        Evidence(of.record, key, f"{value} ", value, 0.9731, "READ", "asterocr", False, 1, "1,2,3,4")
        for key, value in of.values.items()
    ]


@pytest.fixture
def full() -> DataSet:
    records = (record(1, "KS", BIRTH), record(2, "KT", DEATH), record(3, "CMC", CHILD))
    return DataSet(Profile.FULL, "23942", WHEN, records, tuple(e for r in records for e in evidence(r)))


@pytest.mark.parametrize("kind", list(DataFormat))
@pytest.mark.parametrize("profile", list(Profile))
def test_data_reads_back_equal_in_every_format_for_every_purpose(full, tmp_path, kind, profile):
    dataset = masked(full, profile)
    folder = write_data(dataset, tmp_path / "d", kind)
    assert overall(check_data(folder)) is Outcome.PASSED
    assert read_data(folder) == dataset


@pytest.mark.parametrize("kind", list(DataFormat))
def test_equal_data_has_equal_bytes(full, tmp_path, kind):
    one, two = (write_data(full, tmp_path / name, kind) for name in "ab")
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes()


def values_in(folder: Path) -> str:
    return "".join(p.read_text("utf-8") for p in folder.iterdir())


def test_statistics_hold_no_name_number_place_or_day(full, tmp_path):
    dataset = masked(full, Profile.STATISTICS)
    text = values_in(write_data(dataset, tmp_path / "d", DataFormat.JSON))
    for secret in ("NGUYỄN", "KSOR", "LÊ VĂN", "TRẦN", "064308001234", "51/2008", "2008-10", "a" * 64, "r1"):
        assert secret not in text
    births = next(r for r in dataset.records if r.form == "KS")
    assert births.values == {
        "nksGioiTinh": "2",
        "nksNgaySinh": "2008",
        "nksDanToc": "Gia Rai",
        "ngayDangKy": "2008",
    }


def test_reuse_holds_nothing_of_adoption_death_cause_or_birth_out_of_wedlock(full, tmp_path):
    dataset = masked(full, Profile.REUSE)
    text = values_in(write_data(dataset, tmp_path / "d", DataFormat.CSV))
    for secret in ("Con nuôi", "bệnh", "RƠ CHÂM", "nksLoaiKhaiSinh", "TRẦN"):
        assert secret not in text
    assert "PHƯƠNG" in text
    assert dataset.records[2].values == {"so": "3/2011", "ngayDangKy": "2011-01-02"}


@pytest.mark.parametrize("key", sorted(FIELDS))
def test_what_the_desk_masks_leaves_in_no_data_for_reuse(key):
    assert not may_see(Profile.REUSE, "KS", key)
    assert not any(may_see(Profile.REUSE, form, "nksHoTen") for form in WHOLE_FORMS)


def test_what_is_left_out_is_left_out_for_everybody_alike():
    known, unknown = dict(BIRTH), dict(BIRTH) | {"chaHoTen": ""}
    seen = [{k for k in values if may_see(Profile.REUSE, "KS", k)} for values in (known, unknown)]
    assert seen[0] == seen[1]
    assert not any(k.startswith("cha") for k in seen[0])


def test_unmasked_data_is_never_written_for_a_narrower_purpose(full, tmp_path):
    for profile in (Profile.REUSE, Profile.STATISTICS):
        with pytest.raises(PackageError, match="NOT_MASKED"):
            write_data(replace(full, profile=profile), tmp_path / "d", DataFormat.CSV)
    assert list(tmp_path.iterdir()) == []


def test_the_purpose_stands_in_every_file(full, tmp_path):
    dataset = masked(full, Profile.REUSE)
    with (write_data(dataset, tmp_path / "c", DataFormat.CSV) / "records.csv").open(
        encoding="utf-8-sig"
    ) as f:
        assert {row["profile"] for row in csv.DictReader(f)} == {"reuse"}
    parquet = pq.read_schema(write_data(dataset, tmp_path / "p", DataFormat.PARQUET) / "evidence.parquet")
    assert parquet.metadata[b"profile"] == b"reuse"
    assert parquet.metadata[b"rule"].decode() == Profile.REUSE.rule
    content = json.loads((write_data(dataset, tmp_path / "j", DataFormat.JSON) / "evidence.json").read_text())
    assert content["profile"] == "reuse"


@settings(deadline=None, max_examples=40)
@given(
    st.dictionaries(
        st.from_regex(r"nks[A-Z][a-z]{1,8}", fullmatch=True),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
        max_size=4,
    )
)
def test_any_text_survives_every_format(tmp_path_factory, values):
    dataset = DataSet(Profile.FULL, "1", WHEN, (record(1, "KS", values),), ())
    for kind in DataFormat:
        folder = write_data(dataset, tmp_path_factory.mktemp("d") / "x", kind)
        assert read_data(folder) == dataset


def edit_metadata(folder: Path, **values: object) -> None:
    path = folder / METADATA_NAME
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values), "utf-8")


def relist(folder: Path) -> None:
    import hashlib

    told = json.loads((folder / METADATA_NAME).read_text("utf-8"))
    for name, listed in told["files"].items():
        listed["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    edit_metadata(folder, files=told["files"])


def replace_text(folder: Path, old: str, new: str, count: int = 1) -> None:
    path = folder / "records.csv"
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, count).encode())
    relist(folder)


def drop_row(folder: Path) -> None:
    path = folder / "evidence.csv"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    relist(folder)


DAMAGES = [
    (lambda f: (f / METADATA_NAME).unlink(), "METADATA_MISSING"),
    (lambda f: (f / METADATA_NAME).write_text("{", "utf-8"), "METADATA_UNREADABLE"),
    (lambda f: edit_metadata(f, format="x"), "METADATA_UNREADABLE"),
    (lambda f: edit_metadata(f, profile="everything"), "METADATA_UNREADABLE"),
    (lambda f: edit_metadata(f, files=None), "METADATA_UNREADABLE"),
    (lambda f: (f / "records.csv").unlink(), "FILE_MISSING"),
    (lambda f: (f / "more.csv").write_text("x"), "FILE_NOT_LISTED"),
    (lambda f: (f / "evidence.csv").write_text("x"), "FILE_CHANGED"),
    (drop_row, "ROWS_DIFFER"),
    (lambda f: replace_text(f, "reuse", "full"), "PROFILE_DIFFERS"),
    (lambda f: replace_text(f, "nksHoTen", "chaHoTen"), "NOT_MASKED"),
    (lambda f: replace_text(f, "meHoTen", "meHoVaTen"), "COLUMNS_DIFFER"),
    (lambda f: replace_text(f, "reuse,r2,", "reuse,r1,"), "RECORD_TWICE"),
    (lambda f: replace_text(f, "reuse,r2,", "reuse,r9,"), "EVIDENCE_WITHOUT_RECORD"),
    (lambda f: replace_text(f, "r1,1,", "r1,mot,"), "TABLE_UNREADABLE"),
]


@pytest.mark.parametrize(("damage", "code"), DAMAGES, ids=[f"{n}-{c}" for n, (_, c) in enumerate(DAMAGES)])
def test_every_damage_is_found_and_named(full, tmp_path, damage, code):
    folder = write_data(masked(full, Profile.REUSE), tmp_path / "d", DataFormat.CSV)
    damage(folder)
    assert code in {c.code for c in check_data(folder) if c.outcome is Outcome.FAILED}
