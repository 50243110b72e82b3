"""``sohoa sample``: acceptance sampling of a book, from the draw to the signed minutes."""

from __future__ import annotations

import getpass
import json
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.status import set_up_django
from pipeline.configuration import load_settings
from pipeline.embedded import connected
from pipeline.endpoints import Endpoints

if TYPE_CHECKING:
    from pipeline.models import AcceptanceSample

_json = click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
_by = click.option("--by", default=getpass.getuser, show_default="tên đăng nhập máy", help="Người thực hiện.")
_which = click.argument("sample", type=click.UUID)


@click.group("sample", help="Nghiệm thu chọn mẫu: lấy mẫu, ghi kết quả, lập biên bản.")
def command() -> None:
    """Hold the commands about samples."""


@command.command("draw", help="Lấy mẫu một quyển sổ theo tỷ lệ lỗi và độ tin cậy.")
@click.option("--office", required=True, help="Mã đơn vị.")
@click.option("--book", default="", help="Quyển sổ, như `sohoa status --json` ghi; để trống là cả đơn vị.")
@click.option("--limit", default="0.005", show_default=True, help="Tỷ lệ lỗi không được vượt.")
@click.option("--confidence", default="0.95", show_default=True, help="Xác suất loại lô vượt tỷ lệ đó.")
@click.option("--allowed", default=0, show_default=True, type=click.IntRange(0), help="Số lỗi cho phép.")
@click.option("--machine-only", is_flag=True, help="Chỉ lấy trong các trường máy tự chấp nhận.")
@click.option("--seed", default="", help="Hạt giống để lấy lại đúng mẫu cũ.")
@click.option("--sheet", type=click.Path(dir_okay=False, path_type=Path), help="Ghi phiếu kiểm tra CSV.")
@_by
@_json
def draw(
    office: str,
    book: str,
    limit: str,
    confidence: str,
    allowed: int,
    machine_only: bool,
    seed: str,
    sheet: Path | None,
    by: str,
    as_json: bool,
) -> None:
    """Draw, keep and tell; needs a database."""
    with _database():
        from pipeline.acceptance import draw as draw_sample
        from pipeline.acceptance import lot_of, sheet_of
        from pipeline.models import Office
        from pipeline.sampling import ImpossiblePlan, plan

        found = Office.objects.filter(code=office).first()
        if found is None:
            raise click.UsageError(f"Không có đơn vị {office}.")
        lot = lot_of(found, book, machine_only=machine_only)
        try:
            chosen = plan(len(lot), limit, confidence, allowed)
        except ImpossiblePlan as error:
            raise click.UsageError(str(error)) from error
        except ValueError as error:
            raise click.UsageError("--limit và --confidence là số thập phân, như 0.005.") from error
        drawn = draw_sample(
            found,
            book,
            lot,
            chosen,
            seed=seed or secrets.token_hex(8),
            actor=by,
            machine_only=machine_only,
        )
        if sheet:
            sheet.write_text(sheet_of(drawn, by), encoding="utf-8", newline="")
        _tell(drawn, as_json)


@command.command("show", help="Tình hình một mẫu; ghi lại phiếu kiểm tra nếu cần.")
@_which
@click.option("--sheet", type=click.Path(dir_okay=False, path_type=Path), help="Ghi phiếu kiểm tra CSV.")
@_by
@_json
def show(sample: uuid.UUID, sheet: Path | None, by: str, as_json: bool) -> None:
    """Tell where the inspection stands."""
    with _database():
        from pipeline.acceptance import sheet_of

        found = _found(sample)
        if sheet:
            sheet.write_text(sheet_of(found, by), encoding="utf-8", newline="")
        _tell(found, as_json)


