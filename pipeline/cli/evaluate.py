"""`sohoa evaluate`: read a corpus and score it against its truth."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from pipeline.cli.read import batch_json, read_batch
from pipeline.evaluation import score_corpus
from pipeline.evaluation.reliability import expected_error, reliability, reliability_svg


@click.command("evaluate", help="Đọc một bộ mẫu có đáp án và chấm điểm.")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True)
@click.option("--list", "listing", is_flag=True, help="In trường và kết luận đối chiếu sai ra stderr.")
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Vẽ biểu đồ độ tin cậy ra tệp SVG.",
)
@click.option("--cached", is_flag=True, help="Dùng lại những gì máy đã đọc; số giây khi đó không nói lên gì.")
@click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
def command(
    directory: Path, jobs: int, listing: bool, plot: Path | None, cached: bool, as_json: bool
) -> None:
    """Score every item of a corpus folder (manifest.json, items/, register.csv, books.json)."""
    manifest = json.loads((directory / "manifest.json").read_text("utf-8"))["items"]
    register, books = directory / "register.csv", directory / "books.json"
    start = time.monotonic()
    readings, judgements = read_batch(
        [directory / item["scan"] for item in manifest],
        jobs=jobs,
        register=register if register.exists() else None,
        books=books if books.exists() else None,
        fresh=not cached,
    )
    seconds = time.monotonic() - start
    truths = [
        (item["id"], json.loads((directory / "items" / item["id"] / "truth.json").read_text("utf-8")))
        for item in manifest
    ]
    got = batch_json(readings, judgements)
    score = score_corpus(truths, {item["id"]: g for item, g in zip(manifest, got, strict=True)})
    if listing:
        click.echo("\n".join(score.wrong), err=True)
    rows = reliability(*zip(*score.claims, strict=True)) if score.claims else []
    if plot is not None:
        plot.write_text(reliability_svg(rows), encoding="utf-8")
    result = {
        **score.json(),
        "reliability": {"error": expected_error(rows), "rows": [row._asdict() for row in rows]},
        "seconds": round(seconds, 1),
    }
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        _print_tables(result)


def _print_tables(result: dict[str, Any]) -> None:
    console = Console()
    table = Table("Nhóm", "Số trường", "Đúng hẳn", "CER", title="Trường dữ liệu")
    rows = {"tất cả": result["fields"]}
    for group in ("by_ink", "by_form", "by_quality"):
        rows |= {f"{group[3:]} {name}": tally for name, tally in result["fields"][group].items()}
    for name, tally in rows.items():
        table.add_row(name, str(tally["n"]), _percent(tally["exact"]), _percent(tally["cer"]))
    console.print(table)
    claims = Table("Độ tin cậy", "Số trường", "Dự báo", "Đúng thật", title="Độ tin cậy")
    for row in result["reliability"]["rows"]:
        span = f"{row['least']:.2f}–{row['most']:.2f}"
        claims.add_row(span, str(row["n"]), _percent(row["claimed"]), _percent(row["right"]))
    console.print(claims)
    for name in ("records", "auto_accept", "population", "findings", "quality_gate", "barcodes"):
        console.print(f"[bold]{name}[/]", {k: v for k, v in result[name].items() if not isinstance(v, dict)})
    console.print(f"{result['seconds']} giây")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"
