"""How reading stands defects: items of a corpus, clean and with every defect, scored against their truth."""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from defect_picture import Defective, Picture, Points
from defect_shapes import side_by_side
from defects import DEFECTS
from PIL import Image
from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ocr.scans import PageError, ScanLimits, open_scan  # noqa: E402
from pipeline.cli.read import batch_json, judged_batch  # noqa: E402
from pipeline.evaluation.comparing import pair_records  # noqa: E402
from pipeline.evaluation.score import CorpusScore, score_corpus  # noqa: E402
from pipeline.reading import ScanReading  # noqa: E402
from pipeline.reading_pool import read_files, settle_threads  # noqa: E402
from validators.population import PopulationRegister  # noqa: E402

CLEAN: Final = "clean"
PAIR: Final = "two-sheets"
"""Two items in one photograph: the only defect of more than one picture."""
PICTURES: Final = ROOT / "build" / "defects"
"""Pictures stay there, for the next run; a folder per version of the defects."""
_MOST_PAGES: Final = 2
_PHOTO_INCHES: Final = 11.69
_QUALITY: Final = 93

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """A corpus item: its file and its truth."""

    name: str
    scan: Path
    truth: Json


@dataclass(frozen=True, slots=True)
class Variant:
    """A defect of one strength."""

    defect: str
    strength: float = 0.0

    @property
    def label(self) -> str:
        """As in file names."""
        return self.defect if self.defect == CLEAN else f"{self.defect}_{self.strength:g}"


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to draw (unless it is there already) and to read."""

    variant: Variant
    items: tuple[Item, ...]
    path: Path
    seed: int

    @property
    def name(self) -> str:
        """Of the item or the pair."""
        return "+".join(item.name for item in self.items)


def main() -> int:
    """Print the table of one folder."""
    options = _options()
    items = load_items(options.corpus)
    if options.item:
        items = [item for item in items if item.name in options.item]
    chosen = spread_sample(items, options.sample)
    every = [Variant(n, s) for n, (_, strengths) in DEFECTS.items() for s in strengths] + [Variant(PAIR)]
    wanted = {n: v for n, v in enumerate(every) if not options.defect or v.defect in options.defect}
    jobs = jobs_of(wanted, chosen, options.each or len(chosen), options.seed)
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn"), settle_threads) as pool:
        console = Console(stderr=True)
        drawn = pool.map(truth_with_picture, jobs)
        truths = list(track(drawn, "Drawing", total=len(jobs), console=console))
    with Progress(console=console) as progress:
        task = progress.add_task("Reading", total=len(jobs))
        paths = [job.path for job in jobs]
        readings = read_files(paths, jobs=options.jobs, on_done=lambda _: progress.advance(task))
    register = options.corpus / "register.csv"
    known = PopulationRegister.from_csv(register) if register.exists() else None
    rows = scored(jobs, truths, readings, known)
    if options.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _print(rows, options.list)
    return 0


def _options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("corpus", nargs="?", type=Path, default=ROOT / "samples")
    asked.add_argument("--defect", action="append", choices=[*DEFECTS, PAIR], help="only these")
    asked.add_argument("--item", action="append", help="only these items")
    asked.add_argument("--sample", type=int, default=16, help="items, of as many kinds and inks as there are")
    asked.add_argument("--each", type=int, default=6, help="items per defect and strength, in turn; 0: all")
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument(
        "--list", action="store_true", help="print every field that is wrong only with a defect"
    )
    asked.add_argument("--json", action="store_true")
    return asked.parse_args()


def load_items(corpus: Path) -> list[Item]:
    """Items with upright readable pages and records, on two pages at most."""
    found = []
    for entry in json.loads((corpus / "manifest.json").read_text("utf-8"))["items"]:
        truth = json.loads((corpus / "items" / entry["id"] / "truth.json").read_text("utf-8"))
        pages = truth["pagesInfo"]
        sound = all(p["state"] == "ok" and not p["rotation"] and p["dpi"] for p in pages)
        if truth["records"] and sound and len(pages) <= _MOST_PAGES:
            found.append(Item(entry["id"], corpus / entry["scan"], truth | {"kind": entry["kind"]}))
    return found


def spread_sample(items: Sequence[Item], many: int) -> list[Item]:
    """So many items, each as unlike those before it as can be: by kind, form and era, ink and quality."""
    left, chosen, seen = list(items), list[Item](), Counter[str]()
    while left and len(chosen) < many:
        best = max(left, key=lambda item: sum(1 / (1 + seen[mark]) for mark in _marks(item)))
        left.remove(best)
        chosen.append(best)
        seen.update(_marks(best))
    return chosen


def _marks(item: Item) -> list[str]:
    record = item.truth["records"][0]
    inks = Counter(f["ink"] for r in item.truth["records"] for f in r["fields"].values())
    ink = max(("type", "hand", "print"), key=lambda name: inks[name])
    return [
        f"kind {item.truth['kind']}",
        f"form {record['form']}",
        f"era {record['form']} {record['era']}",
        f"ink {ink}",
        f"quality {item.truth['quality']}",
    ]


def jobs_of(variants: Mapping[int, Variant], items: Sequence[Item], each: int, seed: int) -> list[Job]:
    """Every item clean, then every variant on `each` items, which take turns by the variant's number."""
    sources = sorted(Path(__file__).parent.glob("defect*.py"))
    version = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
    jobs = [Job(Variant(CLEAN), (item,), item.scan, seed) for item in items]
    for n, variant in variants.items():
        turn = [items[(n * each + k) % len(items)] for k in range(min(each, len(items)))]
        groups: list[tuple[Item, ...]] = [(item,) for item in turn]
        if variant.defect == PAIR:
            single = [item for item in turn if len(item.truth["pagesInfo"]) == 1]
            groups = list(zip(single[::2], single[1::2], strict=False))
        for group in groups:
            name = "+".join(item.name for item in group)
            ending = (
                "tif" if len(group[0].truth["pagesInfo"]) > 1 else "png" if variant.defect == "fax" else "jpg"
            )
            path = PICTURES / version / f"{name}_{variant.label}_{seed}.{ending}"
            jobs.append(Job(variant, group, path, seed))
    return jobs


