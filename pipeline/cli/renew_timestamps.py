"""`sohoa renew-timestamps`: archive timestamps are renewed before they end."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, datetime, timedelta

import click
from rich.console import Console
from rich.table import Table

from pipeline.cli.status import set_up_django
from pipeline.exit_codes import ExitCode


@click.command("renew-timestamps", help="Gia hạn dấu thời gian lưu trữ của các bản đã ký sắp hết hạn.")
@click.option("--within", "days", type=click.IntRange(0), default=180, help="Số ngày tới (mặc định 180).")
@click.option("--run", "do_it", is_flag=True, help="Thực hiện; không có thì chỉ liệt kê.")
@click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")
def command(days: int, do_it: bool, as_json: bool) -> int:
    """List or renew; ends with STORE where some copy was not renewed."""
    set_up_django()
    from pipeline.equipment import equipment
    from pipeline.renewals import Renewal, due_copies, renew

    tools = equipment().for_sealing()
    due = list(due_copies(tools.vault, datetime.now(UTC) + timedelta(days=days)))
    done = (
        [renew(d, tools.vault, tools.signing, actor=getpass.getuser()) for d in due]
        if do_it
        else [Renewal(d) for d in due]
    )
    rows = [
        {"key": r.due.key, "ends": r.due.ends.isoformat(), "renewed": r.key, "error": r.error} for r in done
    ]
    if as_json:
        click.echo(json.dumps({"run": do_it, "copies": rows}, ensure_ascii=False, indent=1))
    else:
        table = Table(title="Dấu thời gian lưu trữ sắp hết hạn")
        for name in ("Bản đã ký", "Hết hạn", "Bản gia hạn", "Lỗi"):
            table.add_column(name)
        for row in rows:
            table.add_row(row["key"], row["ends"][:10], row["renewed"], row["error"])
        Console().print(table)
    return int(ExitCode.STORE if any(r.error for r in done) else ExitCode.OK)
