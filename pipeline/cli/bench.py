"""`sohoa bench`: how fast this machine reads."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from pipeline.cli.read import scans_in
from pipeline.memory import PeakMemory
from pipeline.reading import ScanReading, Stopwatch, judge
from pipeline.reading_pool import read_files


@click.command("bench", help="Đo tốc độ: trang mỗi phút, giây mỗi trang từng công đoạn, bộ nhớ cao nhất.")
@click.argument("directory", type=click.Path(exists=True, path_type=Path))
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
def command(directory: Path, jobs: int, as_json: bool) -> None:
    """Read and check every scan in a folder and tell the speed of each stage."""
    result = measure(scans_in([directory]), jobs)
    if as_json:
        click.echo(json.dumps(result, indent=1))
        return
    table = Table("Công đoạn", "Giây/trang")
    for stage, figures in result["stages"].items():
        table.add_row(stage, f"{figures['seconds_per_page']:.3f}")
    console = Console()
    console.print(table)
    console.print(
        f"{result['pages']} trang, {result['workers']} tiến trình: {result['pages_per_minute']} trang/phút, "
        f"bộ nhớ cao nhất {result['peak_rss_mb']} MB, một tiến trình {result['peak_rss_mb_per_worker']} MB"
    )


def measure(files: Sequence[Path], jobs: int) -> dict[str, Any]:
    """Time the library stages over `files`; what engines read here before is not looked up.

    Returns:
        Pages, workers, pages per minute of wall time, seconds per page of each stage (of one worker),
        and the highest resident memory of the whole process tree and of its largest process in MB.
    """
    watch = Stopwatch()
    with PeakMemory() as peak, watch.stage("wall"):
        readings = read_files(files, jobs=jobs, fresh=True)
        with watch.stage("check"):
            judge({f"{i}:{j}": r for i, s in enumerate(readings) for j, r in enumerate(s.records)})
    pages = sum(len(reading.pages) for reading in readings)
    seconds = stage_seconds(readings) + Counter({"check": watch.seconds["check"]})
    return {
        "pages": pages,
        "workers": jobs,
        "pages_per_minute": round(60 * pages / watch.seconds["wall"], 1),
        "stages": {
            stage: {"seconds_per_page": round(total / max(1, pages), 4)} for stage, total in seconds.items()
        },
        "peak_rss_mb": round(peak.megabytes),
        "peak_rss_mb_per_worker": round(peak.megabytes_of_one),
    }


def stage_seconds(readings: Sequence[ScanReading]) -> Counter[str]:
    """Seconds per stage, summed over all files."""
    total: Counter[str] = Counter()
    for reading in readings:
        total.update(reading.seconds)
    return total
