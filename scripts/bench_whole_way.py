"""Times Sohoa from scan file to stored copy, and OCRmyPDF on the same pages, in turn on the same cores.

Both are warm when the clock starts: servers and workers run, and either program has read a page. What our
engines answered is forgotten before every round: the rounds show them the same pixels, which nobody else's
scans do. Keeping the answers costs what it always costs, and finding them gains nothing. Where other work
shares the machine, wall seconds tell little; the processor seconds that are printed beside
them, of every process that took part, servers too, are then the fairer comparison.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import img2pdf
import pikepdf
import psutil

from pipeline.configuration import load_settings
from pipeline.embedded import Embedded
from pipeline.embedded.supervisor import ALL_PARTS
from pipeline.engine_answers import open_cache
from pipeline.memory import PeakMemory

REGISTERS = {"KS", "KH", "KT", "CMC", "HN"}
"""Forms whose pages are handwritten; certificates and decisions are printed or typed."""


@dataclass(slots=True)
class Spent:
    """Seconds that one program took for all rounds."""

    wall: float = 0.0
    processor: float = 0.0


def groups(corpus: Path) -> dict[str, list[Path]]:
    """Scans of a corpus folder by kind of ink; pages without a record belong to neither."""
    items = json.loads((corpus / "manifest.json").read_text("utf-8"))["items"]
    found: dict[str, list[Path]] = {"printed": [], "handwritten": []}
    for item in items:
        if item["form"] != "NONE":
            found["handwritten" if item["form"] in REGISTERS else "printed"].append(corpus / item["scan"])
    return found


def copies(scans: Sequence[Path], folder: Path, mark: str) -> list[Path]:
    """The same scans as files that were never delivered before: one more comment at the end of each."""
    folder.mkdir()
    made = []
    for number, scan in enumerate(scans):
        made.append(folder / f"{number:04}{scan.suffix}")
        made[-1].write_bytes(scan.read_bytes() + f"\n% {mark} {number}\n".encode())
    return made


def merged_pdf(scans: Sequence[Path], target: Path) -> int:
    """Put all scans into one PDF, images untouched; returns its number of pages."""
    with pikepdf.new() as whole:
        for scan in scans:
            data = scan.read_bytes()
            if not data.startswith(b"%PDF"):
                data = img2pdf.convert(data, rotation=img2pdf.Rotation.ifvalid)
            with pikepdf.open(BytesIO(data)) as part:
                whole.pages.extend(part.pages)
        whole.save(target)
        return len(whole.pages)


def run(command: Sequence[str], environment: dict[str, str]) -> None:
    """Run a command; its exit code 3 (some files held for a person) counts as done."""
    done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode not in (0, 3):
        sys.exit(f"{command[0]} failed with {done.returncode}: {done.stderr.decode()[-2000:]}")


@contextmanager
def counted(spent: Spent) -> Iterator[None]:
    """Add what the block takes, in seconds of the clock and of the processors."""
    start, used = time.monotonic(), processor_seconds()
    yield
    spent.wall += time.monotonic() - start
    spent.processor += processor_seconds() - used


def processor_seconds() -> float:
    """Of all processes below this one, those that have ended included."""
    here = psutil.Process()
    own = here.cpu_times()
    total = own.children_user + own.children_system
    for process in here.children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def stage_seconds(after: int) -> dict[str, float]:
    """Seconds per stage that the preservation events after one tell."""
    from django.db.models import Sum

    from pipeline.models import StageRun

    rows = StageRun.objects.filter(pk__gt=after).values("stage").annotate(total=Sum("seconds"))
    return {row["stage"]: row["total"] for row in rows.order_by("stage")}


def last_event() -> int:
    """Number of the newest preservation event."""
    from pipeline.models import StageRun

    return StageRun.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


class Bench:
    """One running instance and its peer.

    Args:
        instance: with worker, without desk.
        environment: under which commands join the instance.
        folder: for copies of scans.
        jobs: processes that either program may use.
        rounds: how often either program reads every page, in turn.
    """

    def __init__(
        self, instance: Embedded, environment: dict[str, str], folder: Path, jobs: int, rounds: int
    ) -> None:
        self._instance = instance
        self._environment = environment
        self._folder = folder
        self._jobs = jobs
        self._rounds = rounds

    def measure(self, kind: str, scans: Sequence[Path]) -> dict[str, Any]:
        """Time both programs on one group of scans."""
        folder = self._folder / kind
        folder.mkdir()
        # Enough for every worker to have read, validated and signed something.
        self._warm_up(folder, [scans[n % len(scans)] for n in range(4 * self._jobs)])
        pages = merged_pdf(scans, folder / "pages.pdf")
        ours, theirs, before = Spent(), Spent(), last_event()
        with PeakMemory(of=self._instance.pids["worker"]) as peak:
            for number in range(self._rounds):
                delivered = copies(scans, folder / f"round-{number}", f"round {number}")
                self._forget_answers()
                with counted(ours):
                    self._process(delivered)
                with counted(theirs):
                    self._ocrmypdf(folder / "pages.pdf")
        read = pages * self._rounds
        return {
            "pages": pages,
            "pages_per_minute": round(60 * read / ours.wall, 1),
            "ocrmypdf_pages_per_minute": round(60 * read / theirs.wall, 1),
            "ratio_to_ocrmypdf": round(theirs.wall / ours.wall, 3),
            "workers": self._jobs,
            "processor_seconds_per_page": round(ours.processor / read, 3),
            "ocrmypdf_processor_seconds_per_page": round(theirs.processor / read, 3),
            "ratio_of_processor_seconds": round(theirs.processor / ours.processor, 3),
            "stages": {
                stage: {"seconds_per_page": round(total / read, 4)}
                for stage, total in stage_seconds(before).items()
            },
            "peak_rss_mb_per_worker": round(peak.megabytes_of_one),
        }

    def _warm_up(self, folder: Path, scans: Sequence[Path]) -> None:
        self._process(copies(scans, folder / "warm", "warm"))
        merged_pdf(scans[:1], folder / "one.pdf")
        self._ocrmypdf(folder / "one.pdf")

    def _forget_answers(self) -> None:
        if (cache := open_cache(load_settings())) is not None:
            cache.tidy(older_than=0)

    def _process(self, scans: Sequence[Path]) -> None:
        run(["sohoa", "process", *map(str, scans), "--approve-all", "--json"], self._environment)

    def _ocrmypdf(self, pages: Path) -> None:
        peer = ["ocrmypdf", "-q", "-l", "vie", "--jobs", str(self._jobs), "--skip-text"]
        run(
            [*peer, "--output-type", "pdf", str(pages), str(pages.with_suffix(".out.pdf"))], self._environment
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="?", type=Path, default=Path("samples"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=1, help="how often either program reads every page")
    parser.add_argument("--only", choices=("printed", "handwritten"), help="measure one kind of ink")
    parser.add_argument("--json", action="store_true", dest="as_json")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sohoa-bench-") as name:
        folder = Path(name)
        settings = load_settings(data_dir=folder / "data", worker_processes=given.jobs, retention_days=1)
        os.environ["SOHOA_DATA_DIR"] = str(settings.data_dir)
        instance = Embedded(settings, set(ALL_PARTS) - {"web"}, lasting=True)
        with instance:
            from pipeline.cli.status import set_up_django

            set_up_django()
            bench = Bench(instance, dict(os.environ), folder, given.jobs, given.rounds)
            result = {
                kind: bench.measure(kind, scans)
                for kind, scans in groups(given.corpus).items()
                if scans and given.only in (None, kind)
            }
    if given.as_json:
        print(json.dumps(result, indent=1))
        return
    for kind, figures in result.items():
        print(
            f"{kind}: {figures['pages']} pages, {figures['pages_per_minute']} a minute; OCRmyPDF "
            f"{figures['ocrmypdf_pages_per_minute']}; ratio {figures['ratio_to_ocrmypdf']} "
            f"({figures['ratio_of_processor_seconds']} by processor seconds); largest worker "
            f"{figures['peak_rss_mb_per_worker']} MB"
        )
        for stage, told in figures["stages"].items():
            print(f"  {stage:10} {told['seconds_per_page']:.3f} s a page")


if __name__ == "__main__":
    main()
