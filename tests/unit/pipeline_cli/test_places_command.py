"""Whoever imports places sees every wrong row, and nothing changes until all rows are right."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli.places import command
from pipeline.exit_codes import ExitCode
from pipeline.places import office_gazetteer
from validators.places import check_place
from validators.places.importing import NAME_COLUMNS
from validators.places.units import UNIT_COLUMNS

GOOD = 'xã Plei Mới,"xã Ia Pia, huyện Chư Prông, tỉnh Gia Lai",Gia Lai,1976,1990'
MORE = "xã Plei Cũ,23926,Gia Lai,1991,1999"
ADDRESS = "xã Plei Mới, huyện Chư Prông, tỉnh Gia Lai - Kon Tum"


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOHOA_DATA_DIR", str(tmp_path))
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(a) for a in arguments])


def table(folder: Path, *rows: str, columns: tuple[str, ...] = NAME_COLUMNS) -> Path:
    path = folder / "given.csv"
    path.write_text("\n".join([",".join(columns), *rows]), "utf-8")
    return path


def code(on: date = date(1985, 1, 1)) -> str:
    return check_place(office_gazetteer(), ADDRESS, on).verdict.code


def test_an_imported_name_is_known_at_once_and_stays_after_another_import(data_dir):
    assert code() == "PLACE_UNKNOWN"
    assert run("import", table(data_dir, GOOD)).exit_code == ExitCode.OK
    assert code() == "PLACE_FOUND"
    assert json.loads(run("import", table(data_dir, MORE), "--json").stdout)["rows"] == 1
    assert code() == "PLACE_FOUND"
    assert office_gazetteer().find("Plei Cũ", "commune", on=date(1995, 1, 1))


def test_one_wrong_row_keeps_the_whole_table_out(data_dir):
    done = run("import", table(data_dir, GOOD, "xã A,xã Không Đâu Có,,,"))
    assert done.exit_code == ExitCode.INPUT
    assert "Dòng 3" in done.stderr
    assert "[UNIT]" in done.stderr
    assert code() == "PLACE_UNKNOWN"
    assert not (data_dir / "places").exists()
    told = json.loads(run("import", table(data_dir, "xã A,1,,,"), "--json").stdout)
    assert (told["ok"], told["problems"][0]["row"], told["problems"][0]["code"]) == (False, 2, "UNIT")


def test_checking_changes_nothing(data_dir):
    assert run("import", table(data_dir, GOOD), "--check").exit_code == ExitCode.OK
    assert code() == "PLACE_UNKNOWN"


def test_a_row_imported_again_is_corrected(data_dir):
    run("import", table(data_dir, "commune,xã,90001,Mới,52,2027-01-01,,,,", columns=UNIT_COLUMNS))
    assert office_gazetteer()["90001"].act == ""
    run("import", table(data_dir, "commune,xã,90001,Mới,52,2027-01-01,,5/NQ,,", columns=UNIT_COLUMNS))
    assert office_gazetteer()["90001"].act == "5/NQ"


def test_units_that_imported_names_need_cannot_be_lost(data_dir):
    run("import", table(data_dir, "commune,xã,90001,Mới,52,2027-01-01,,,,", columns=UNIT_COLUMNS))
    assert run("import", table(data_dir, "xã Cũ Kỹ,90001,,1980,1990")).exit_code == ExitCode.OK
    ended = table(data_dir, "commune,xã,90001,Mới,52,2027-01-01,2028-01-01,,,23926", columns=UNIT_COLUMNS)
    done = run("import", ended)
    assert done.exit_code == ExitCode.INPUT
    assert office_gazetteer()["90001"].valid_to is None


def test_an_address_is_told_with_its_units_of_then_and_today():
    told = json.loads(
        run("find", "xã Ia Phang, huyện Chư Pưh, tỉnh Gia Lai", "--on", "2001-01-01", "--json").stdout
    )
    assert (told["outcome"], told["code"]) == ("FAILED", "PLACE_NOT_YET")
    assert told["evidence"]["then"] == "huyện Chư Sê"
    assert [u["code"] for u in told["today"]] == ["23942"]
    assert (
        "PLACE_FOUND" in run("find", "xã Ia Phang, huyện Chư Sê, tỉnh Gia Lai", "--on", "2001-01-01").stdout
    )
