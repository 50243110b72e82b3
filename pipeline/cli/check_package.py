"""``sohoa check-package``: whether a receiver would take a package, whoever made it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.exit_codes import ExitCode

if TYPE_CHECKING:
    from pipeline.handover.checking import Examined

_NAMES = {
    "ministry-pack": "Gói nhập của Bộ Tư pháp",
    "pl3": "Phiếu thu thập PL3",
    "aip": "Gói lưu trữ số",
    "data": "Dữ liệu cho kho dùng chung",
}
_UNITS = {"ministry-pack": "hồ sơ", "pl3": "giấy chứng nhận", "aip": "tài liệu", "data": "hồ sơ"}


@click.command("check-package", help="Kiểm tra gói giao nộp do nơi khác (hoặc chính đơn vị) lập.")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--strict", is_flag=True, help="Kết thúc bằng mã 3 nếu còn điều cần người xem.")
@click.option("--json", "as_json", is_flag=True, help="In dạng JSON cho chương trình khác.")
@click.pass_context
def command(ctx: click.Context, path: Path, strict: bool, as_json: bool) -> None:
    """Tell everything that is wrong; REFUSED if anything is, INPUT where nothing is a known package."""
    from pipeline.handover.checking import examine

    found = examine(path)
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in found], ensure_ascii=False, indent=1))
    elif not found:
        click.echo(
            f"{path}: không phải gói nào đã biết (bảng tính và tệp nén của Bộ, thư mục có PL3.xlsx, "
            "gói lưu trữ có METS.xml, thư mục dữ liệu có metadata.json).",
            err=True,
        )
    else:
        for one in found:
            _show(one)
    ctx.exit(_code(found, strict))


def _code(found: list[Examined], strict: bool) -> ExitCode:
    if not found:
        return ExitCode.INPUT
    if any(one.failed for one in found):
        return ExitCode.REFUSED
    return ExitCode.HELD if strict and any(one.undecided for one in found) else ExitCode.OK


def _show(one: Examined) -> None:
    form = f" ({one.form})" if one.form else ""
    click.echo(f"{one.path}: {_NAMES[one.kind]}{form}")
    for mark, problems in (("Lỗi", one.failed), ("Cần xem", one.undecided)):
        for problem in problems:
            where = f"{problem.where} – " if problem.where else ""
            click.echo(f"  {mark} {problem.code}: {where}{problem.message}")
    if one.failed:
        click.echo(f"Không đạt: {len(one.failed)} lỗi; nơi nhận sẽ từ chối hoặc nhận thiếu.")
    else:
        click.echo(f"Đạt: đọc lại được {one.records} {_UNITS[one.kind]}.")


def _as_json(one: Examined) -> dict[str, Any]:
    return {**asdict(one), "path": str(one.path)}
