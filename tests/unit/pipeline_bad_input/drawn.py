"""Pages drawn for a test: a register sheet with writing on it, and papers that are none."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

PRINT = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf"
PEN = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Oblique.ttf"
SIZE = (1654, 2339)
DPI = 200
LEFT, RIGHT = 150, 1500

HEAD = (
    (190, 60, "TỈNH GIA LAI"),
    (180, 100, "HUYỆN KRÔNG PA"),
    (180, 140, "UBND XÃ CHƯ GU"),
    (850, 60, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    (960, 100, "Độc lập - Tự do - Hạnh phúc"),
)

DEATH_TITLE = "SỔ ĐĂNG KÝ KHAI TỬ"
DEATH_ROWS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("Quyển số:", "01/2012"),),
    (("Số:", "29"), ("Ngày đăng ký:", "16/07/2012")),
    (("PHẦN GHI VỀ NGƯỜI CHẾT", ""),),
    (("Họ, chữ đệm, tên:", "Nguyễn Văn Tám"),),
    (("Ngày, tháng, năm sinh:", "02/03/1934"), ("Giới tính:", "Nam")),
    (("Dân tộc:", "Kinh"), ("Quốc tịch:", "Việt Nam")),
    (("Nơi cư trú cuối cùng:", "tổ 10, phường 7, Vũng Tàu"),),
    (("Đã chết vào lúc:", "11 giờ 37 phút"), ("ngày:", "09/07/2012")),
    (("(Bằng chữ):", "Ngày chín tháng bảy năm hai nghìn không trăm mười hai"),),
    (("Nơi chết:", "Bệnh viện tỉnh"),),
    (("Nguyên nhân chết:", "Tai biến mạch máu não"),),
    (("PHẦN GHI VỀ NGƯỜI ĐI KHAI TỬ", ""),),
    (("Họ, chữ đệm, tên:", "Nguyễn Minh Đạt"),),
    (("Quan hệ với người chết:", "Con"),),
)
FIRST_ROW, STEP = 300, 80


def blank() -> Image.Image:
    return Image.new("RGB", SIZE, "#f7f5ee")


def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(name, size)


def register_sheet(
    title: str = DEATH_TITLE, rows: tuple[tuple[tuple[str, str], ...], ...] = DEATH_ROWS
) -> Image.Image:
    """A filled sheet with dotted leaders; the foot of row n lies at `foot_of(n)`."""
    page = blank()
    draw = ImageDraw.Draw(page)
    for x, y, text in HEAD:
        draw.text((x, y), text, "#202020", font(PRINT, 26))
    width = draw.textlength(title, font(PRINT, 40))
    draw.text(((SIZE[0] - width) / 2, 210), title, "#202020", font(PRINT, 40))
    for n, row in enumerate(rows):
        foot = foot_of(n)
        step = (RIGHT - LEFT) // len(row)
        for k, (label, value) in enumerate(row):
            left = LEFT + k * step
            draw.text((left, foot), label, "#202020", font(PRINT, 26), anchor="ls")
            if not value and label.isupper():
                continue
            start = left + draw.textlength(label, font(PRINT, 26)) + 8
            for x in range(int(start), left + step - 20, 8):
                draw.rectangle((x, foot, x + 1, foot + 1), "#303030")
            draw.text((start + 12, foot - 2), value, "#20308a", font(PEN, 30), anchor="ls")
    draw.text((250, 1800), "Công chức tư pháp - hộ tịch", "#202020", font(PRINT, 26))
    draw.text((950, 1800), "TM. ỦY BAN NHÂN DÂN", "#202020", font(PRINT, 26))
    draw.text((1010, 1840), "CHỦ TỊCH", "#202020", font(PRINT, 26))
    draw.text((290, 2040), "Trần Viết Vinh", "#20308a", font(PEN, 30))
    draw.text((990, 2040), "Phan Nhật Dũng", "#20308a", font(PEN, 30))
    return page


def foot_of(row: int) -> int:
    return FIRST_ROW + STEP * row


def of_lines(lines: tuple[str, ...], size: int = 28, name: str = PRINT, step: int = 46) -> Image.Image:
    page = blank()
    draw = ImageDraw.Draw(page)
    for n, line in enumerate(lines):
        draw.text((LEFT, 150 + step * n), line, "#202020", font(name, size))
    return page


def photograph() -> Image.Image:
    """A landscape: sky, hills and noise, no letter anywhere."""
    rng = np.random.default_rng(7)
    height, width = SIZE[1], SIZE[0]
    down = np.linspace(0, 1, height)[:, None]
    hills = 0.55 + 0.1 * np.sin(np.linspace(0, 9, width))[None, :]
    sky = np.stack([230 - 60 * down, 200 - 40 * down, 150 + 0 * down], -1) * np.ones((1, width, 1))
    land = np.stack([60 + 40 * down, 110 - 20 * down, 70 + 10 * down], -1) * np.ones((1, width, 1))
    picture = np.where((down < hills)[:, :, None], sky, land)
    picture += cv2.resize(rng.normal(0, 18, (height // 8, width // 8, 3)), (width, height))
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def portrait() -> Image.Image:
    """A face before a wall, as a telephone takes it by mistake."""
    page = Image.new("RGB", SIZE, "#8a97a8")
    draw = ImageDraw.Draw(page)
    draw.ellipse((480, 500, 1180, 1450), "#d9a583")
    draw.ellipse((640, 840, 740, 890), "#302520")
    draw.ellipse((920, 840, 1020, 890), "#302520")
    draw.arc((690, 1050, 980, 1260), 20, 160, "#8a3030", 14)
    draw.rectangle((300, 1500, 1360, 2339), "#334a70")
    return page


def scribbles() -> Image.Image:
    """A letter by a hand that no reader of print makes anything of."""
    rng = np.random.default_rng(3)
    page = blank()
    draw = ImageDraw.Draw(page)
    for line in range(22):
        x, y = 170.0, 220.0 + 85 * line
        points = []
        while x < 1450:
            points.append((x, y + rng.normal(0, 15)))
            x += rng.uniform(8, 26)
        draw.line(points, "#1c2a5a", 4, joint="curve")
    return page


def encoded(page: Image.Image, dpi: int = DPI) -> bytes:
    stream = io.BytesIO()
    page.save(stream, "JPEG", quality=90, dpi=(dpi, dpi))
    return stream.getvalue()
