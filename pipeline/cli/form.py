"""``sohoa form``: help for those who add a form without a programmer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from ocr.forms import Form, FormError, FormLibrary, load_forms, with_form_file
from pipeline.configuration import load_settings
from pipeline.contract import page_json, record_json
from pipeline.exit_codes import ExitCode
from pipeline.form_check import Trial, draw_trial, try_form
from pipeline.reading import RecordJudgement, default_reader


@click.group("form", help="Biểu mẫu: kiểm tra tệp mô tả một mẫu sổ hoặc giấy mới.")
def command() -> None:
    """Hold the commands about form files."""


@command.command("check", help="Kiểm tra tệp biểu mẫu, đọc thử các bản quét bằng nó.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("scans", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--forms",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Thư mục biểu mẫu riêng (thay cho SOHOA_FORMS_DIR).",
)
@click.option(
    "--draw",
    type=click.Path(file_okay=False, path_type=Path),
    help="Thư mục ghi ảnh trang có khung các trường.",
)
@click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
@click.pass_context
def check(
    ctx: click.Context,
    file: Path,
    scans: tuple[Path, ...],
    forms: Path | None,
    draw: Path | None,
    as_json: bool,
) -> None:
    """Tell what is wrong with a form file; ends with CONFIG if unsound, INPUT if a scan does not fit."""
    try:
        form, library = _loaded(file, forms)
    except FormError as error:
        if as_json:
            click.echo(
                json.dumps({"file": str(file), "ok": False, "problems": [str(error)]}, ensure_ascii=False)
            )
        else:
            Console().print(f"[red]✗[/] {error}", markup=True, highlight=False)
        ctx.exit(ExitCode.CONFIG)
    reader = default_reader() if scans else None
    answers: list[dict[str, Any]] = []
    fits = True
    for scan in scans:
        assert reader is not None
        trial = try_form(form, library, scan, reader)
        drawn = draw_trial(trial, scan, draw) if draw else []
        fits &= bool(trial.records)
        answers.append(_answer(scan, trial, drawn))
        if not as_json:
            _print_trial(scan, trial, drawn)
    if as_json:
        whole = {
            "file": str(file),
            "ok": True,
            "form": form.form,
            "era": form.era,
            "problems": [],
            "scans": answers,
        }
        click.echo(json.dumps(whole, ensure_ascii=False))
    elif not scans:
        Console().print(
            f"[green]✓[/] {file.name}: dùng được ({form.form} {form.era}, {len(form.required)} trường)."
        )
    ctx.exit(ExitCode.OK if fits else ExitCode.INPUT)


def _loaded(file: Path, forms: Path | None) -> tuple[Form, FormLibrary]:
    extra = forms or load_settings().forms_dir
    if extra is not None and file.resolve().parent == extra.resolve():
        # the file itself must not hide what is wrong with it behind its neighbours
        return with_form_file(file, load_forms())
    return with_form_file(file, load_forms(extra=extra))


def _answer(scan: Path, trial: Trial, drawn: list[Path]) -> dict[str, Any]:
    return {
        "file": str(scan),
        "error": trial.reading.error[0] if trial.reading.error else None,
        "pages": [page_json(page) for page in trial.reading.pages],
        "records": [record_json(record, RecordJudgement()) for record in trial.records],
        "advice": list(trial.advice),
        "drawn": [str(path) for path in drawn],
    }


def _print_trial(scan: Path, trial: Trial, drawn: list[Path]) -> None:
    console = Console()
    console.print(f"[bold]{scan.name}[/] · {len(trial.records)} hồ sơ theo mẫu này")
    for record in trial.records:
        table = Table("Trường", "Trên giấy", "Trạng thái", "Khung")
        for key, field in record.fields.items():
            table.add_row(key, field.written, str(field.status), str(list(field.box)) if field.box else "–")
        console.print(table)
    for advice in trial.advice:
        console.print(f"[yellow]→[/] {advice}", highlight=False)
    for path in drawn:
        console.print(f"Đã vẽ: {path}")
