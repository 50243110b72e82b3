"""Pages drawn for a test, so that every angle, seal and shadow is known exactly."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr.delivery import DeliveredPage, Raster

SERIF = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
DPI = 150.0

LINES = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "SỔ ĐĂNG KÝ KHAI SINH",
    "Họ, chữ đệm, tên: Nguyễn Thị Hồng Nhung",
    "Ngày, tháng, năm sinh: 02/10/1994",
    "Nơi sinh: Trạm y tế xã Ia Tô, huyện Ia Grai",
    "Dân tộc: Gia-rai     Quốc tịch: Việt Nam",
    "Họ, chữ đệm, tên người mẹ: Rơ Châm H'Lan",
    "Nơi cư trú: thôn 11, xã Ia Tô, tỉnh Gia Lai",
    "Họ, chữ đệm, tên người cha: Ksor Thưn",
    "Nơi cư trú: làng Mít, xã Ia Tô, tỉnh Gia Lai",
    "Người đi khai sinh: bà ngoại, Siu H'Bin",
    "Đăng ký đúng hạn tại Ủy ban nhân dân xã",
    "Người ký: Phó Chủ tịch Trần Văn Hiếu",
)


def sheet(
    lines: tuple[str, ...] = LINES, size: tuple[int, int] = (1240, 1754), paper: str = "#f4f1e6"
) -> Raster:
    """An A4 sheet at 150 dpi, BGR."""
    picture = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(SERIF, 24)
    for row, line in enumerate(lines):
        draw.text((120, 120 + 90 * row), line, "#202020", font)
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


def delivered(image: Raster, dpi: float | None = DPI) -> DeliveredPage:
    return DeliveredPage(1, image, dpi)


def slanted(image: Raster, degrees: float) -> Raster:
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(image, turn, (width, height), borderValue=(230, 241, 244))


def open_book(gutter_light: float = 0.5) -> Raster:
    """Two leaves side by side with the shadow of the gutter between them."""
    both = np.hstack([sheet(), sheet()]).astype(np.float32)
    across = np.abs(np.arange(both.shape[1]) - both.shape[1] / 2)
    light = 1 - (1 - gutter_light) * np.exp(-((across / 70) ** 2))
    return np.clip(both * light[None, :, None], 0, 255).astype(np.uint8)


def wide_table() -> Raster:
    """A register table on a landscape sheet."""
    picture = Image.new("RGB", (2480, 1754), "#efe6cc")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(SERIF, 24)
    draw.text((900, 80), "SỔ ĐĂNG KÝ KHAI SINH NĂM 1997", "black", font)
    for column in range(9):
        draw.line((120 + 280 * column, 240, 120 + 280 * column, 1500), "black", 3)
    for row in range(8):
        draw.line((120, 240 + 180 * row, 2360, 240 + 180 * row), "black", 3)
        for column in range(8):
            draw.text((140 + 280 * column, 280 + 180 * row), f"Nguyễn Văn {row}", "#222222", font)
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


def stamped(image: Raster, centre: tuple[int, int], radius: int = 110) -> Raster:
    """A red round seal over whatever is there."""
    ink = np.full_like(image, 255)
    cv2.circle(ink, centre, radius, (60, 50, 215), 7)
    cv2.circle(ink, centre, radius - 20, (60, 50, 215), 3)
    cv2.putText(
        ink, "MO PHONG", (centre[0] - 70, centre[1] + 8), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (60, 50, 215), 3
    )
    # stamping ink is a filter over paper and writing, not a cover
    return (image.astype(np.uint16) * ink // 255).astype(np.uint8)


def photographed(
    image: Raster, corners: tuple[tuple[int, int], ...], size: tuple[int, int] = (1800, 2400)
) -> Raster:
    """The sheet lying on a dark table, seen at an angle; `corners` from top left clockwise."""
    height, width = image.shape[:2]
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, np.array(corners, np.float32))
    table = np.full((size[1], size[0], 3), (40, 55, 70), np.uint8)
    return cv2.warpPerspective(image, matrix, size, dst=table, borderMode=cv2.BORDER_TRANSPARENT)
