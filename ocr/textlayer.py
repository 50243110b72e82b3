"""Text that a PDF page carries itself, with boxes in the pixels of the rendered page."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pdfplumber

from ocr.elements import PageText


class TextLayer:
    """Text layers of one PDF file, page by page."""

    def __init__(self, source: Path | bytes) -> None:
        self._document: Any = pdfplumber.open(io.BytesIO(source) if isinstance(source, bytes) else source)

    def page_text(self, number: int, width: int, height: int, dpi: float) -> PageText | None:
        return None

    def close(self) -> None:
        """Close the file."""
        self._document.close()
