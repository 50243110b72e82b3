"""How reading stands other layouts: sheets of every form, set in many ways, drawn, read and scored.

Type, wordings, numbers before labels, hints in brackets, labels that the form file does not know, leaders,
which fields share a line, which parent comes first and where the tick boxes stand are chosen by the seed.
What is filled in is printed or typed: the figures tell of layouts, not of handwriting.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from layout_page import Sheet  # noqa: E402

from ocr.forms import load_forms  # noqa: E402
from ocr.forms.schema import Form, Layout  # noqa: E402
from pipeline.cli.read import batch_json, judged_batch  # noqa: E402
from pipeline.evaluation.score import score_corpus  # noqa: E402
from pipeline.reading_pool import read_files  # noqa: E402

TRIES = 60
"""Seeds tried for a sheet that fits on its page."""
LEAN, GRAIN = 0.6, 4.0
"""Degrees that a sheet may lie askew, and noise of the scanner in grey levels."""


def main() -> None:
    """Draw, read, print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--each", type=int, default=4, help="sheets of every form")
    asked.add_argument("--seed", default="1")
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--keep", type=Path, help="put the corpus there, for `sohoa evaluate`")
    asked.add_argument("--list", action="store_true", help="print every wrong field")
    asked.add_argument("--json", action="store_true")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="sohoa-layouts-") as name:
        folder = options.keep or Path(name)
        truths = draw(folder, options.each, options.seed)
        readings = read_files([folder / truth["scan"] for truth in truths], jobs=options.jobs)
        got = batch_json(*judged_batch(readings, None))
    score = score_corpus(
        [(t["id"], t) for t in truths], {t["id"]: g for t, g in zip(truths, got, strict=True)}
    )
    if options.json:
        print(json.dumps(score.json(), ensure_ascii=False, indent=1))
        return
    records, accepted = score.json()["records"], score.accepted
    found = f"records {records['found']}/{records['expected']}, spurious {records['spurious']}"
    print(f"{len(truths)} sheets, {found}")
    for ink, tally in sorted(score.by_ink.items()):
        print(f"  {ink:6} {tally.json()['n']:5} fields, exact {100 * tally.json()['exact']:.1f} %")
    wrong = accepted.n - accepted.right
    print(f"accepted without a person: {accepted.n}, of these wrong: {wrong}")
    for line in score.wrong:
        if options.list or line.endswith(" accepted"):
            print(line)


def draw(folder: Path, each: int, seed: str) -> list[dict[str, object]]:
    """Draw sheets of every form into a corpus folder; their truth, in the format of a corpus."""
    library, truths = load_forms(), []
    for form in library.forms:
        if form.layout is not Layout.SHEET:
            continue
        for number in range(each):
            name = f"{form.form}-{form.era}-{number}".lower().replace("+", "plus")
            truths.append(_sheet(form, dict(library.labels), folder, name, f"{seed} {name}"))
    items = [
        {"id": t["id"], "kind": "layout", "form": t["form"], "era": t["era"], "quality": t["quality"]}
        | {"scan": t["scan"], "pages": 1}
        for t in truths
    ]
    told = {"set": "layouts", "seed": seed, "items": items}
    (folder / "manifest.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    return truths


def _sheet(
    form: Form, labels: dict[str, tuple[str, ...]], folder: Path, name: str, seed: str
) -> dict[str, object]:
    dpi = random.Random(seed).choice((200, 200, 300))
    sheets = (Sheet(form, labels, f"{seed} {attempt}", dpi) for attempt in range(TRIES))
    sheet = next(sheet for sheet in sheets if sheet.foot < sheet.image.height)
    scan = Path("items") / name / "scan.jpg"
    (folder / scan).parent.mkdir(parents=True, exist_ok=True)
    _scanned(sheet.image, seed).save(folder / scan, quality=85, dpi=(dpi, dpi))
    width, height = sheet.image.size
    page = {"page": 1, "width": width, "height": height, "dpi": dpi, "rotation": 0, "state": "ok"}
    record = {
        "form": form.form,
        "era": form.era,
        "page": 1,
        "box": [0, 0, width, height],
        "population": {},
        "findings": [],
        "fields": sheet.fields,
    }
    truth = {
        "id": name,
        "form": form.form,
        "era": form.era,
        "quality": 1 if dpi == 300 else 2,
        "scan": str(scan),
        "pagesInfo": [page | {"source": "scanner", "spread": False, "defects": []}],
        "records": [record],
        "codes": [],
        "findings": [],
    }
    told = json.dumps(truth, ensure_ascii=False, indent=1)
    (folder / scan).with_name("truth.json").write_text(told, encoding="utf-8")
    return truth


def _scanned(image: Image.Image, seed: str) -> Image.Image:
    """The sheet a little askew, with a scanner's noise."""
    chance = np.random.default_rng(zlib.crc32(seed.encode()))
    paper = image.getpixel((2, 2))
    leaning = image.rotate(float(chance.uniform(-LEAN, LEAN)), Image.Resampling.BICUBIC, fillcolor=paper)
    grey = np.asarray(leaning, np.float32) + chance.normal(0, GRAIN, (image.height, image.width, 1))
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8))


if __name__ == "__main__":
    main()
