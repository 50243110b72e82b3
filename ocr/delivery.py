"""What an opened scan hands out: limits, pages, failed pages, and the reasons for turning a file away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ocr.elements import PageText
from ocr.errors import ScanError

Raster: TypeAlias = npt.NDArray[np.uint8]
"""Height x width x 3 (BGR) or height x width (gray), eight bits."""

_ADVICE = {
    "EMPTY_FILE": "Tệp rỗng (0 byte). Hãy quét lại hoặc chép lại tệp từ nơi lưu gốc.",
    "WRONG_TYPE": "Tệp không phải PDF, TIFF, JPEG, PNG hoặc HEIC. Hãy xuất lại sang một trong các dạng đó.",
    "TRUNCATED": "Tệp bị cụt, thiếu phần cuối. Hãy chép lại tệp từ nơi lưu gốc hoặc quét lại.",
    "ENCRYPTED": "Tệp PDF có mật khẩu. Hãy gỡ mật khẩu rồi nộp lại.",
    "TOO_LARGE": "Tệp vượt quá dung lượng cho phép. Hãy chia tệp thành nhiều phần rồi nộp lại.",
    "TOO_MANY_PIXELS": "Ảnh có quá nhiều điểm ảnh. Hãy quét lại ở 300 dpi với đúng khổ giấy.",
    "TOO_MANY_PAGES": "Tệp có quá nhiều trang. Hãy chia tệp theo từng quyển hoặc từng hồ sơ rồi nộp lại.",
    "DAMAGED": "Tệp bị hỏng và không sửa được. Hãy chép lại tệp từ nơi lưu gốc hoặc quét lại.",
    "NO_PAGES": "Tệp không có trang nào. Hãy kiểm tra lại việc quét rồi nộp lại.",
}


def refusal(code: str) -> ScanError:
    """The error for one of the known reasons to turn a file or page away."""
    return ScanError(code, _ADVICE[code])


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """How much a delivered file may ask for before it is turned away.

    Attributes:
        bytes: size of the file.
        pixels: of one page. 80 million hold an A3 sheet at 600 dpi and keep reading below 1 GB.
        pages: in one file.
    """

    bytes: int = 300_000_000
    pixels: int = 80_000_000
    pages: int = 2_000

    def check_pixels(self, width: int, height: int) -> None:
        """Raise `ScanError` TOO_MANY_PIXELS for a page larger than allowed, DAMAGED for an empty one."""
        if width < 1 or height < 1:
            raise refusal("DAMAGED")
        if width * height > self.pixels:
            raise refusal("TOO_MANY_PIXELS")


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """The compressed image as delivered, fit to be put under a text layer without re-coding.

    Attributes:
        data: complete JPEG or PNG file.
        media_type: ``image/jpeg`` or ``image/png``.
        width: of the stored raster, before `orientation`.
        height: of the stored raster, before `orientation`.
        colour: ``gray``, ``rgb``, ``cmyk`` or, for other PNG kinds, ``other``.
        orientation: EXIF number 1 to 8 that turns the stored raster into the delivered page.
    """

    data: bytes
    media_type: str
    width: int
    height: int
    colour: str
    orientation: int = 1


@dataclass(frozen=True, slots=True)
class OriginalPage:
    """A page that is exactly one compressed image, told without decoding it.

    Attributes:
        number: from 1.
        encoded: the image as delivered.
        dpi: as in `DeliveredPage`.
    """

    number: int
    encoded: EncodedImage
    dpi: float | None

    @property
    def width(self) -> int:
        """Pixels across, as displayed."""
        return self.encoded.width if self.encoded.orientation < 5 else self.encoded.height

    @property
    def height(self) -> int:
        """Pixels down, as displayed."""
        return self.encoded.height if self.encoded.orientation < 5 else self.encoded.width


@dataclass(frozen=True, slots=True, eq=False)
class DeliveredPage:
    """One page as the file gives it.

    Attributes:
        number: from 1.
        image: BGR after EXIF orientation or PDF page rotation.
        dpi: ``None`` where the file says nothing believable (phone photographs).
        digital: true for a PDF page that was drawn from text rather than scanned.
        text: sound text layer of a digital page, in pixels of `image`.
        encoded: untouched compressed image, where the page is exactly that image.
    """

    number: int
    image: Raster
    dpi: float | None = None
    digital: bool = False
    text: PageText | None = None
    encoded: EncodedImage | None = None

    @property
    def width(self) -> int:
        """Pixels across."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Pixels down."""
        return int(self.image.shape[0])


@dataclass(frozen=True, slots=True)
class PageError:
    """A page that could not be decoded while the rest of its file could.

    Attributes:
        number: from 1.
        code: as in `ScanError`.
        message: one Vietnamese sentence for the officer.
    """

    number: int
    code: str
    message: str