def truth_with_picture(job: Job) -> Json:
    """Draw a job's picture unless it is there; its truth, with records where the defect moved them.

    Raises:
        ValueError: a page of the item cannot be opened.
    """
    if job.variant.defect == CLEAN:
        return job.items[0].truth
    kept = job.path.with_suffix(".json")
    if not kept.exists():
        job.path.parent.mkdir(parents=True, exist_ok=True)
        pages, truth = _paired(job) if job.variant.defect == PAIR else _defective(job)
        _save(pages, job.path)
        kept.write_text(json.dumps(truth, ensure_ascii=False), encoding="utf-8")
    return dict(json.loads(kept.read_text("utf-8")))


def _defective(job: Job) -> tuple[list[Defective], Json]:
    (item,) = job.items
    defect = DEFECTS[job.variant.defect][0]
    seed = int(hashlib.sha256(f"{item.name}{job.seed}".encode()).hexdigest()[:8], 16)
    pages = [
        defect(image, dpi, job.variant.strength, seed + n) for n, (image, dpi) in enumerate(_pages(item.scan))
    ]
    records = [
        record | {"box": _hull(pages[record["page"] - 1].moved(_corners(record["box"])))}
        for record in item.truth["records"]
    ]
    return pages, item.truth | {"records": records}


def _paired(job: Job) -> tuple[list[Defective], Json]:
    left, right = (next(iter(_pages(item.scan))) for item in job.items)
    dpi = min(left[1], right[1])
    sheets = [_resized(image, dpi / own) for image, own in (left, right)]
    table, origins = side_by_side(sheets[0], sheets[1], dpi, job.seed)
    records = [
        record | {"box": _hull(_corners(record["box"]) * (dpi / own) + origin)}
        for item, (_, own), origin in zip(job.items, (left, right), origins, strict=True)
        for record in item.truth["records"]
    ]
    codes = [code for item in job.items for code in item.truth["codes"]]
    return [Defective(table, None)], job.items[0].truth | {"records": records, "codes": codes}


def _pages(scan: Path) -> Iterable[tuple[Picture, float]]:
    with open_scan(scan, ScanLimits()) as opened:
        for number in range(1, opened.page_count + 1):
            page = opened.page(number)
            if isinstance(page, PageError):
                raise ValueError(f"{scan}: page {number} cannot be opened")
            yield page.image, page.dpi or max(page.width, page.height) / _PHOTO_INCHES


def _resized(image: Picture, share: float) -> Picture:
    size = round(image.shape[1] * share), round(image.shape[0] * share)
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))


def _save(pages: Sequence[Defective], path: Path) -> None:
    images = [Image.fromarray(np.ascontiguousarray(page.image[:, :, ::-1])) for page in pages]
    if path.suffix == ".png":
        images = [image.convert("1", dither=Image.Dither.NONE) for image in images]
    told: Json = {} if pages[0].dpi is None else {"dpi": (round(pages[0].dpi), round(pages[0].dpi))}
    if path.suffix == ".jpg":
        told |= {"quality": _QUALITY, "subsampling": 0}
    elif path.suffix == ".tif":
        told |= {"save_all": True, "append_images": images[1:], "compression": "tiff_lzw"}
    images[0].save(path, **told)


def _corners(box: Sequence[float]) -> Points:
    left, top, right, bottom = box
    x, y = np.linspace(left, right, 5), np.linspace(top, bottom, 5)
    return np.array([(u, v) for u in x for v in y], np.float64)


def _hull(points: Points) -> list[int]:
    low, high = points.min(axis=0), points.max(axis=0)
    return [round(float(v)) for v in (*low, *high)]


