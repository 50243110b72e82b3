"""Character error rate of a line reader on field crops of a corpus and on real lines.

    python evaluate.py --model DIR/line_reader.onnx --corpus SET --real FOLDER [--save errors.tsv]

A corpus set is a folder of items with scans and `truth.json`; fields of one line are cut
with their true boxes. A real folder holds `lines_hw` and `lines_print`, each picture with
its `.gt.txt`. Both serve measuring alone: no text or picture of them reaches training.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from crops import cut_to_ink, strip, without_slivers
from PIL import Image, ImageOps, ImageSequence
from rapidfuzz.distance import Levenshtein

_DIGITS = re.compile(r"[\d\s/.,:;-]+")
_OLD_TONES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
_OPEN_VOWELS = {
    "oà": "òa",
    "oá": "óa",
    "oả": "ỏa",
    "oã": "õa",
    "oạ": "ọa",
    "oè": "òe",
    "oé": "óe",
    "oẻ": "ỏe",
    "oẽ": "õe",
    "oẹ": "ọe",
    "uỳ": "ùy",
    "uý": "úy",
    "uỷ": "ủy",
    "uỹ": "ũy",
    "uỵ": "ụy",
}
_TONE_PLACE = re.compile("(?<![qQ])(" + "|".join(_OPEN_VOWELS) + r")(?!\w)", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One line picture with its truth.

    Attributes:
        group: reported together, such as "hand 2".
        picture: strip 32 pixels high, gray.
    """

    group: str
    name: str
    picture: np.ndarray
    truth: str


def normal(text: str) -> str:
    """NFC, single spaces, plain quotes and dashes, tone mark of hoà and hòa in one place."""
    text = " ".join(unicodedata.normalize("NFC", text).translate(_OLD_TONES).split())

    def moved(match: re.Match[str]) -> str:
        found = match.group(0)
        new = _OPEN_VOWELS[found.lower()]
        return "".join(n.upper() if o.isupper() else n for o, n in zip(found, new, strict=True))

    return _TONE_PLACE.sub(moved, text)


def _pages(scan: Path) -> list[Image.Image]:
    with Image.open(scan) as image:
        return [ImageOps.exif_transpose(page.copy()).convert("L") for page in ImageSequence.Iterator(image)]


def _field_boxes(truth: dict) -> Iterator[tuple[str, dict]]:
    for record in truth["records"]:
        for key, field in record["fields"].items():
            one_line = field.get("box") and "lines" not in field and "\n" not in field["written"]
            if one_line and field["written"] and not field.get("struck") and field["ink"] != "empty":
                yield key, field


def corpus_lines(folder: Path, per_group: int = 120, seed: int = 5) -> list[Line]:
    """Fields of one line by ink and quality; pages that are turned, unreadable or PDF are left out."""
    groups: dict[str, list[Line]] = defaultdict(list)
    for item in sorted((folder / "items").iterdir()):
        truth = json.loads((item / "truth.json").read_text(encoding="utf-8"))
        states = {page["state"] for page in truth["pagesInfo"]}
        turned = any(page["rotation"] for page in truth["pagesInfo"])
        if truth["scan"].endswith(".pdf") or turned or "unreadable" in states:
            continue
        pages = [np.asarray(page) for page in _pages(item / truth["scan"])]
        for key, field in _field_boxes(truth):
            x0, y0, x1, y1 = (round(v) for v in field["box"])
            page = pages[field["page"] - 1]
            crop = page[max(0, y0 - 3) : y1 + 3, max(0, x0 - 5) : x1 + 5]
            if min(crop.shape) < 4:
                continue
            kind = field["ink"]
            if kind == "hand" and _DIGITS.fullmatch(field["written"]):
                kind = "hand digits"
            group = f"{kind} {truth['quality']}"
            picture = strip(cut_to_ink(crop))
            groups[group].append(Line(group, f"{item.name}/{key}", picture, normal(field["written"])))
    chosen: list[Line] = []
    for group in sorted(groups):
        lines = groups[group]
        chosen += random.Random(seed).sample(lines, min(per_group, len(lines)))
    return chosen


def real_lines(folder: Path, per_group: int = 150) -> list[Line]:
    """Real handwritten and printed lines, cleaned as the product cleans them."""
    chosen: list[Line] = []
    for name, prepare in (("lines_hw", cut_to_ink), ("lines_print", without_slivers)):
        for text in sorted((folder / name).glob("*.gt.txt"))[:per_group]:
            stem = text.name.removesuffix(".gt.txt")
            picture = next(p for p in sorted((folder / name).glob(stem + ".*")) if p.suffix != ".txt")
            gray = cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE)
            truth = normal(text.read_text(encoding="utf-8"))
            chosen.append(Line(f"real {name[6:]}", stem, strip(prepare(gray)), truth))
    return chosen


def greedy(scores: np.ndarray, chars: list[str]) -> str:
    """Best path of [frames, classes]: repeats joined, blanks dropped."""
    best = scores.argmax(-1)
    keep = (best != 0) & np.concatenate([[True], best[1:] != best[:-1]])
    return "".join(chars[i] for i in best[keep])


def score(
    lines: list[Line], read: Callable[[np.ndarray], str]
) -> tuple[dict[str, tuple[float, float, int]], list]:
    """CER %, exact % and count by group, and the wrong lines."""
    edits: dict[str, list[tuple[int, int]]] = defaultdict(list)
    wrong = []
    for line in lines:
        got = normal(read(line.picture))
        distance = Levenshtein.distance(got, line.truth)
        edits[line.group].append((distance, len(line.truth)))
        if distance:
            wrong.append((line.group, line.name, line.truth, got))
    table = {}
    for group, pairs in sorted(edits.items()):
        wrong_letters, letters = (sum(column) for column in zip(*pairs, strict=True))
        exact = sum(d == 0 for d, _ in pairs)
        table[group] = (100 * wrong_letters / letters, 100 * exact / len(pairs), len(pairs))
    return table, wrong


def as_text(table: dict[str, tuple[float, float, int]]) -> str:
    """One line per group."""
    return "\n".join(f"{g:16s} CER {c:6.2f}  exact {e:5.1f}  n {n}" for g, (c, e, n) in table.items())


def onnx_reader(model: Path) -> Callable[[np.ndarray], str]:
    """Reader of strips by the exported model, one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    chars = json.loads(model.with_suffix(".json").read_text(encoding="utf-8"))["alphabet"]

    def read(picture: np.ndarray) -> str:
        strips = (picture.astype(np.float32) / 127.5 - 1)[None, None]
        return greedy(session.run(None, {"strips": strips})[0][:, 0], chars)

    return read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--save", type=Path, help="wrong lines, tab-separated")
    args = parser.parse_args()
    lines = corpus_lines(args.corpus) if args.corpus else []
    lines += real_lines(args.real) if args.real else []
    started = time.process_time()
    table, wrong = score(lines, onnx_reader(args.model))
    print(as_text(table))
    print(f"{1000 * (time.process_time() - started) / max(1, len(lines)):.1f} ms a line")
    if args.save:
        args.save.write_text("\n".join("\t".join(row) for row in wrong), encoding="utf-8")


if __name__ == "__main__":
    main()
