"""What can go wrong outside the checks themselves; a failed check is a finding and never an error."""

from __future__ import annotations


class ValidatorsError(Exception):
    """Base of all errors of this package."""


class RegisterExtractError(ValidatorsError):
    """The register extract has another shape; the text names the columns it lacks."""


class BookPlanError(ValidatorsError):
    """The list of expected books has another shape."""
