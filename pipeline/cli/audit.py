"""``sohoa audit …``: whether the log still holds, and the log as a file."""

from __future__ import annotations

import getpass
import json
import re
from datetime import datetime
from pathlib import Path

import click

from pipeline.cli.status import set_up_django
from pipeline.configuration import load_settings
from pipeline.embedded import connected
from pipeline.exit_codes import ExitCode

_SHEET_ROWS = 1_048_575
"""What a sheet of xlsx holds below its heading (ECMA-376)."""

_json = click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
_file = click.Path(dir_okay=False, path_type=Path)
_day = click.DateTime(["%Y-%m-%d"])


@click.group("audit", help="Nhật ký: kiểm tra có bị sửa không, xuất ra tệp.")
def command() -> None:
    """Hold the commands about the log."""


@command.command("verify", help="Kiểm tra nhật ký có bị sửa, chèn hay xóa không.")
@click.option("--head", default="", help="Mã đầu chuỗi đã ghi lại lần trước; phải còn trong nhật ký.")
@_json
def verify(head: str, as_json: bool) -> int:
    """Walk the whole chain; exit code 7 where it does not hold."""
    noted = head.strip().lower()
    if noted and not re.fullmatch("[0-9a-f]{64}", noted):
        raise click.UsageError("--head cần đủ 64 chữ số thập lục phân, như lần kiểm tra trước đã in.")
    with connected(load_settings(), ("postgres",)):
        set_up_django()
        from pipeline.events import record_event, verify_chain

        report = verify_chain(expected_head=noted or None)
        record_event("audit.verified", actor=getpass.getuser(), data={"sound": report.sound})
    broken = report.broken
    if as_json:
        place = broken and {"event": broken.event, "reason": broken.reason}
        answer = {"sound": report.sound, "length": report.length, "head": report.head, "broken": place}
        click.echo(json.dumps(answer, indent=1))
    elif broken is None:
        click.echo(f"Nhật ký nguyên vẹn: {report.length} sự kiện. Hãy ghi lại ở nơi khác mã đầu chuỗi:")
        click.echo(report.head)
    else:
        where = f"bị can thiệp tại sự kiện số {broken.event}" if broken.event else "không còn mã đã ghi lại"
        click.echo(f"Nhật ký {where}. Hãy giữ nguyên máy và đối chiếu với bản sao lưu.", err=True)
    return int(ExitCode.OK if report.sound else ExitCode.INTEGRITY)


@command.command("export", help="Xuất nhật ký ra tệp CSV hoặc bảng tính, cũ trước mới sau.")
@click.option("--office", default="", help="Chỉ đơn vị có mã này.")
@click.option("--since", type=_day, help="Từ ngày này, dạng 2026-01-31.")
@click.option("--until", type=_day, help="Đến hết ngày này.")
@click.option("--csv", type=_file, help="Ghi ra tệp CSV này.")
@click.option("--xlsx", type=_file, help="Ghi ra bảng tính này.")
@_json
def export(
    office: str,
    since: datetime | None,
    until: datetime | None,
    csv: Path | None,
    xlsx: Path | None,
    as_json: bool,
) -> int:
    """Write the log; that it left is itself an event, though not one of those written."""
    target = csv or xlsx
    if target is None or (csv and xlsx):
        raise click.UsageError("Hãy nêu đúng một trong hai: --csv TỆP hoặc --xlsx TỆP.")
    with connected(load_settings(), ("postgres",)):
        set_up_django()
        from pipeline.auditing import as_csv, as_workbook, filtered
        from pipeline.events import record_event
        from pipeline.models import Event, Office

        if office and not Office.objects.filter(code=office).exists():
            raise click.UsageError(f"Không có đơn vị {office}.")
        events = filtered(
            Event.objects.order_by("id"),
            office=office,
            since=since.date() if since else None,
            until=until.date() if until else None,
        )
        last = events.last()
        events = events.filter(pk__lte=last.pk if last else 0)
        count = events.count()
        if xlsx and count > _SHEET_ROWS:
            raise click.UsageError(f"{count} sự kiện không vừa một bảng tính; hãy dùng --csv.")
        told = {"format": "xlsx" if xlsx else "csv", "events": count}
        record_event("audit.exported", actor=getpass.getuser(), office=office, data=told)
        rows = events.iterator(chunk_size=2000)
        if xlsx:
            xlsx.write_bytes(as_workbook(rows))
        else:
            with target.open("w", encoding="utf-8", newline="") as file:
                file.writelines(as_csv(rows))
    answer = {"file": str(target), "events": count}
    click.echo(json.dumps(answer) if as_json else f"Đã ghi {count} sự kiện vào {target}.")
    return int(ExitCode.OK)
