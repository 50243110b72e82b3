"""From written words to canonical values, and what the rules are told about them."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from ocr.elements import FieldReading, FieldStatus, Ink, PageState, RecordReading
from ocr.extract import RecordExtractor
from pipeline.contract import reading_json
from pipeline.policies import EMPTY_FROM
from pipeline.reading import RecordJudgement, ScanReading, as_case, canonical_records, judge, read_scan
from tests.faults import hostile
from validators.case import Certainty
from validators.population import PopulationRegister
from validators.verdict import Severity

SAMPLES = Path(__file__).parents[3] / "samples"


def field(key: str, kind: str, written: str, **more: object) -> FieldReading:
    given = {
        "value": written,
        "confidence": 0.99,
        "status": FieldStatus.READ,
        "ink": Ink.PRINT,
        "page": 1,
        "box": (0, 0, 10, 10),
        "source": "tesseract",
    } | more
    return FieldReading(key=key, kind=kind, written=written, **given)


def record(*fields: FieldReading, **more: object) -> RecordReading:
    given = {"form": "KS", "era": "2006-2015", "page": 1, "pages": (1,), "box": (0, 0, 100, 100)} | more
    return RecordReading(fields={f.key: f for f in fields}, **given)


def values(*fields: FieldReading) -> dict[str, str]:
    (whole,) = canonical_records([record(*fields)])
    return {key: f.value for key, f in whole.fields.items()}


def test_values_become_canonical_and_the_text_as_written_stays_beside():
    (whole,) = canonical_records(
        [
            record(
                field("nksNgaySinh", "date", "ngày 2 tháng 10 năm 1994"),
                field("nksGioiTinh", "sex", "Nữ"),
                field("nksNoiSinh", "place", "xã Ia Tô"),
            )
        ]
    )
    assert whole.fields["nksNgaySinh"].value == "1994-10-02"
    assert whole.fields["nksNgaySinh"].written == "ngày 2 tháng 10 năm 1994"
    assert whole.fields["nksGioiTinh"].value == "2"
    assert whole.fields["nksNoiSinh"].value == "xã Ia Tô"


def test_partial_dates_stay_partial():
    assert values(field("meNgaySinh", "date", "1972"))["meNgaySinh"] == "1972"


def test_an_age_is_counted_from_the_year_of_registration():
    got = values(
        field("ngayDangKy", "date", "05/06/2008"),
        field("meNgaySinh", "date", "24 tuổi"),
    )
    assert got["meNgaySinh"] == "1984"


def test_strokes_for_nothing_are_empty_not_a_value():
    (whole,) = canonical_records([record(field("nhaO", "text", "-/-"))])
    assert (whole.fields["nhaO"].value, whole.fields["nhaO"].status) == ("", FieldStatus.EMPTY)


def test_what_does_not_fit_its_kind_is_marked_doubtful_and_not_accepted():
    (whole,) = canonical_records([record(field("nksNgaySinh", "date", "ngày 35 tháng 13 năm 1994"))])
    got = whole.fields["nksNgaySinh"]
    assert (got.status, got.accepted) == (FieldStatus.LOW_CONFIDENCE, False)


@pytest.mark.parametrize("mark", ["nt", "như trên"])
def test_a_ditto_mark_takes_the_value_above_as_doubtful(mark: str):
    above = record(field("nksDanToc", "ethnicity", "Kinh"))
    below = record(field("nksDanToc", "ethnicity", mark), box=(0, 100, 100, 200))
    _, got = canonical_records([above, below])
    assert (got.fields["nksDanToc"].value, got.fields["nksDanToc"].written) == ("Kinh", mark)
    assert got.fields["nksDanToc"].status is FieldStatus.LOW_CONFIDENCE
    assert not got.fields["nksDanToc"].accepted


def test_a_ditto_mark_does_not_reach_over_to_another_page():
    above = record(field("nksDanToc", "ethnicity", "Kinh"))
    below = record(field("nksDanToc", "ethnicity", "nt", page=2), page=2, pages=(2,))
    _, got = canonical_records([above, below])
    assert got.fields["nksDanToc"].value != "Kinh"
    assert not got.fields["nksDanToc"].accepted


@pytest.mark.parametrize(
    ("status", "value", "certainty"),
    [
        (FieldStatus.READ, "Kinh", Certainty.SURE),
        (FieldStatus.KEYED, "Kinh", Certainty.SURE),
        (FieldStatus.CONFIRMED, "Kinh", Certainty.SURE),
        (FieldStatus.LOW_CONFIDENCE, "Kinh", Certainty.DOUBTFUL),
        (FieldStatus.CONFLICT, "Kinh", Certainty.DOUBTFUL),
        (FieldStatus.UNREADABLE, "", Certainty.MISSING),
        (FieldStatus.READ, "", Certainty.MISSING),
    ],
)
def test_rules_are_told_how_sure_a_value_is(status: FieldStatus, value: str, certainty: Certainty):
    case = as_case(record(field("nksDanToc", "ethnicity", "Kinh", status=status, value=value)))
    assert case.fields["nksDanToc"].certainty is certainty


@pytest.mark.parametrize(
    ("found", "certainty"),
    [
        ({"status": FieldStatus.EMPTY, "confidence": EMPTY_FROM}, Certainty.EMPTY),
        ({"status": FieldStatus.EMPTY, "confidence": 0.9}, Certainty.DOUBTFUL),
        ({"status": FieldStatus.EMPTY, "confidence": 0.9, "source": "text-layer"}, Certainty.EMPTY),
        ({"status": FieldStatus.KEYED, "confidence": 1.0}, Certainty.EMPTY),
        ({"status": FieldStatus.CONFIRMED, "confidence": 1.0}, Certainty.EMPTY),
    ],
)
def test_that_nothing_stands_in_a_field_has_to_be_as_sure_as_any_value(found, certainty: Certainty):
    case = as_case(record(field("nksDanToc", "ethnicity", "", value="", **found)))
    assert case.fields["nksDanToc"].certainty is certainty


def test_an_empty_field_that_was_not_surely_seen_warns_and_asks_for_itself():
    def judged(**found: object) -> list[tuple[str, Severity, str]]:
        it = record(field("nksDanToc", "ethnicity", "", value="", **found))
        return [(f.code, f.severity, f.message) for f in judge({"it": it})["it"].findings]

    ((code, severity, message),) = judged(status=FieldStatus.EMPTY, confidence=0.9)
    assert (code, severity) == ("REQUIRED_EMPTY:nksDanToc", Severity.WARNS)
    assert "hãy xem lại dân tộc của người được khai sinh" in message
    ((code, severity, _),) = judged(status=FieldStatus.CONFIRMED, confidence=1.0)
    assert (code, severity) == ("REQUIRED_EMPTY:nksDanToc", Severity.BLOCKS_APPROVAL)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("31/02/1990", "DATE_IMPOSSIBLE"),
        ("1017", "YEAR_OUT_OF_RANGE"),
        ("01/04/5005", "YEAR_OUT_OF_RANGE"),
        ("ngày 31 tháng 4 năm 2003", "DATE_IMPOSSIBLE"),
    ],
)
def test_dates_that_cannot_be_are_told_and_block_only_once_a_person_keyed_them(written: str, code: str):
    def told(**more: object) -> dict[str, Severity]:
        (whole,) = canonical_records([record(field("meNgaySinh", "date", written, **more))])
        return {f.code: f.severity for f in judge({"it": whole})["it"].findings}

    assert told()[code] is Severity.WARNS
    assert told(status=FieldStatus.KEYED, source="keyer")[code] is Severity.BLOCKS_APPROVAL


def test_a_doubtful_date_never_blocks_while_a_sure_one_does():
    born = field("nksNgaySinh", "date", "02/10/2009", value="2009-10-02")
    entered = field("ngayDangKy", "date", "05/06/2008", value="2008-06-05")

    def severities(*fields: FieldReading) -> set[str]:
        found = judge({"a": record(*fields)})["a"].findings
        return {str(f.severity) for f in found if f.code == "BIRTH_AFTER_REGISTRATION"}

    assert severities(born, entered) == {"blocks_approval"}
    assert "blocks_approval" not in severities(replace(born, status=FieldStatus.LOW_CONFIDENCE), entered)


def test_without_a_register_no_verdict_is_claimed():
    assert judge({"a": record(field("nksHoTen", "name", "NGUYỄN VĂN AN"))})["a"].population == {}


@pytest.fixture(scope="module")
def readings() -> dict[str, ScanReading]:
    names = ["sample-001-gks", "sample-006-ks-spread"]
    return {
        name: read_scan(next((SAMPLES / "items" / name).glob("scan.*")), name=f"items/{name}/scan.jpg")
        for name in names
    }


@pytest.fixture(scope="module")
def printed(readings: dict[str, ScanReading]) -> list[dict]:
    register = PopulationRegister.from_csv(SAMPLES / "register.csv")
    out = []
    for reading in readings.values():
        judged = judge({str(i): r for i, r in enumerate(reading.records)}, register=register)
        out.append(reading_json(reading, list(judged.values())))
    return out


def test_a_file_is_told_in_the_agreed_shape(printed: list[dict]):
    for told in printed:
        assert {"file", "sha256", "error", "pages", "codes", "records"} <= set(told)
        path = SAMPLES / told["file"]
        found = next(path.parent.glob("scan.*"))
        assert told["sha256"] == hashlib.sha256(found.read_bytes()).hexdigest()
        assert told["error"] is None
        assert [set(p) for p in told["pages"]] == [{"page", "state", "rotation", "spread", "reasons"}]
        assert told["pages"][0]["page"] == 1
        assert told["records"]
    assert printed[1]["pages"][0]["spread"] is True


def test_records_and_fields_are_told_in_the_agreed_shape(printed: list[dict]):
    for told in printed:
        for one in told["records"]:
            assert set(one) == {
                "form", "era", "page", "pages", "box", "fields", "findings", "population",
            }  # fmt: skip
            assert one["form"] in {"KS", "KH", "KT", "CMC", "HN", "GKS", "GCN"}
            assert one["page"] in one["pages"]
            assert len(one["fields"]) > 5
            for got in one["fields"].values():
                assert set(got) == {
                    "written", "value", "confidence", "status", "accepted", "ink", "page", "box", "source",
                    "alternatives", "decision",
                }  # fmt: skip
                assert set(got["decision"]) == {"code", "message", "evidence"}
                assert got["decision"]["code"].startswith("ACCEPTED") is got["accepted"]
                assert 0 <= got["confidence"] <= 1
                assert got["ink"] in {"print", "type", "hand", "empty"}
                assert got["status"] in {s.value for s in FieldStatus}
                assert got["box"] is None or len(got["box"]) == 4
                assert unicodedata.is_normalized("NFC", got["written"] + got["value"])
            for finding in one["findings"]:
                assert {"code", "severity", "fields", "message"} <= set(finding)
                assert finding["severity"] in {"blocks_import", "blocks_approval", "warns"}
            for verdict in one["population"].values():
                assert set(verdict) == {"verdict", "fields", "candidates", "score"}


def test_boxes_lie_on_the_delivered_page(readings: dict[str, ScanReading]):
    for reading in readings.values():
        width, height = reading.pages[0].width, reading.pages[0].height
        boxes = [f.box for r in reading.records for f in r.fields.values() if f.box]
        assert boxes
        for left, top, right, bottom in boxes:
            assert -2 <= left < right <= width + 2
            assert -2 <= top < bottom <= height + 2


def test_the_records_of_the_samples_are_found(printed: list[dict]):
    assert [one["form"] for one in printed[0]["records"]] == ["GKS"]
    assert {one["form"] for one in printed[1]["records"]} == {"KS"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "EMPTY_FILE"),
        (hostile.jpeg()[:2000], "TRUNCATED"),
        (b"MZ" + bytes(400), "WRONG_TYPE"),
        (hostile.png_header(60_000, 60_000), "TOO_MANY_PIXELS"),
    ],
)
def test_a_file_that_cannot_be_read_gives_its_code_its_hash_and_empty_lists(data: bytes, code: str):
    reading = read_scan(data, name="x")
    told = reading_json(reading, [])
    assert told["error"] == code
    assert told["message"].endswith(".")
    assert told["sha256"] == hashlib.sha256(data).hexdigest()
    assert (told["pages"], told["codes"], told["records"]) == ([], [], [])


def test_a_blank_page_is_told_as_blank_and_has_no_record():
    reading = read_scan(hostile.blank_page(), name="x")
    assert [p.state for p in reading.pages] == [PageState.BLANK]
    assert reading_json(reading, [])["records"] == []


def test_a_judgement_must_exist_for_every_record(readings: dict[str, ScanReading]):
    with pytest.raises(ValueError, match="zip"):
        reading_json(readings["sample-001-gks"], [RecordJudgement()] * 7)


def test_a_fault_in_the_last_record_of_a_file_costs_that_record_alone(monkeypatch: pytest.MonkeyPatch):
    def fails(self: RecordExtractor) -> tuple[RecordReading, ...]:
        raise RuntimeError("no such face")

    monkeypatch.setattr(RecordExtractor, "finish", fails)
    (scan,) = (SAMPLES / "items" / "sample-004-ks-sheet").glob("scan.*")
    reading = read_scan(scan, name="scan")
    assert reading.error is None
    assert reading.records
    assert reading.pages[-1].state is PageState.UNKNOWN
    assert "PAGE_FAILED" in reading.pages[-1].reasons
