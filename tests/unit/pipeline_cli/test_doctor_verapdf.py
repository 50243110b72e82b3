"""An office without Java is told what its seals lack and what to type."""

import pytest

from pipeline import doctor
from storage import verapdf


def verapdf_line() -> doctor.Check:
    return next(c for c in doctor.examine() if c.key == "verapdf")


def test_without_java_seals_are_said_to_stay_unvalidated(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    line = verapdf_line()
    assert not line.ok
    assert "chưa kiểm tra PDF/A" in line.found
    assert "openjdk" in line.next_step


def test_missing_java_libraries_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    if verapdf.available() is not None:
        pytest.skip("no Java here")
    monkeypatch.setattr(verapdf, "JAVA_LIBRARIES", tmp_path)
    assert "libjaxb-java" in verapdf_line().next_step
