"""``sohoa quality``: the six words, by office and book."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from pipeline.cli.status import set_up_django
from pipeline.configuration import load_settings
from pipeline.embedded import connected

if TYPE_CHECKING:
    from pipeline.quality import QualityReport


@click.command("quality", help="Chất lượng dữ liệu: đúng, đủ, sạch, sống, thống nhất, dùng chung.")
@click.option("--office", default="", help="Mã đơn vị; mặc định theo cấu hình.")
@click.option(
    "--days",
    default=90,
    show_default=True,
    type=click.IntRange(1),
    help="Đối chiếu còn mới trong số ngày này.",
)
@click.option("--xlsx", type=click.Path(dir_okay=False, path_type=Path), help="Ghi bảng tính ra tệp này.")
@click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
def command(office: str, days: int, xlsx: Path | None, as_json: bool) -> None:
    """Count and tell; needs a database."""
    settings = load_settings()
    with connected(settings, ("postgres",)):
        set_up_django()
        from pipeline.models import Office
        from pipeline.quality import quality_of
        from pipeline.quality_sheet import quality_workbook

        code = office or settings.office_code
        found = Office.objects.filter(code=code).first()
        if found is None:
            raise click.UsageError(f"Không có đơn vị {code}.")
        report = quality_of(found, datetime.now(UTC), days)
        if xlsx:
            xlsx.write_bytes(quality_workbook(report))
        if as_json:
            click.echo(json.dumps(report.json(), ensure_ascii=False, indent=1))
        else:
            _show(report)


def _show(report: QualityReport) -> None:
    from pipeline.quality import WORDS

    table = Table("Quyển", "Hồ sơ", *WORDS.values(), title=f"Chất lượng dữ liệu – {report.name}")
    for row in (report.total, *report.books):
        name = "Toàn đơn vị" if row is report.total else row.book or "(chưa rõ quyển)"
        shares = ("–" if share is None else f"{share:.1%}" for share in row.words().values())
        table.add_row(name, str(row.records), *shares)
    Console().print(table)
