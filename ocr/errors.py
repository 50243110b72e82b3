"""Why a scan cannot be read."""

from __future__ import annotations


class OcrError(Exception):
    """Root of what `ocr` raises on purpose."""


class ScanError(OcrError):
    """A delivered file that cannot be opened as pages.

    Attributes:
        code: stable code for machines, such as ``ENCRYPTED``.
        message: one Vietnamese sentence for the officer that says what to do next.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class EngineError(OcrError):
    """A reader crashed, timed out or returned rubbish; the page can be tried again."""
