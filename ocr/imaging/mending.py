"""What scanner and camera put over a whole picture, taken out of it: feeder streaks, noise of dim light."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ocr.delivery import Raster

# Dust under a feeder's glass draws a line from the first edge of the paper to the last; no ruling does.
_BLOCKS: Final = 64
# A streak is as dark in every row; some of them tell as much as all.
_EVERY: Final = 4
_BLOCKS_HIT: Final = 0.85
_PAPER_BLOCKS: Final = 0.7
_DARKEST_PAPER: Final = 90
_STEP: Final = 10
_WIDEST: Final = 5
_MOST_STREAKS: Final = 24
# Noise over the range from ink to paper: scans and sound photographs stay below 0.01, also as poor JPEG;
# photographs at night have 0.07 and more.
_NOISY: Final = 0.03
_BANDS: Final = 8
_BAND_ROWS: Final = 64
_LAPLACIAN: Final = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
# What the kernel makes of noise of one grey level (Immerkær 1996), and a median of a standard deviation.
_GAIN: Final = 6 * 0.6745
_QUIET_SIGMA: Final = 1.0


def mended(image: Raster) -> Raster:
    """The picture without streaks and noise; the very same where it has neither.

    Args:
        image: BGR, as delivered.
    """
    along = np.asarray(np.swapaxes(image[:, ::_EVERY], 0, 1), np.uint8)
    streaked = streaks(image[::_EVERY]), streaks(along)
    if any(streaked):
        image = image.copy()
        for lines, picture in zip(streaked, (image, np.swapaxes(image, 0, 1)), strict=True):
            for first, last in lines:
                _bridge(picture, first, last)
    if noise(image) > _NOISY:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), _QUIET_SIGMA), np.uint8)
    return image


def streaks(image: Raster) -> list[tuple[int, int]]:
    """First column and the one behind the last of every line that runs from the top of a picture to its foot.

    Args:
        image: BGR.
    """
    darkest = np.asarray(np.minimum(np.minimum(image[:, :, 0], image[:, :, 1]), image[:, :, 2]), np.uint8)
    width = image.shape[1]
    if width < 4 * _WIDEST or image.shape[0] < _BLOCKS:
        return []
    blocks = cv2.resize(darkest, (width, _BLOCKS), interpolation=cv2.INTER_AREA).astype(np.int16)
    reach = _WIDEST + 1
    here = blocks[:, reach:-reach]
    left, right = blocks[:, : -2 * reach], blocks[:, 2 * reach :]
    beside = np.minimum(left, right)
    paper, hit = beside > _DARKEST_PAPER, beside - here > _STEP
    count = paper.sum(axis=0)
    whole = np.take_along_axis(hit, paper.argmax(axis=0)[None, :], 0)[0]
    whole &= np.take_along_axis(hit[::-1], paper[::-1].argmax(axis=0)[None, :], 0)[0]
    found = whole & (count >= _PAPER_BLOCKS * _BLOCKS) & ((hit & paper).sum(axis=0) >= _BLOCKS_HIT * count)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], found.astype(np.int8), [0]))))
    lines = [(int(a) + reach, int(b) + reach) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    thin = [line for line in lines if line[1] - line[0] <= _WIDEST]
    return thin if len(thin) <= _MOST_STREAKS else []


def _bridge(image: Raster, first: int, last: int) -> None:
    """Fill columns with what stands to their left and right; strokes that cross them stay whole."""
    start, end = max(0, first - 2), min(image.shape[1] - 1, last + 1)
    left, right = image[:, start].astype(np.float32), image[:, end].astype(np.float32)
    for x in range(start + 1, end):
        share = (x - start) / (end - start)
        image[:, x] = np.round(left + share * (right - left)).astype(np.uint8)


def noise(image: Raster) -> float:
    """Standard deviation of the noise on bare paper, as a share of the range from ink to paper.

    Args:
        image: BGR.
    """
    height, width = image.shape[:2]
    inner = image[height // 10 : height - height // 10, width // 3 : width - width // 3]
    if inner.shape[0] < _BAND_ROWS or inner.shape[1] < _BAND_ROWS:
        return 0.0
    tops = np.linspace(0, inner.shape[0] - _BAND_ROWS, _BANDS).astype(int)
    bands = [cv2.cvtColor(inner[top : top + _BAND_ROWS], cv2.COLOR_BGR2GRAY) for top in tops]
    rough = [np.abs(cv2.filter2D(band, cv2.CV_32F, _LAPLACIAN))[1:-1, 1:-1] for band in bands]
    levels = np.concatenate([band[::4, ::4].ravel() for band in bands])
    spread = float(np.percentile(levels, 70) - np.percentile(levels, 0.7))
    return float(np.median(np.concatenate([r.ravel() for r in rough]))) / _GAIN / max(1.0, spread)
