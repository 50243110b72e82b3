"""Pages, a demonstration authority with its timestamps, and a validator."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from PIL import Image, ImageDraw

from storage import verapdf
from storage.signing.demo_authority import DemoAuthority, serving
from storage.signing.timestamps import TimestampAuthority
from storage.xmp import SealMetadata

CREATED = datetime(2026, 11, 22, 9, 30, tzinfo=timezone(timedelta(hours=7)))


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoAuthority]:
    with serving(tmp_path_factory.mktemp("authority")) as running:
        yield running


@pytest.fixture(scope="session")
def tsa(authority: DemoAuthority) -> TimestampAuthority:
    return TimestampAuthority(authority.tsa_url)


@pytest.fixture(scope="session")
def validator() -> Iterator[verapdf.VeraPdf]:
    reason = verapdf.available()
    if reason is not None:
        pytest.skip(reason)
    with verapdf.VeraPdf() as running:
        yield running


@pytest.fixture(scope="session")
def drawing() -> Image.Image:
    """A 600 x 800 page whose corners differ, so that turns and mirrors show."""
    image = Image.new("RGB", (600, 800), "ivory")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 90, 60), fill="red")
    draw.rectangle((509, 0, 599, 60), fill="green")
    draw.rectangle((0, 739, 90, 799), fill="blue")
    draw.line((100, 100, 500, 700), fill="black", width=4)
    return image


@pytest.fixture(scope="session")
def jpeg(drawing: Image.Image) -> bytes:
    data = io.BytesIO()
    drawing.save(data, "JPEG", quality=90)
    return data.getvalue()


@pytest.fixture
def metadata() -> SealMetadata:
    return SealMetadata(
        title="Giấy khai sinh – Nguyễn Thị <Được> & (bản số hóa)",
        identifier="KS/2008/51",
        creator="UBND xã Mỹ Hiệp",
        created=CREATED,
        description="Trang sổ đăng ký khai sinh",
        keywords=("khai sinh", "2008"),
        extra={"maHoSo": "000.00.17.H20"},
    )
