"""Character error rates of single line readers and of their combination on pictures with transcripts."""

from __future__ import annotations

import argparse
import json
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio_alignment

from ocr.delivery import Raster
from ocr.elements import Ink, Transform, Word
from ocr.engines.tesseract import clean_line
from ocr.imaging.light import evened, stretched
from ocr.imaging.region import Region
from ocr.ink import ink_page
from ocr.line_picture import LinePicture, line_picture
from ocr.value_reader import ValueReader, WrittenLine
from pipeline.configuration import load_settings
from pipeline.evaluation.comparing import comparable
from pipeline.reading import open_reader

_DPI = 200.0
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-"})


@dataclass
class Tally:
    """Edits over characters, exact lines, time."""

    edits: int = 0
    characters: int = 0
    exact: int = 0
    lines: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def add(self, truth: str, got: str) -> None:
        """Count one line, tone placement, quotes and dashes folded."""
        want, have = plain(truth), plain(got)
        edits = Levenshtein.distance(want, have)
        self.edits += edits
        self.characters += len(want)
        self.exact += want == have
        self.lines += 1
        if edits:
            self.wrong.append(f"{want} | {have}")

    def json(self) -> dict[str, float]:
        """Figures of this reader."""
        return {
            "lines": self.lines,
            "cer": round(self.edits / max(1, self.characters), 4),
            "exact": round(self.exact / max(1, self.lines), 4),
            "ms_per_line": round(1000 * self.seconds / max(1, self.lines), 1),
        }


def plain(text: str) -> str:
    """NFC, single blanks, one kind of quote and dash, one placement of tone marks; case is kept."""
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).translate(_QUOTES)).strip()
    same = comparable(text)
    return (
        "".join(b.upper() if a.isupper() else b for a, b in zip(text, same, strict=False))
        if len(same) == len(text)
        else text
    )


def pictures(folder: Path) -> Iterator[tuple[Path, Raster, str]]:
    """Gray pictures of a folder with their transcripts."""
    for transcript in sorted(folder.glob("*.gt.txt")):
        stem = transcript.name.removesuffix(".gt.txt")
        path = next(p for p in folder.glob(f"{stem}.*") if p != transcript)
        gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        yield path, np.asarray(gray, np.uint8), transcript.read_text("utf-8")


def prepared(gray: Raster) -> LinePicture:
    """A single line as the product's readers get it: light evened, rules and slivers of neighbours out."""
    even = stretched(evened(gray, _DPI))
    clean = clean_line(even)
    ink = ink_page(clean, max(12.0, 0.45 * gray.shape[0]))
    keep = cv2.dilate(ink.strokes, np.ones((3, 3), np.uint8))
    return line_picture(np.where(keep == 0, 255, clean).astype(np.uint8), even, 0, 0)


def timed(tally: Tally, read: Callable[[], str]) -> str:
    """Result of a reader, its time counted."""
    start = time.perf_counter()
    text = read()
    tally.seconds += time.perf_counter() - start
    return text


def lines_of(folder: Path, reader: ValueReader, kind: str, ink: Ink) -> dict[str, Tally]:
    """Every reader on the lines of one folder."""
    tallies = {name: Tally() for name in ("tesseract", reader.net.name, "pp-ocrv6", "together")}
    for _, gray, truth in pictures(folder):
        picture = prepared(gray)
        seen: Sequence[Word] = ()

        def tesseract(gray: Raster = gray) -> str:
            nonlocal seen
            reading = reader.printed.read_line(gray)
            seen = reading.words
            return reading.text

        tallies["tesseract"].add(truth, timed(tallies["tesseract"], tesseract))
        for engine, name in ((reader.net, reader.net.name), (reader.second, "pp-ocrv6")):
            assert engine is not None
            seen_by = picture.ink if engine is reader.net else picture.paper
            tally = tallies[name]
            tally.add(truth, timed(tally, lambda e=engine, p=seen_by: e.recognise([p])[0].greedy()[0]))
        box = (0, 0, gray.shape[1], gray.shape[0])
        line = WrittenLine(picture, box, seen if ink is not Ink.HAND else ())
        tally = tallies["together"]
        tally.add(truth, timed(tally, lambda w=line: " ".join(t.text for t in reader.read([w], kind, ink))))
    return tallies


def pages_of(folder: Path, reader: ValueReader) -> dict[str, Tally]:
    """The page reading, each transcribed line against its likest place in the page's text."""
    tally = Tally()
    for _, gray, truth in pictures(folder):
        colour = np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8)
        region = Region(1, 0, colour, stretched(evened(gray, _DPI)), Transform.identity(), _DPI)
        text = timed(tally, lambda r=region: reader.printed.read_page(r).text.replace("\n", " "))
        for line in filter(None, map(str.strip, truth.splitlines())):
            place = partial_ratio_alignment(plain(line), plain(text))
            tally.add(line, plain(text)[place.dest_start : place.dest_end] if place else "")
    return {"tesseract, page": tally}


def main() -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--list", action="store_true", help="print every line that is not read exactly")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    reader = open_reader(load_settings(), cache=None).values  # the figures tell times
    assert reader is not None
    found = {
        "handwriting": lines_of(options.folder / "lines_hw", reader, "place", Ink.HAND),
        "print": lines_of(options.folder / "lines_print", reader, "prose", Ink.PRINT),
        "pages": pages_of(options.folder / "pages", reader),
    }
    if options.json:
        print(json.dumps({g: {n: t.json() for n, t in ts.items()} for g, ts in found.items()}, indent=1))
        return
    print(f"{'':12}{'reader':24}{'lines':>7}{'CER %':>8}{'exact %':>9}{'ms/line':>9}")
    for group, tallies in found.items():
        for name, tally in tallies.items():
            row = tally.json()
            print(
                f"{group:12}{name:24}{row['lines']:7}{100 * row['cer']:8.2f}{100 * row['exact']:9.1f}"
                f"{row['ms_per_line']:9.1f}"
            )
            if options.list:
                print("\n".join(f"    {line}" for line in tally.wrong))


if __name__ == "__main__":
    main()
