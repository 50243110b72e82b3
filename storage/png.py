"""What a PNG file says about itself, and its pixel stream as PDF takes it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

SIGNATURE = b"\x89PNG\r\n\x1a\n"

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6


@dataclass(frozen=True, slots=True)
class PngFile:
    """Header and chunks that matter for drawing.

    Attributes:
        bits: per sample, 1 to 16.
        colour: PNG colour type.
        interlaced: Adam7; PDF cannot take such a stream as it is.
        palette: RGB triples of a palette image, or empty.
        transparent: a tRNS chunk is present.
        pixels: the deflate stream, rows filtered as PNG filters them.
    """

    width: int
    height: int
    bits: int
    colour: int
    interlaced: bool
    palette: bytes
    transparent: bool
    pixels: bytes

    @property
    def channels(self) -> int:
        """Samples per pixel in `pixels`."""
        return {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}[self.colour]


def read_png(data: bytes) -> PngFile | None:
    """Parts of a PNG file, or ``None`` where the bytes are not one or end early."""
    if not data.startswith(SIGNATURE):
        return None
    header: tuple[int, ...] | None = None
    palette = b""
    transparent = False
    pixels: list[bytes] = []
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + length]
        if len(body) < length:
            return None
        if kind == b"IHDR":
            if length != 13:
                return None
            header = struct.unpack(">IIBBBBB", body)
        elif kind == b"PLTE":
            palette = body
        elif kind == b"tRNS":
            transparent = True
        elif kind == b"IDAT":
            pixels.append(body)
        elif kind == b"IEND":
            break
        at += 12 + length
    else:
        return None
    if header is None or not pixels or header[3] not in {GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA}:
        return None
    width, height, bits, colour, _, _, interlace = header
    return PngFile(width, height, bits, colour, bool(interlace), palette, transparent, b"".join(pixels))
