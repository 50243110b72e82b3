"""`sohoa read`: read files to records, with no server and no database."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ocr.forms import load_forms
from pipeline.configuration import load_settings
from pipeline.contract import reading_json
from pipeline.exit_codes import ExitCode
from pipeline.extract_reports import told_of
from pipeline.field_decisions import DecisionCode
from pipeline.reading import RecordJudgement, ScanReading, confirmed_by_register, judge
from pipeline.reading_pool import read_files
from validators.books import BookPlan, load_book_plans
from validators.population import PopulationRegister

SIDE_FILES = {".json", ".csv", ".txt", ".md", ".toml", ".xlsx"}
"""Endings of files that lie beside scans in a folder and are not scans."""


def scans_in(paths: Sequence[Path]) -> list[Path]:
    """The files named, and in folders all that may be scans, in stable order."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
            found.extend(p for p in inside if p.suffix.lower() not in SIDE_FILES)
        else:
            found.append(path)
    return found


def read_batch(
    paths: Sequence[Path], *, jobs: int, register: Path | None, books: Path | None, fresh: bool = False
) -> tuple[list[ScanReading], list[list[RecordJudgement]]]:
    """Read and check all files as one batch, with a progress bar on standard error; see `read_files`."""
    known = PopulationRegister.from_csv(register) if register else None
    for line in told_of(known.report) if known else ():
        click.echo(line, err=True)
    plans: Sequence[BookPlan] = load_book_plans(json.loads(books.read_text("utf-8"))) if books else ()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Đang đọc", total=len(paths))
        readings = read_files(paths, jobs=jobs, on_done=lambda _: progress.advance(task), fresh=fresh)
    return judged_batch(readings, known, plans)


def judged_batch(
    readings: Sequence[ScanReading], known: PopulationRegister | None, plans: Sequence[BookPlan] = ()
) -> tuple[list[ScanReading], list[list[RecordJudgement]]]:
    """Check what was read as one batch; fields that the register speaks for are decided again."""
    keys = [[f"{i}:{j}" for j in range(len(reading.records))] for i, reading in enumerate(readings)]
    records = {
        key: record
        for reading, names in zip(readings, keys, strict=True)
        for key, record in zip(names, reading.records, strict=True)
    }
    judged = judge(records, register=known, plans=plans)
    if known is not None:
        policies = load_settings().field_policies
        readings = [
            replace(
                reading,
                records=tuple(
                    confirmed_by_register(record, judged[key], policies)
                    for key, record in zip(names, reading.records, strict=True)
                ),
            )
            for reading, names in zip(readings, keys, strict=True)
        ]
    return list(readings), [[judged[key] for key in names] for names in keys]


def batch_json(
    readings: Sequence[ScanReading], judgements: Sequence[Sequence[RecordJudgement]]
) -> list[dict[str, Any]]:
    """The list that `sohoa read --json` prints."""
    return [reading_json(r, j) for r, j in zip(readings, judgements, strict=True)]


@click.command("read", help="Đọc tệp quét thành trường dữ liệu (không cần máy chủ).")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--register", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="CSV dân cư.")
@click.option(
    "--books", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON các quyển sổ."
)
@click.option(
    "--forms",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Thư mục biểu mẫu riêng (thay cho SOHOA_FORMS_DIR).",
)
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
def command(
    paths: tuple[Path, ...],
    register: Path | None,
    books: Path | None,
    forms: Path | None,
    jobs: int,
    as_json: bool,
) -> None:
    """Read files and print records; a file that cannot be read is told and the rest goes on."""
    if forms is not None:
        # told here at once, and not by every process that reads
        load_forms(extra=forms)
        os.environ["SOHOA_FORMS_DIR"] = str(forms.resolve())
    files = scans_in(paths)
    readings, judgements = read_batch(files, jobs=jobs, register=register, books=books)
    if as_json:
        click.echo(json.dumps(batch_json(readings, judgements), ensure_ascii=False))
    else:
        _print_table(readings, judgements)
    if readings and all(reading.error for reading in readings):
        raise SystemExit(ExitCode.INPUT)


def _print_table(readings: Sequence[ScanReading], judgements: Sequence[Sequence[RecordJudgement]]) -> None:
    console = Console()
    for reading, judged in zip(readings, judgements, strict=True):
        if reading.error:
            console.print(f"[red]{reading.name}: {reading.error[0]}[/] – {reading.error[1]}")
            continue
        console.print(f"[bold]{reading.name}[/] · {len(reading.pages)} trang · {len(reading.records)} hồ sơ")
        for record, judgement in zip(reading.records, judged, strict=True):
            table = Table(
                "Trường", "Trên giấy", "Giá trị", "Tin cậy", "Vì sao", title=f"{record.form} {record.era}"
            )
            for key, field in record.fields.items():
                mark = "✓" if field.accepted else ""
                why = DecisionCode(field.decision).sentence if field.decision else ""
                table.add_row(key, field.written, field.value, f"{field.confidence:.2f} {mark}", why)
            console.print(table)
            for finding in judgement.findings:
                console.print(f"  [yellow]{finding.code}[/] {finding.message}")
            for person, verdict in judgement.population.items():
                console.print(f"  {person}: {verdict.verdict}")