def scored(
    jobs: Sequence[Job],
    truths: Sequence[Json],
    readings: Sequence[ScanReading],
    known: PopulationRegister | None,
) -> list[Json]:
    """A row per variant, the clean items first; every variant is checked as a batch of its own."""
    by_variant: dict[Variant, list[int]] = {}
    for at, job in enumerate(jobs):
        by_variant.setdefault(job.variant, []).append(at)
    clean: dict[str, tuple[Json, Json]] = {}
    rows = []
    for variant, places in by_variant.items():
        judged = judged_batch([readings[at] for at in places], known)
        got = batch_json(*judged)
        both = {jobs[at].name: (truths[at], g) for at, g in zip(places, got, strict=True)}
        if variant.defect == CLEAN:
            clean = both
        names = [item.name for at in places for item in jobs[at].items]
        beside = _score({name: clean[name] for name in names})
        seconds = sum(sum(readings[at].seconds.values()) for at in places)
        rows.append(_row(variant, both, beside) | {"seconds": round(seconds / max(1, len(places)), 2)})
    return rows


def _score(both: dict[str, tuple[Json, Json]]) -> CorpusScore:
    return score_corpus(
        [(name, truth) for name, (truth, _) in both.items()], {name: got for name, (_, got) in both.items()}
    )


def _row(variant: Variant, both: dict[str, tuple[Json, Json]], beside: CorpusScore) -> Json:
    score = _score(both)
    expected = {line.split(" -> ")[0] for line in beside.wrong}
    told = score.json()
    return {
        "defect": variant.defect,
        "strength": variant.strength,
        "items": len(both),
        "records": told["records"],
        "exact": _exact(score),
        "clean": _exact(beside),
        "accepted": {"right": score.accepted.right, "wrong": score.accepted.n - score.accepted.right},
        "clean_accepted": beside.accepted.right,
        "stray_accepted": _stray(both),
        "gated": [
            f"{name} {page['page']} {page['state']} {' '.join(page['reasons'])}"
            for name, (_, got) in both.items()
            for page in got["pages"]
            if page["state"] != "ok"
        ],
        "wrong_match": sum(
            count for pair, count in score.confusion.items() if pair.endswith("->MATCH") and count
        ),
        "wrong_accepted": [line for line in score.wrong if line.endswith(" accepted")],
        "newly_wrong": [line for line in score.wrong if line.split(" -> ")[0] not in expected],
    }


def _exact(score: CorpusScore) -> Json:
    return {ink: tally.json()["exact"] for ink, tally in sorted(score.by_ink.items())}


def _stray(both: dict[str, tuple[Json, Json]]) -> list[str]:
    """Accepted values that truth lacks: of records that are not there, of fields not on the paper."""
    found = []
    for name, (truth, got) in both.items():
        pairs = {j: i for i, j in pair_records(truth["records"], got["records"]).items()}
        for j, record in enumerate(got["records"]):
            of = truth["records"][pairs[j]]["fields"] if j in pairs else {}
            found += [
                f"{name} {record['form']} {key} {given['written']!r} {given['value']!r}"
                for key, given in record["fields"].items()
                if given["accepted"] and given["value"] and key not in of
            ]
    return found


def _print(rows: Sequence[Json], listing: bool) -> None:
    inks = ("print", "type", "hand")
    console = Console(width=max(130, Console().width))
    table = Table(
        "defect", "strength", "records", "spurious", "form", *inks, "accepted", "gated", "MATCH", "s"
    )
    for row in rows:
        shares = [f"{_share(row['exact'].get(ink))} ({_share(row['clean'].get(ink))})" for ink in inks]
        records, wrong = row["records"], row["accepted"]["wrong"] + len(row["stray_accepted"])
        table.add_row(
            row["defect"],
            f"{row['strength']:g}",
            f"{records['found']}/{records['expected']}",
            str(records["spurious"] or ""),
            str(records["wrong_form"] or ""),
            *shares,
            f"{row['accepted']['right']} ({row['clean_accepted']}){f' [red]-{wrong}[/]' if wrong else ''}",
            str(len(row["gated"]) or ""),
            str(row["wrong_match"] or ""),
            f"{row['seconds']:.1f}",
        )
    console.print(table)
    console.print("In brackets the same items clean; accepted: right, in red those that are wrong.")
    for title, key in (
        ("Accepted, but wrong", "wrong_accepted"),
        ("Accepted, but not there", "stray_accepted"),
    ):
        lines = [f"{row['defect']} {row['strength']:g}: {line}" for row in rows for line in row[key]]
        console.print(f"[bold]{title}: {len(lines)}[/]", *lines, sep="\n", markup=True, highlight=False)
    for key, wanted in (("gated", True), ("newly_wrong", listing)):
        for row in rows if wanted else ():
            for line in row[key]:
                console.print(
                    f"{key} {row['defect']} {row['strength']:g}: {line}", markup=False, highlight=False
                )


def _share(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f}"


if __name__ == "__main__":
    sys.exit(main())
