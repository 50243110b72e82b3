"""``sohoa export data``: records as CSV, Parquet or JSON, masked by purpose."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import click

from pipeline.cli.packages import connected_equipment, out_folder, tell_refusal
from pipeline.exit_codes import ExitCode


@click.command("data", help="Dữ liệu hồ sơ đã lưu cho kho dùng chung của tỉnh, che bớt theo mục đích.")
@click.option(
    "--profile",
    type=click.Choice(["full", "reuse", "statistics"]),
    required=True,
    help="full: chính đơn vị dùng; reuse: che dữ liệu nhạy cảm; statistics: không tên, không số.",
)
@click.option("--purpose", required=True, help="Lý do lấy dữ liệu, được ghi lại cho từng hồ sơ.")
@click.option(
    "--format", "kind", type=click.Choice(["csv", "parquet", "json"]), default="csv", help="Dạng tệp."
)
@click.option("--form", default="", help="Chỉ loại giấy tờ này, ví dụ KS.")
@click.option("--book", default="", help="Chỉ quyển sổ này, như `sohoa status --json` ghi.")
@click.option("--office", default="", help="Mã đơn vị; mặc định theo cấu hình.")
@click.option("--out", required=True, type=out_folder, help="Thư mục mới sẽ chứa dữ liệu.")
@click.option("--json", "as_json", is_flag=True, help="In dạng JSON cho chương trình khác.")
@click.pass_context
def command(
    ctx: click.Context,
    profile: str,
    purpose: str,
    kind: str,
    form: str,
    book: str,
    office: str,
    out: Path,
    as_json: bool,
) -> None:
    """Write the data; ends with REFUSED, and leaves nothing, where it would not pass its check."""
    with connected_equipment() as equipment:
        from pipeline.handover.data import Order, export_data
        from storage.errors import PackageError
        from storage.packages.data import DataFormat
        from storage.packages.data_model import Profile
        from storage.packages.problems import PackageRefused

        order = Order(
            office or equipment.settings.office_code,
            Profile(profile),
            DataFormat(kind),
            purpose,
            getpass.getuser(),
            form,
            book,
        )
        try:
            done = export_data(order, out)
        except PackageError as error:
            refused = (
                error if isinstance(error, PackageRefused) else PackageRefused(error.code, error.message)
            )
            tell_refusal(refused, as_json)
            ctx.exit(ExitCode.REFUSED)
    dataset = done.dataset
    if as_json:
        answer = {
            "refused": False,
            "folder": str(done.folder),
            "profile": profile,
            "records": len(dataset.records),
            "evidence": len(dataset.evidence),
            "waiting": done.waiting,
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    click.echo(f"Đã ghi {len(dataset.records)} hồ sơ vào {done.folder}. {dataset.profile.rule}")
    if done.waiting:
        click.echo(f"Còn {done.waiting} hồ sơ chưa lưu khóa, không có trong dữ liệu.")
