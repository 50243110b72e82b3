"""poppler, pdfplumber and PDFium all give back the stored text: letters, marks, order, on any page."""

from __future__ import annotations

import io
import itertools
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pdfplumber
import pypdfium2
import pytest
from PIL import Image

from storage.pdfa import SealPage, TextLine, TextWord, build_pdfa
from storage.xmp import SealMetadata

WIDTH, HEIGHT = 900, 1400
VOWELS = "aăâeêioôơuưy"
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
VIETNAMESE = [unicodedata.normalize("NFC", v + t) for v, t in itertools.product(VOWELS, TONES)] + ["đ"]
HIGHLAND = [
    *("ƀ", "č", "ĕ", "ĭ", "ñ", "ŏ", "ŭ", "ê̆", "ô̆", "ơ̆", "ư̆", "â̆"),
]
"""Letters of Jrai and Êđê; some have no composed form, so their breve stays a character of its own."""
NAMES = [
    "Siu H'Ƀlŏ",
    "Rơ Châm Kơ̆ Pă",
    "Ksor Y Blŭ Êban",
    "H Ñhă Niê Kdăm",
    "buôn Čuôr Knia",
    "làng Ŏp Đê Kiêng",
    "NGUYỄN THỊ HỒNG ĐƯỢC",
    "Huỳnh Thuỵ Khuê Nghiêng",
    "Số: 51/1994-KS; ngày 02-10-1994, 15 giờ 32 phút",
    "tờ bản đồ số 16, thửa 789 (3757.3 m²)",
]


def letters(alphabet: Sequence[str]) -> list[str]:
    both = [*alphabet, *(a.upper() for a in alphabet)]
    words = ["n" + a + "m" for a in both]
    return [" ".join(words[i : i + 8]) for i in range(0, len(words), 8)]


def laid(sentences: Sequence[str], *, left: int = 40, slope: float = 0.0) -> list[TextLine]:
    """Twelve pixels a character, 22 high; `slope` is the fall of a line per pixel."""
    found = []
    for row, sentence in enumerate(sentences):
        at, words = left, []
        for word in sentence.split():
            right, top = at + 12 * len(word), 40 + 50 * row
            corners = ((at, top), (right, top), (right, top + 22), (at, top + 22))
            words.append(TextWord(word, tuple((x, y + slope * x) for x, y in corners)))
            at = right + 12
        found.append(TextLine(tuple(words)))
    return found


def turned(lines: Sequence[TextLine], rotation: int) -> tuple[TextLine, ...]:
    turn = {
        0: lambda x, y: (x, y),
        90: lambda x, y: (HEIGHT - y, x),
        180: lambda x, y: (WIDTH - x, HEIGHT - y),
        270: lambda x, y: (y, WIDTH - x),
    }[rotation]
    return tuple(
        TextLine(tuple(TextWord(w.text, tuple(turn(*p) for p in w.quad)) for w in line.words))
        for line in lines
    )


def sealed(lines: Sequence[TextLine], metadata: SealMetadata, rotation: int = 0) -> bytes:
    size = (WIDTH, HEIGHT) if rotation in {0, 180} else (HEIGHT, WIDTH)
    data = io.BytesIO()
    Image.new("L", size, 255).save(data, "PNG")
    page = SealPage(
        data.getvalue(), "image/png", *size, 110, lines=turned(lines, rotation), rotation=rotation
    )
    return build_pdfa([page], b"{}", metadata, block=None)


def readings(pdf: bytes, folder: Path) -> dict[str, list[str]]:
    """Words in the order in which each reader gives them."""
    path = folder / "copy.pdf"
    path.write_bytes(pdf)
    told = {}
    for name, options in (("pdftotext", []), ("pdftotext -raw", ["-raw"])):
        command = ["pdftotext", *options, "-enc", "UTF-8", str(path), "-"]
        told[name] = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    with pdfplumber.open(path) as document:
        told["pdfplumber"] = document.pages[0].extract_text()
    with pypdfium2.PdfDocument(pdf) as document:
        told["pdfium"] = document[0].get_textpage().get_text_range()
    return {name: text.replace("\f", " ").split() for name, text in told.items()}


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("slope", [0.0, 0.02, -0.02])
@pytest.mark.parametrize("sentences", [letters(VIETNAMESE), letters(HIGHLAND), NAMES])
def test_every_reader_gives_back_the_stored_words_in_order(
    metadata: SealMetadata, tmp_path: Path, sentences: list[str], slope: float, rotation: int
) -> None:
    expected = [unicodedata.normalize("NFC", w) for s in sentences for w in s.split()]
    pdf = sealed(laid(sentences, slope=slope), metadata, rotation)
    for reader, words in readings(pdf, tmp_path).items():
        assert words == expected, reader


def test_a_spread_is_read_leaf_by_leaf(metadata: SealMetadata, tmp_path: Path) -> None:
    left = laid([f"trái dòng {n}" for n in "abcdef"])
    right = laid([f"phải dòng {n}" for n in "abcdef"], left=500)
    found = readings(sealed([*left, *right], metadata), tmp_path)
    expected = [w.text for line in (*left, *right) for w in line.words]
    assert found["pdftotext -raw"] == found["pdfium"] == expected
    assert Counter(found["pdftotext"]) == Counter(found["pdfplumber"]) == Counter(expected)


def test_words_that_touch_or_overlap_are_still_told_apart(metadata: SealMetadata, tmp_path: Path) -> None:
    words = ["Bùi", "Phước", "Thắng", "v", "khôngtrăm", "-", "KHÔNG"]
    at, placed = 40, []
    for word, gap in zip(words, (0, -4, 2, 1, 0, 3, 0), strict=True):
        right = at + 12 * len(word)
        placed.append(TextWord(word, ((at, 100), (right, 100), (right, 150), (at, 150))))
        at = right + gap
    found = readings(sealed([TextLine(tuple(placed))], metadata), tmp_path)
    # pdfplumber sorts by the upper edge, and the narrow words are laid lower than the others
    assert Counter(found.pop("pdfplumber")) == Counter(words)
    for reader, told in found.items():
        assert told == words, reader