@command.command("record", help="Ghi kết quả kiểm tra từ phiếu đã điền (cột ket_qua: dung hoặc sai).")
@_which
@click.argument("sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_by
@_json
def record(sample: uuid.UUID, sheet: Path, by: str, as_json: bool) -> None:
    """Keep what a person found; a sheet with one broken line changes nothing."""
    with _database():
        from pipeline.acceptance import BrokenResults, SampleClosed, record_results, results_in

        found = _found(sample)
        try:
            results = results_in(sheet.read_text("utf-8-sig"), found.size)
            record_results(found, results, by)
        except UnicodeDecodeError as error:
            raise click.UsageError(f"{sheet.name} không phải UTF-8; hãy lưu lại dạng CSV UTF-8.") from error
        except (BrokenResults, SampleClosed) as error:
            raise click.UsageError(f"{sheet.name}: {error}") from error
        _tell(found, as_json)


@command.command("minutes", help="Lập biên bản nghiệm thu (PDF/A), ký số và khóa trong kho.")
@_which
@click.option("--number", required=True, help="Số biên bản, như 12/BB-NTCM.")
@click.option("--place", default="", help="Địa danh trước ngày tháng.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Ghi thêm một bản ra tệp này.")
@_by
@_json
def minutes(sample: uuid.UUID, number: str, place: str, out: Path | None, by: str, as_json: bool) -> None:
    """Draw up, sign and lock; the sample can no longer change."""
    settings = load_settings()
    with _database(("store", "postgres", "authority")) as endpoints:
        from pipeline.acceptance_minutes import NotInspected, make_minutes
        from pipeline.equipment import build

        found = _found(sample)
        if found.minutes_key:
            raise click.UsageError(f"Mẫu này đã có biên bản {found.minutes_number}.")
        tools = build(settings, endpoints).for_sealing()
        at = datetime.now(UTC).replace(microsecond=0)
        try:
            signed = make_minutes(found, tools, number=number, place=place, at=at, actor=by)
        except NotInspected as error:
            raise click.UsageError(str(error)) from error
        if out:
            out.write_bytes(signed)
        found.refresh_from_db()
        _tell(found, as_json)


@contextmanager
def _database(parts: tuple[str, ...] = ("postgres",)) -> Iterator[Endpoints]:
    with connected(load_settings(), parts) as endpoints:
        set_up_django()
        yield endpoints


def _found(pk: uuid.UUID) -> AcceptanceSample:
    from pipeline.models import AcceptanceSample

    sample = AcceptanceSample.objects.filter(pk=pk).first()
    if sample is None:
        raise click.UsageError(f"Không có mẫu {pk}.")
    return sample


def _tell(sample: AcceptanceSample, as_json: bool) -> None:
    from pipeline.acceptance import summary_of

    summary = summary_of(sample)
    told: dict[str, Any] = {
        "sample": str(sample.pk),
        "office": sample.office.code,
        "book": sample.book_key,
        "machine_only": sample.machine_only,
        "lot": sample.lot,
        "size": sample.size,
        "allowed": sample.allowed,
        "limit": float(sample.limit),
        "confidence": float(sample.confidence),
        "seed": sample.seed,
        **asdict(summary),
        "minutes": {"number": sample.minutes_number, "key": sample.minutes_key}
        if sample.minutes_key
        else None,
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    found = summary.estimate
    click.echo(f"Mẫu {sample.pk}: {sample.size} trên {sample.lot} trường, cho phép {sample.allowed} lỗi.")
    click.echo(f"Đúng {summary.right}, sai {summary.wrong}, chưa kiểm tra {summary.waiting}.")
    if found.checked:
        click.echo(
            f"Tỷ lệ lỗi {found.share:.2%}, khoảng tin cậy {found.confidence:.0%}: "
            f"{found.low:.2%} – {found.high:.2%}."
        )
    words = {"PENDING": "chưa kết luận", "ACCEPTED": "ĐẠT", "REJECTED": "KHÔNG ĐẠT"}
    click.echo(f"Kết luận: {words[summary.verdict]}.")
    if sample.minutes_key:
        click.echo(f"Biên bản {sample.minutes_number}: {sample.minutes_key}")
