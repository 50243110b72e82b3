"""``sohoa places``: the administrative units this machine knows, and what an address means."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import click

from pipeline.exit_codes import ExitCode
from pipeline.places import import_places, office_gazetteer
from validators.errors import PlaceTableError
from validators.places import check_place
from validators.places.importing import read_place_table

_json = click.option("--json", "as_json", is_flag=True, help="In JSON cho máy.")


@click.group("places", help="Địa danh: nhập thêm đơn vị hành chính và cách ghi tên, tra một địa chỉ.")
def command() -> None:
    """Hold the commands about places."""


@command.command("import", help="Nhập bảng đơn vị hoặc bảng tên; sai một dòng thì không nhập gì.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Chỉ kiểm tra, không nhập.")
@_json
@click.pass_context
def import_(ctx: click.Context, file: Path, check: bool, as_json: bool) -> None:
    """Import a table; ends with INPUT and every problem where it is not sound."""
    content = file.read_bytes()
    try:
        table = read_place_table(content, office_gazetteer()) if check else import_places(content)
    except PlaceTableError as error:
        if as_json:
            problems = [{"row": p.row, "code": p.code, "message": p.message} for p in error.problems]
            click.echo(json.dumps({"ok": False, "rows": 0, "problems": problems}, ensure_ascii=False))
        else:
            for problem in error.problems:
                click.echo(f"Dòng {problem.row}: {problem.message} [{problem.code}]", err=True)
            click.echo("Chưa nhập dòng nào. Hãy sửa tệp rồi nhập lại.", err=True)
        ctx.exit(ExitCode.INPUT)
    if as_json:
        told = {"ok": True, "rows": len(table.rows), "imported": not check, "problems": []}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(f"{'Đúng' if check else 'Đã nhập'} {len(table.rows)} dòng.")


@command.command("find", help="Địa chỉ này là đơn vị nào vào một ngày, và ngày nay.")
@click.argument("address")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Ngày của sự kiện; mặc định hôm nay.")
@_json
def find(address: str, day: datetime | None, as_json: bool) -> None:
    """Print what an address means on a day."""
    found = check_place(office_gazetteer(), address, day.date() if day else date.today())
    verdict, today = found.verdict, [{"code": u.code, "unit": str(u)} for u in found.today]
    if as_json:
        told = {"outcome": verdict.outcome, "code": verdict.code, "evidence": dict(verdict.evidence)}
        click.echo(json.dumps({**told, "today": today}, ensure_ascii=False))
        return
    click.echo(verdict.code)
    for name, value in verdict.evidence.items():
        if value:
            click.echo(f"  {name}: {value}")
    for unit in today:
        click.echo(f"  today: {unit['unit']} ({unit['code']})")
