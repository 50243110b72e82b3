"""What a JPEG file says about itself, without decoding it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_DECODABLE_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """Frame header and the two application segments that change colours.

    Attributes:
        width: stored pixels, before any EXIF orientation.
        components: 1 grey, 3 RGB or YCbCr, 4 CMYK or YCCK.
        bits: per component.
        huffman: baseline, extended or progressive with Huffman codes, which every PDF viewer decodes.
        adobe: an Adobe segment is present; four-component files then store inverted values.
        icc: embedded colour profile, or empty.
    """

    width: int
    height: int
    components: int
    bits: int
    huffman: bool
    adobe: bool
    icc: bytes


def read_jpeg_header(data: bytes) -> JpegHeader | None:
    """Header of a JPEG file, or ``None`` where the bytes are not one or end before their frame."""
    if data[:2] != b"\xff\xd8":
        return None
    profile: dict[int, bytes] = {}
    adobe = False
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _STANDALONE:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        body = data[at + 4 : at + 2 + length]
        if marker in _FRAMES:
            if len(body) < 6:
                return None
            bits, height, width, components = struct.unpack_from(">BHHB", body)
            icc = b"".join(profile[n] for n in sorted(profile))
            return JpegHeader(width, height, components, bits, marker in _DECODABLE_FRAMES, adobe, icc)
        if marker == 0xEE and body.startswith(b"Adobe"):
            adobe = True
        if marker == 0xE2 and body.startswith(b"ICC_PROFILE\0") and len(body) > 14:
            profile[body[12]] = body[14:]
        if marker in {0xD9, 0xDA}:
            return None
        at += 2 + length
    return None
