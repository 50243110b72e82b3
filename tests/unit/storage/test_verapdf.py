"""The PDF/A validator says no when it should, and survives bad files."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest

from storage.errors import ValidatorUnavailable
from storage.pdfa import SealPage, build_pdfa
from storage.verapdf import VeraPdf
from storage.xmp import SealMetadata


@pytest.fixture
def pdf(jpeg: bytes, metadata: SealMetadata) -> bytes:
    return build_pdfa([SealPage(jpeg, "image/jpeg", 600, 800, 100)], b"{}", metadata, block=None)


@pytest.mark.parametrize(("entry", "rule"), [("/OutputIntents", "6.2.4.3"), ("/Metadata", "6.6.2.1")])
def test_a_file_that_lacks_what_pdfa_demands_is_not_compliant(
    pdf: bytes, validator: VeraPdf, tmp_path: Path, entry: str, rule: str
) -> None:
    path = tmp_path / "bad.pdf"
    with pikepdf.open(io.BytesIO(pdf)) as document:
        del document.Root[entry]
        document.save(path)
    (verdict,) = validator.validate([path])
    assert not verdict.compliant
    assert any(failed.startswith(rule) for failed in verdict.failed)


def test_broken_files_between_good_ones_are_told_apart(
    pdf: bytes, validator: VeraPdf, tmp_path: Path
) -> None:
    good, broken = tmp_path / "tốt.pdf", tmp_path / "hỏng.pdf"
    good.write_bytes(pdf)
    broken.write_bytes(b"%PDF-1.7 nothing")
    verdicts = validator.validate([good, broken, tmp_path / "missing.pdf", good])
    assert [v.compliant for v in verdicts] == [True, False, False, True]
    assert [bool(v.error) for v in verdicts] == [False, True, True, False]


def test_a_validator_that_is_too_slow_is_stopped_and_can_be_used_again(
    pdf: bytes, validator: VeraPdf, tmp_path: Path
) -> None:
    del validator
    path = tmp_path / "copy.pdf"
    path.write_bytes(pdf)
    with VeraPdf(timeout_s=0.0) as hasty:
        for _ in range(2):
            with pytest.raises(ValidatorUnavailable, match="VALIDATOR_DIED"):
                hasty.validate([path])
