"""``sohoa export ministry-pack``: the import pack of one civil-registry book."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.packages import connected_equipment, out_folder, tell_refusal
from pipeline.exit_codes import ExitCode

if TYPE_CHECKING:
    from pipeline.handover.ministry import MinistryExport


@click.command("ministry-pack", help="Gói nhập của Bộ Tư pháp cho một quyển sổ hộ tịch.")
@click.option("--book", required=True, help="Quyển, dạng LOẠI.năm.quyển, ví dụ KS.2005.01.")
@click.option("--unit", default="", help="Nơi đăng ký ghi trên sổ, khi nhiều nơi có quyển cùng số.")
@click.option("--office", default="", help="Mã đơn vị giữ sổ; mặc định theo cấu hình.")
@click.option("--out", required=True, type=out_folder, help="Thư mục nhận tệp .xlsx và .zip.")
@click.option(
    "--template",
    type=click.Choice(["2024", "older"]),
    default="2024",
    help="Mẫu nhập khai sinh: 2024 (70 cột) hoặc older (60 cột).",
)
@click.option(
    "--digits", type=click.IntRange(1, 6), default=1, help="Số chữ số của số đăng ký trong tên tệp."
)
@click.option("--json", "as_json", is_flag=True, help="In dạng JSON cho chương trình khác.")
@click.pass_context
def command(
    ctx: click.Context,
    book: str,
    unit: str,
    office: str,
    out: Path,
    template: str,
    digits: int,
    as_json: bool,
) -> None:
    """Make the pack; ends with REFUSED, and writes nothing, where anything would stop the import."""
    with connected_equipment() as equipment:
        from pipeline.handover.ministry import MinistryTools, Order, export_book
        from pipeline.intake import scan_limits
        from storage.packages.ministry_columns import Template
        from storage.packages.problems import PackageRefused

        order = Order(
            office or equipment.settings.office_code,
            book,
            unit,
            Template(template),
            digits,
            getpass.getuser(),
        )
        tools = MinistryTools(equipment.vault, equipment.registers, scan_limits(equipment.settings))
        out.mkdir(parents=True, exist_ok=True)
        try:
            done = export_book(order, out, tools)
        except PackageRefused as refused:
            tell_refusal(refused, as_json)
            ctx.exit(ExitCode.REFUSED)
    if as_json:
        click.echo(json.dumps(_as_json(done), ensure_ascii=False, indent=1))
        return
    for part in done.parts:
        click.echo(f"{part.sheet}\n{part.archive}  ({len(part.files)} tệp PDF)")
    click.echo(f"Đã xuất {done.cases} hồ sơ của quyển {book}, {done.book.unit}.")
    if done.unread:
        click.echo(f"Để trống vì chưa đọc được: {_counted(done.unread)}.")
    if done.left_out:
        click.echo(f"Mẫu nhập không có cột cho: {_counted(done.left_out)}.")
    if done.unplaced:
        click.echo(f"Còn {done.unplaced} hồ sơ chưa rõ thuộc quyển nào, không có trong gói.")


def _counted(values: Any) -> str:
    return ", ".join(f"{key} ({number})" for key, number in sorted(values.items()))


def _as_json(done: MinistryExport) -> dict[str, Any]:
    return {
        "refused": False,
        "book": {"kind": done.book.kind, "years": list(done.book.years), "volume": done.book.volume},
        "unit": done.book.unit,
        "cases": done.cases,
        "parts": [
            {"sheet": str(p.sheet), "archive": str(p.archive), "files": dict(p.files)} for p in done.parts
        ],
        "kept": [
            {"name": k.name, "sha256": k.sha256, "size": k.size, "key": k.key, "version_id": k.version_id}
            for k in done.kept
        ],
        "unread": dict(done.unread),
        "left_out": dict(done.left_out),
        "unplaced": done.unplaced,
    }
