"""A reflection over the writing and text that runs out of the picture are told, and nothing else is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr.delivery import Raster
from ocr.imaging import prepare_page
from tests.unit.ocr_imaging import drawings

FULL = tuple(f"{line} và các giấy tờ kèm theo đã nộp" for line in drawings.LINES)


def reasons(image: Raster, dpi: float | None = drawings.DPI) -> tuple[str, ...]:
    return prepare_page(drawings.delivered(image, dpi)).report.reasons


def dim(image: Raster, share: float = 0.8) -> Raster:
    return (image * share).astype(np.uint8)


def lit(image: Raster, centre: tuple[int, int], radii: tuple[int, int]) -> Raster:
    """A lamp's reflection: white in the middle, fading at its rim."""
    spot = np.zeros(image.shape[:2], np.float32)
    cv2.ellipse(spot, centre, radii, 20, 0, 360, 1.0, -1)
    spot = cv2.GaussianBlur(spot, (0, 0), 12)[:, :, None]
    return np.clip(image + spot * 320, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("centre", "radii"), [((600, 700), (170, 200)), ((400, 1000), (130, 160))])
def test_a_lamp_reflected_over_the_writing_is_told(centre: tuple[int, int], radii: tuple[int, int]) -> None:
    assert "GLARE" in reasons(lit(dim(drawings.sheet(FULL)), centre, radii))


def test_a_lamp_reflected_on_a_photograph_of_a_sheet_is_told() -> None:
    corners = ((310, 240), (1500, 150), (1610, 2150), (220, 2060))
    image = drawings.photographed(lit(dim(drawings.sheet(FULL)), (600, 700), (170, 200)), corners)
    assert "GLARE" in reasons(image, None)


def test_a_reflection_on_bare_paper_does_no_harm() -> None:
    assert "GLARE" not in reasons(lit(dim(drawings.sheet()), (1000, 1600), (90, 80)))


@pytest.mark.parametrize(
    "image",
    [
        drawings.sheet(FULL, paper="#ffffff"),
        drawings.sheet(FULL),
        drawings.slanted(drawings.sheet(), 2.5),
        drawings.stamped(drawings.sheet(), (420, 405)),
        drawings.wide_table(),
        drawings.open_book(),
        cv2.copyMakeBorder(
            dim(drawings.sheet(FULL)), 0, 0, 0, 90, cv2.BORDER_CONSTANT, value=(255, 255, 255)
        ),
    ],
    ids=["white", "cream", "slanted", "sealed", "table", "open book", "white strip of the glass"],
)
def test_a_whole_page_is_neither_called_cut_off_nor_glaring(image: Raster) -> None:
    assert not {"GLARE", "CUT_OFF"} & set(reasons(image))


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_lines_that_run_out_of_the_picture_are_told_however_the_page_lies(turn: int) -> None:
    image = np.ascontiguousarray(np.rot90(drawings.sheet(FULL)[:, :700], turn))
    assert "CUT_OFF" in reasons(image)


@pytest.mark.parametrize("rows", [slice(0, 948), slice(218, None)], ids=["foot", "head"])
def test_a_line_cut_through_at_head_or_foot_is_told(rows: slice) -> None:
    assert "CUT_OFF" in reasons(np.ascontiguousarray(drawings.sheet(FULL)[rows]))


def test_scraps_of_the_neighbouring_page_at_the_edge_are_no_cut() -> None:
    page = drawings.sheet()
    image = np.hstack([drawings.sheet(FULL)[:, 1000:1080], page])
    assert "CUT_OFF" not in reasons(image)
