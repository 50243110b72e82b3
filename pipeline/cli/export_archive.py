"""``sohoa export aip``: the archive package of one book or dossier."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import click

from pipeline.cli.packages import connected_equipment, out_folder, tell_refusal
from pipeline.exit_codes import ExitCode


@click.command("aip", help="Gói lưu trữ số (METS, EAD, PREMIS) của một quyển sổ hoặc một hồ sơ.")
@click.option("--book", default="", help="Quyển sổ, như `sohoa status --json` ghi.")
@click.option(
    "--record", "records", multiple=True, help="Mã hồ sơ (UUID), nêu được nhiều lần, thay cho --book."
)
@click.option("--office", default="", help="Mã đơn vị giữ sổ; mặc định theo cấu hình.")
@click.option("--fonds", required=True, help="Mã phông lưu trữ, ví dụ G09.")
@click.option("--fonds-name", default="", help="Tên phông; mặc định là tên đơn vị.")
@click.option("--paper-code", required=True, help="Mã hồ sơ giấy: mã cơ quan lưu trữ, kho/giá/hộp, số hồ sơ.")
@click.option("--code", default="", help="Mã hồ sơ lưu trữ; để trống thì ghép từ đơn vị, năm, loại, quyển.")
@click.option("--title", default="", help="Tiêu đề hồ sơ; để trống thì ghép từ loại sổ, quyển, nơi đăng ký.")
@click.option("--papers", type=click.IntRange(0), default=0, help="Số tờ giấy, nếu đã đếm.")
@click.option("--backed-up", is_flag=True, help="Đã có bản dự phòng cất ở nơi khác.")
@click.option("--out", required=True, type=out_folder, help="Thư mục nhận gói.")
@click.option(
    "--folder", "as_folder", is_flag=True, help="Để gói dạng thư mục thay vì ZIP; không giữ bản trong kho."
)
@click.option("--json", "as_json", is_flag=True, help="In dạng JSON cho chương trình khác.")
@click.pass_context
def command(
    ctx: click.Context,
    book: str,
    records: tuple[str, ...],
    office: str,
    fonds: str,
    fonds_name: str,
    paper_code: str,
    code: str,
    title: str,
    papers: int,
    backed_up: bool,
    out: Path,
    as_folder: bool,
    as_json: bool,
) -> None:
    """Make the package; ends with REFUSED, and leaves nothing, where it would not pass its check."""
    if bool(book) == bool(records):
        raise click.UsageError("Hãy nêu --book hoặc --record.")
    with connected_equipment() as equipment:
        from pipeline.handover.archive import Order, export_archive
        from storage.errors import PackageError
        from storage.packages.problems import PackageRefused

        order = Order(
            office or equipment.settings.office_code,
            fonds,
            fonds_name,
            paper_code,
            getpass.getuser(),
            book,
            records,
            code,
            title,
            papers,
            backed_up,
        )
        out.mkdir(parents=True, exist_ok=True)
        try:
            done = export_archive(order, out, equipment.vault, as_folder=as_folder)
        except PackageError as error:
            refused = (
                error if isinstance(error, PackageRefused) else PackageRefused(error.code, error.message)
            )
            tell_refusal(refused, as_json)
            ctx.exit(ExitCode.REFUSED)
    package = done.package
    if as_json:
        answer = {
            "refused": False,
            "path": str(done.path),
            "objid": package.objid,
            "code": package.dossier.code,
            "documents": len(package.documents),
            "records": sum(len(d.records) for d in package.documents),
            "events": len(package.events),
            "kept": [
                {"name": k.name, "sha256": k.sha256, "size": k.size, "key": k.key, "version_id": k.version_id}
                for k in done.kept
            ],
        }
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    click.echo(
        f"Gói {package.objid}: {len(package.documents)} tài liệu đã ký, {len(package.events)} sự kiện."
    )
    click.echo(str(done.path))
