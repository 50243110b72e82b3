"""Open a delivered file, whatever it is, as pages."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from ocr import sniffing
from ocr.delivery import DeliveredPage, EncodedImage, OriginalPage, PageError, ScanLimits, refusal
from ocr.documents import PdfPages
from ocr.errors import ScanError
from ocr.pictures import SinglePicture, TiffPages

__all__ = ["DeliveredPage", "EncodedImage", "OriginalPage", "PageError", "Scan", "ScanLimits", "open_scan"]

_CHUNK: Final = 1 << 20


class _Pages(Protocol):
    page_count: int

    def page(self, number: int) -> DeliveredPage: ...
    def original(self, number: int) -> OriginalPage | None: ...
    def close(self) -> None: ...


class Scan:
    """An opened file; use it as a context manager.

    Attributes:
        media_type: by content, such as ``application/pdf``.
        sha256: of the file as delivered, hexadecimal.
        page_count: at least 1.
        signed: true for a PDF that carries a digital signature and must be kept as it is.
    """

    def __init__(self, pages: _Pages, media_type: str, sha256: str, *, signed: bool = False) -> None:
        self._pages = pages
        self.media_type = media_type
        self.sha256 = sha256
        self.page_count = pages.page_count
        self.signed = signed

    def page(self, number: int) -> DeliveredPage | PageError:
        """Decode one page; a broken page is an answer, not an exception.

        Args:
            number: from 1.

        Raises:
            IndexError: the file has no such page.
        """
        if not 1 <= number <= self.page_count:
            raise IndexError(f"page {number} of {self.page_count}")
        try:
            return self._pages.page(number)
        except ScanError as error:
            return PageError(number, error.code, error.message)

    def original(self, number: int) -> OriginalPage | None:
        """The compressed image that is the whole page, not decoded.

        Args:
            number: from 1.

        Returns:
            ``None`` where the page shows more or other than one image, or is broken; `page` tells more.

        Raises:
            IndexError: the file has no such page.
        """
        if not 1 <= number <= self.page_count:
            raise IndexError(f"page {number} of {self.page_count}")
        try:
            return self._pages.original(number)
        except ScanError:
            return None

    def pages(self) -> Iterator[DeliveredPage | PageError]:
        """All pages in turn; only the one handed out is in memory."""
        for number in range(1, self.page_count + 1):
            yield self.page(number)

    def close(self) -> None:
        """Let go of the file."""
        self._pages.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_scan(
    source: Path | bytes,
    limits: ScanLimits | None = None,
    *,
    read_before: bool = False,
    at_door: bool = False,
) -> Scan:
    """Open a file as pages, telling its type by content alone.

    Args:
        source: a path, or the whole file.
        limits: what the file may ask for; sizes are checked in headers before anything is decoded.
        read_before: the file has been read and kept: its pictures are decoded only when a page is asked
            for, and pages come without their text layer.
        at_door: whether the file can be read is asked for now, its pages later or never.

    Raises:
        ScanError: EMPTY_FILE, WRONG_TYPE, TRUNCATED, ENCRYPTED, TOO_LARGE, TOO_MANY_PIXELS,
            TOO_MANY_PAGES, DAMAGED or NO_PAGES, with a sentence for the officer.
        OSError: the path cannot be read at all.
    """
    limits = limits or ScanLimits()
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size == 0:
        raise refusal("EMPTY_FILE")
    if size > limits.bytes:
        raise refusal("TOO_LARGE")
    head, sha256 = _head_and_hash(source)
    media_type = sniffing.media_type(head)
    if media_type is None:
        raise refusal("WRONG_TYPE")
    if media_type == sniffing.PDF:
        document = PdfPages(source, limits, with_text=not read_before)
        return Scan(document, media_type, sha256, signed=document.signed)
    if media_type == sniffing.TIFF:
        return Scan(TiffPages(source, limits), media_type, sha256)
    picture = SinglePicture(source, media_type, limits, at_once=not read_before, prove=at_door)
    return Scan(picture, media_type, sha256)


def _head_and_hash(source: Path | bytes) -> tuple[bytes, str]:
    digest = hashlib.sha256()
    head = b""
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            head = head or chunk[: sniffing.HEAD_BYTES]
            digest.update(chunk)
    return head, digest.hexdigest()
