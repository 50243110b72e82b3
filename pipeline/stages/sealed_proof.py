"""What veraPDF says about a copy, before it is signed and after."""

from __future__ import annotations

from functools import lru_cache

from storage import verapdf
from storage.checks import Outcome
from storage.errors import SealError
from storage.verify import pdfa_check
from validators.verdict import Finding as RaisedFinding
from validators.verdict import Severity


@lru_cache(maxsize=1)
def process_validator() -> verapdf.VeraPdf | None:
    """One validator for this process, started with the first copy and kept warm; ``None`` without Java."""
    return verapdf.VeraPdf() if verapdf.available() is None else None


def pdfa_verdict(pdf: bytes, validator: verapdf.VeraPdf | None) -> Outcome:
    """PASSED, or INDETERMINATE where nobody could validate the file.

    A validator that died or took too long is started once more before the file stays without a verdict.

    Raises:
        SealError: ``NOT_PDFA``: the file was validated and failed.
    """
    check = pdfa_check(pdf, validator)
    if check.outcome is Outcome.INDETERMINATE and validator is not None:
        check = pdfa_check(pdf, validator)
    if check.outcome is Outcome.FAILED:
        raise SealError("NOT_PDFA", f"veraPDF: {check.code} {dict(check.evidence)}")
    return check.outcome


def not_pdfa(error: SealError) -> RaisedFinding:
    """What stands on an approved record whose copy did not pass, until one does."""
    return RaisedFinding(
        "SEAL_NOT_VALID",
        Severity.WARNS,
        (),
        "Bản số hóa chưa đạt kiểm tra PDF/A nên chưa được lưu; hồ sơ vẫn ở trạng thái đã duyệt.",
        evidence={"code": error.code, "detail": error.message[:400]},
    )
