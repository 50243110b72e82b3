"""What can go wrong outside the checks themselves; a failed check is a finding and never an error."""

from __future__ import annotations

from dataclasses import dataclass


class ValidatorsError(Exception):
    """Base of all errors of this package."""


class RegisterExtractError(ValidatorsError):
    """A register extract was refused as a whole; the text says what to do.

    Attributes:
        code: ``REGISTER_COLUMNS_MISSING``, ``REGISTER_ENCODING_UNKNOWN``, ``REGISTER_MOSTLY_BROKEN``.
        problems: rows found broken until then (`validators.population.RowProblem`).
    """

    def __init__(
        self, message: str, code: str = "REGISTER_EXTRACT_REFUSED", problems: tuple[object, ...] = ()
    ) -> None:
        super().__init__(message, code, problems)
        self.code, self.problems = code, problems

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class TableProblem:
    """What is wrong with one row of a table; row 1 is the header, row 0 the file as a whole.

    Attributes:
        code: stable, such as ``PARENT``.
        message: one Vietnamese sentence.
    """

    row: int
    code: str
    message: str


class PlaceTableError(ValidatorsError):
    """A table of places was refused as a whole, with everything that is wrong with it."""

    def __init__(self, problems: tuple[TableProblem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "; ".join(f"dòng {p.row}: {p.message}" for p in self.problems)


class BookPlanError(ValidatorsError):
    """The list of expected books has another shape."""


class PopulationServiceError(ValidatorsError):
    """Service 037 gave no usable answer; the person stays unconfirmed, which is never "not found".

    Attributes:
        code: ``UNREACHABLE``, ``TIMED_OUT``, ``TLS_REFUSED``, ``SERVER_ERROR``, ``QUOTA_EXCEEDED``,
            ``REFUSED``, ``FAULT``, ``CIRCUIT_OPEN``, or what is wrong with the answer: ``TOO_LARGE``,
            ``WRONG_ENCODING``, ``UNSAFE_XML``, ``TOO_DEEP``, ``MALFORMED_XML``, ``MALFORMED_JSON``,
            ``WRONG_NAMESPACE``, ``WRONG_SHAPE``, ``BAD_FIELD``.
        detail: English, without personal data.
        retryable: asking again at once may help.
    """

    def __init__(self, code: str, detail: str = "", *, retryable: bool = False) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.retryable = retryable

    def __reduce__(self) -> tuple[object, ...]:
        return _service_error, (self.code, self.detail, self.retryable)

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


def _service_error(code: str, detail: str, retryable: bool) -> PopulationServiceError:
    return PopulationServiceError(code, detail, retryable=retryable)


class LinkageUnavailableError(ValidatorsError):
    """Batch linkage was asked for where its optional packages are not installed; the text says how to."""
