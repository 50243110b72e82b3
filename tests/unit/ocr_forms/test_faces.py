"""Two faces of a certificate on one wide page are parted between them."""

from __future__ import annotations

import pytest
from drawn_pages import DrawnPage

from ocr.leaf import halves_of

WIDE = (2480, 1754)


def drawn(zoom: float, *, frames: bool, middle: float) -> DrawnPage:
    """Two faces that meet at `middle`, with a number in the near corner of the left one."""
    page = DrawnPage(zoom, WIDE)
    for n in range(6):
        page.text(140, 300 + 90 * n, "Thường trú tại: xã Bàu Cạn, huyện Chư Prông")
        page.text(middle + 120, 300 + 90 * n, "Số vào sổ cấp giấy chứng nhận quyền sử dụng đất")
    page.text(middle - 230, 1500, "G 969247")
    # An imprint runs across the foot of both.
    page.text(middle - 250, 1680, "bản in số một hai ba bốn năm sáu bảy", size=16)
    if frames:
        for left, right in ((80, middle - 40), (middle + 40, 2400)):
            page.draw.rectangle(page.at(left, 80, right, 1640), outline="#602020", width=round(4 * zoom))
    return page


@pytest.mark.parametrize("zoom", [0.75, 1.0])
@pytest.mark.parametrize("middle", [1180, 1240, 1320])
def test_framed_faces_part_between_their_frames(zoom: float, middle: int):
    page = drawn(zoom, frames=True, middle=middle)
    left, right = halves_of(page.leaf(), ("", ""))
    assert abs(left.frame[2] - middle * zoom) <= 25 * zoom
    assert right.frame[0] == left.frame[2]


def test_faces_without_frames_part_where_no_word_stands():
    page = drawn(1.0, frames=False, middle=1240)
    left, _ = halves_of(page.leaf(), ("", ""))
    assert 1150 <= left.frame[2] <= 1360


def test_a_page_that_is_not_wide_is_one_face():
    assert len(halves_of(DrawnPage().leaf(), ("", ""))) == 1
